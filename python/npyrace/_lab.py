"""The lab: a cluster file system with several nodes on this machine, for tests."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any, List, Mapping, Optional, Sequence, Type, Union

from npyrace._measure import options_of, watch
from npyrace._program import NpyraceError, find_program, message_of
from npyrace.results import WatchResult

#: Reports the lab's places. Ends after a line, which this process writes, or at the end of the pipe, if it was killed.
_HELPER = 'printf "%s\\n" "$NPYRACE_LAB" "$NPYRACE_LAB_STORE" "$NPYRACE_LAB_COMMAND" && { read -r _ || :; }'
_SETTLE_SECONDS = 60  # `eventual` publishes after one second; more only means that something is broken


class Lab:
    """A cluster file system on this machine, whose consistency is chosen. It is a context manager.

    Each node is a directory with a page cache of its own. The lab ends with the ``with`` block, and also if this
    process is killed. It needs Linux, access to ``/dev/fuse``, and for ordinary users ``fusermount3``.

    Parameters
    ----------
    model : str
        ``strong``, ``commit``, ``session``, ``eventual``, ``nfs`` or ``pages``; docs/lab.md describes them.
    nodes : int
        Number of nodes.
    faults : sequence of str
        Faults in the words of ``npyrace lab --fault``: ``"eio:op=write,nth=3"``.
    **options
        Further long options of ``npyrace lab`` with ``_`` for ``-``: ``latency="2ms"``, ``local_locks=True``.

    Attributes
    ----------
    nodes : list of pathlib.Path
        Directories of the nodes; also ``n1``, ``n2``, ….
    store : pathlib.Path
        Directory behind all nodes. It shows what was published; do not write there.

    Raises
    ------
    NpyraceError
        On entering the block: with ``exit_code`` 2 for wrong arguments, and 3 if there can be no lab here.

    Examples
    --------
    >>> import npyrace
    >>> with npyrace.Lab("nfs") as lab:
    ...     _ = (lab.n1 / "note").write_text("written on node 1")
    ...     (lab.n2 / "note").read_text()
    'written on node 1'
    """

    store: Path

    def __init__(self, model: str = "nfs", nodes: int = 2, faults: Sequence[str] = (), **options: object) -> None:
        self.model = model
        self.nodes: List[Path] = []
        self._arguments = options_of({"model": model, "nodes": nodes, "fault": list(faults), **options})
        self._environment: Mapping[str, str] = {}
        self._process: Optional["subprocess.Popen[str]"] = None

    def __getattr__(self, name: str) -> Path:
        nodes: List[Path] = self.__dict__.get("nodes", [])
        number = re.fullmatch(r"n([1-9][0-9]*)", name)
        if number is None or int(number.group(1)) > len(nodes):
            raise AttributeError(f"a lab with {len(nodes)} nodes has no {name}")
        return nodes[int(number.group(1)) - 1]

    def __enter__(self) -> "Lab":
        self._said = tempfile.TemporaryFile("w+")  # a pipe that nobody reads could fill up
        # A session of its own: Ctrl-C interrupts this process, which then ends the lab.
        self._process = subprocess.Popen(
            [find_program(), "lab", *self._arguments, "--", "sh", "-c", _HELPER], universal_newlines=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, start_new_session=True)
        assert self._process.stdout is not None
        nodes, store, command = [self._process.stdout.readline().rstrip("\n") for _ in range(3)]
        if not command:
            self.close()
            raise NpyraceError("the lab ended while it started")
        self.nodes = [Path(node) for node in nodes.split(":")]
        self.store = Path(store)
        self._environment = {"NPYRACE_LAB": nodes, "NPYRACE_LAB_STORE": store, "NPYRACE_LAB_COMMAND": command}
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def close(self) -> None:
        """End the lab: nodes, store and all files in it are gone. More than one call is harmless.

        Raises
        ------
        NpyraceError
            If the lab failed, or its server died meanwhile.
        """
        process, self._process = self._process, None
        if process is None:
            return
        process.communicate("end\n")  # closing the pipe is not enough: a forked child may have it, too
        with self._said:
            self._said.seek(0)
            done = subprocess.CompletedProcess([], process.returncode, stderr=self._said.read())
        if done.returncode != 0:
            raise NpyraceError(message_of(done), done.returncode)

    def settle(self) -> None:
        """Wait until all that the nodes have acknowledged is in the store.

        In the model ``eventual`` data reach the store a second after each write: this waits for a file that it
        writes last through every node (a fault without ``file=`` can strike that file, too). In all other models data
        are in the store when the call that acknowledges them (write, fsync, msync, close) has returned.

        Raises
        ------
        NpyraceError
            If the data do not arrive.
        """
        if self.model != "eventual":
            return
        for node in self.nodes:
            marker = node / f".npyrace-settle-{uuid.uuid4().hex}"
            marker.write_text(marker.name)
            self._wait_for(self.store / marker.name, marker.name)
            marker.unlink()

    def _wait_for(self, file: Path, text: str) -> None:
        limit = time.monotonic() + _SETTLE_SECONDS
        while file.read_text() != text:
            if time.monotonic() > limit:
                raise NpyraceError(f"the lab has not published {file} within {_SETTLE_SECONDS} seconds")
            time.sleep(0.01)

    def watch(self, command: Union[str, Sequence[object]], **options: Any) -> WatchResult:
        """Run a program on this lab under `npyrace.watch`, which has the parameters and the result.

        In the command, ``{n1}``, ``{n2}``, … and ``{store}`` are replaced by the lab's directories.
        """
        words = [command] if isinstance(command, str) else [str(word) for word in command]
        for name, place in [(f"n{i + 1}", node) for i, node in enumerate(self.nodes)] + [("store", self.store)]:
            words = [word.replace("{" + name + "}", str(place)) for word in words]
        env = {**(options.pop("env", None) or os.environ), **self._environment}
        return watch(words[0] if isinstance(command, str) else words, env=env, **options)
