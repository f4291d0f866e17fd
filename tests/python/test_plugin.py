"""The fixtures npyrace_lab and npyrace_watch, used by tests of a user, and the lab behind them."""

import doctest
import os
import pathlib
import signal
import subprocess
import sys
import time

import npyrace
import numpy as np
import pytest
from here import SOURCE

from npyrace import _lab

PLUGIN = ("-p", "npyrace.pytest_plugin", "-p", "no:cacheprovider")
PATIENCE_SECONDS = 60  # for what a lab does within a second

HEAD = """
import os, pathlib, time
import numpy as np
import pytest

def array(path, rows=1024):
    np.save(path, np.zeros((rows, 2)))
    return path

def write_rows(path, start, stop):
    rows = np.load(path, mmap_mode="r+")
    rows[start:stop] = 1
    rows.flush()
"""


def is_gone(lab):
    """A lab's folder and its mounts. `lab`: path of its store."""
    folder = pathlib.Path(lab).parent
    return not folder.exists() and str(folder) not in pathlib.Path("/proc/mounts").read_text()


def wait_until(happened):
    limit = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < limit, "it has not happened"
        time.sleep(0.01)


@pytest.fixture
def run_tests(pytester):
    """Runs the text of a test file. Returns the result of pytester."""
    def run(text):
        pytester.makepyfile(HEAD + text)
        return pytester.runpytest_subprocess(*PLUGIN)
    return run


def has_lab():
    try:
        with npyrace.Lab():
            return True
    except npyrace.NpyraceError as error:
        assert str(error).startswith("no lab: "), error
        return False


needs_lab = pytest.mark.skipif(not has_lab(), reason="no lab can run here")


@needs_lab
def test_a_lab_for_each_test_as_its_marker_says(run_tests):
    outcome = run_tests("""
def test_default(npyrace_lab):
    assert npyrace_lab.model == "nfs" and npyrace_lab.nodes == [npyrace_lab.n1, npyrace_lab.n2]
    (npyrace_lab.n1 / "note").write_text("x")
    assert (npyrace_lab.n2 / "note").read_text() == (npyrace_lab.store / "note").read_text() == "x"
    with pytest.raises(AttributeError, match="2 nodes has no n3"):
        npyrace_lab.n3

@pytest.mark.npyrace_lab(model="session", nodes=3, faults=["eio:op=write,nth=2"], latency="1ms")
def test_faults(npyrace_lab):
    assert list(npyrace_lab.n3.iterdir()) == []  # not the lab of the test before
    file = os.open(npyrace_lab.n3 / "x", os.O_WRONLY | os.O_CREAT)
    os.write(file, b"first")
    with pytest.raises(OSError, match="Input/output error"):
        os.write(file, b"second")
    os.close(file)

@pytest.mark.parametrize("model", [pytest.param(m, marks=pytest.mark.npyrace_lab(m)) for m in ("commit", "pages")])
def test_model_by_parameter(npyrace_lab, model):
    assert npyrace_lab.model == model
""")
    outcome.assert_outcomes(passed=4)


@needs_lab
def test_the_lab_ends_with_its_test_however_it_ends(run_tests, tmp_path):
    outcome = run_tests(f"""
def note(lab, name):
    pathlib.Path({str(tmp_path)!r}, name).write_text(str(lab.store))
    return array(lab.n1 / "a.npy")

def test_pass(npyrace_lab):
    note(npyrace_lab, "pass")

def test_fail(npyrace_lab):
    note(npyrace_lab, "fail")
    assert False

def test_mapping_stays(npyrace_lab):
    global rows
    rows = np.load(note(npyrace_lab, "mapping"), mmap_mode="r+")
    rows[5] = 1

def test_in_the_lab(npyrace_lab, monkeypatch):
    note(npyrace_lab, "inside")
    monkeypatch.chdir(npyrace_lab.n2)

def test_a_child_stays(npyrace_lab):
    global child
    note(npyrace_lab, "child")
    child = os.fork()
    if child == 0:
        while True:
            time.sleep(600)

def test_kill_the_child():
    os.kill(child, 9)
    os.waitpid(child, 0)

def test_interrupted(npyrace_lab):
    note(npyrace_lab, "interrupt")
    raise KeyboardInterrupt
""")
    assert outcome.ret == pytest.ExitCode.INTERRUPTED
    outcome.assert_outcomes(passed=5, failed=1)
    notes = sorted(tmp_path.glob("*"))
    assert [note.name for note in notes if note.is_file()] == ["child", "fail", "inside", "interrupt", "mapping",
                                                                      "pass"]
    for note in notes:
        assert not note.is_file() or is_gone(note.read_text()), note.name


