"""Makes a minimal Debian of another release by debootstrap, once; it is kept in the cache folder of the lab's tests."""

import fcntl
import os
import pathlib
import shutil
import subprocess

# Shell commands that give {root} what a program expects; the mounts are removed with their namespace.
MOUNTS = """mkdir -p {root}/dev {root}/proc {root}/tmp
mount --rbind /dev {root}/dev
mount -t proc none {root}/proc
mount -t tmpfs -o mode=1777 none {root}/tmp
"""


def cache():
    home = pathlib.Path(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")))
    return pathlib.Path(os.environ.get("NPYRACE_LAB_CACHE", home / "npyrace-lab"))


def userland(suite, packages=()):
    """The root folder of `suite` ("bullseye", "trixie") with further packages, or None if debootstrap is missing or
    fails."""
    if shutil.which("debootstrap") is None:
        return None
    name = "-".join([suite, *packages])
    root = cache() / "userlands" / name
    root.parent.mkdir(parents=True, exist_ok=True)
    with open(root.parent / f"{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if root.exists():
            return root
        part = root.with_name(f"{name}.part")
        shutil.rmtree(part, ignore_errors=True)
        made = subprocess.run(["debootstrap", "--variant=minbase", *([f"--include={','.join(packages)}"] if packages else []),
                               suite, part], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            print(made.stdout[-2000:], made.stderr[-2000:])
            return None
        part.rename(root)
    return root
