"""The static binary, as root and as an ordinary user, in an empty root with /dev, /proc and a tmpfs. With
NPYRACE_USERLAND=SUITE the root is a Debian of that release."""

import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

from userland import MOUNTS, userland

PROGRAM = pathlib.Path(os.environ["NPYRACE"])
SOURCE = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77
SUITE = os.environ.get("NPYRACE_USERLAND")
PT_INTERP, PT_DYNAMIC, DT_NEEDED, PT_GNU_RELRO = 3, 2, 1, 0x6474e552
# The root holds only npyrace and a C program for --exec. The mounts are removed with the namespace.
INSIDE = """set -e
mount -t tmpfs none {root}
{userland}
""" + MOUNTS + """cp {program} {root}/npyrace
[ -z "{job}" ] || cp {job} {root}/job
exec chroot {user} {root} "$@"
"""
# An overlay protects the cached folder from writes.
COPY = """mkdir {root}/.upper {root}/.work
mount -t overlay -o lowerdir={userland},upperdir={root}/.upper,workdir={root}/.work none {root}"""


def program_headers(path):
    """(type, bytes) of each segment of a 64-bit little-endian ELF file."""
    data = path.read_bytes()
    start, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for i in range(count):
        kind, _, offset, _, _, length = struct.unpack_from("<IIQQQQ", data, start + i * size)
        yield kind, data[offset:offset + length]


def is_static(path):
    return all(kind != PT_INTERP for kind, _ in program_headers(path))


class Static(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-root-"))
        self.addCleanup(shutil.rmtree, self.root)
        self.job = ""

    def run_inside(self, *arguments, user="", program="/npyrace"):
        script = INSIDE.format(root=self.root, program=PROGRAM, job=self.job, user=user,
                               userland=COPY.format(userland=userland(SUITE), root=self.root) if SUITE else "")
        return subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh",
                               program, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False,
                              env={"PATH": os.environ["PATH"]})

    @unittest.skipUnless(SUITE, "the root is empty")
    def test_the_root_is_of_that_release(self):
        self.assertIn(f"VERSION_CODENAME={SUITE}", self.run_inside("/etc/os-release", program="/bin/cat").stdout)

    def test_it_needs_no_library_and_no_loader(self):
        for kind, content in program_headers(PROGRAM):
            self.assertNotEqual(kind, PT_INTERP)
            if kind == PT_DYNAMIC:
                tags = [struct.unpack_from("<Q", content, at)[0] for at in range(0, len(content) - 15, 16)]
                self.assertNotIn(DT_NEEDED, tags)

    def test_it_is_hardened(self):
        """Its addresses are random, what relocation filled is read-only, no stack is executable, and its own code calls
        the functions that check buffers and the stack."""
        kinds = [kind for kind, _ in program_headers(PROGRAM)]
        self.assertIn(PT_DYNAMIC, kinds)  # of a static PIE
        self.assertIn(PT_GNU_RELRO, kinds)
        listing = subprocess.run(["readelf", "-lW", PROGRAM], capture_output=True, text=True, check=True).stdout
        self.assertRegex(listing, r"GNU_STACK.* RW ")
        run = (PROGRAM.parent / "cli" / "libnpyrace_bench_cli.a")
        calls = subprocess.run(["nm", "-u", run], capture_output=True, text=True, check=True).stdout
        self.assertIn("__stack_chk_fail", calls)
        self.assertRegex(calls, r"__(read|pread|memcpy|memset|snprintf|vsnprintf|realpath|open)\w*_(chk|2)")

    def test_it_races_verifies_and_reports_in_an_empty_root(self):
        small = ["--records", 512, "--generations", 8, "--repetitions", 2, "--layouts", "packed"]
        for user in ["", "--userspec=65534:65534"]:
            for arguments, wanted in [
                    (["run", "--dir", "/tmp", *small, "--strategies", "pwrite,mmap,io-uring"], "Recommendation"),
                    (["run", "--dir", "/tmp", *small, "--strategies", "pwrite", "--launcher", "thread"], "pwrite"),
                    (["run", "timing-log", "--dir", "/tmp", "--records", 512, "--generations", 2, "--repetitions", 1],
                     "timing-log"),
                    (["create", "/tmp/a.npy", "--records", 8], ""),
                    (["list", "strategies"], "io-uring"),
                    (["man"], ".TH NPYRACE")]:
                with self.subTest(user=user, arguments=arguments[:2]):
                    done = self.run_inside(*arguments, user=user)
                    self.assertEqual(done.returncode, 0, done)
                    self.assertIn(wanted, done.stdout)

    def test_a_static_program_is_raced_where_there_is_no_shell(self):
        self.job = self.root.parent / (self.root.name + "-job")
        self.addCleanup(self.job.unlink, missing_ok=True)
        subprocess.run(["cc", "-O1", "-static", "-o", self.job, SOURCE / "docs/examples/pwrite.c"], check=True)
        race = ["run", "--dir", "/tmp", "--records", 2000, "--generations", 6, "--repetitions", 1, "--layouts", "packed"]
        done = self.run_inside(*race, "--exec", "/job")
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stdout, r"exec +packed|packed +safe")
        if SUITE:  # there is a shell
            return
        refused = self.run_inside(*race, "--exec", "/job; true")
        self.assertEqual(refused.returncode, 3, refused)
        self.assertIn("/bin/sh", refused.stderr)

    def test_verify_gate_and_report_work_on_files_made_elsewhere(self):
        outside = tempfile.mkdtemp(prefix="npyrace-static-")
        self.addCleanup(shutil.rmtree, outside)
        result = f"{outside}/result.json"
        made = subprocess.run([PROGRAM, "run", "--dir", outside, "--records", "512", "--generations", "2", "--repetitions",
                               "2", "--strategies", "pwrite", "--layouts", "packed", "--keep", "--json", result],
                              capture_output=True, text=True, check=False)
        self.assertEqual(made.returncode, 0, made)
        kept = next(pathlib.Path(outside).glob("*.npy"))
        # The folder is mounted below /dev, because the empty root has that directory.
        shared = pathlib.Path("/dev/shm") / self.root.name
        shutil.copytree(outside, shared)
        self.addCleanup(shutil.rmtree, shared)
        for arguments in [["verify", shared / kept.name], ["inspect", shared / kept.name], ["advise", shared / "result.json"],
                          ["gate", shared / "result.json", shared / "result.json", "--allow-unmeasured"],
                          ["report", shared / "result.json", "--html"]]:
            with self.subTest(arguments=arguments[0]):
                done = self.run_inside(*arguments)
                self.assertEqual(done.returncode, 0, done)
                self.assertTrue(done.stdout)

    @unittest.skipUnless(os.path.exists("/dev/fuse"), "no /dev/fuse")
    def test_the_lab_needs_only_dev_fuse(self):
        done = self.run_inside("run", "--lab", "nfs", "--strategies", "pwrite", "--layouts", "packed", "--records", 512,
                               "--generations", 8, "--repetitions", 2)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("lost", done.stdout)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("skipped: an empty root needs root")
        sys.exit(SKIPPED)
    if not is_static(PROGRAM):
        print("skipped: this npyrace is not static (preset portable)")
        sys.exit(SKIPPED)
    if SUITE and userland(SUITE) is None:
        print(f"skipped: debootstrap cannot make {SUITE}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
