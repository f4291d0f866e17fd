"""Writers that lock, far more than the lab's server has threads: all get through, in every model, and where locks
synchronise they keep every record. Judged by a plain C program."""

import os
import re
import subprocess
import unittest

import support

LOCKERS = os.environ.get("NPYRACE_LOCKERS", "lockers")
WRITERS, ROUNDS = 64, 32
# Ending at all is what counts: this only tells a lab that stands still from one that is slow.
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
                    # Bytes reach the store when the lock changes hands (nfs) or when they are written (strong); the
                    # lock of a record does not keep whole pages apart, as they travel in `pages`.
                    if model in ("strong", "nfs", "commit", "session"):
                        self.assertEqual(kept, records)

    def test_with_few_places_at_the_server_and_latency(self):
        self.check("nfs", "--server-threads", "2", "--latency", "lock=1ms,write=1ms")

    def test_our_own_writers(self):
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
