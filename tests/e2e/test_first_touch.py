"""Scenario first-touch: latencies of the first and of later accesses to a page. Tests compare no absolute times."""


import jsonschema
from program import SCHEMA, FolderTest, main

NAMES = {f"{via}/{cache}" for via in ("mmap/write", "mmap/read", "pwrite/write", "pread/read")
         for cache in ("cold", "warm")}


class FirstTouch(FolderTest):
    def test_every_access_in_every_cache_state_has_latencies(self):
        outcome, result = self.race("first-touch", "--repetitions", 2)
        self.assertEqual(outcome.code, 0, outcome)
        jsonschema.validate(result, SCHEMA)
        experiments = {e["name"]: e for e in result["npyrace"]["experiments"]}
        self.assertEqual(set(experiments), NAMES)
        for experiment in experiments.values():
            self.assertNotIn("verdict", experiment)  # nothing is written that could be lost
            self.assertEqual([l["name"] for l in experiment["latencies"]], ["first", "later"])
            for latency in experiment["latencies"]:
                self.assertEqual(latency["samples"], 2 * experiment["counts"]["pages"])
                self.assertEqual(sum(bar["samples"] for bar in latency["histogram"]), latency["samples"])
                values = [latency[f"{p}_seconds"] for p in ("p50", "p90", "p99", "max")]
                self.assertEqual(values, sorted(values))
                self.assertGreater(values[0], 0)
        # A page fault and a load of mapped memory are orders of magnitude apart on any machine.
        first, later = experiments["mmap/write/cold"]["latencies"]
        self.assertGreater(first["p50_seconds"], later["p50_seconds"])
        self.assertRegex(outcome.out, r"mmap/write/cold, first +\d+ ")
        self.assertEqual(self.race_files(), [])

    def test_cold_pages_are_read_from_the_disk(self):
        """A cold access takes at least twice as long; otherwise the pages were in the cache."""
        _, result = self.race("first-touch", "--repetitions", 2)
        first = {e["name"]: e["latencies"][0]["p90_seconds"] for e in result["npyrace"]["experiments"]}
        mount, = result["npyrace"]["environment"]["mounts"]
        if mount["fs_type"] in ("tmpfs", "overlay"):
            self.skipTest(f"{mount['fs_type']} may have nothing below its page cache")
        self.assertGreater(first["pread/read/cold"], 2 * first["pread/read/warm"])


if __name__ == "__main__":
    main()
