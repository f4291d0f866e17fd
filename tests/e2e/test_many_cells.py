"""Hundreds of cells on local file systems: none may be called unsafe."""

from file_systems import MountTest, enter_mount_namespace, main

STRATEGIES = "mmap,mmap-window,pwrite,pwrite-batch,pwrite-wronly,pwrite-dsync,pwrite-lock"
CELLS = 7 * 3 * 3 * 2  # strategies, layouts, ownerships, launchers


class ManyCells(MountTest):
    def check(self, fs_type):
        # btrfs is copy-on-write: with a sync after each record its metadata fills a small disk within minutes.
        place = self.mount(fs_type, 4096 if fs_type == "btrfs" else 512)
        outcome, result = self.race(
            "--strategies", STRATEGIES, "--layouts", "packed,padded-record,padded-block", "--ownership",
            "block,cyclic,random", "--launcher", "process,thread",
            "--records", 4096, "--generations", 4, "--repetitions", 1, place=place, timeout=3000)
        self.assertEqual(outcome.code, 0, outcome)
        cells = result["npyrace"]["cells"]
        self.assertEqual(len(cells), CELLS)
        for cell in cells:
            self.assertIn(cell["verdict"], ("safe", "inconclusive"), cell)
            self.assertEqual(sum(cell["anomalies"].values()), 0, cell)
            if cell["verdict"] == "inconclusive":
                self.assertRegex(cell["reason"], "overlapped|no alignment unit", cell)
        self.assertGreater(sum(c["verdict"] == "safe" for c in cells), 0.8 * len(cells))
        self.assertEqual(result["npyrace"]["contradictions"], [])

    def test_ext4(self):
        self.check("ext4")

    def test_xfs(self):
        self.check("xfs")

    def test_btrfs(self):
        self.check("btrfs")

    def test_tmpfs(self):
        self.check("tmpfs")


if __name__ == "__main__":
    enter_mount_namespace()
    main()
