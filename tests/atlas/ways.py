"""What is asked of every file system: ways to write, states of the page cache, layouts, each in the words of
npyrace and of the C probe (tests/lab/probe.c); and how much of it a place can bear."""

from dataclasses import dataclass
from itertools import product

STRATEGIES = {
    "mmap": ["mmap"],
    "pwrite": ["pwrite", "rdwr"],
    "pwrite-wronly": ["pwrite", "wronly"],
    "pwrite-dsync": ["pwrite", "rdwr", "dsync"],
    "pwrite-lock": ["pwrite", "rdwr", "lock"],
}
CACHES = {"cold": [], "warm": ["read-before"]}
LAYOUTS = {"packed": ["packed"], "padded-block": ["padded"]}

CELLS = list(product(STRATEGIES, CACHES, LAYOUTS))


def probe_words(strategy, cache, layout):
    return STRATEGIES[strategy] + CACHES[cache] + LAYOUTS[layout]


@dataclass(frozen=True)
class Pace:
    """Arguments of npyrace a scenario, how large and how often the probe's races are, and how large array jobs' files."""

    quick: str
    granularity: str
    semantics: str
    probe_records: int
    probe_tries: int
    job_records: int = 4096  # of array jobs
    job_turns: int = 2  # nobody starts jobs together: in one of two they should have met

    def arguments(self, scenario):
        return getattr(self, scenario).split()


QUICK = (f"--strategies {','.join(STRATEGIES)} --layouts {','.join(LAYOUTS)} --cache {','.join(CACHES)} "
         "--ownership cyclic")
PACES = {
    "full": Pace(quick=f"{QUICK} --records 4096 --generations 20 --repetitions 3",
                 granularity="--align 64,512,1024,2048,4096,8192 --records 1024 --generations 8 --repetitions 2",
                 semantics="--repetitions 4", probe_records=4096, probe_tries=5),
    "lab": Pace(quick=f"{QUICK} --records 1024 --generations 10 --repetitions 2",
                granularity="--align 64,512,1024,2048,4096,8192 --records 512 --generations 4 --repetitions 1",
                semantics="--repetitions 2", probe_records=2048, probe_tries=5),
    # Emulated processors: a few records, a few times.
    "guest": Pace(quick=f"{QUICK} --records 512 --generations 5 --repetitions 1",
                  granularity="--align 512,1024,2048,4096,8192 --records 64 --generations 3 --repetitions 1",
                  semantics="--repetitions 1", probe_records=512, probe_tries=2),
    # A write takes about ten milliseconds.
    "two-guests": Pace(quick=f"{QUICK} --records 256 --generations 8 --repetitions 1",
                       granularity="--align 512,1024,2048,4096,8192 --records 64 --generations 3 --repetitions 1",
                       semantics="--repetitions 2", probe_records=128, probe_tries=2, job_records=2048,
                       job_turns=1),
}
SCENARIOS = ["quick", "granularity", "semantics"]
