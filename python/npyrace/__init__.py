"""npyrace: many jobs write one shared NumPy file. Find out what is safe, write that way, and check it.

Reading a file's header and single rows: `read_header`, `window`. Writing one array by many jobs: `split`, `create`,
`writer`. Measuring a file system, a program or a file: `run`, `verify`, `compare`, `gate`, `watch`.
"""

from __future__ import annotations

from npyrace._header import Header, read_header, window
from npyrace._layout import create, split
from npyrace._program import NpyraceError, find_program
from npyrace._writer import Way, Writer, writer

__all__ = ["Header", "NpyraceError", "Way", "Writer", "create", "find_program", "read_header", "split", "window",
           "writer"]
