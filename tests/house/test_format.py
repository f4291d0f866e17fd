"""Every C++ file is as clang-format writes it with the project's .clang-format."""

import pathlib
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77
FOLDERS = ("include", "core", "validators", "reports", "bench", "tests")

if shutil.which("clang-format") is None:
    print("skipped: clang-format is not installed (Debian: clang-format)")
    sys.exit(SKIPPED)
files = [file for folder in FOLDERS for file in sorted((SOURCE / folder).glob("**/*"))
         if file.suffix in (".h", ".cpp")]
assert len(files) > 300, "the folders of the source tree have moved"
done = subprocess.run(["clang-format", "--dry-run", "--Werror", *files], capture_output=True, text=True)
print(done.stderr)
sys.exit(done.returncode)
