"""run, verify, compare, gate and watch, with the real program."""

import copy
import doctest
import json
import os
import signal
import subprocess
import sys
import time

import jsonschema
import npyrace
import numpy as np
import pytest
from documents import document, plain, schema_of

from npyrace import _measure
from npyrace._measure import options_of

SMALL = dict(records=512, generations=2, repetitions=2, writers=2)
ROW = 16

# Two processes have the file open at the same time: each says on a pipe how far it is. Waiting for the end of the other
# would be an order that watch knows.
OVERLAP = """
import os, subprocess, sys
path, other, second = sys.argv[1:]
file = os.open(path, os.O_RDWR)
write = ("import os, sys; file = os.open(sys.argv[1], os.O_RDWR); os.pwrite(file, b'x' * 16, int(sys.argv[2]));"
         "print(flush=True); input()")
child = subprocess.Popen([sys.executable, "-c", write, other, second], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
os.pwrite(file, b"y" * 16, 4096)
os.close(file)
child.communicate(b"\\n")
sys.exit(child.returncode)
"""


@pytest.fixture(scope="module")
def raced(tmp_path_factory):
    """A result of two strategies, with enough generations for all fields of a comparison."""
    return npyrace.run(tmp_path_factory.mktemp("race"), strategies=["mmap", "pwrite"], layouts="packed",
                       records=64, writers=2, generations=12, repetitions=2)


def with_verdicts(result, verdict):
    """The result, if each cell had this verdict."""
    whole = copy.deepcopy(dict(result.json))
    for cell in whole["npyrace"]["cells"]:
        cell["verdict"] = verdict
    return npyrace.read_result(whole)


@pytest.mark.parametrize("options, words", [
    (dict(at_most="10m", for_="1h"), ["--at-most=10m", "--for=1h"]),
    (dict(keep=True, quiet=False, seed=None), ["--keep"]),
    (dict(writers=[2, 8], shape=(3, 4)), ["--writers=2", "--writers=8", "--shape=3", "--shape=4"]),
    (dict(label={"commit": "a,b", "host": 1}), ["--label=commit=a,b", "--label=host=1"]),
    (dict(exec={"old": "./a -x", "new": "./b"}), ["--exec=old=./a -x", "--exec=new=./b"]),
    (dict(descr=np.dtype("<f4")), ["--descr=<f4"]),
    (dict(descr="<f4"), ["--descr=<f4"]),
    (dict(descr=[("t", "<i8"), ("x", "<f4", (2,))]), ["--descr=[('t', '<i8'), ('x', '<f4', (2,))]"]),
])
def test_options_become_words_of_the_program(options, words):
    assert options_of(options) == words


def test_run_takes_all_kinds_of_options(tmp_path):
    result = npyrace.run([tmp_path], "quick", strategies=("mmap", "pwrite"), layouts="packed", writers=[2, 3],
                         shape=(64, 3), descr=np.dtype("<f4"), generations=1, repetitions=1, seed=5,
                         label={"commit": "a b", "why": "test"})
    assert {(c.strategy, c.writers) for c in result.cells} == {(s, w) for s in ("mmap", "pwrite") for w in (2, 3)}
    assert {(c.record_bytes, c.descr, c.row_shape) for c in result.cells} == {(12, "'<f4'", (3,))}  # as in a header
    assert (result.seed, result.scenarios, result.labels) == (5, ("quick",), {"commit": "a b", "why": "test"})
    assert result.environment.mounts[0].dir == str(tmp_path)
    assert result.json["benchmarks"] and not list(tmp_path.iterdir())


def test_wrong_arguments_and_places_raise(tmp_path):
    with pytest.raises(npyrace.NpyraceError, match="unknown strategy 'mnap'; did you mean 'mmap'") as caught:
        npyrace.run(tmp_path, strategies="mnap")
    assert caught.value.exit_code == 2
    with pytest.raises(npyrace.NpyraceError, match="nowhere: --dir: No such file") as caught:
        npyrace.run(tmp_path / "nowhere", **SMALL)
    assert caught.value.exit_code == 3 and not isinstance(caught.value, npyrace.FailedCells)


def test_an_interrupt_lets_the_program_remove_its_files(tmp_path):
    script = "import sys, npyrace; npyrace.run(sys.argv[1], 'soak', for_='1h')"
    process = subprocess.Popen([sys.executable, "-c", script, tmp_path], stderr=subprocess.PIPE, text=True,
                               start_new_session=True)
    while not list(tmp_path.iterdir()):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)  # to Python alone, as a notebook does
    errors = process.communicate(timeout=100)[1]
    assert "KeyboardInterrupt" in errors, errors
    assert list(tmp_path.iterdir()) == []


