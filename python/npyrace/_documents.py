"""Methods of the classes in `npyrace.results`: short texts, tables for notebooks, and the program's own reports."""

from __future__ import annotations

import collections
import html
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterable, List, Mapping, Optional, Sequence, Tuple

from npyrace._program import PathLike, run_program

if TYPE_CHECKING:
    from npyrace.results import Cell, ComparedCell, Experiment, Hazard, Recommendation, WatchedFile

#: Kinds of hazards that lose data somewhere, the worst first: by the words of ``watch --fail-on``.
SHARING = {"bytes": "same-bytes", "record": "same-record", "page": "same-page"}


def _table(caption: str, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in HTML; every text in it is escaped."""
    def line(cells: Sequence[object], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag} style='text-align:left'>{html.escape(str(cell))}</{tag}>"
                                for cell in cells) + "</tr>"
    body = "".join(line(row, "td") for row in rows)
    return (f"<table><caption style='text-align:left'>{html.escape(caption)}</caption>"
            f"<thead>{line(heading, 'th')}</thead><tbody>{body}</tbody></table>")


def _anomalies_text(cell: Cell) -> str:
    counts = [f"{name} {count}" for name, count in vars(cell.anomalies).items() if count]
    return ", ".join(counts + ([f"unwritten {cell.unwritten}"] if cell.unwritten else []))


class _Document:
    """Methods of every document."""

    json: Mapping[str, Any]

    def save(self, path: PathLike) -> None:
        """Write the document as the program's ``--json`` does, for `read_result`, `writer` and the program.

        Parameters
        ----------
        path : str or os.PathLike
            The file, which is replaced if it exists.
        """
        Path(path).write_text(json.dumps(self.json, indent=2), encoding="utf8")


class _Reported(_Document):
    """Methods of documents that the program can show in other forms."""

    def report(self, form: str = "terminal") -> str:
        """Return the document as ``npyrace report`` shows it.

        Parameters
        ----------
        form : str
            ``terminal``, ``html`` (one page, which needs no network) or ``junit``; of a result of ``run`` or ``verify``
            also ``markdown`` and ``csv``.

        Returns
        -------
        str

        Raises
        ------
        NpyraceError
            If the program does not know the form.
        """
        with tempfile.TemporaryDirectory(prefix="npyrace-") as folder:
            path = Path(folder) / "result.json"
            self.save(path)
            return run_program(["report", path, "--format", form]).stdout


class ResultMethods(_Reported):
    """Methods of `Result`."""

    cells: Tuple[Cell, ...]
    experiments: Optional[Tuple[Experiment, ...]]
    recommendation: Recommendation

    def _verdicts(self) -> Sequence[str]:
        return [cell.verdict for cell in self.cells] + [e.verdict for e in self.experiments or () if e.verdict]

    @property
    def safe(self) -> bool:
        """True if there is a safe cell, and none that is unsafe, failed or inconclusive."""
        return set(self._verdicts()) - {"skipped"} == {"safe"}

    def cell(self, name: str) -> Cell:
        """Return the cell that has all parts of `name`, in this order.

        Parameters
        ----------
        name : str
            Parts of the cell's name: ``mmap/packed``, ``pwrite/padded-block/writers:8``. An alignment may be left out.

        Returns
        -------
        Cell

        Raises
        ------
        LookupError
            If there is no such cell, or more than one.
        """
        found = [cell for cell in self.cells if cell.name == name or _has_parts(cell.name, name)]
        if len(found) != 1:
            names = [cell.name for cell in found or self.cells]
            end = ":" if found else "; there are:"
            raise LookupError("\n  ".join([f"{len(found)} cells are {name!r}{end}", *names]))
        return found[0]

    def __str__(self) -> str:
        counts = collections.Counter(self._verdicts())
        lines = [f"{len(self.cells)} cells: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items())]
        lines += [f"{cell.verdict}: {cell.name}: {_anomalies_text(cell) or cell.reason}"
                  for cell in self.cells if cell.verdict in ("unsafe", "failed")]
        if self.recommendation.cell:
            lines.append(f"recommendation: {self.recommendation.cell}: {self.recommendation.why}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows: List[Sequence[str]] = [
                (cell.name, cell.verdict, f"{cell.records_per_second:,.0f}", _anomalies_text(cell), cell.reason)
                for cell in self.cells]
        rows += [(f"{e.scenario}: {e.name}", e.verdict or "", "", "", e.reason) for e in self.experiments or ()]
        advised = self.recommendation.cell
        return _table(f"recommendation: {advised}" if advised else self.recommendation.why,
                      ("cell", "verdict", "records/s", "lost or damaged", "reason"), rows)


def _has_parts(name: str, wanted: str) -> bool:
    rest = iter(name.split("/"))
    return all(any(part in (own, own.split("@")[0]) for own in rest) for part in wanted.split("/"))


class WatchResultMethods(_Reported):
    """Methods of `WatchResult`."""

    files: Tuple[WatchedFile, ...]

    def hazards(self, level: str = "page", *, ordered: bool = False) -> List[Tuple[WatchedFile, Hazard]]:
        """Return where two processes wrote the same bytes, record or page, as ``watch --fail-on`` counts it.

        Parameters
        ----------
        level : {"page", "record", "bytes"}
            The mildest kind that counts.
        ordered : bool
            Count it also where one process waited for the other, which had closed the file. Locks always excuse.

        Returns
        -------
        list of (WatchedFile, Hazard)
        """
        levels = list(SHARING)
        kinds = [SHARING[name] for name in levels[:levels.index(level) + 1]]
        return [(file, hazard) for file in self.files for hazard in file.hazards
                if hazard.kind in kinds and not hazard.locked and (ordered or not hazard.ordered or hazard.by_chance)]

    def _rows(self) -> List[Tuple[str, str, str, str, str]]:
        return [(file.path, hazard.kind, hazard.level, f"{hazard.from_} to {hazard.to - 1}", hazard.means)
                for file in self.files for hazard in file.hazards]

    def __str__(self) -> str:
        lines = [f"{level}: {path}: {kind}, bytes {place}: {means}" for path, kind, level, place, means in self._rows()]
        return "\n".join(lines or ["no two processes shared a part of a watched file"])

    def _repr_html_(self) -> str:
        return _table(f"{len(self.files)} watched files", ("file", "shared", "level", "bytes", "meaning"), self._rows())


class ComparisonMethods(_Document):
    """Methods of `Comparison`."""

    cells: Tuple[ComparedCell, ...]

    def _rows(self) -> List[Tuple[str, str, str, str, str]]:
        return [(cell.name, cell.base.verdict or "-", cell.new.verdict or "-", cell.speed, _percent_text(cell))
                for cell in self.cells]

    def __str__(self) -> str:
        return "\n".join(f"{name}: {base} > {new}, {speed} ({time} time a record)"
                         for name, base, new, speed, time in self._rows()) or "no cell is on both sides"

    def _repr_html_(self) -> str:
        return _table("BASE beside NEW", ("cell", "base", "new", "speed", "time"), self._rows())


def _percent_text(cell: ComparedCell) -> str:
    if cell.time_ratio is None:
        return "unknown"
    low, high = cell.time_ratio_interval or (None, None)
    interval = f", {100 * (low - 1):+.1f} % to {100 * (high - 1):+.1f} %" if low and high else ""
    return f"{100 * (cell.time_ratio - 1):+.1f} %{interval}"
