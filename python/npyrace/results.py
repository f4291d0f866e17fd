"""The program's answers as frozen dataclasses. Made by make_results.py from the schemas in reports/; do not edit.

`read_result` reads a file that ``--json`` wrote. Every document keeps its whole JSON in ``json``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Mapping, Optional, Tuple

from npyrace._documents import ComparisonMethods, ResultMethods, WatchResultMethods

Verdict = Literal["safe", "unsafe", "inconclusive", "failed", "skipped"]
Promise = Literal["strong", "commit", "session", "eventual", "none seen"]


@dataclass(frozen=True)
class Result(ResultMethods):
    """The result of run or verify: a verdict and a speed for each cell.

    Attributes
    ----------
    schema_version : Literal[1]
    environment : Environment
        Where it was measured.
    seed : int
        From which stamps and random ownership are drawn.
    scenarios : Tuple[str, ...]
    labels : Mapping[str, str]
        Given by --label.
    cells : Tuple[Cell, ...]
        In the order in which they were planned.
    reference : Tuple[Reference, ...]
    separations : Tuple[Separation, ...]
        Where packed cells or several alignments were raced: what alignment did, for each way to write.
    contradictions : Tuple[str, ...]
        Between verdicts and what the file system promises, either way.
    recommendation : Recommendation
        The fastest safe way to write.
    interrupted : bool or None
        By the user or a time limit: the result holds what was measured until then.
    programs : Tuple[Program, ...] or None
        With run --exec: the command behind each strategy exec or exec:NAME.
    scaling : Tuple[Scaling, ...] or None
        Where several numbers of writers were raced: what more of them brought.
    passport : Passport or None
        Only with scenario semantics; docs/semantics.md has the definitions.
    experiments : Tuple[Experiment, ...] or None
        Scenarios that race no cells: create-race, first-touch, durability, soak.
    json : Mapping[str, Any]
        The whole document as the program wrote it.
    """

    schema_version: Literal[1]
    environment: Environment
    seed: int
    scenarios: Tuple[str, ...]
    labels: Mapping[str, str]
    cells: Tuple[Cell, ...]
    reference: Tuple[Reference, ...]
    separations: Tuple[Separation, ...]
    contradictions: Tuple[str, ...]
    recommendation: Recommendation
    interrupted: Optional[bool] = None
    programs: Optional[Tuple[Program, ...]] = None
    scaling: Optional[Tuple[Scaling, ...]] = None
    passport: Optional[Passport] = None
    experiments: Optional[Tuple[Experiment, ...]] = None
    json: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Environment:
    """Where it was measured.

    Attributes
    ----------
    version : str
        The version of npyrace.
    page_bytes : int, bytes
        The size of a memory page.
    kernel : str
    host_name : str
    mounts : Tuple[Mount, ...]
    lab : str or None
        The model, when the mounts are a lab's.
    lab_command : str or None
        The command that made the lab around the run.
    ranks : Ranks or None
        Only with launchers mpi and ssh.
    """

    version: str
    page_bytes: int
    kernel: str
    host_name: str
    mounts: Tuple[Mount, ...]
    lab: Optional[str] = None
    lab_command: Optional[str] = None
    ranks: Optional[Ranks] = None


@dataclass(frozen=True)
class Ranks:
    """Only with launchers mpi and ssh.

    Attributes
    ----------
    library : str
        The name that MPI gives itself, or the remote shell.
    hosts : Tuple[str, ...]
        Host of each rank.
    """

    library: str
    hosts: Tuple[str, ...]


@dataclass(frozen=True)
class Mount:
    """A directory through which writers reached the file system.

    Attributes
    ----------
    dir : str
    fs_type : str
    mount_options : str
    block_bytes : int, bytes
    promise : str
        To writers on different nodes, by the file system's own documentation.
    promised : Literal["coherent", "close-to-open", "nothing", "depends"]
    source : str
    unit : str
        In which it caches or locks, in words.
    option_notes : Tuple[str, ...]
        On mount options that change the promise.
    place : str or None
        Within lab_command: how its COMMAND names dir ({n1}).
    one_node : bool or None
        Nobody reaches this file system from another node.
    stripe_bytes : int or None, bytes
        Stripe of new files in dir; only on Lustre, where it could be read.
    stripe_count : int or None
        Objects that a new file is dealt out to; missing if Lustre chooses them as the file grows.
    """

    dir: str
    fs_type: str
    mount_options: str
    block_bytes: int
    promise: str
    promised: Literal["coherent", "close-to-open", "nothing", "depends"]
    source: str
    unit: str
    option_notes: Tuple[str, ...]
    place: Optional[str] = None
    one_node: Optional[bool] = None
    stripe_bytes: Optional[int] = None
    stripe_count: Optional[int] = None


@dataclass(frozen=True)
class Program:
    """A program that was raced.

    Attributes
    ----------
    strategy : str
    command : str
    """

    strategy: str
    command: str


@dataclass(frozen=True)
class Cell:
    """One way to write: its verdict, its evidence and its speed.

    Attributes
    ----------
    name : str
        The run_name of its benchmarks.
    scenario : str
    strategy : str
        How a writer moves records into the file.
    layout : str
        How records lie in the file: packed, or padded to whole alignment units.
    align_bytes : int, bytes
        The unit of padding.
    ownership : str
        Which writer owns which records.
    sync : str
        When writers sync.
    cache : str
        State of the page cache before each generation.
    launcher : str
        The way in which writers are started.
    writers : int
    mounts : int
        Directories through which writers reach the file.
    records : int
    record_bytes : int, bytes
    generations : int
        Rounds per repetition; every writer rewrites its records in each.
    verdict : Verdict
    reason : str
        Why this verdict, in words.
    evidence : Evidence
        The evidence for a verdict.
    anomalies : Anomalies
        Records that are not what they should be, by class: how many.
    unwritten : int
        Records that were never written.
    examples : Tuple[AnomalyExample, ...]
    seconds : Tuple[float, ...], seconds
        One a repetition: the sum over its generations of last end minus first start.
    phases : Phases
        The parts of a writer's time: medians over writers.
    records_per_second : float, records per second
        Median over repetitions.
    records_per_second_interval : Tuple[float, float], records per second
        Interval of the median: at least 95 % from 6 repetitions on, the whole range below.
    file_bytes : int, bytes
        The size of the file.
    descr : str or None
        Data type of one item, as NumPy writes it in a header.
    row_shape : Tuple[int, ...] or None
        Items of one record; empty: one.
    attribution : Attribution or None
        The alignment that would have separated the damaged records.
    page_map : PageMap or None
        The file as at most 512 tiles of whole pages.
    generation_seconds : Tuple[float, ...] or None, seconds
        One a generation that was let run, of all repetitions: last end minus first start.
    generation_cpu_seconds : Tuple[float, ...] or None, seconds
        The same: processor time of all writers, user and system; missing where not known.
    file : str or None
        Where the file is, with --keep and of verify.
    jobs : Jobs or None
        With verify: what uncoordinated jobs (write) left beside the file.
    readers : Readers or None
        Only with --readers: what they saw while writers wrote, which is no part of the verdict.
    replay : Replay or None
        With scenario soak: how to race this cell again.
    """

    name: str
    scenario: str
    strategy: str
    layout: str
    align_bytes: int
    ownership: str
    sync: str
    cache: str
    launcher: str
    writers: int
    mounts: int
    records: int
    record_bytes: int
    generations: int
    verdict: Verdict
    reason: str
    evidence: Evidence
    anomalies: Anomalies
    unwritten: int
    examples: Tuple[AnomalyExample, ...]
    seconds: Tuple[float, ...]
    phases: Phases
    records_per_second: float
    records_per_second_interval: Tuple[float, float]
    file_bytes: int
    descr: Optional[str] = None
    row_shape: Optional[Tuple[int, ...]] = None
    attribution: Optional[Attribution] = None
    page_map: Optional[PageMap] = None
    generation_seconds: Optional[Tuple[float, ...]] = None
    generation_cpu_seconds: Optional[Tuple[float, ...]] = None
    file: Optional[str] = None
    jobs: Optional[Jobs] = None
    readers: Optional[Readers] = None
    replay: Optional[Replay] = None


@dataclass(frozen=True)
class Evidence:
    """The evidence for a verdict.

    Attributes
    ----------
    records_checked : int
        Records read back, over all generations.
    generations : int
        In each repetition: as planned, or fewer where time was short.
    generations_timed : int
        In each repetition, those in its seconds: held ones are not.
    read_paths : Tuple[str, ...]
        Ways in which the file was read back.
    judge : str
        The view that decides.
    judge_uncached : bool
        It was seen to read past its node's page cache.
    units_shared_by_writers : int
        Alignment units in which two writers have records.
    units_shared_by_mounts : int
        Alignment units in which writers of two mounts have records.
    overlap_seconds : float, seconds
        In which writers, of different mounts where there are several, had the file open at once.
    overlapped_share : float
        Share of all generations in which there was such a time.
    chance_of_mistake : float
        That a damaged record passes for right.
    trials : int
        Units in which an update could be lost, times the share of each generation in which two writers wrote
        at once (1 in held generations), summed. Packed: units shared by two page caches (with one: by two
        writers). Padded: units within 1 MiB of another writer's. Where one writer writes the file: units with
        records of two, times generations.
    chance_to_miss : float
        That of updates lost once in 1000 trials none was seen.
    struck_file : str or None
        An act of a writer on the whole file, such as emptying or replacing it; empty: none was seen.
    file_trials : int or None
        Generations in which writers overlapped: chances to see what strikes the whole file at once, such as a
        truncation. Absent in results of versions before 0.2.
    """

    records_checked: int
    generations: int
    generations_timed: int
    read_paths: Tuple[str, ...]
    judge: str
    judge_uncached: bool
    units_shared_by_writers: int
    units_shared_by_mounts: int
    overlap_seconds: float
    overlapped_share: float
    chance_of_mistake: float
    trials: int
    chance_to_miss: float
    struck_file: Optional[str] = None
    file_trials: Optional[int] = None


@dataclass(frozen=True)
class Anomalies:
    """Records that are not what they should be, by class: how many.

    Attributes
    ----------
    lost : int
        Older content of the record.
    torn : int
        Lanes (8 bytes) of different stamps in one record.
    stale : int
        Right through one read path, old through another.
    misplaced : int
        The content of another record.
    hole : int
        Zeros where content was acknowledged.
    corrupt : int
        Content that is no stamp.
    foreign : int
        A stamp of another seed.
    header : int
        The header of the file changed.
    padding : int
        Bytes outside all records changed.
    """

    lost: int
    torn: int
    stale: int
    misplaced: int
    hole: int
    corrupt: int
    foreign: int
    header: int
    padding: int


@dataclass(frozen=True)
class AnomalyExample:
    """One anomaly.

    Attributes
    ----------
    class_ : Literal["lost", "torn", "stale", "misplaced", "hole", "corrupt", "foreign", "header", "padding"]
    record : int
    offset : int
        Where it begins in the file.
    writer : int
    expected : str
        Content that should be there, in words.
    found : str
        Content that is there, in words.
    view : str
        The way of reading that showed it.
    unit : int
        The alignment unit in which it lies.
    unit_writers : Tuple[int, ...]
        Writers with records in the unit.
    overwritten_by : Tuple[int, ...]
        Writers of another page cache (with one cache: other writers) whose records in the unit are whole: if
        this one was overwritten, one of them did it.
    region : Literal["record", "padding", "header", "end of file"] or None
        Only of a record do record and writer mean something; of padding, record is its element.
    damage : Tuple[Tuple[int, int], ...] or None
        Bytes [begin, end) of the file that are not what they should be in a damaged record: the first of
        them.
    """

    class_: Literal["lost", "torn", "stale", "misplaced", "hole", "corrupt", "foreign", "header", "padding"]
    record: int
    offset: int
    writer: int
    expected: str
    found: str
    view: str
    unit: int
    unit_writers: Tuple[int, ...]
    overwritten_by: Tuple[int, ...]
    region: Optional[Literal["record", "padding", "header", "end of file"]] = None
    damage: Optional[Tuple[Tuple[int, int], ...]] = None


@dataclass(frozen=True)
class Attribution:
    """The alignment that would have separated the damaged records.

    Attributes
    ----------
    damaged : int
        Records looked at, over all generations.
    unexplained : int
        Those of them in no unit up to 1 MiB with a record of another page cache (with one: of another
        writer).
    at_least_bytes : int, bytes
        No smaller alignment would have separated them.
    at_most_bytes : int, bytes
        This alignment would have, as far as their places show; 0: no telling.
    separating_bytes : int, bytes
        The smallest that was safe in the same run; 0: none was.
    failing_bytes : int or None, bytes
        The largest that was unsafe in the same run; 0: none was.
    """

    damaged: int
    unexplained: int
    at_least_bytes: int
    at_most_bytes: int
    separating_bytes: int
    failing_bytes: Optional[int] = None


@dataclass(frozen=True)
class PageMap:
    """The file as at most 512 tiles of whole pages.

    Attributes
    ----------
    tile_bytes : int, bytes
    owners : Tuple[TileRun, ...]
        Runs of tiles with the same writers, from the start of the file to its end.
    damaged : Tuple[DamagedTile, ...]
        Tiles in which damaged records begin: how many the judge saw, over all generations of all files of the
        cell.
    """

    tile_bytes: int
    owners: Tuple[TileRun, ...]
    damaged: Tuple[DamagedTile, ...]


@dataclass(frozen=True)
class TileRun:
    """Tiles side by side with the same writers.

    Attributes
    ----------
    tiles : int
    writers : Tuple[int, ...]
        The first that were found, ascending.
    more_writers : bool
        There are others.
    """

    tiles: int
    writers: Tuple[int, ...]
    more_writers: bool


@dataclass(frozen=True)
class DamagedTile:
    """Damaged records in one tile.

    Attributes
    ----------
    tile : int
    records : int
    """

    tile: int
    records: int


@dataclass(frozen=True)
class Phases:
    """The parts of a writer's time: medians over writers.

    Attributes
    ----------
    open : float
    map : float
    first_touch : float
    write : float
    sync : float
    close : float
    collect : float
        Bringing together what writers have stored apart: not a median, one of them does it.
    """

    open: float
    map: float
    first_touch: float
    write: float
    sync: float
    close: float
    collect: float


@dataclass(frozen=True)
class Jobs:
    """With verify: what uncoordinated jobs (write) left beside the file.

    Attributes
    ----------
    workers : int
    missing : Tuple[int, ...]
        Workers, counted from 0, that have not reported the last generation.
    unfinished : Tuple[str, ...]
        Attempts that began later than what is reported, and did not report.
    hosts : Tuple[str, ...]
    met : Tuple[str, ...]
        Two attempts at one share at the same time.
    clock_error_seconds : float or None, seconds
        By so much the clocks of nodes may differ either way; it is taken off the overlap.
    incomparable_clocks : Tuple[str, ...] or None
        Hosts whose clocks nothing bounds: their jobs overlap with nobody.
    """

    workers: int
    missing: Tuple[int, ...]
    unfinished: Tuple[str, ...]
    hosts: Tuple[str, ...]
    met: Tuple[str, ...]
    clock_error_seconds: Optional[float] = None
    incomparable_clocks: Optional[Tuple[str, ...]] = None


@dataclass(frozen=True)
class Readers:
    """Only with --readers: what they saw while writers wrote, which is no part of the verdict.

    Attributes
    ----------
    readers : int
    scans : int
        That came to the end of the file.
    records_read : int
        Looks at a record, over all scans of all readers.
    torn : int
        Lanes (8 bytes) of several generations in one record, or partly zeros.
    went_back : int
        Whole, and older than what the same reader saw there before; zeros are oldest.
    other : int
        No whole stamps of the record's own, as where a lane itself is torn.
    torn_per_million : float, per million
    went_back_per_million : float, per million
    examples : Tuple[ReaderExample, ...]
    problems : Tuple[str, ...]
        Why a reader did not go on.
    """

    readers: int
    scans: int
    records_read: int
    torn: int
    went_back: int
    other: int
    torn_per_million: float
    went_back_per_million: float
    examples: Tuple[ReaderExample, ...]
    problems: Tuple[str, ...]


@dataclass(frozen=True)
class ReaderExample:
    """Something that a reader saw.

    Attributes
    ----------
    kind : Literal["torn", "went_back", "other"]
    record : int
    writer : int
    found : str
    before : str
        The last whole content that the same reader saw there.
    view : str
    """

    kind: Literal["torn", "went_back", "other"]
    record: int
    writer: int
    found: str
    before: str
    view: str


@dataclass(frozen=True)
class Replay:
    """With scenario soak: how to race this cell again.

    Attributes
    ----------
    seed : int
    command : str
        For a shell.
    """

    seed: int
    command: str


@dataclass(frozen=True)
class Reference:
    """A measurement without a file, by which runs on different machines can be compared.

    Attributes
    ----------
    name : str
    bytes : int
    seconds : Tuple[float, ...], seconds
    bytes_per_second : float, bytes per second
    problem : str or None
        Why a measurement is missing.
    """

    name: str
    bytes: int
    seconds: Tuple[float, ...]
    bytes_per_second: float
    problem: Optional[str] = None


@dataclass(frozen=True)
class Separation:
    """The effect of alignment on one way to write.

    Attributes
    ----------
    strategy : str
    cache : str
    sync : str
    launcher : str
    writers : int
    packed_safe : bool
        No alignment is needed.
    alignments : int
        Different ones that gave an answer.
    unsafe_up_to_bytes : int, bytes
        The largest alignment seen unsafe; 0: none.
    safe_from_bytes : int, bytes
        This and every larger alignment tried was safe; 0: none was.
    """

    strategy: str
    cache: str
    sync: str
    launcher: str
    writers: int
    packed_safe: bool
    alignments: int
    unsafe_up_to_bytes: int
    safe_from_bytes: int


@dataclass(frozen=True)
class Scaling:
    """The speed of one way to write, by number of writers.

    Attributes
    ----------
    strategy : str
    layout : str
    align_bytes : int, bytes
    ownership : str
    sync : str
    cache : str
    launcher : str
    points : Tuple[ScalingPoint, ...]
        Ascending.
    knee_writers : int
        The smallest number that no larger one beats beyond noise; 0: no telling.
    reason : str
        The meaning of the knee, or why there is none.
    """

    strategy: str
    layout: str
    align_bytes: int
    ownership: str
    sync: str
    cache: str
    launcher: str
    points: Tuple[ScalingPoint, ...]
    knee_writers: int
    reason: str


@dataclass(frozen=True)
class ScalingPoint:
    """The speed of one number of writers.

    Attributes
    ----------
    writers : int
    records_per_second : float, records per second
        Median over repetitions.
    records_per_second_interval : Tuple[float, float], records per second
    counts : bool
        The cell was safe, or had one writer and was right: only then its speed is worth something.
    """

    writers: int
    records_per_second: float
    records_per_second_interval: Tuple[float, float]
    counts: bool


@dataclass(frozen=True)
class Passport:
    """Only with scenario semantics; docs/semantics.md has the definitions.

    Attributes
    ----------
    named : Promise
        The weakest of the rows of a fresh reader on own pages.
    meaning : str
    between : Literal["mounts", "processes"]
        They stood for nodes; processes share one page cache and say nothing about nodes.
    rows : Tuple[PassportRow, ...]
    """

    named: Promise
    meaning: str
    between: Literal["mounts", "processes"]
    rows: Tuple[PassportRow, ...]


@dataclass(frozen=True)
class PassportRow:
    """When others see a write, for one way to write and one kind of reader.

    Attributes
    ----------
    via : Literal["pwrite", "mmap"]
    sharing : Literal["own-pages", "shared-pages"]
    named : Promise
    visible_after : Literal["write", "fsync", "msync", "munmap", "close", "open", "later", "never"]
    reader : Literal["fresh", "holds-read", "holds-write"]
    delay_seconds : float, seconds
        Longest, from the act to the reader's answer; of never, how long it was looked for.
    tries : int
        That came to their end; 0 names nothing.
    acts : Tuple[Act, ...]
        Each act of the writer alone, on a file of its own: what was seen at once in every try.
    counter_examples : Tuple[str, ...]
    problem : str or None
        Why tries are missing.
    refused : bool or None
        The problem is that the file system does not do this.
    """

    via: Literal["pwrite", "mmap"]
    sharing: Literal["own-pages", "shared-pages"]
    named: Promise
    visible_after: Literal["write", "fsync", "msync", "munmap", "close", "open", "later", "never"]
    reader: Literal["fresh", "holds-read", "holds-write"]
    delay_seconds: float
    tries: int
    acts: Tuple[Act, ...]
    counter_examples: Tuple[str, ...]
    problem: Optional[str] = None
    refused: Optional[bool] = None


@dataclass(frozen=True)
class Act:
    """An act of the writer, and whether it made the write visible.

    Attributes
    ----------
    after : Literal["write", "fsync", "msync", "munmap", "close"]
    held : bool
        Seen through what the reader held since before the write.
    delay_seconds : float, seconds
    opened : bool or None
        Seen by opening anew.
    """

    after: Literal["write", "fsync", "msync", "munmap", "close"]
    held: bool
    delay_seconds: float
    opened: Optional[bool] = None


@dataclass(frozen=True)
class Experiment:
    """The outcome of a scenario that races no cells.

    Attributes
    ----------
    scenario : str
    name : str
        Stable from run to run, and unique in its scenario.
    reason : str
    counts : Mapping[str, int]
        In the words of the scenario: docs/scenarios.md has them.
    examples : Tuple[str, ...]
    latencies : Tuple[Latency, ...]
    verdict : Verdict or None
        Missing where no data were at stake: a measurement.
    """

    scenario: str
    name: str
    reason: str
    counts: Mapping[str, int]
    examples: Tuple[str, ...]
    latencies: Tuple[Latency, ...]
    verdict: Optional[Verdict] = None


@dataclass(frozen=True)
class Latency:
    """How long one kind of operation took.

    Attributes
    ----------
    name : str
    samples : int
    p50_seconds : float, seconds
    p90_seconds : float, seconds
    p99_seconds : float, seconds
    max_seconds : float, seconds
    histogram : Tuple[LatencyBar, ...]
        Ascending bars of equal width on a logarithmic scale; empty ones are left out.
    """

    name: str
    samples: int
    p50_seconds: float
    p90_seconds: float
    p99_seconds: float
    max_seconds: float
    histogram: Tuple[LatencyBar, ...]


@dataclass(frozen=True)
class LatencyBar:
    """Samples between two times.

    Attributes
    ----------
    from_seconds : float, seconds
    to_seconds : float, seconds
    samples : int
    """

    from_seconds: float
    to_seconds: float
    samples: int


@dataclass(frozen=True)
class Recommendation:
    """The fastest safe way to write.

    Attributes
    ----------
    cell : str
        Name of a cell; empty when there is nothing to recommend.
    why : str
        The reason, in words.
    align_bytes : int, bytes
        The alignment of the cell.
    numpy : str
        How to write so with NumPy, in one line.
    ties : Tuple[str, ...] or None
        Cells that are as fast within the interval, and less simple.
    smallest_safe_bytes : int or None, bytes
        For the cell's strategy: this alignment and all larger ones raced were safe; 0: none.
    bytes_a_record : float or None
        Bytes of the file for each record, with all padding.
    fastest_unsafe : str or None
        The fastest unsafe cell; empty where none is faster.
    times_faster : float or None
        As fast as the advice it is.
    missing : Tuple[str, ...] or None
        Evidence that is missing, each with the command that brings it.
    recipe : Tuple[Script, ...] or None
        A NumPy program that writes as the cell did, in the order its scripts are run; empty where Python has
        no such calls.
    """

    cell: str
    why: str
    align_bytes: int
    numpy: str
    ties: Optional[Tuple[str, ...]] = None
    smallest_safe_bytes: Optional[int] = None
    bytes_a_record: Optional[float] = None
    fastest_unsafe: Optional[str] = None
    times_faster: Optional[float] = None
    missing: Optional[Tuple[str, ...]] = None
    recipe: Optional[Tuple[Script, ...]] = None


@dataclass(frozen=True)
class Script:
    """One script of a recipe.

    Attributes
    ----------
    name : str
    text : str
    """

    name: str
    text: str


@dataclass(frozen=True)
class WatchResult(WatchResultMethods):
    """Which processes wrote which parts of which files, and which parts two of them share. Offsets are bytes of
    the file; the end of a range does not belong to it.

    Attributes
    ----------
    npyrace_watch : Literal[1]
        Version of this format.
    files : Tuple[WatchedFile, ...]
        Watched files that were written, those with the worst hazards first.
    unseen : Tuple[str, ...]
        Gaps that the collector knows of, in words.
    processes : int
        Processes that left a log.
    clock_error_seconds : float, seconds
        Assumed bound on the difference of two nodes' clocks.
    overhead : Overhead
        The cost of watching.
    version : str
        Version of npyrace.
    json : Mapping[str, Any]
        The whole document as the program wrote it.
    exit_code : int or None
        Exit code of the command that `npyrace.watch` ran.
    """

    npyrace_watch: Literal[1]
    files: Tuple[WatchedFile, ...]
    unseen: Tuple[str, ...]
    processes: int
    clock_error_seconds: float
    overhead: Overhead
    version: str
    json: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    exit_code: Optional[int] = None


@dataclass(frozen=True)
class WatchedFile:
    """A watched file: its writers, and the parts that two of them share.

    Attributes
    ----------
    path : str
        As its first writer saw it.
    npy : Mapping[str, Any] or None
        As npyrace inspect --json prints it; null: no NPY file, or no longer there.
    record_bytes : int, bytes
        Bytes of one row; 0: unknown.
    data_offset : int
    page_bytes : int, bytes
    consistency : str
        The consequence if two nodes write into one page here, and how it is known.
    writers : Tuple[WatchedWriter, ...]
    hazards : Tuple[Hazard, ...]
        The worst first.
    hazards_left_out : int
        Milder hazards that are not listed.
    advice : str
        Empty if none is needed.
    """

    path: str
    npy: Optional[Mapping[str, Any]]
    record_bytes: int
    data_offset: int
    page_bytes: int
    consistency: str
    writers: Tuple[WatchedWriter, ...]
    hazards: Tuple[Hazard, ...]
    hazards_left_out: int
    advice: str


@dataclass(frozen=True)
class WatchedWriter:
    """A process, as far as it wrote this file through one mount.

    Attributes
    ----------
    pid : int
    node : str
        Host name.
    task : str
        Rank or task number of MPI or a batch system; may be empty.
    command : str
    path : str
        The file as this process saw it.
    file_system : str
    cache : str
        Equal for writers that share a page cache.
    opened : Tuple[Literal["O_RDWR", "O_WRONLY"], ...]
    bytes : Tuple[Tuple[int, int], ...]
        Written by calls.
    pages : Tuple[Tuple[int, int], ...]
        Stored to through mappings: whole pages.
    truncated : Tuple[Tuple[int, int], ...]
        Removed by truncation, or replaced by a file of the same name.
    exact : bool
        False: bytes or pages may be too many, or the last stores are missing.
    synced : bool
        It called fsync, fdatasync or msync.
    killed : bool
        It ended with a mapping whose last stores it could not log.
    threads : int
        Threads that called write functions.
    sessions : int
        Times that it had the file open and wrote.
    """

    pid: int
    node: str
    task: str
    command: str
    path: str
    file_system: str
    cache: str
    opened: Tuple[Literal["O_RDWR", "O_WRONLY"], ...]
    bytes: Tuple[Tuple[int, int], ...]
    pages: Tuple[Tuple[int, int], ...]
    truncated: Tuple[Tuple[int, int], ...]
    exact: bool
    synced: bool
    killed: bool
    threads: int
    sessions: int


@dataclass(frozen=True)
class Hazard:
    """A part of a file that two processes wrote.

    Attributes
    ----------
    kind : Literal["same-bytes", "same-record", "same-page", "same-unit"]
    from_ : int
        First byte.
    to : int
        End.
    writers : Tuple[int, int]
        Indices in writers.
    ordered : bool
        One had closed the file before the other opened it.
    locked : bool
        Both held the same exclusive lock.
    between_caches : bool
        They have different page caches.
    level : Literal["loses", "may-lose", "harmless"]
        loses: data are lost here; may-lose: on other file systems or in another run.
    means : str
        The consequence, in words.
    """

    kind: Literal["same-bytes", "same-record", "same-page", "same-unit"]
    from_: int
    to: int
    writers: Tuple[int, int]
    ordered: bool
    locked: bool
    between_caches: bool
    level: Literal["loses", "may-lose", "harmless"]
    means: str


@dataclass(frozen=True)
class Overhead:
    """The cost of watching.

    Attributes
    ----------
    collector_seconds : float, seconds
        Time in the collector, in all processes together, without page faults.
    process_seconds : float, seconds
        Time from the first watched write to the end, in all processes together.
    """

    collector_seconds: float
    process_seconds: float


@dataclass(frozen=True)
class Comparison(ComparisonMethods):
    """Two sides, BASE and NEW, cell by cell: verdicts, and how much longer one record takes.

    Attributes
    ----------
    confidence : float
        Confidence of each interval.
    relative_to : str
        The cell by whose time all times were divided; empty: none.
    method : str
        How the intervals were computed, in words.
    cells : Tuple[ComparedCell, ...]
        Cells that both sides have, changed verdicts first.
    only_base : Tuple[str, ...]
        Names of cells that NEW lacks.
    only_new : Tuple[str, ...]
        Names of cells that BASE lacks.
    not_compared : Tuple[str, ...]
        Parts of the results that are never compared.
    machine : str
        How the machine itself changed between the sides; empty: not noticeably.
    json : Mapping[str, Any]
        The whole document as the program wrote it.
    """

    confidence: float
    relative_to: str
    method: str
    cells: Tuple[ComparedCell, ...]
    only_base: Tuple[str, ...]
    only_new: Tuple[str, ...]
    not_compared: Tuple[str, ...]
    machine: str
    json: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class ComparedCell:
    """One cell on both sides.

    Attributes
    ----------
    name : str
    verdict_changed : bool
    speed : Literal["slower", "faster", "same", "unknown", "no times"]
        NEW beside BASE, beyond noise.
    base : ComparedSide
        A cell on one side, over all its runs.
    new : ComparedSide
        A cell on one side, over all its runs.
    time_ratio : float or None
        Time of one record, NEW / BASE.
    time_ratio_interval : Tuple[Optional[float], Optional[float]] or None
        The interval of time_ratio; null: no bound.
    median_ratio : float or None
        Time of the median generation, NEW / BASE.
    median_ratio_interval : Tuple[Optional[float], Optional[float]] or None
        The interval of median_ratio; null: no bound.
    slow_share : SlowShare or None
        Share of generations that took more than twice the median of both sides; missing where there are too
        few generations.
    """

    name: str
    verdict_changed: bool
    speed: Literal["slower", "faster", "same", "unknown", "no times"]
    base: ComparedSide
    new: ComparedSide
    time_ratio: Optional[float] = None
    time_ratio_interval: Optional[Tuple[Optional[float], Optional[float]]] = None
    median_ratio: Optional[float] = None
    median_ratio_interval: Optional[Tuple[Optional[float], Optional[float]]] = None
    slow_share: Optional[SlowShare] = None


@dataclass(frozen=True)
class ComparedSide:
    """A cell on one side, over all its runs.

    Attributes
    ----------
    runs : int
        Runs that have the cell.
    repetitions : int
        Over all runs.
    seconds : float, seconds
        Time of one record, or the ratio to relative_to; 0: no times.
    verdict : Literal["safe", "unsafe", "inconclusive", "failed", "skipped"] or None
        The worst of all runs.
    reason : str or None
        Why this verdict.
    """

    runs: int
    repetitions: int
    seconds: float
    verdict: Optional[Literal["safe", "unsafe", "inconclusive", "failed", "skipped"]] = None
    reason: Optional[str] = None


@dataclass(frozen=True)
class SlowShare:
    """Share of generations that took more than twice the median of both sides; missing where there are too few
    generations.

    Attributes
    ----------
    base : float
    new : float
    """

    base: float
    new: float