def test_cells_that_failed_raise_with_the_result(tmp_path):
    with pytest.raises(npyrace.FailedCells, match="exit code 7") as caught:
        npyrace.run(tmp_path, exec="exit 7", records=64, generations=1, repetitions=1, layouts="packed")
    assert [cell.verdict for cell in caught.value.result.cells] == ["failed"] and caught.value.exit_code == 3


def test_unsafe_is_an_answer(tmp_path):
    """All writers empty the file, and so nothing is left of what the others wrote."""
    result = npyrace.run(tmp_path, exec=': > "$NPYRACE_FILE"', layouts="packed", records=64, generations=1,
                         repetitions=1)
    assert [cell.verdict for cell in result.cells] == ["unsafe"] and not result.safe


def test_verify_finds_damage(tmp_path):
    npyrace.run(tmp_path, strategies="pwrite", layouts="packed", keep=True, **{**SMALL, "repetitions": 1})
    (path,) = tmp_path.glob("*.npy")
    assert npyrace.verify(path).cells[0].anomalies.lost == 0
    with open(path, "r+b") as file:
        file.seek(128 + 7 * ROW)
        file.write(b"?" * ROW)
    (cell,) = npyrace.verify([path]).cells
    assert cell.verdict == "unsafe" and cell.anomalies.corrupt == 1
    assert [example.record for example in cell.examples] == [7] and cell.examples[0].class_ == "corrupt"


def test_verify_of_a_missing_file_raises(tmp_path):
    with pytest.raises(npyrace.FailedCells, match="nowhere.npy: open: No such file"):
        npyrace.verify(tmp_path / "nowhere.npy")


def test_compare_prints_what_its_schema_says(tmp_path, raced):
    schema = schema_of("compare")
    other = with_verdicts(raced, "unsafe")
    fewer = copy.deepcopy(dict(raced.json))
    gone = fewer["npyrace"]["cells"].pop()
    several = npyrace.compare([raced, raced, raced], [raced, raced, raced])
    changed = npyrace.compare(raced, other)
    without = npyrace.compare(raced, npyrace.read_result(fewer))
    for comparison in (several, changed, without):
        jsonschema.validate(comparison.json, schema)
    written = {key for c in (several, changed, without) for cell in c.json["cells"] for key in cell}
    assert written == set(schema["$defs"]["cell"]["properties"])
    assert [cell.verdict_changed for cell in changed.cells] == [True, True]
    assert changed.cells[0].new.verdict == "unsafe" and several.cells[0].time_ratio == 1
    assert without.only_base == (gone["name"],)
    assert "safe > unsafe" in str(changed)


def test_compare_takes_paths(tmp_path, raced):
    path = tmp_path / "base.json"
    path.write_text(json.dumps(raced.json))
    assert len(npyrace.compare(path, [str(path), raced], time="wall").cells) == 2
    with pytest.raises(npyrace.NpyraceError, match="nowhere") as caught:
        npyrace.compare(tmp_path / "nowhere", raced)
    assert caught.value.exit_code == 3


def test_gate_passes_fails_and_knows_that_it_knows_nothing(tmp_path, raced):
    passed = npyrace.gate([raced] * 3, [raced] * 3)
    assert (passed.passed, passed.undecided, passed.exit_code) == (True, 0, 0), passed
    failed = npyrace.gate(raced, with_verdicts(raced, "unsafe"))
    assert (failed.passed, failed.exit_code) == (False, 1) and "lost safety" in failed.text
    nothing = npyrace.gate(raced, raced, max_slowdown="0.001%")
    assert (nothing.passed, nothing.undecided, nothing.exit_code) == (False, 2, 3), nothing
    assert npyrace.gate(raced, raced, max_slowdown="0.001%", allow_unmeasured=True).passed
    with pytest.raises(npyrace.NpyraceError, match="nowhere") as caught:
        npyrace.gate(tmp_path / "nowhere", raced)
    assert caught.value.exit_code == 3


def test_no_field_of_a_real_result_is_dropped(raced, array):
    assert plain(raced) == raced.json["npyrace"]
    watched = npyrace.watch([sys.executable, "-c", OVERLAP, array, array, 4096])
    assert watched.files and plain(watched) == watched.json


def test_reports_are_the_programs_own(raced):
    assert raced.report("html").lower().startswith("<!doctype html>")
    assert raced.report("csv").count("\n") == 3
    with pytest.raises(npyrace.NpyraceError) as caught:
        raced.report("poem")
    assert caught.value.exit_code == 2


