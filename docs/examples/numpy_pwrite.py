"""The same job without mmap: the header is read once, then every record is a write call of its own.

Run by: npyrace run --exec 'python3 docs/examples/numpy_pwrite.py' (on --dir, or on --lab nfs)
"""

import os

import numpy as np

start, stop, step = (int(os.environ["NPYRACE_SLICE_" + name]) for name in ("START", "STOP", "STEP"))
right = np.load(os.environ["NPYRACE_EXPECT"], mmap_mode="r")
open(os.environ["NPYRACE_GO"]).read()  # waits until every job is here; a job may leave this out

file = os.open(os.environ["NPYRACE_FILE"], os.O_RDWR)
for i in range(start, stop, step):
    os.pwrite(file, right[i].tobytes(), right.offset + i * right.dtype.itemsize)
os.fsync(file)
os.close(file)
