"""On one node every local file system is safe, and verify confirms it for kept files."""

from file_systems import MountTest, enter_mount_namespace, main
from program import run, small

STRATEGIES = ["mmap", "mmap-window", "pwrite", "pwrite-batch", "pwritev", "io-uring", "stdio"]


class LocalFileSystems(MountTest):
    def race_until_they_overlap(self, place):
        """On a busy machine writers may not overlap, and then there is no verdict: race again with more generations."""
        for generations in [4, 32, 250]:
            outcome, result = self.race(*small(65536, generations), "--keep", "--strategies",
                                        ",".join(STRATEGIES), "--layouts", "packed,padded-block",
                                        place=place)
            self.assertEqual(outcome.code, 0, outcome)
            if all("overlap" not in cell["reason"] for cell in result["npyrace"]["cells"]):
                break
            for path in place.glob("npyrace-kept-*"):
                path.unlink()
        return result

    def check_promise(self, place):
        outcome, result = self.race("semantics", place=place)
        self.assertEqual(outcome.code, 0, outcome)
        passport = result["npyrace"]["passport"]
        self.assertEqual((passport["named"], passport["between"]), ("strong", "processes"), outcome)
        self.assertEqual({row["named"] for row in passport["rows"]}, {"strong"}, outcome)

    def check(self, fs_type):
        place = self.mount(fs_type, 512)
        result = self.race_until_they_overlap(place)
        self.assertEqual(result["npyrace"]["environment"]["mounts"][0]["fs_type"], fs_type)
        cells = result["npyrace"]["cells"]
        self.assertEqual(len(cells), 2 * len(STRATEGIES))
        for cell in cells:
            self.assertEqual(cell["verdict"], "safe", cell)
        kept = sorted(place.glob("npyrace-kept-*.npy"))
        self.assertEqual(len(kept), 2 * len(cells))  # two repetitions each
        self.check_promise(place)
        outcome = run("verify", *kept)
        self.assertEqual(outcome.code, 0, outcome)
        for path in kept:
            status = path.stat()
            self.assertGreaterEqual(status.st_blocks * 512, status.st_size, path)

    def test_ext4(self):
        self.check("ext4")

    def test_xfs(self):
        self.check("xfs")

    def test_atomic_writes_are_used_where_the_file_system_has_them(self):
        # From Linux 6.16 XFS has them on any disk: it writes to new blocks first.
        place = self.mount("xfs", 512)
        _, result = self.race(*small(1024, 4), "--strategies", "pwrite-atomic", "--layouts",
                              "packed,padded-record", place=place)
        packed, padded = result["npyrace"]["cells"]
        self.assertIn("are shared", packed["reason"])
        if padded["verdict"] == "skipped":
            self.assertRegex(padded["reason"], "RWF_ATOMIC|untorn writes have")
            return
        self.assertEqual(padded["verdict"], "safe", padded)
        _, result = self.race(*small(16, 4), "--strategies", "pwrite-atomic", "--layouts",
                              "padded-record", "--align", 512, place=place)
        (cell,) = result["npyrace"]["cells"]
        self.assertEqual(cell["verdict"], "skipped", cell)
        self.assertIn("choose another --align", cell["reason"])

    def test_btrfs(self):
        self.check("btrfs")

    def test_tmpfs(self):
        self.check("tmpfs")

    def test_overlay(self):
        self.check("overlay")


if __name__ == "__main__":
    enter_mount_namespace()
    main()
