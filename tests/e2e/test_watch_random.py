"""Random programs: watch names exactly the pages to which each process stored and the bytes that it wrote.

NPYRACE_TEST_TIMES programs are drawn, from seeds that are the same in every run."""

import collections
import json
import os
import shutil
import subprocess
import sys

from program import SOURCE, TEST_SKIPPED, FolderTest, main, run
from test_watch import PAGE, can_see_stores

TIMES = int(os.environ.get("NPYRACE_TEST_TIMES", "40"))


def merged(ranges):
    """Ascending, without overlaps."""
    result = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1]:
            result[-1][1] = max(end, result[-1][1])
        else:
            result.append([start, end])
    return result


class RandomPrograms(FolderTest):
    def truth_of(self, path):
        """What each process logged itself: {pid: ([bytes], [pages])}."""
        found = collections.defaultdict(lambda: ([], []))
        for line in path.read_text().splitlines():
            pid, kind, *numbers = line.split()
            numbers = list(map(int, numbers))
            if kind == "bytes":
                found[int(pid)][0].append(numbers)
            else:
                found[int(pid)][1].append([numbers[0] * PAGE, numbers[0] * PAGE + PAGE])
        return {pid: tuple(map(merged, ranges)) for pid, ranges in found.items()}

    def test_random_programs(self):
        program = self.folder / "random_stores"
        subprocess.run(["cc", "-O1", "-o", program, SOURCE / "tests/e2e/random_stores.c"], check=True)
        pages = 0
        for seed in range(1, TIMES + 1):
            with self.subTest(seed=seed):
                file, log, report = (self.folder / f"{seed}.{end}" for end in ("npy", "truth", "json"))
                outcome = run("watch", "--json", report, "--", program, file, log, seed)
                self.assertEqual(outcome.code, 0, outcome)
                truth = self.truth_of(log)
                files = json.loads(report.read_text())["files"]
                seen = {w["pid"]: (w["bytes"], w["pages"]) for f in files for w in f["writers"]}
                self.assertEqual(seen, truth)
                pages += sum(len(wrote[1]) for wrote in truth.values())
                file.unlink()
        self.assertGreater(pages, 10 * TIMES)  # the programs did store


if __name__ == "__main__":
    # In a guest of tests/lab/nfs.sh stores are seen by soft-dirty bits.
    sees = can_see_stores() or "NPYRACE_TEST_SOFT_DIRTY" in os.environ
    if shutil.which("cc") is None or not sees:
        print("skipped: no C compiler, or a kernel (before 6.7) that does not show stores into mappings")
        sys.exit(TEST_SKIPPED)
    main()