@needs_lab
@pytest.mark.parametrize("number, group", [(signal.SIGKILL, False), (signal.SIGTERM, False), (signal.SIGKILL, True),
                                           (signal.SIGINT, True)])
def test_the_lab_ends_when_pytest_is_killed(pytester, tmp_path, number, group):
    """Also if all processes of a terminal get the signal."""
    path = pytester.makepyfile(HEAD + f"""
def test_waits(npyrace_lab):
    array(npyrace_lab.n1 / "a.npy")
    pathlib.Path({str(tmp_path)!r}, "part").write_text(str(npyrace_lab.store))
    pathlib.Path({str(tmp_path)!r}, "part").rename({str(tmp_path / "store")!r})
    time.sleep(600)
""")
    process = subprocess.Popen([sys.executable, "-m", "pytest", *PLUGIN, path], stdout=subprocess.DEVNULL,
                               start_new_session=True)
    try:
        wait_until((tmp_path / "store").exists)
        lab = (tmp_path / "store").read_text()
        assert not is_gone(lab)
        (os.killpg if group else os.kill)(process.pid, number)
        # 2: interrupted, without an error of the fixture; the lab has not ended before its test.
        assert process.wait(PATIENCE_SECONDS) == (2 if number == signal.SIGINT else -number)
        wait_until(lambda: is_gone(lab))
    finally:
        process.kill()
        process.wait()


