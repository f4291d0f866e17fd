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
        The effect of alignment on each way of writing; only if packed cells or several alignments were raced.
    contradictions : Tuple[str, ...]
        Differences between verdicts and the documented guarantees of the file system, in both directions.
    recommendation : Recommendation
        The fastest safe way to write.
    interrupted : bool or None
        True if the user or a time limit ended the run: the result holds the measurements until then.
    run_seconds : RunSeconds or None, seconds
        What the time of the run went to, in seconds.
    programs : Tuple[Program, ...] or None
        The command of each strategy exec or exec:NAME (run --exec).
    scaling : Tuple[Scaling, ...] or None
        Speed by number of writers; only if several numbers of writers were raced.
    passport : Passport or None
        Result of scenario semantics, as defined in docs/semantics.md.
    experiments : Tuple[Experiment, ...] or None
        Results of the scenarios that race no cells: create-race, first-touch, durability, soak.
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
    run_seconds: Optional[RunSeconds] = None
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
        Consistency model of the lab, if the run was in a lab.
    lab_command : str or None
        Command that started the lab in which npyrace ran.
    ranks : Ranks or None
        Ranks of the launchers mpi and ssh.
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
    """Ranks of the launchers mpi and ssh.

    Attributes
    ----------
    library : str
        Version string of the MPI library, or the remote shell.
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
        Guarantee for writers on different nodes, from the file system's documentation.
    promised : Literal["coherent", "coherent-except-mmap", "close-to-open", "nothing", "depends"]
    source : str
    unit : str
        Unit of caching or locking, in words.
    option_notes : Tuple[str, ...]
        Notes on mount options that change the guarantee.
    place : str or None
        Placeholder of dir in lab_command, such as {n1}.
    one_node : bool or None
        True if no other node can reach this file system.
    stripe_bytes : int or None, bytes
        Stripe size of new files in dir, in bytes; only on Lustre, if it could be read.
    stripe_count : int or None
        Number of objects over which a new file is striped; missing if Lustre chooses it as the file grows.
    """

    dir: str
    fs_type: str
    mount_options: str
    block_bytes: int
    promise: str
    promised: Literal["coherent", "coherent-except-mmap", "close-to-open", "nothing", "depends"]
    source: str
    unit: str
    option_notes: Tuple[str, ...]
    place: Optional[str] = None
    one_node: Optional[bool] = None
    stripe_bytes: Optional[int] = None
    stripe_count: Optional[int] = None


