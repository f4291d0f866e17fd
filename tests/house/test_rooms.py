"""The rooms of the source tree use each other in one direction only.

A room is a folder with an `npyrace_room(...)` in its CMakeLists.txt. Its USES name the rooms that its
files may include. This test reads every `#include "…"` and every USES, so it needs no build. The
linker alone would not notice: static libraries may refer to each other in a circle, and every room
has the project's root as its include path.
"""

import collections
import pathlib
import re
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PAGE = SOURCE / "docs" / "architecture.md"
MOST_ROOMS, MOST_ROOMS_IN_BENCH = 25, 12
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
ROOM = re.compile(r"npyrace_room\((\S+)(.*?)\)", re.DOTALL)
ADDED = re.compile(r"add_subdirectory\((\S+)\)")


class House:
    """`uses`: for each room the rooms that its files may include. `includes`: a list of
    (file, included file), both relative to the source tree."""

    def __init__(self, uses, includes):
        self.uses, self.includes = uses, includes

    def room_of(self, file):
        """The room of a file: the nearest folder above it that is one. None: it is in no room."""
        for folder in pathlib.PurePosixPath(file).parents:
            if str(folder) in self.uses:
                return str(folder)
        return None

    def faults(self):
        """One line for each include of a room that USES does not name, and for each cycle."""
        found = []
        for file, included in self.includes:
            room, target = self.room_of(file), self.room_of(included)
            if target is None:
                found.append(f"{file} includes {included}, which is in no room")
            elif room != target and target not in self.uses[room]:
                found.append(f"{file} includes {included}, but {room} does not use {target}")
        return found + self.circles()

    def circles(self):
        """Cycles of rooms that use each other. Without any, the rooms can be put in order."""
        left = {room: set(used) for room, used in self.uses.items()}
        while True:
            free = [room for room, used in left.items() if not used & left.keys()]
            if not free:
                return [f"{room} depends on itself by {', '.join(sorted(used & left.keys()))}"
                        for room, used in left.items()]
            for room in free:
                del left[room]


def words_after(text, keyword):
    """The words between KEYWORD and the next keyword of npyrace_room."""
    found = re.search(rf"\b{keyword}\b(.*?)(?:\b(?:SOURCES|USES|LINK|TESTS)\b|$)", text, re.DOTALL)
    return found.group(1).split() if found else []


def through_test_support(file):
    """The includes of a file. A header of tests/ is replaced by the headers that it includes."""
    for included in INCLUDE.findall(file.read_text()):
        if included.startswith("tests/"):
            yield from through_test_support(SOURCE / included)
        else:
            yield included


def read_house():
    uses, includes = {}, []
    for lists in sorted(SOURCE.glob("*/**/CMakeLists.txt")):
        folder = lists.parent.relative_to(SOURCE).as_posix()
        if folder.split("/")[0] in ("build", "tests"):
            continue
        for room, rest in ROOM.findall(lists.read_text()):
            assert room == folder, f"{lists} describes {room}"
            uses[room] = set(words_after(rest, "USES"))
    for room in {name.split("/")[0] for name in uses}:
        for file in sorted((SOURCE / room).glob("**/*")):
            if file.suffix in (".h", ".cpp"):
                name = file.relative_to(SOURCE).as_posix()
                includes += [(name, included) for included in through_test_support(file)]
    return House(uses, includes)


class Rooms(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = read_house()

    def test_every_include_goes_to_a_lower_room(self):
        self.assertEqual(self.house.faults(), [])

    def test_every_file_is_in_a_room(self):
        for file in {file for file, _ in self.house.includes}:
            self.assertIsNotNone(self.house.room_of(file), file)

    def test_no_room_uses_what_it_does_not_include(self):
        used = collections.defaultdict(set)
        for file, included in self.house.includes:
            used[self.house.room_of(file)].add(self.house.room_of(included))
        for room, allowed in self.house.uses.items():
            self.assertEqual(allowed - used[room], set(), room)

    def test_there_are_at_most_25_rooms(self):
        self.assertLessEqual(len(self.house.uses), MOST_ROOMS)
        in_bench = [room for room in self.house.uses if room.startswith("bench/")]
        self.assertLessEqual(len(in_bench), MOST_ROOMS_IN_BENCH)

    def test_cmake_adds_folders_in_dependency_order(self):
        """CMakeLists.txt of core and bench list lower rooms first, as architecture.md does."""
        for top in ("core", "bench"):
            seen = set()
            for name in ADDED.findall((SOURCE / top / "CMakeLists.txt").read_text()):
                above = {room for room in self.house.uses[f"{top}/{name}"] if room.startswith(top)}
                self.assertEqual(above - seen, set(), f"{top}/{name}")
                seen.add(f"{top}/{name}")

    def test_the_document_names_the_rooms_in_order(self):
        """docs/architecture.md has one row per room, and a room comes after those that it uses."""
        rows = re.findall(r"^\| ((?:core|validators|reports|bench)[^|]*) \|", PAGE.read_text(), re.MULTILINE)
        named = []
        for row in rows:
            first, *more = row.strip().split(", ")
            named += [first] + [f"{first.rsplit('/', 1)[0]}/{name}" for name in more]
        self.assertEqual(sorted(named), sorted(self.house.uses))
        for room, used in self.house.uses.items():
            for other in used:
                self.assertLess(named.index(other), named.index(room), f"{room} uses {other}")

    def test_the_document_names_files_that_exist(self):
        for path in re.findall(r"(?<![\w/])((?:core|validators|reports|bench|tests|cmake)/[\w./]*\w)", PAGE.read_text()):
            found = list(SOURCE.glob(f"{path}*"))
            self.assertTrue(found, f"docs/architecture.md names {path}")

    def test_a_forbidden_include_is_found_in_every_room(self):
        """Adds to a file of every room an include of each room that it may not use, one at a time."""
        files = {self.house.room_of(file): file for file, _ in self.house.includes}
        for room, allowed in self.house.uses.items():
            own = [pair for pair in self.house.includes if pair[0] == files[room]]
            for other in self.house.uses.keys() - allowed - {room}:
                added = INCLUDE.findall(f'\n  #  include "{files[other]}"\n')
                tried = House(self.house.uses, own + [(files[room], included) for included in added])
                self.assertEqual(len(tried.faults()), 1, f"{files[room]} includes {files[other]}")

    def test_a_cycle_is_found(self):
        self.assertEqual(len(House({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": set()}, []).faults()), 3)

    def test_an_include_of_a_file_in_no_room_is_found(self):
        first = next(iter(self.house.uses))
        self.assertEqual(len(House(self.house.uses, [(f"{first}/a.cpp", "docs/b.h")]).faults()), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
