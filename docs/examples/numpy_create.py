"""Makes the array that jobs then fill: what the first job of a cluster user does, or an extra one.

Run by: npyrace run --exec-create 'python3 docs/examples/numpy_create.py' --exec '...'
"""

import ast
import os

import numpy as np

dtype = np.lib.format.descr_to_dtype(ast.literal_eval(os.environ["NPYRACE_DESCR"]))
shape = ast.literal_eval(os.environ["NPYRACE_SHAPE"])
np.lib.format.open_memmap(os.environ["NPYRACE_FILE"], mode="w+", dtype=dtype, shape=shape).flush()
