from typing import Any, Callable, Optional, Tuple

import numpy as np

def npy_header(dtype: np.dtype[Any], shape: Tuple[int, ...], align: int) -> bytes: ...

def __getattr__(name: str) -> Callable[..., None]: ...
