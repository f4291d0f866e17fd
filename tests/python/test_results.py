"""The classes of npyrace.results are what the schemas say, and tell where a document is wrong."""

import ast
import copy
import html.parser
import json
import shutil
import subprocess
import sys

import jsonschema
import pytest
from documents import document, plain, schema_of
from here import PACKAGE

import npyrace
from npyrace import results
from npyrace._from_json import from_json

FILES = sorted((PACKAGE / "npyrace").glob("*.py"))
HOSTILE = "</td><script src='http://x'>alert(1)</script>&\"'"


def test_the_script_makes_the_committed_file(tmp_path):
    made = tmp_path / "results.py"
    subprocess.run([sys.executable, PACKAGE / "make_results.py", made], check=True)
    assert made.read_bytes() == (PACKAGE / "npyrace" / "results.py").read_bytes(), "run python/make_results.py"


@pytest.mark.parametrize("name, cls, part", [
    ("result", results.Result, "npyrace"), ("watch", results.WatchResult, None), ("compare", results.Comparison, None)])
def test_every_property_of_the_schema_is_kept(name, cls, part):
    whole = document(name)
    jsonschema.validate(whole, schema_of(name))
    data = whole[part] if part else whole
    assert plain(from_json(cls, data)) == data


def test_properties_that_are_optional_may_be_missing():
    schema = schema_of("result")
    whole = document("result")["npyrace"]
    for key in set(whole) - set(schema["$defs"]["npyrace"]["required"]):
        del whole[key]
    assert from_json(results.Result, whole).passport is None


def test_unknown_keys_of_a_newer_program_are_ignored():
    whole = document("result")
    whole["npyrace"]["new"] = whole["npyrace"]["cells"][0]["new"] = {"x": [1]}
    assert npyrace.read_result(whole).cells[0].evidence.trials == 7


def edited(place, value):
    """A result with another value at one place; None: with nothing there."""
    whole = document("result")
    *path, last = ["npyrace"] + place
    target = whole
    for key in path:
        target = target[key]
    if value is None:
        del target[last]
    else:
        target[last] = value
    return whole


@pytest.mark.parametrize("place, value, message", [
    (["cells", 0, "verdict"], None, "cells[0].verdict: missing"),
    (["cells", 0, "verdict"], "great",
     "cells[0].verdict: 'great' is not one of 'safe', 'unsafe', 'inconclusive', 'failed', 'skipped'"),
    (["cells", 0, "writers"], True, "cells[0].writers: True is not a whole number"),
    (["cells", 0, "writers"], 1.5, "cells[0].writers: 1.5 is not a whole number"),
    (["cells", 0, "records_per_second"], "1", "cells[0].records_per_second: '1' is not a number"),
    (["cells", 0, "records_per_second_interval"], [1.0], "cells[0].records_per_second_interval: [1.0] is not a pair"),
    (["cells", 0, "examples", 0, "class"], 3, "cells[0].examples[0].class: 3 is not one of"),
    (["cells"], {}, "cells: {} is not an array"),
    (["environment", "mounts", 0], "x", "environment.mounts[0]: 'x' is not an object"),
    (["labels", "commit"], 1, "labels.commit: 1 is not a text"),
    (["interrupted"], 0, "interrupted: 0 is not true or false"),
    (["schema_version"], 2, "schema_version: 2 is not one of 1"),
])
def test_errors_name_the_place(tmp_path, place, value, message):
    path = tmp_path / "r.json"
    path.write_text(json.dumps(edited(place, value)))
    with pytest.raises(ValueError) as caught:
        npyrace.read_result(path)
    assert str(caught.value).startswith(f"{path}: {message}")


@pytest.mark.parametrize("text", ["{", "[]", "{}", "null", '{"context": {}, "benchmarks": []}', '{"npyrace": 1}'])
def test_other_files_are_refused_by_name(tmp_path, text):
    path = tmp_path / "r.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="r.json: "):
        npyrace.read_result(path)


def test_read_result_tells_run_from_watch():
    assert isinstance(npyrace.read_result(document("result")), results.Result)
    assert isinstance(npyrace.read_result(document("watch")), results.WatchResult)