@dataclass(frozen=True)
class RunSeconds:
    """What the time of the run went to, in seconds.

    Attributes
    ----------
    total : float
        From the plan to the result.
    races : float
        Writers wrote, timed or held at a gate.
    checks : float
        Files were read back.
    starts : float
        Files were created and removed, writers started and ended, caches were prepared.
    reference : float
        Plain loops, measured beside the races.
    other : float
        Trials of the system, statistics, experiments.
    """

    total: float
    races: float
    checks: float
    starts: float
    reference: float
    other: float


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
        Name of the cell: the run_name of its benchmarks.
    scenario : str
    strategy : str
        How a writer moves records into the file.
    layout : str
        How records lie in the file: packed, or padded to whole alignment units.
    align_bytes : int, bytes
        The unit of padding.
    ownership : str
        Assignment of the records to the writers.
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
        Time of each repetition: the sum over its generations of the last writer's end minus the first
        writer's start.
    phases : Phases
        The parts of a writer's time: medians over writers.
    records_per_second : float, records per second
        Median over repetitions.
    records_per_second_interval : Tuple[float, float], records per second
        Confidence interval of the median: at least 95 % for 6 or more repetitions, the whole range for fewer.
    file_bytes : int, bytes
        The size of the file.
    descr : str or None
        Data type of one item, as NumPy writes it in a header.
    row_shape : Tuple[int, ...] or None
        Shape of one record in items; empty: a single item.
    attribution : Attribution or None
        The alignment that would have separated the damaged records.
    page_map : PageMap or None
        Map of the file, in at most 512 tiles of whole pages.
    generation_seconds : Tuple[float, ...] or None, seconds
        Time of each generation that was not held, over all repetitions: the last writer's end minus the first
        writer's start.
    generation_cpu_seconds : Tuple[float, ...] or None, seconds
        Processor time of all writers in each of these generations, user and system; missing if unknown.
    file : str or None
        Path of the file; only with --keep, and in results of verify.
    jobs : Jobs or None
        Reports that jobs (npyrace write) left beside the file; only in results of verify.
    readers : Readers or None
        Observations of the readers (--readers) while writers wrote; they are not part of the verdict.
    replay : Replay or None
        Command that races this cell again; only in scenario soak.
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
        Number of generations in each repetition: as planned, or fewer because of a time limit.
    generations_timed : int
        Number of timed generations in each repetition; held ones are not timed.
    read_paths : Tuple[str, ...]
        Ways in which the file was read back.
    judge : str
        View of the file that decides the verdict.
    judge_uncached : bool
        True if a trial confirmed that this view bypasses the node's page cache.
    units_shared_by_writers : int
        Alignment units in which two writers have records.
    units_shared_by_mounts : int
        Alignment units in which writers of two mounts have records.
    overlap_seconds : float, seconds
        Time during which several writers (of different mounts, if there are several) had the file open.
    overlapped_share : float
        Share of generations with such a time.
    chance_of_mistake : float
        Probability that a damaged record is taken for a correct one.
    trials : int
        Number of opportunities to lose an update: units in which one could be lost, times the share of each
        generation in which two writers wrote at once (1 in held generations), summed. Packed: units shared by
        two page caches (with one page cache: by two writers). Padded: units within 1 MiB of another writer's.
        If one writer writes the whole file: units with records of two writers, times generations.
    chance_to_miss : float
        Probability that an update that is lost once in 1000 trials was not observed.
    struck_file : str or None
        An act of a writer on the whole file, such as emptying or replacing it; empty: nothing was observed.
    file_trials : int or None
        Number of generations in which writers overlapped: opportunities to observe damage to the whole file,
        such as a truncation. Absent in results of versions before 0.2.
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
        Writers of another page cache (with one page cache: other writers) with complete records in the unit:
        one of them may have overwritten this record.
    region : Literal["record", "padding", "header", "end of file"] or None
        Region of the damage. The keys record and writer are valid for a record only; for padding, record is
        the number of its element.
    damage : Tuple[Tuple[int, int], ...] or None
        First wrong bytes of a damaged record, as a range [begin, end) of the file.
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
        Number of damaged records that were examined, over all generations.
    unexplained : int
        Number of these that share no unit of up to 1 MiB with a record of another page cache (with one page
        cache: of another writer).
    at_least_bytes : int, bytes
        Smallest alignment that could have separated the records, in bytes.
    at_most_bytes : int, bytes
        Alignment that would have separated the records, judging by their places, in bytes; 0: unknown.
    separating_bytes : int, bytes
        Smallest alignment that was safe in the same run, in bytes; 0: none was.
    failing_bytes : int or None, bytes
        Largest alignment that was unsafe in the same run, in bytes; 0: none was.
    """

    damaged: int
    unexplained: int
    at_least_bytes: int
    at_most_bytes: int
    separating_bytes: int
    failing_bytes: Optional[int] = None


@dataclass(frozen=True)
class PageMap:
    """Map of the file, in at most 512 tiles of whole pages.

    Attributes
    ----------
    tile_bytes : int, bytes
    owners : Tuple[TileRun, ...]
        Runs of tiles with the same writers, from the start of the file to its end.
    damaged : Tuple[DamagedTile, ...]
        Tiles in which damaged records begin, with their number, over all generations of all files of the
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
        The first writers that were found, in ascending order.
    more_writers : bool
        True if the tiles have more writers than are listed.
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
        Time for combining the data that writers stored separately; not a median, because one writer does it.
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
    """Reports that jobs (npyrace write) left beside the file; only in results of verify.

    Attributes
    ----------
    workers : int
    missing : Tuple[int, ...]
        Numbers of the workers, from 0, that have not reported the last generation.
    unfinished : Tuple[str, ...]
        Attempts that began after the last reported one and did not report.
    hosts : Tuple[str, ...]
    met : Tuple[str, ...]
        Pairs of attempts that wrote the same share at the same time.
    clock_error_seconds : float or None, seconds
        Bound on the difference of the nodes' clocks, which is subtracted from the overlap.
    incomparable_clocks : Tuple[str, ...] or None
        Hosts whose clock error has no bound: their jobs are not counted as overlapping.
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
    """Observations of the readers (--readers) while writers wrote; they are not part of the verdict.

    Attributes
    ----------
    readers : int
    scans : int
        Number of scans that reached the end of the file.
    records_read : int
        Number of records read, over all scans of all readers.
    torn : int
        Number of records with lanes (8 bytes) of several generations, or with some lanes of zeros.
    went_back : int
        Number of complete records that were older than what the same reader saw there before; zeros are the
        oldest.
    other : int
        Number of records without a complete stamp of their own, for example because a lane itself is torn.
    torn_per_million : float, per million
    went_back_per_million : float, per million
    examples : Tuple[ReaderExample, ...]
    problems : Tuple[str, ...]
        Reasons why readers stopped.
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
        The last complete content that the same reader saw there.
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
    """Command that races this cell again; only in scenario soak.

    Attributes
    ----------
    seed : int
    command : str
        Shell command.
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
        Reason why a measurement is missing.
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
        True if no alignment is needed.
    alignments : int
        Number of different alignments with a verdict.
    unsafe_up_to_bytes : int, bytes
        Largest alignment that was unsafe, in bytes; 0: none.
    safe_from_bytes : int, bytes
        Alignment from which on every alignment tried was safe, in bytes; 0: none.
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
        Points in ascending order of writers.
    knee_writers : int
        Smallest number of writers that no larger number exceeds in speed beyond noise; 0: unknown.
    reason : str
        Meaning of the knee, or the reason why there is none.
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
        True if the speed counts: the cell was safe, or it had one writer and no damage.
    """

    writers: int
    records_per_second: float
    records_per_second_interval: Tuple[float, float]
    counts: bool


