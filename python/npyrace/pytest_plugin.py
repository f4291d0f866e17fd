"""pytest fixtures: a cluster file system for a test, and a check that processes keep apart what they write.

`npyrace_lab` is a `Lab` that ends with the test. A marker chooses it, with the parameters of `Lab`::

    @pytest.mark.npyrace_lab(model="nfs", nodes=2, faults=["eio:op=write,nth=3"])
    def test_two_nodes(npyrace_lab):
        save(npyrace_lab.n1 / "a.npy")
        assert load(npyrace_lab.n2 / "a.npy") == ...

`npyrace_watch` runs a command, or a function in several processes, and fails the test where two processes wrote into
one page; see `Watcher`::

    def test_chunks(tmp_path, npyrace_watch):
        npyrace_watch(write_chunk, [(tmp_path / "a.npy", 0), (tmp_path / "a.npy", 1)])
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence, Tuple, Union

import pytest

from npyrace import _processes
from npyrace._lab import Lab
from npyrace._measure import watch
from npyrace._program import NpyraceError
from npyrace.results import WatchResult


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "npyrace_lab(model='nfs', nodes=2, faults=[], **options): the lab of the fixture npyrace_lab")


@pytest.fixture
def npyrace_lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A cluster file system on this machine, which ends with the test; skips the test where there can be none."""
    marker = request.node.get_closest_marker("npyrace_lab")
    lab = Lab(*marker.args, **marker.kwargs) if marker else Lab()
    try:
        lab.__enter__()
    except NpyraceError as error:
        if str(error).startswith("no lab: "):
            pytest.skip(str(error))
        raise
    try:
        yield lab
    finally:
        lab.close()


class Watcher:
    """The fixture `npyrace_watch`: a call runs something under `npyrace.watch`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, work: Union[str, Sequence[object], Callable[..., object]],
                 calls: Sequence[Tuple[Any, ...]] = (), *, fail_on: str = "page", check: bool = True,
                 **options: Any) -> WatchResult:
        """Run `work`, and fail the test if two of its processes shared what they wrote.

        Parameters
        ----------
        work : str, sequence or callable
            For a shell; or a program with its arguments; or a function that can be imported by its name.
        calls : sequence of tuples
            For a function: the arguments of each process. All processes are started at once.
        fail_on : {"page", "record", "bytes"}
            Two processes must not share this. Locks excuse it, and for a command also that one process waited for the
            other. For a function, order is no excuse: its processes could run in another one.
        check : bool
            Fail also if the command ends with another exit code than 0, or a function raises.
        **options
            As of `npyrace.watch`: ``match=["*.bin"]`` names the files to watch, ``*.npy`` otherwise.

        Returns
        -------
        WatchResult
        """
        __tracebackhide__ = True
        if callable(work):
            if not calls:
                raise ValueError("calls: a function needs a tuple of arguments for each process")
            command: Union[str, Sequence[object]] = _processes.save(str(self._folder / "calls"), work, calls)
        else:
            command = work
        result = watch(command, **options)
        if result.hazards(fail_on, ordered=callable(work)):
            pytest.fail(f"two processes wrote the same {fail_on}:\n{result.report()}", pytrace=False)
        if check and result.exit_code != 0:
            pytest.fail(f"the watched command ended with exit code {result.exit_code}", pytrace=False)
        if not result.files:
            pytest.fail(f"no watched file was written:\n{result.report()}", pytrace=False)
        for unseen in result.unseen:
            warnings.warn(f"npyrace watch did not see {unseen}", stacklevel=2)
        return result


@pytest.fixture
def npyrace_watch(tmp_path_factory: pytest.TempPathFactory) -> Watcher:
    """Runs a command, or a function in several processes, and fails the test if they share what they write."""
    return Watcher(tmp_path_factory.mktemp("npyrace_watch"))
