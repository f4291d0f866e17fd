"""Every consistency model of the lab keeps its guarantees, and loses records where it is documented to. A plain C probe
checks this. NPYRACE_LAB_TIMES: how often every row is tried."""

import os
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

import rows
import support

TIMES = int(os.environ.get("NPYRACE_LAB_TIMES", "1"))


class Models(unittest.TestCase):
    def check_rows(self, model):
        settle = [f"settle-{rows.LATER['eventual']}"] if model == "eventual" else []
        with support.lab("--model", model) as places:
            for turn in range(TIMES):
                for number, (words, expected) in enumerate(rows.model_rows(model)):
                    lost = support.count_lost(places, f"f{turn}-{number}", words + settle)
                    with self.subTest(model=model, row=" ".join(words), turn=turn):
                        self.assertIsInstance(lost, int)
                        if expected == rows.KEPT:
                            self.assertEqual(lost, 0)
                        if expected == rows.LOST:
                            self.assertGreater(lost, 0)

    def look(self, places, model, reader, via):
        """The content that the reader sees after each step."""
        result = subprocess.run(
            [support.SEES, *places.nodes, places.store, reader + "".join(via), reader, *via,
             f"wait-{rows.LATER.get(model, 0)}"], capture_output=True, text=True, check=True)
        return [look.split("=")[1] for look in result.stdout.split()]

    def check_visibility(self, model):
        cases = [(reader, via) for reader in rows.SEES_ROWS[model] for via in ([], ["mmap"])]
        with support.lab("--model", model) as places, ThreadPoolExecutor(len(cases)) as threads:
            looks = threads.map(lambda case: self.look(places, model, *case), cases)
            for (reader, via), seen in zip(cases, looks):
                expected = rows.SEES_ROWS[model][reader].split()
                with self.subTest(model=model, reader=reader, via=via, seen=seen):
                    for look, wanted in zip(seen, expected, strict=True):
                        self.assertIn(wanted, (look, "?"))


def add_tests():
    for model in support.MODELS:
        def lose(self, model=model):
            self.check_rows(model)

        def see(self, model=model):
            self.check_visibility(model)
        setattr(Models, f"test_lost_records_{model}", lose)
        setattr(Models, f"test_visibility_{model}", see)


add_tests()

if __name__ == "__main__":
    support.main()
