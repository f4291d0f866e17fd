"""Directories and files have names that attack a shell, a terminal, a log or a batch script. Every command works in
them or refuses them in one line; nothing in a name is executed, and no output has control characters or
broken UTF-8."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from program import PROGRAM

NAMES = [b"with blank", b"new\nline", b"it's", b'quo"te', b"a$(touch PWNED)b", b"a`touch PWNED`b", b"a;touch PWNED;b",
         b"a\ntouch PWNED\n#", b'a" --wrap="touch PWNED', b"\xff\xfe", b"caf\xc3\xa9", b"-x", b"--help", b"comma,comma",
         b"esc\x1b[31m", b"csi\xc2\x9b31m", b"{n1}", b"%s%n%a", b"*", b"~", b"back\\slash", b"colon:colon",
         b"::error::x", b"#",
         b"x" * 240]
SMALL = ["--strategies", "pwrite", "--layouts", "packed", "--records", "64", "--generations", "2", "--repetitions", "1"]
COPY = 'dd if="$NPYRACE_EXPECT" of="$NPYRACE_FILE" conv=notrunc status=none'
FORMS = ["csv", "markdown", "junit", "html", "json"]


class HostileNames(unittest.TestCase):
    def run_in(self, folder, *arguments):
        done = subprocess.run([PROGRAM, *map(os.fsencode, arguments)], cwd=folder, stdin=subprocess.DEVNULL,
                              capture_output=True,
                              timeout=120, check=False)
        shown = b" ".join(map(os.fsencode, arguments))[:200], done
        # Pages, JSON and scripts keep what is no control character in ASCII: for their readers it is text.
        high = "" if {"html", "json", "--json", "--print-script"} & set(arguments) else "\x7f-\x9f"
        for text in (done.stdout, done.stderr):
            self.assertIsNone(re.search(f"[\x00-\x08\x0b-\x1f{high}]", text.decode("utf8")), shown)
        return done

    def commands(self, folder, name):
        """Command lines, with the exit codes that are right for them."""
        array, result = folder + b"/" + name[:200] + b".npy", folder + b"/" + name[:200] + b".json"
        fine = {0}
        unspoken = {0, 2} if name == b"\xff\xfe" else fine  # orders to writers are UTF-8
        yield ["run", b"--dir=" + folder, *SMALL, "--keep"], unspoken
        yield ["run", b"--dir=" + folder, "--exec", COPY, *SMALL[2:], "--writers", "2"], unspoken
        yield ["create", "--records", "100", "--writers", "2", "--", array], fine
        for worker in ("0/2", "1/2"):
            yield ["write", "--worker", worker, "--", array], fine
        yield ["verify", b"--json=" + result, b"--html=" + result + b".html", "--", array], fine
        yield ["verify", "--", b"./" + os.path.basename(array)], fine
        yield ["inspect", "--", array], fine
        yield ["inspect", "--json", "--", array], fine
        yield ["expect", "--", array, array + b"2"], fine
        for form in FORMS:
            yield ["report", "--format", form, "--", result], fine
        yield ["report", "--", result], fine
        yield ["advise", "--", result], {0, 1}
        yield ["compare", "--", result, result], fine
        yield ["gate", "--allow-unmeasured", "--", result, result], fine
        yield ["watch", b"--into=" + folder + b"/logs", "--", "dd", "if=/dev/zero", b"of=" + array, "conv=notrunc",
               "count=1", "bs=16", "status=none"], fine
        yield ["watched", "--", folder + b"/logs"], fine

    def folder_of(self, name):
        """A new folder of that name, and the folder that holds it."""
        top = os.fsencode(tempfile.mkdtemp(prefix="npyrace-names-"))
        self.addCleanup(shutil.rmtree, top)
        folder = os.path.join(top, name)
        os.mkdir(folder)
        return folder, top

    def test_every_command_in_every_name(self):
        for name in NAMES:
            with self.subTest(name=name):
                folder, top = self.folder_of(name)
                for arguments, codes in self.commands(folder, name):
                    done = self.run_in(folder, *arguments)
                    self.assertIn(done.returncode, codes, (arguments, done))
                    if done.returncode == 2:
                        self.assertEqual(done.stderr.count(b"\n"), 1, done)
                self.assertEqual([path for path in pathlib.Path(os.fsdecode(top)).rglob("PWNED")], [])

    def test_batch_scripts_name_a_directory_or_refuse_it(self):
        """The script is run by sh: the task's command is echo in place of npyrace."""
        for name in NAMES:
            with self.subTest(name=name):
                folder, top = self.folder_of(name)
                done = self.run_in(top, "run", "--launcher", "slurm", "--print-script", "--npyrace", "echo",
                                   b"--dir=" + folder, *SMALL)
                if done.returncode == 2:
                    self.assertTrue(any(c < 32 or c > 127 or c == ord("\\") for c in name), done)
                    continue
                self.assertEqual(done.returncode, 0, done)
                # What sbatch reads of it is one line, and one quoted name.
                (line,) = [line for line in done.stdout.splitlines() if line.startswith(b"#SBATCH --output")]
                said = re.fullmatch(rb'#SBATCH --output="((?:[^"\\]|\\")*)/npyrace-RACE\.npy\.npyrace\.d/task-%a\.out"',
                                    line)
                self.assertIsNotNone(said, line)
                self.assertEqual(said[1].replace(b'\\"', b'"').replace(b"%%", b"%"), folder)
                ran = subprocess.run(["sh"], input=done.stdout, cwd=top, env={**os.environ, "SLURM_ARRAY_TASK_ID": "0"},
                                     capture_output=True, check=False)
                self.assertEqual(ran.returncode, 0, ran)
                self.assertTrue(ran.stdout.startswith(b"write " + folder + b"/npyrace-RACE.npy --worker 0/"), ran)
                self.assertEqual(os.listdir(top), [name])

    def test_paths_of_4000_bytes(self):
        top = os.fsencode(tempfile.mkdtemp(prefix="npyrace-names-"))
        self.addCleanup(shutil.rmtree, top)
        folder = top
        while len(folder) < 3600:
            folder = os.path.join(folder, b"d" * 200)
        os.makedirs(folder)
        for arguments, codes in self.commands(folder, b"a"):
            done = self.run_in(top, *arguments)
            self.assertIn(done.returncode, codes | {3}, (arguments[0], done))
        # Where the names of what is made there become too long for the system, it says so.
        tight = os.path.join(folder, b"e" * (4080 - len(folder) - 1))
        for arguments, _ in self.commands(tight, b"a"):
            done = self.run_in(top, *arguments)
            self.assertIn(done.returncode, (2, 3), (arguments[0], done))
            self.assertEqual(done.stderr.count(b"\n"), 1, done)


if __name__ == "__main__":
    unittest.main(verbosity=2)