def test_run_in_a_lab(npyrace_lab):
    """The fixture only skips where there can be no lab."""
    result = npyrace.run(lab="nfs", strategies="mmap", layouts="packed", **SMALL)
    assert result.environment.lab == "nfs" and result.cells[0].mounts == 2


@pytest.fixture
def array(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((1024, 2)))
    return tmp_path / "a.npy"


@pytest.mark.parametrize("code", [0, 1, 2, 3, 5])
def test_watch_passes_the_command_through(array, capfd, code):
    result = npyrace.watch(f"echo to output; echo to error >&2; printf x >> {array}; exit {code}")
    assert result.exit_code == code and [f.path for f in result.files] == [str(array)]
    assert capfd.readouterr() == ("to output\n", "to error\n")


def test_watch_gives_the_command_its_input(tmp_path):
    """Also arguments with blanks, an environment, and no second standard error."""
    script = ("import os, sys; sys.exit(sys.argv[1:] != ['a b', ''] or os.environ['X'] != 'y'"
              " or os.path.exists('/proc/self/fd/9'))")
    result = npyrace.watch([sys.executable, "-c", script, "a b", ""], env={**os.environ, "X": "y"})
    assert result.exit_code == 0


def test_watch_finds_shared_pages_and_bytes(array):
    page = npyrace.watch([sys.executable, "-c", OVERLAP, array, array, 4096 + ROW])
    ((file, hazard),) = page.hazards()
    assert (file.path, hazard.kind, hazard.from_, hazard.ordered) == (str(array), "same-page", 4096, False)
    assert page.hazards("record") == []
    assert "same-page" in page.report() and "same-page" in str(page) and "same-page" in page._repr_html_()
    assert len(npyrace.watch([sys.executable, "-c", OVERLAP, array, array, 4096]).hazards("bytes")) == 1
    assert npyrace.watch([sys.executable, "-c", OVERLAP, array, array, 8192]).hazards() == []


def test_watch_matches_names(tmp_path):
    script = f"printf x > {tmp_path}/a.bin; printf x > {tmp_path}/b.dat; printf x > {tmp_path}/c.npy"
    result = npyrace.watch(script, match=["*.bin", "*.dat"])
    assert sorted(os.path.basename(file.path) for file in result.files) == ["a.bin", "b.dat"]


def passport(named):
    """A result of run semantics, in which this was seen of writers that share pages."""
    whole = document("result")
    whole["npyrace"]["cells"] = []
    whole["npyrace"]["passport"]["between"] = "mounts"
    row = whole["npyrace"]["passport"]["rows"][0]
    row.update(named=named, sharing="shared-pages", refused=False)
    whole["npyrace"]["passport"]["rows"] = [{**row, "via": via} for via in ("pwrite", "mmap")]
    return npyrace.read_result(whole)


def test_watch_uses_measured_semantics(array):
    command = [sys.executable, "-c", OVERLAP, array, array, 4096 + ROW]
    assert "lost" in npyrace.watch(command, semantics=passport("none seen")).files[0].consistency
    assert "lost" not in npyrace.watch(command, semantics=passport("strong")).files[0].consistency


def test_watch_in_a_lab(npyrace_lab, array, tmp_path):
    """The lab is one of its own; the fixture only skips where there can be none."""
    script = tmp_path / "overlap.py"
    script.write_text(OVERLAP)
    command = f"cp {array} {{n1}} && {sys.executable} {script} {{n1}}/a.npy {{n2}}/a.npy {4096 + ROW}"
    result = npyrace.watch(command, lab="nfs")
    assert result.exit_code == 0 and [h.level for _, h in result.hazards()] == ["loses"]


def test_watch_errors(array):
    with pytest.raises(npyrace.NpyraceError, match="unknown word 'x'; known: bytes, record, page") as caught:
        npyrace.watch(["true"], fail_on="x")
    assert caught.value.exit_code == 2
    with pytest.raises(npyrace.NpyraceError, match="unknown model 'x'") as caught:
        npyrace.watch(["true"], lab="x")
    assert caught.value.exit_code == 2
    assert npyrace.watch(["/nowhere/program"]).exit_code == 127  # as of a shell


def test_gate_of_watch_results(array):
    base = npyrace.watch([sys.executable, "-c", OVERLAP, array, array, 8192])
    worse = npyrace.watch([sys.executable, "-c", OVERLAP, array, array, 4096])
    assert npyrace.gate(base, base).passed
    failed = npyrace.gate(base, worse)
    assert not failed.passed and "new hazard" in failed.text


def test_docstring_examples():
    failed, tried = doctest.testmod(_measure)
    assert tried and not failed
