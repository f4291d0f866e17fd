"""Ordinary programs work in the lab's model `strong`. If the lab broke them, its verdicts would mean nothing."""

import glob
import os
import sqlite3
import subprocess
import time
import unittest

import support


def run(*words):
    subprocess.run(words, check=True, capture_output=True, text=True, timeout=300,
                   env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null"})


class Programs(unittest.TestCase):
    def test_git(self):
        with support.lab("--model", "strong") as places:
            first, second = os.path.join(places.n1, "a"), os.path.join(places.n2, "b")
            run("git", "init", "-q", first)
            for number in range(20):
                with open(os.path.join(first, f"file{number}"), "w") as file:
                    file.write(str(number) * 10000)
            git = ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-C", first]
            run(*git, "add", ".")
            run(*git, "commit", "-qm", "all")
            run(*git, "gc", "-q")
            run("git", "clone", "-q", "--no-local", first, second)
            run("git", "-C", second, "fsck", "--full", "--strict")
            with open(os.path.join(second, "file7")) as file:
                self.assertEqual(file.read(), "7" * 10000)

    def check_sqlite(self, journal):
        with support.lab("--model", "strong") as places:
            database = sqlite3.connect(os.path.join(places.n1, "data.db"))
            database.execute(f"pragma journal_mode={journal}")
            database.execute("create table t (n integer primary key, text)")
            for start in range(0, 3000, 100):
                with database:
                    database.executemany("insert into t values (?, ?)",
                                         [(n, "x" * (n % 50)) for n in range(start, start + 100)])
            with self.assertRaises(ZeroDivisionError), database:
                database.execute("delete from t")
                raise ZeroDivisionError
            database.close()
            again = sqlite3.connect(os.path.join(places.n2, "data.db"))
            self.assertEqual(again.execute("select count(*) from t").fetchone(), (3000,))
            self.assertEqual(again.execute("pragma integrity_check").fetchone(), ("ok",))
            again.close()

    def test_sqlite_with_a_journal(self):
        self.check_sqlite("delete")

    def test_sqlite_with_a_write_ahead_log(self):
        self.check_sqlite("wal")

    def test_locks_hold_between_nodes(self):
        script = ("import fcntl, sys; f = open(sys.argv[1], 'r+')\n"
                  "try: fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, 8)\n"
                  "except OSError: sys.exit(5)")
        import fcntl
        for model in support.MODELS:
            with self.subTest(model=model), support.lab("--model", model) as places:
                with open(os.path.join(places.n1, "f"), "w+") as file:
                    file.write("x" * 16)
                    file.flush()
                    other = ["python3", "-c", script, os.path.join(places.n2, "f")]
                    fcntl.lockf(file, fcntl.LOCK_EX, 8)
                    self.assertEqual(subprocess.run(other).returncode, 5)
                    fcntl.lockf(file, fcntl.LOCK_UN, 8)
                    self.assertEqual(subprocess.run(other).returncode, 0)

    def test_a_lock_of_an_open_file_ends_with_it(self):
        # The kernel does not tell FUSE to release such locks when their file is closed. Once a killed writer
        # left all others waiting for ever.
        import fcntl
        import struct
        f_ofd_setlk = 37
        request = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 8, 0)
        with support.lab("--model", "session") as places:
            one, two = (os.path.join(node, "f") for node in (places.n1, places.n2))
            with open(one, "w+b") as file:
                fcntl.fcntl(file, f_ofd_setlk, request)
                with open(two, "r+b") as other:
                    with self.assertRaises(BlockingIOError):
                        fcntl.fcntl(other, f_ofd_setlk, request)
            with open(two, "r+b") as other:
                limit = time.monotonic() + 30
                while True:
                    try:
                        fcntl.fcntl(other, f_ofd_setlk, request)
                        break
                    except BlockingIOError:
                        self.assertLess(time.monotonic(), limit, "the lock outlives its file")
                        time.sleep(0.01)

    def test_a_deleted_file_gives_its_space_back(self):
        with support.lab("--model", "session") as places:
            for node in places.nodes:
                with open(os.path.join(node, "f"), "a") as file:
                    file.write("x" * 100000)
            os.unlink(os.path.join(places.n1, "f"))
            limit = time.monotonic() + 30
            while self.held(places.store) and time.monotonic() < limit:
                time.sleep(0.01)
            self.assertEqual(self.held(places.store), [])

    @staticmethod
    def held(store):
        """Deleted files below the store that a process still has open."""
        targets = []
        for folder in glob.glob("/proc/[0-9]*/fd"):
            try:
                targets += [os.readlink(os.path.join(folder, n)) for n in os.listdir(folder)]
            except OSError:
                continue
        return [t for t in targets if t.startswith(store) and t.endswith(" (deleted)")]

    def test_an_open_file_stays_writable_after_its_mode_forbids_it(self):
        with support.lab("--model", "session") as places:
            path = os.path.join(places.n1, "f")
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
            os.write(file, b"abc")
            os.close(file)
            with open(os.path.join(places.n2, "f"), "rb") as again:
                self.assertEqual(again.read(), b"abc")


if __name__ == "__main__":
    support.main()