def test_a_test_is_skipped_where_there_can_be_no_lab(run_tests, monkeypatch, tmp_path):
    """The program says why, in one line."""
    program = tmp_path / "npyrace"
    program.write_text("#!/bin/sh\necho 'npyrace: no lab: /dev/fuse is missing: load the kernel module' >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("NPYRACE", str(program))
    outcome = run_tests("def test_it(npyrace_lab): pass")
    outcome.assert_outcomes(skipped=1)
    program.write_text("#!/bin/sh\necho 'npyrace: disk full' >&2\nexit 3\n")
    outcome = run_tests("def test_it(npyrace_lab): pass")
    outcome.assert_outcomes(errors=1)
    outcome.stdout.fnmatch_lines(["*NpyraceError: disk full"])


@needs_lab
def test_wrong_markers_are_errors(run_tests):
    outcome = run_tests("""
@pytest.mark.npyrace_lab(model="nsf")
def test_model(npyrace_lab): pass

@pytest.mark.npyrace_lab(node=2)
def test_option(npyrace_lab): pass
""")
    outcome.assert_outcomes(errors=2)
    outcome.stdout.fnmatch_lines(["*NpyraceError: unknown model 'nsf'; did you mean 'nfs'*", "*no option --node*"])


@needs_lab
def test_settle_waits_for_what_was_acknowledged():
    with npyrace.Lab("eventual") as lab:
        for node in lab.nodes:
            (node / f"{node.name}.txt").write_text("x" * 100000)
        lab.settle()
        assert {path.name: path.stat().st_size for path in lab.store.iterdir()} == {"n1.txt": 100000, "n2.txt": 100000}
    for model in ("strong", "commit", "session", "nfs", "pages"):
        with npyrace.Lab(model) as lab:
            np.save(lab.n1 / "a.npy", np.zeros(1000))
            rows = np.load(lab.n1 / "a.npy", mmap_mode="r+")
            rows[:] = 1
            rows.flush()
            (lab.n2 / "b").write_text("x")
            lab.settle()
            assert np.load(lab.store / "a.npy").sum() == 1000 and (lab.store / "b").read_text() == "x", model


@needs_lab
def test_a_dead_lab_is_an_error():
    """The server dies; then the mounts have no answer to give."""
    lab = npyrace.Lab()
    with pytest.raises(npyrace.NpyraceError, match="the lab's server died"):
        with lab:
            server, = [path.parent.name for path in pathlib.Path("/proc").glob("[0-9]*/stat")
                       if path.read_text().rsplit(")", 1)[1].split()[1] == str(lab._process.pid)
                       and b"lab-server" in (path.parent / "cmdline").read_bytes()]
            os.kill(int(server), signal.SIGKILL)
            lab._process.wait(PATIENCE_SECONDS)
    with npyrace.Lab():  # removes what a dead one left
        assert is_gone(lab.store)


@needs_lab
def test_a_lab_can_be_watched():
    with npyrace.Lab() as lab:
        np.save(lab.n1 / "a.npy", np.zeros(1024))
        result = lab.watch("printf x >> {n1}/a.npy; test {store} = " + str(lab.store))
        assert result.exit_code == 0 and [file.path for file in result.files] == [str(lab.n1 / "a.npy")]
        assert "model nfs" in result.files[0].consistency


def test_processes_with_pages_of_their_own_pass(run_tests):
    outcome = run_tests("""
def test_it(tmp_path, npyrace_watch):
    path = array(tmp_path / "a.npy")
    result = npyrace_watch(write_rows, [(path, 8, 200), (path, 512, 600)])
    assert len(result.files[0].writers) == 2 and result.exit_code == 0
    assert np.load(path)[:, 0].sum() == 192 + 88
""")
    outcome.assert_outcomes(passed=1)


def test_a_shared_page_fails_with_the_explanation(run_tests):
    outcome = run_tests("""
def test_it(tmp_path, npyrace_watch):
    path = array(tmp_path / "a.npy")
    npyrace_watch(write_rows, [(path, 0, 10), (path, 10, 20)])
""")
    outcome.assert_outcomes(failed=1)
    outcome.stdout.fnmatch_lines(["two processes wrote the same page:", "*same-page: 1 page of process*"])
    outcome.stdout.no_fnmatch_line("*Traceback*")


CALLS = """
def write_bytes(path, *offsets):
    file = os.open(path, os.O_RDWR)
    for offset in offsets:
        os.pwrite(file, b"12345678", offset)
    os.close(file)

def in_turn(path, fifo, first):
    if not first:
        open(fifo, "rb").read()  # the other process has closed the array
    write_bytes(path, 4096 if first else 4112)
    if first:
        open(fifo, "wb").close()

def raises(path):
    write_bytes(path, 4096)
    raise ValueError("from a process")
"""


@pytest.mark.parametrize("offsets, failing", [
    ((4096 + 16, 4096 + 32), ["page"]),
    ((4096, 4096 + 8), ["page", "record"]),
    ((4096, 4096), ["page", "record", "bytes"]),
])
def test_levels(run_tests, offsets, failing):
    outcome = run_tests(CALLS + f"""
@pytest.mark.parametrize("level", ["page", "record", "bytes"])
def test_it(tmp_path, npyrace_watch, level):
    path = array(tmp_path / "a.npy")
    npyrace_watch(write_bytes, [(path, {offsets[0]}), (path, {offsets[1]})], fail_on=level)
""")
    outcome.assert_outcomes(failed=len(failing), passed=3 - len(failing))
    outcome.stdout.fnmatch_lines([f"two processes wrote the same {level}:" for level in failing])


def test_a_function_that_happened_to_be_earlier_has_no_excuse(run_tests):
    outcome = run_tests(CALLS + """
def test_it(tmp_path, npyrace_watch):
    path = array(tmp_path / "a.npy")
    os.mkfifo(tmp_path / "fifo")
    npyrace_watch(in_turn, [(path, tmp_path / "fifo", first) for first in (True, False)])
""")
    outcome.assert_outcomes(failed=1)
    outcome.stdout.fnmatch_lines(["two processes wrote the same page:"])


def test_what_else_fails(run_tests):
    outcome = run_tests(CALLS + """
def test_raises(tmp_path, npyrace_watch):
    npyrace_watch(raises, [(array(tmp_path / "a.npy"),)])

def test_may_raise(tmp_path, npyrace_watch):
    assert npyrace_watch(raises, [(array(tmp_path / "a.npy"),)], check=False).exit_code == 1

def test_command(tmp_path, npyrace_watch):
    npyrace_watch(f"printf x >> {array(tmp_path / 'a.npy')}; exit 7")

def test_no_calls(npyrace_watch):
    with pytest.raises(ValueError, match="calls"):
        npyrace_watch(write_bytes)

def test_passes(tmp_path, npyrace_watch):
    npyrace_watch(["sh", "-c", 'printf x >> "$0"', array(tmp_path / "a b.npy")])

def test_nothing_is_written(tmp_path, npyrace_watch):
    npyrace_watch(f"printf x > {tmp_path}/a.bin")

def test_other_names(tmp_path, npyrace_watch):
    npyrace_watch(f"printf x > {tmp_path}/a.bin", match="*.bin")
""")
    outcome.assert_outcomes(failed=3, passed=4)
    outcome.stdout.fnmatch_lines(["the watched command ended with exit code 1", "ValueError: from a process",
                                  "the watched command ended with exit code 7", "no watched file was written:"])


@needs_lab
def test_the_example_of_chunks():
    """Every loss in it is certain, so that it can be repeated."""
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", *PLUGIN, SOURCE / "docs/examples/chunked"],
                          stdout=subprocess.PIPE, universal_newlines=True)
    assert done.returncode == 0 and "6 passed" in done.stdout, done.stdout


@needs_lab
def test_docstring_examples():
    failed, tried = doctest.testmod(_lab)
    assert tried and not failed