class Tags(html.parser.HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("name", ["result", "watch", "compare"])
def test_tables_escape_every_text_and_request_nothing(name):
    whole = document(name, HOSTILE)
    value = from_json(results.Comparison, whole) if name == "compare" else npyrace.read_result(whole)
    tags = Tags(value._repr_html_())
    assert tags.tags == {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert tags.attributes == {"style"}
    assert HOSTILE in tags.text


def result_with(*verdicts):
    whole = document("result")
    (cell,) = whole["npyrace"]["cells"]
    del whole["npyrace"]["experiments"]
    whole["npyrace"]["cells"] = [{**copy.deepcopy(cell), "verdict": v, "name": f"{way}/packed@4096/writers:{i}"}
                                 for i, (v, way) in enumerate(zip(verdicts, ["mmap", "pwrite", "mmap-window"]))]
    return npyrace.read_result(whole)


@pytest.mark.parametrize("verdicts, safe", [
    (["safe"], True), (["safe", "skipped"], True), (["safe", "unsafe"], False), (["safe", "inconclusive"], False),
    (["safe", "failed"], False), (["skipped"], False), ([], False)])
def test_safe_needs_evidence(verdicts, safe):
    assert result_with(*verdicts).safe is safe


def test_an_unsafe_experiment_is_not_safe():
    result = result_with("safe")
    whole = copy.deepcopy(result.json)
    whole["npyrace"]["experiments"] = [{**document("result")["npyrace"]["experiments"][0], "verdict": "unsafe"}]
    assert result.safe and not npyrace.read_result(whole).safe


def test_a_cell_is_found_by_parts_of_its_name():
    result = result_with("safe", "unsafe", "safe")
    assert result.cell("mmap").name == "mmap/packed@4096/writers:0"  # not mmap-window
    assert result.cell("packed/writers:1").verdict == "unsafe"
    for cell in result.cells:
        assert result.cell(cell.name) is cell
    with pytest.raises(LookupError, match="3 cells are 'packed':\n  mmap/packed"):
        result.cell("packed")
    with pytest.raises(LookupError, match="0 cells are 'writers:1/packed'; there are:\n"):
        result.cell("writers:1/packed")


def test_the_short_text_names_unsafe_cells_and_what_was_lost():
    text = str(result_with("safe", "unsafe"))
    assert text.startswith("2 cells: 1 safe, 1 unsafe\nunsafe: pwrite/packed@4096/writers:1: lost 7, torn 7")


@pytest.mark.parametrize("level, kinds", [
    ("bytes", ["same-bytes"]), ("record", ["same-bytes", "same-record"]),
    ("page", ["same-bytes", "same-record", "same-page"])])
def test_hazards_by_level(level, kinds):
    whole = document("watch")
    (hazard,) = whole["files"][0]["hazards"]
    free = {**hazard, "ordered": False, "locked": False}
    every = ["same-bytes", "same-record", "same-page", "same-unit"]
    whole["files"][0]["hazards"] = [{**free, "kind": kind} for kind in every] + [{**free, "locked": True}]
    whole["files"][0]["hazards"] += [{**free, "ordered": True, "by_chance": chance} for chance in (False, True)]
    result = npyrace.read_result(whole)
    assert [hazard.kind for _, hazard in result.hazards(level)] == kinds + [free["kind"]]
    assert len(result.hazards(level, ordered=True)) == len(kinds) + 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_are_python_3_8(path):
    ast.parse(path.read_text(), feature_version=(3, 8))


@pytest.mark.skipif(shutil.which("mypy") is None, reason="mypy is not installed (Debian: mypy)")
def test_types_are_right(tmp_path):
    """Strictly, and with the declarations of Python 3.8: newer functions of its library are errors, too."""
    done = subprocess.run(["mypy", "--config-file", "pyproject.toml", "--cache-dir", tmp_path, "npyrace"], cwd=PACKAGE,
                          stdout=subprocess.PIPE, universal_newlines=True)
    assert done.returncode == 0, done.stdout


def test_docstring_examples():
    """Those that need no program; the others are run by test_measure.py and test_plugin.py."""
    import doctest

    from npyrace import _from_json
    failed, tried = doctest.testmod(_from_json)
    assert tried and not failed
