"""The static binary on an old kernel in QEMU: Debian 11's Linux 5.10, or the kernel image in NPYRACE_KERNEL.

The guest has a root in memory that holds busybox and npyrace."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from userland import cache, userland

PROGRAM = pathlib.Path(os.environ["NPYRACE"])
SKIPPED = 77
NEEDED = ["qemu-system-x86_64", "busybox", "cpio"]
INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc none /proc; mount -t sysfs none /sys; mount -t devtmpfs none /dev; mount -t tmpfs none /tmp
for module in /*.ko; do [ ! -e $module ] || insmod $module; done
echo "KERNEL $(uname -r)"
while read -r line; do echo "BEGIN $line"; eval "$line" </dev/null >/said 2>&1; code=$?; cat /said; echo "END $code"; done </commands
reboot -f
"""
SMALL = "--records 512 --generations 6 --repetitions 1 --layouts packed"
COMMANDS = [
    (f"/npyrace run --dir /tmp {SMALL} --strategies pwrite,mmap,pwritev,stdio,osync,pwrite-lock,mmap-msync-page", 0),
    (f"/npyrace run --dir /tmp {SMALL} --strategies pwrite,mmap --launcher thread", 0),
    # The kernel may lack these features; then the cell is skipped with the system error.
    (f"/npyrace run --dir /tmp {SMALL} --strategies io-uring,pwrite-rwf-dsync,pwrite-atomic,file-per-writer-reflink", {0, 3}),
    ("/npyrace create /tmp/a.npy --records 64 --writers 2", 0),
    ("/npyrace write /tmp/a.npy --worker 0/2", 0),
    ("/npyrace write /tmp/a.npy --worker 1/2", 0),
    ("/npyrace inspect /tmp/a.npy", 0),
    ("/npyrace run timing-log --dir /tmp --writers 64 --records 512 --generations 1 --repetitions 1", 0),
    (f"/npyrace run --lab nfs {SMALL} --strategies pwrite", 1),
]


def debians_kernel():
    """Linux 5.10 and its module for FUSE, from the package of Debian 11."""
    folder = cache() / "linux-bullseye"
    if not (folder / "ready").exists():
        root = userland("bullseye")
        if root is None:
            return None
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        bring = ("cd /tmp && apt-get -qq update && apt-get -qq download $(apt-cache depends linux-image-amd64 | "
                 "sed -n 's/.*Depends: //p' | head -n 1)")
        shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
        subprocess.run(["chroot", root, "sh", "-c", bring], check=True)
        package = next((root / "tmp").glob("linux-image-*.deb"))
        subprocess.run(["dpkg", "-x", package, folder], check=True)
        package.unlink()
        (folder / "ready").touch()
    return folder


class Kernel(unittest.TestCase):
    def boot(self, image, modules):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-kernel-"))
        self.addCleanup(shutil.rmtree, folder)
        root = folder / "root"
        for name in "bin", "proc", "sys", "dev", "tmp":
            (root / name).mkdir(parents=True)
        shutil.copy(shutil.which("busybox"), root / "bin/busybox")
        shutil.copy(PROGRAM, root / "npyrace")
        for module in modules:
            shutil.copy(module, root)
        (root / "init").write_text(INIT)
        (root / "init").chmod(0o755)
        (root / "commands").write_text("".join(command + "\n" for command, _ in COMMANDS))
        initrd = folder / "initrd"
        subprocess.run(f"find . | cpio -o -H newc --quiet | gzip -1 >{initrd}", shell=True, cwd=root, check=True)
        done = subprocess.run(["qemu-system-x86_64", "-m", "1G", "-smp", "2", "-cpu", "max", "-nographic", "-no-reboot",
                               "-kernel", image, "-initrd", initrd, "-append", "console=ttyS0 quiet panic=-1"],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=1500, check=False)
        return done.stdout.replace("\r", "")

    def test_it_races_and_verifies_and_skips_missing_kernel_features(self):
        image, modules = os.environ.get("NPYRACE_KERNEL"), []
        if image is None:
            folder = debians_kernel()
            image = next(folder.glob("boot/vmlinuz-*"))
            modules = list(folder.glob("lib/modules/*/kernel/fs/fuse/fuse.ko"))
        console = self.boot(image, modules)
        print("\n".join(re.findall(r"KERNEL .*", console)))
        ended = re.findall(r"^BEGIN (.*)\n((?:.*\n)*?)END (\d+)$", console, re.MULTILINE)
        self.assertEqual(len(ended), len(COMMANDS), console[-5000:])
        for (command, wanted), (_, said, code) in zip(COMMANDS, ended):
            with self.subTest(command=command):
                self.assertIn(int(code), wanted if isinstance(wanted, set) else {wanted}, said)
        self.assertEqual(len(re.findall(r" packed +safe", ended[0][1])), 7, ended[0][1])
        self.assertNotRegex(ended[2][1], r"packed +(unsafe|failed)")
        self.assertIn("lost", ended[-1][1])


if __name__ == "__main__":
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing or os.geteuid() != 0 or ("NPYRACE_KERNEL" not in os.environ and debians_kernel() is None):
        print(f"skipped: needs root, debootstrap's bullseye, and {', '.join(NEEDED)}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
