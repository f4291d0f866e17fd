"""The command ``npyrace``, and ``python -m npyrace``: the program of this package, with the same arguments."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from npyrace._program import NpyraceError, find_program


def main() -> NoReturn:
    try:
        program = find_program()
        os.execv(program, ["npyrace", *sys.argv[1:]])
    except (NpyraceError, OSError) as error:
        print(f"npyrace: {error}", file=sys.stderr)
        raise SystemExit(3) from None


if __name__ == "__main__":
    main()
