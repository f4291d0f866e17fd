"""Many more writers with locks than the lab's server has threads: in every model all finish, and where locks synchronise
the caches no record is lost. A plain C program checks this."""

import os
import re
import subprocess
import unittest

import support

LOCKERS = os.environ.get("NPYRACE_LOCKERS", "lockers")
WRITERS, ROUNDS = 64, 32
# The writers only have to finish. The limit is long, so that a slow lab is not taken for a deadlock.
HANGS_AFTER_SECONDS = 240


class Lockers(unittest.TestCase):
    def kept(self, places, name, how, writers=WRITERS):
        result = subprocess.run([LOCKERS, *places.nodes, places.store, name, str(writers), str(ROUNDS), how],
                                capture_output=True, text=True, timeout=HANGS_AFTER_SECONDS)
        found = re.fullmatch(r"kept (\d+) of (\d+)\n", result.stdout)
        self.assertTrue(found, result)
        return int(found[1]), int(found[2])

    def check(self, model, *options):
        with support.lab("--model", model, *options) as places:
            for how in ("record", "whole", "flock"):
                with self.subTest(model=model, how=how):
                    kept, records = self.kept(places, f"f-{how}", how)
                    # Bytes reach the store when the lock is released (nfs) or when they are written (strong). In model
                    # `pages` whole pages are written back, so a lock on one record does not protect its neighbours.
                    if model in ("strong", "nfs", "commit", "session"):
                        self.assertEqual(kept, records)

    def test_all_writers_finish_with_few_server_threads_and_latency(self):
        self.check("nfs", "--server-threads", "2", "--latency", "lock=1ms,write=1ms")

    def test_all_writers_of_npyrace_finish(self):
        for model in support.MODELS:
            for strategy in ("pwrite-lock",):
                with self.subTest(model=model, strategy=strategy):
                    result = subprocess.run(
                        [support.NPYRACE, "run", "--lab", model, "--strategies", strategy, "--writers", "64", "--repetitions", "1",
                         "--generations", "2", "--records", "1024", "--layouts", "packed", "--patience", "120"],
                        capture_output=True, text=True, timeout=600)
                    self.assertIn(result.returncode, (0, 1), result)
                    self.assertNotIn("did not", result.stdout + result.stderr)


def add_tests():
    for model in support.MODELS:
        def lock(self, model=model):
            self.check(model)
        setattr(Lockers, f"test_all_get_through_{model}", lock)


add_tests()

if __name__ == "__main__":
    support.main()
