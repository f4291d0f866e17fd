"""The same job by NumPy's open_memmap, in mode "r+": the array must exist. With "w+" every job would make it anew, and
the later start would empty what the earlier one wrote.

Run by: npyrace run --exec 'python3 docs/examples/numpy_open_memmap.py' \
                    --exec-create 'python3 docs/examples/numpy_create.py'
"""

import os

import numpy as np

start, stop, step = (int(os.environ["NPYRACE_SLICE_" + name]) for name in ("START", "STOP", "STEP"))
right = np.load(os.environ["NPYRACE_EXPECT"], mmap_mode="r")
open(os.environ["NPYRACE_GO"]).read()  # waits until every job is here; a job may leave this out

array = np.lib.format.open_memmap(os.environ["NPYRACE_FILE"], mode="r+")
array[start:stop:step] = right[start:stop:step]
array.flush()
