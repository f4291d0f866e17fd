"""A job of a cluster user: copies its share of the right content into the shared array, by memmap.

Run by: npyrace run --exec 'python3 docs/examples/numpy_memmap.py' (on --dir, or on --lab nfs)
"""

import os

import numpy as np

start, stop, step = (int(os.environ["NPYRACE_SLICE_" + name]) for name in ("START", "STOP", "STEP"))
right = np.load(os.environ["NPYRACE_EXPECT"], mmap_mode="r")
open(os.environ["NPYRACE_GO"]).read()  # waits until every job is here; a job may leave this out

array = np.load(os.environ["NPYRACE_FILE"], mmap_mode="r+")
array[start:stop:step] = right[start:stop:step]
array.flush()
