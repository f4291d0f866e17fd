"""A job that is itself a pool of workers, as joblib or multiprocessing start them: each maps the array and fills its part.

Run by: npyrace run --exec 'python3 docs/examples/numpy_pool.py' --writers 2
"""

import os
from multiprocessing import get_context

import numpy as np

WORKERS = 2
start, stop, step = (int(os.environ["NPYRACE_SLICE_" + name]) for name in ("START", "STOP", "STEP"))


def fill(worker):
    right = np.load(os.environ["NPYRACE_EXPECT"], mmap_mode="r")
    array = np.load(os.environ["NPYRACE_FILE"], mmap_mode="r+")
    part = slice(start + worker * step, stop, WORKERS * step)
    array[part] = right[part]
    array.flush()


if __name__ == "__main__":
    with get_context("spawn").Pool(WORKERS) as pool:
        open(os.environ["NPYRACE_GO"]).read()  # waits until every job is here; a job may leave this out
        pool.map(fill, range(WORKERS))
