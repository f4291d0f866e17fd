"""The measurements on every file system: strategies, cache states and layouts, as options of npyrace and of the C probe
(tests/lab/probe.c); and sizes of the races, which depend on the speed of the place."""

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
    """npyrace's arguments per scenario, size and number of the probe's races, and size of the jobs' files."""

    quick: str
    granularity: str
    semantics: str
    probe_records: int
    probe_tries: int
    job_records: int = 4096  # records in a file of array jobs
    job_turns: int = 2  # jobs may not overlap; in one of two turns they should

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
    # For emulated processors: few records, few repetitions.
    "guest": Pace(quick=f"{QUICK} --records 512 --generations 5 --repetitions 1",
                  granularity="--align 512,1024,2048,4096,8192 --records 64 --generations 3 --repetitions 1",
                  semantics="--repetitions 1", probe_records=512, probe_tries=2),
    # For places where a write takes about ten milliseconds.
    "two-guests": Pace(quick=f"{QUICK} --records 256 --generations 8 --repetitions 1",
                       granularity="--align 512,1024,2048,4096,8192 --records 64 --generations 3 --repetitions 1",
                       semantics="--repetitions 2", probe_records=128, probe_tries=2, job_records=2048,
                       job_turns=1),
}
SCENARIOS = ["quick", "granularity", "semantics"]
