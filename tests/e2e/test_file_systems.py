"""One node is safe on every local file system, and what a run keeps can be verified there."""

from file_systems import MountTest, enter_mount_namespace, main
from program import run, small

STRATEGIES = ["mmap", "mmap-window", "pwrite", "pwrite-batch"]


class LocalFileSystems(MountTest):
    def check(self, fs_type):
        place = self.mount(fs_type)
        outcome, result = self.race(*small(records=65536, generations=4), "--keep", "--strategies", ",".join(STRATEGIES),
                                    "--layouts", "packed,padded-block", place=place)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(result["npyrace"]["environment"]["mounts"][0]["fs_type"], fs_type)
        cells = result["npyrace"]["cells"]
        self.assertEqual(len(cells), 2 * len(STRATEGIES))
        for cell in cells:
            self.assertEqual(cell["verdict"], "safe", cell)
        kept = sorted(place.glob("npyrace-kept-*.npy"))
        self.assertEqual(len(kept), 2 * len(cells))  # two repetitions each
        outcome = run("verify", *kept)
        self.assertEqual(outcome.code, 0, outcome)
        for path in kept:
            status = path.stat()
            self.assertGreaterEqual(status.st_blocks * 512, status.st_size, path)

    def test_ext4(self):
        self.check("ext4")

    def test_xfs(self):
        self.check("xfs")

    def test_btrfs(self):
        self.check("btrfs")

    def test_tmpfs(self):
        self.check("tmpfs")

    def test_overlay(self):
        self.check("overlay")


if __name__ == "__main__":
    enter_mount_namespace()
    main()