@dataclass(frozen=True)
class Passport:
    """Result of scenario semantics, as defined in docs/semantics.md.

    Attributes
    ----------
    named : Promise
        Weakest consistency level of the rows with a new reader and pages of one writer each.
    meaning : str
    between : Literal["mounts", "processes"]
        These took the place of nodes. Processes share one page cache, so they show nothing about nodes.
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
        Longest time from the act to the reader's observation; for never, the time that the reader waited.
    tries : int
        Number of completed tries; with 0 there is no finding.
    acts : Tuple[Act, ...]
        For each single act of the writer, whether it made the write visible at once in every try, on a file
        of its own.
    counter_examples : Tuple[str, ...]
    problem : str or None
        Reason why tries are missing.
    refused : bool or None
        True if the file system does not support this.
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
        True if a reader that had the file open before the write saw it.
    delay_seconds : float, seconds
    opened : bool or None
        True if a reader that opened the file afterwards saw it.
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
        Name of the experiment: the same in every run, and unique in its scenario.
    reason : str
    counts : Mapping[str, int]
        Numbers that docs/scenarios.md describes for each scenario.
    examples : Tuple[str, ...]
    latencies : Tuple[Latency, ...]
    verdict : Verdict or None
        Verdict; missing for a mere measurement, in which no data could be lost.
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
        Bars of equal width on a logarithmic scale, in ascending order, without empty ones.
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
        Name of the recommended cell; empty if there is no recommendation.
    why : str
        The reason, in words.
    align_bytes : int, bytes
        The alignment of the cell.
    numpy : str
        How to write so with NumPy, in one line.
    ties : Tuple[str, ...] or None
        Cells that are equally fast within the interval, but less simple.
    smallest_safe_bytes : int or None, bytes
        Alignment from which on all alignments raced with the same strategy were safe, in bytes; 0: none.
    bytes_a_record : float or None
        Bytes of the file per record, with all padding.
    fastest_unsafe : str or None
        Fastest unsafe cell; empty if none is faster than the recommended one.
    times_faster : float or None
        Speed of the fastest unsafe cell divided by the speed of the recommended one.
    missing : Tuple[str, ...] or None
        Missing evidence, each with a command that provides it.
    recipe : Tuple[Script, ...] or None
        NumPy scripts that write as the cell did, in the order in which they run; empty if Python lacks the
        calls.
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
    """The parts of files that each process wrote, and the parts that two processes share. Offsets are bytes of
    the file; the end of a range does not belong to it.

    Attributes
    ----------
    npyrace_watch : Literal[1]
        Version of this format.
    files : Tuple[WatchedFile, ...]
        Watched files that were written, those with the worst hazards first.
    unseen : Tuple[str, ...]
        Gaps in the observation, in words.
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
        Path of the file as its first writer used it.
    npy : Mapping[str, Any] or None
        The header, as npyrace inspect --json prints it; null: not an NPY file, or removed since.
    record_bytes : int, bytes
        Bytes of one row; 0: unknown.
    data_offset : int
    page_bytes : int, bytes
    consistency : str
        Effect of two nodes writing into one page on this file system, and the source of this knowledge.
    writers : Tuple[WatchedWriter, ...]
    hazards : Tuple[Hazard, ...]
        Hazards, the worst first.
    hazards_left_out : int
        Number of milder hazards that are not listed.
    advice : str
        One line of advice; empty if none is needed.
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
    """The writes of one process to this file through one mount.

    Attributes
    ----------
    pid : int
    node : str
        Host name.
    task : str
        Rank or task number of MPI or a batch system; may be empty.
    command : str
    path : str
        Path of the file as this process used it.
    file_system : str
    cache : str
        Page cache: equal for writers that share one.
    opened : Tuple[Literal["O_RDWR", "O_WRONLY"], ...]
    bytes : Tuple[Tuple[int, int], ...]
        Bytes written by calls.
    pages : Tuple[Tuple[int, int], ...]
        Bytes of the pages that were stored to through mappings; whole pages.
    truncated : Tuple[Tuple[int, int], ...]
        Bytes removed by a truncation, or by another file that took the name.
    exact : bool
        False: bytes or pages may be too many, or the last stores are missing.
    synced : bool
        True if the process called fsync, fdatasync or msync.
    killed : bool
        True if the process was killed while it had a mapping, so that its last stores may not be logged.
    threads : int
        Number of threads that called write functions.
    sessions : int
        Number of times that the process had the file open and wrote.
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
    to : int
    writers : Tuple[int, int]
        The two writers, as indices in writers.
    ordered : bool
        True if one writer had closed the file before the other opened it.
    by_chance : bool
        True if they were ordered although neither waited for the other: both processes were running.
    locked : bool
        True if both writers held the same exclusive lock while writing.
    between_caches : bool
        True if the two writers have different page caches.
    level : Literal["loses", "may-lose", "harmless"]
    means : str
    """

    kind: Literal["same-bytes", "same-record", "same-page", "same-unit"]
    from_: int
    to: int
    writers: Tuple[int, int]
    ordered: bool
    by_chance: bool
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
