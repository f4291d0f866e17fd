"""The pages for readers: every link leads somewhere, every page stands in the index and links to the glossary before
it uses a word from there, README fits one screen, and prose is wrapped."""

import pathlib
import re
import runpy
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DOCS = sorted((SOURCE / "docs").glob("*.md"))
PAGES = [*(SOURCE / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")), *DOCS]
FENCED = re.compile(r"^( *)```.*?^ *```$", re.MULTILINE | re.DOTALL)


def prose(page):
    """The page without its fenced blocks and inline code, whose brackets are no links."""
    return re.sub(r"`[^`\n]+`", lambda code: code[0].replace("[", "(").replace("](", ")("), FENCED.sub("", page.read_text()))


def anchors(page):
    """The names that GitHub gives to the headings of a page."""
    found = set()
    for heading in re.findall(r"^#+ (.*)$", FENCED.sub("", page.read_text()), re.MULTILINE):
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


class Pages(unittest.TestCase):
    def test_every_link_leads_somewhere(self):
        checked = 0
        for page in PAGES:
            for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
                if re.match(r"https?://", target):
                    continue
                checked += 1
                path, _, anchor = target.partition("#")
                there = (page.parent / path).resolve() if path else page
                with self.subTest(page=page.name, link=target):
                    self.assertTrue(there.exists())
                    if anchor:
                        self.assertIn(anchor, anchors(there))
        self.assertGreater(checked, 150)

    def test_the_index_has_every_page(self):
        index = (SOURCE / "docs/README.md").read_text()
        self.assertEqual([page.name for page in DOCS if page.name != "README.md" and f"({page.name})" not in index], [])

    def test_every_page_begins_with_a_link_to_the_glossary(self):
        for page in DOCS:
            if page.name not in ("README.md", "glossary.md"):
                with self.subTest(page.name):
                    self.assertIn("(glossary.md)", page.read_text().split("\n## ")[0])

    def test_the_glossary_is_short_and_so_is_the_first_screen(self):
        words = re.findall(r"^\| (?!word \|)[a-z].*\|$", (SOURCE / "docs/glossary.md").read_text(), re.MULTILINE)
        self.assertLessEqual(len(words), 20)
        self.assertLessEqual(len((SOURCE / "README.md").read_text().splitlines()), 120)

    def test_the_page_of_results_is_made_from_the_schemas(self):
        made = runpy.run_path(str(SOURCE / "packaging/results_page.py"))["page"]()
        self.assertTrue((SOURCE / "docs/results.md").read_text() == made, "python3 packaging/results_page.py makes it anew")

    def test_prose_is_wrapped_and_begins_plainly(self):
        for page in PAGES:
            for line in prose(page).splitlines():
                if not re.match(r"\||    |!\[|<!--", line) and " " in line.strip("-* "):
                    with self.subTest(page.name, line=line):
                        self.assertLessEqual(len(line), 100)
            with self.subTest(page.name):
                self.assertNotRegex(prose(page), r"(?:^|[.!?] |\n\n)(?:Who|Whoever|Of) [a-z]+[^?.|]*\.")


if __name__ == "__main__":
    unittest.main(verbosity=2)
