"""Unmodified programs are watched: the pages and bytes that they write are named exactly, and what two processes share."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import unittest
import xml.etree.ElementTree as xml

import jsonschema
import numpy as np
from program import PROGRAM, SOURCE, FolderTest, main, run

PAGE = os.sysconf("SC_PAGESIZE")
ROW = 16
SCHEMA = json.loads((SOURCE / "reports/watch.schema.json").read_text())
DTYPE = "[('start','<i8'),('finish','<i8')]"
HEADER = 128


def can_see_stores():
    """Asynchronous write protection came with Linux 6.7; containers may forbid userfaultfd."""
    release = tuple(int(x) for x in re.findall(r"\d+", os.uname().release)[:2])
    return release >= (6, 7)


def page_range(first_row, end_row):
    """The pages in which these rows lie, as one range of bytes."""
    start, end = HEADER + first_row * ROW, HEADER + end_row * ROW
    return [start // PAGE * PAGE, -(-end // PAGE) * PAGE]


class WatchTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "a.npy"
        np.lib.format.open_memmap(self.file, mode="w+", dtype=np.dtype(eval(DTYPE)), shape=(4096,)).flush()

    def script(self, text, name="job.py"):
        path = self.folder / name
        path.write_text(f"import numpy as np, os, sys\nFILE = {str(self.file)!r}\nDTYPE = np.dtype({DTYPE})\n" + text)
        return path

    def watch(self, *command, options=(), code=0, env=None, **others):
        """Runs a command under watch. Returns the result."""
        report = self.folder / "watch.json"
        outcome = run("watch", "--json", report, *options, "--", *command, env=env, **others)
        self.assertEqual(outcome.code, code, outcome)
        result = json.loads(report.read_text())
        jsonschema.validate(result, SCHEMA)
        return result

    def jobs(self, script, *arguments, **others):
        """Runs the script once for each of the arguments, all at the same time."""
        lines = " ".join(f"{sys.executable} {script} {a} &" for a in arguments)
        return self.watch("sh", "-c", f"{lines} wait", **others)

    def only_file(self, result, name="a.npy"):
        (found,) = [f for f in result["files"] if os.path.basename(f["path"]) == name]
        return found

    def wrote(self, result):
        """Bytes and pages of all writers of a.npy, in the order of what they wrote."""
        writers = self.only_file(result)["writers"]
        return sorted((w["bytes"], w["pages"]) for w in writers)


def kinds(file, **wanted):
    return sorted({h["kind"] for h in file["hazards"] if all(h[k] == v for k, v in wanted.items())})


WAYS = {
    "memmap": "a = np.memmap(FILE, dtype=DTYPE, mode='r+', offset=128, shape=(4096,))\na[start:stop] = (1, 2)",
    "open_memmap": "a = np.lib.format.open_memmap(FILE, mode='r+')\na[start:stop] = (1, 2)\na.flush()",
    "load": "a = np.load(FILE, mmap_mode='r+')\na['start'][start:stop] = 1",
    "tofile": "f = open(FILE, 'r+b')\nf.seek(128 + 16 * start)\nnp.ones(stop - start, DTYPE).tofile(f)",
    "pwrite": "fd = os.open(FILE, os.O_RDWR)\nos.pwrite(fd, np.ones(stop - start, DTYPE).tobytes(), 128 + 16 * start)",
    "pwritev": "fd = os.open(FILE, os.O_WRONLY)\nos.pwritev(fd, [np.ones(stop - start, DTYPE).tobytes()], 128 + 16 * start)",
    "write": "f = open(FILE, 'r+b')\nf.seek(128 + 16 * start)\nf.write(np.ones(stop - start, DTYPE).tobytes())",
    "unbuffered": "f = open(FILE, 'r+b', buffering=0)\nf.seek(128 + 16 * start)\nfor _ in range(start, stop): f.write(b'x' * 16)",
    "child": "import subprocess\nsubprocess.run(['dd', 'if=/dev/zero', f'of={FILE}', 'bs=16', 'conv=notrunc', 'oflag=seek_bytes',"
             " f'seek={128 + 16 * start}', f'count={stop - start}'], stderr=subprocess.DEVNULL, env={}, check=True)",
}


class Ways(WatchTest):
    """Every way to write is seen, and exactly what was written."""

    def test_each_way_is_seen_exactly(self):
        for name, way in WAYS.items():
            with self.subTest(way=name):
                stores = name in ("memmap", "open_memmap", "load")
                if stores and not can_see_stores():
                    self.skipTest("this kernel does not show stores into mappings")
                script = self.script("start, stop = 300, 900\n" + way)
                ((calls, pages),) = self.wrote(self.watch(sys.executable, script))
                self.assertEqual(calls, [] if stores else [[HEADER + 300 * ROW, HEADER + 900 * ROW]])
                self.assertEqual(pages, [page_range(300, 900)] if stores else [])

    def test_save_into_an_open_file(self):
        script = self.script("with open(FILE, 'r+b') as f: np.save(f, np.zeros(4096, DTYPE))")
        ((calls, _),) = self.wrote(self.watch(sys.executable, script))
        self.assertEqual(calls, [[0, HEADER + 4096 * ROW]])

    def test_reading_is_nothing(self):
        script = self.script("print(np.load(FILE, mmap_mode='r')[5], np.load(FILE)[7], np.load(FILE, mmap_mode='r+')[9])")
        result = self.watch(sys.executable, script)
        self.assertEqual(result["files"], [])

    def test_private_mappings_are_nothing(self):
        script = self.script("a = np.load(FILE, mmap_mode='c'); a[5] = (1, 2)")
        self.assertEqual(self.watch(sys.executable, script)["files"], [])

    def test_header_and_opening_are_told(self):
        script = self.script("fd = os.open(FILE, os.O_RDWR); os.pwrite(fd, b'x' * 16, 128); os.fsync(fd)")
        file = self.only_file(self.watch(sys.executable, script))
        self.assertEqual(file["npy"]["shape"], [4096])
        self.assertEqual(file["npy"]["data_offset"], HEADER)
        (writer,) = file["writers"]
        self.assertEqual(writer["opened"], ["O_RDWR"])
        self.assertTrue(writer["synced"])
        self.assertTrue(writer["exact"])
        self.assertIn("job.py", writer["command"])
        self.assertEqual(writer["node"], os.uname().nodename)

    def test_a_large_sparse_file(self):
        script = self.script("""
a = np.lib.format.open_memmap(FILE.replace('a.npy', 'big.npy'), mode='w+', dtype='u1', shape=(100 << 30,))
a[(50 << 30) + 12345] = 1
a[99 << 30] = 1
""")
        file = self.only_file(self.watch(sys.executable, script), "big.npy")
        pages = [tuple(p) for p in file["writers"][0]["pages"]]
        start = 128 + (50 << 30) + 12345
        if can_see_stores():
            self.assertEqual(pages, [(at // PAGE * PAGE, at // PAGE * PAGE + PAGE) for at in (start, 128 + (99 << 30))])


class Sharing(WatchTest):
    PWRITE = "start, stop = map(int, sys.argv[1].split('-'))\n" + WAYS["pwrite"]
    MEMMAP = "start, stop = map(int, sys.argv[1].split('-'))\n" + WAYS["open_memmap"]
    WAIT = "\nimport time; time.sleep(1.0)\n"

    def test_page_shared_by_two_processes(self):
        for way in (self.PWRITE, self.MEMMAP):
            if way == self.MEMMAP and not can_see_stores():
                continue
            file = self.only_file(self.jobs(self.script(way + self.WAIT), "0-500", "500-1000"))
            (hazard,) = file["hazards"]
            start = (HEADER + 500 * ROW) // PAGE * PAGE
            self.assertEqual((hazard["kind"], hazard["from"], hazard["to"]), ("same-page", start, start + PAGE))
            self.assertEqual(hazard["writers"], [0, 1])
            self.assertFalse(hazard["between_caches"])
            self.assertEqual(hazard["level"], "harmless")

    def test_own_pages_raise_nothing(self):
        rows = PAGE // ROW
        shift = (PAGE - HEADER) // ROW  # the first row of the second page
        file = self.only_file(self.jobs(self.script(self.PWRITE + self.WAIT), f"0-{shift}", f"{shift}-{shift + rows}"))
        self.assertEqual(file["hazards"], [])

    def test_same_bytes_by_two_processes(self):
        result = self.jobs(self.script(self.PWRITE + self.WAIT), "0-10", "5-15")
        file = self.only_file(result)
        (hazard,) = file["hazards"]
        self.assertEqual((hazard["kind"], hazard["from"], hazard["to"]), ("same-bytes", HEADER + 5 * ROW, HEADER + 10 * ROW))
        self.assertEqual(hazard["level"], "loses")
        self.assertIn("its own rows", file["advice"])

    def test_parts_of_one_record(self):
        script = self.script("fd = os.open(FILE, os.O_RDWR)\nos.pwrite(fd, b'x' * 8, 128 + int(sys.argv[1]) * 8)\n" + self.WAIT)
        (hazard,) = self.only_file(self.jobs(script, 0, 1))["hazards"]
        self.assertEqual((hazard["kind"], hazard["from"], hazard["to"]), ("same-record", HEADER, HEADER + ROW))

    def test_children_that_nobody_waited_for_are_ordered_by_chance(self):
        """Each is started after the one before has ended, but the parent does not wait for that."""
        script = self.script("""
import time
for _ in range(3):
    pid = os.fork()
    if pid == 0:
        os.pwrite(os.open(FILE, os.O_RDWR), b'x' * 16, 128)
        os._exit(0)
    while open(f'/proc/{pid}/stat').read().split()[2] != 'Z': time.sleep(0.01)
""")
        hazards = self.only_file(self.watch(sys.executable, script))["hazards"]
        self.assertEqual([(h["kind"], h["ordered"], h["by_chance"], h["level"]) for h in hazards],
                         3 * [("same-bytes", True, True, "may-lose")])
        self.assertEqual(run("watch", "--fail-on", "bytes", "--", sys.executable, script).code, 1)

    def test_one_after_the_other_is_order(self):
        script = self.script(self.PWRITE)
        result = self.watch("sh", "-c", f"{sys.executable} {script} 0-10; {sys.executable} {script} 5-15")
        (hazard,) = self.only_file(result)["hazards"]
        self.assertTrue(hazard["ordered"])
        self.assertEqual(hazard["level"], "harmless")

    def test_locks(self):
        take = {"fcntl": "fcntl.lockf(fd, fcntl.LOCK_EX)", "flock": "fcntl.flock(fd, fcntl.LOCK_EX)",
                "lock file": "lock = open(FILE + '.lock', 'w'); fcntl.flock(lock, fcntl.LOCK_EX)"}
        give = {"fcntl": "fcntl.lockf(fd, fcntl.LOCK_UN)", "flock": "fcntl.flock(fd, fcntl.LOCK_UN)", "lock file": "fcntl.flock(lock, fcntl.LOCK_UN)"}
        for name in take:
            with self.subTest(lock=name):
                script = self.script(f"import fcntl, time\nfd = os.open(FILE, os.O_RDWR)\n{take[name]}\nos.pwrite(fd, b'x' * 32, 128 + 16 * int(sys.argv[1]))\n"
                                     f"{give[name]}\ntime.sleep(1)\n")
                hazards = self.only_file(self.jobs(script, 0, 1))["hazards"]
                self.assertEqual([(h["kind"], h["locked"], h["level"]) for h in hazards], [("same-bytes", True, "harmless")])
        script = self.script("import fcntl, time\nfd = os.open(FILE, os.O_RDWR)\nfcntl.lockf(fd, fcntl.LOCK_EX)\nfcntl.lockf(fd, fcntl.LOCK_UN)\n"
                             "os.pwrite(fd, b'x' * 32, 128 + 16 * int(sys.argv[1]))\ntime.sleep(1)\n")
        hazards = self.only_file(self.jobs(script, 0, 1))["hazards"]
        self.assertEqual([(h["kind"], h["locked"], h["level"]) for h in hazards], [("same-bytes", False, "loses")])

    LOCKED = """
import fcntl, time
fd = os.open(FILE, os.O_RDWR)
{take}
os.pwrite(fd, b'x' * 32, 128 + 16 * int(sys.argv[1]))
time.sleep(1)
"""
    LOCKS = {
        "one byte as a lock of all": (True, "fcntl.lockf(fd, fcntl.LOCK_EX, 1)"),
        "a byte for each process": (False, "fcntl.lockf(fd, fcntl.LOCK_EX, 1, 1000 + int(sys.argv[1]))"),
        "a byte of a lock file for each process":
            (False, "lock = open(FILE + '.lock', 'a+'); fcntl.lockf(lock, fcntl.LOCK_EX, 1, int(sys.argv[1]))"),
        "the written bytes": (True, "fcntl.lockf(fd, fcntl.LOCK_EX, 32, 128 + 16 * int(sys.argv[1]))"),
        "the same bytes, of which each gives back others":
            (False, "fcntl.lockf(fd, fcntl.LOCK_EX, 1000); "
                    "fcntl.lockf(fd, fcntl.LOCK_UN, *((500, 0) if sys.argv[1] == '0' else (600, 400)))"),
        "all, of which the first bytes are given back": (True, "fcntl.lockf(fd, fcntl.LOCK_EX); fcntl.lockf(fd, fcntl.LOCK_UN, 1000)"),
        "flock, and another descriptor of the file is closed": (True, "fcntl.flock(fd, fcntl.LOCK_EX); open(FILE).close()"),
        "fcntl, and another descriptor of the file is closed": (False, "fcntl.lockf(fd, fcntl.LOCK_EX); open(FILE).close()"),
        "flock, and the descriptor is closed after it was copied":
            (True, "old = fd; fcntl.flock(old, fcntl.LOCK_EX); fd = os.dup(old); os.close(old)"),
        "flock of a lock file that is closed": (False, "with open(FILE + '.lock', 'w') as lock: fcntl.flock(lock, fcntl.LOCK_EX)"),
        "flock of a lock file, shared": (False, "lock = open(FILE + '.lock', 'w'); fcntl.flock(lock, fcntl.LOCK_SH)"),
    }

    def test_locks_exclude_where_they_have_bytes_in_common(self):
        for name, (excludes, take) in self.LOCKS.items():
            with self.subTest(lock=name):
                hazards = self.only_file(self.jobs(self.script(self.LOCKED.format(take=take)), 0, 1))["hazards"]
                level = "harmless" if excludes else "loses"
                self.assertEqual([(h["kind"], h["locked"], h["level"]) for h in hazards], [("same-bytes", excludes, level)])

    def test_a_lock_for_each_of_many_records(self):
        script = self.script("import fcntl, time\nfd = os.open(FILE, os.O_RDWR)\nfor i in range(300):\n"
                             " fcntl.lockf(fd, fcntl.LOCK_EX, 8, 128 + 16 * i)\n os.pwrite(fd, b'x' * 16, 128 + 16 * i)\n"
                             " fcntl.lockf(fd, fcntl.LOCK_UN, 8, 128 + 16 * i)\ntime.sleep(1)\n")
        hazards = self.only_file(self.jobs(script, 0, 1))["hazards"]
        self.assertEqual({(h["kind"], h["locked"]) for h in hazards}, {("same-bytes", True)})

    # Two processes write the same bytes. The barrier, made of semaphores, too, lets neither close the file before
    # both wrote.
    SEMAPHORE = """
import ctypes, multiprocessing
libc = ctypes.CDLL(None)
libc.sem_open.restype = ctypes.c_void_p
END = (ctypes.c_long * 2)(4000000000, 0)
def named(flags=os.O_CREAT | os.O_EXCL, value=1):
    return ctypes.c_void_p(libc.sem_open(NAME, flags, 0o600, value))
def work(number, lock, written, barrier):
    fd = os.open(FILE, os.O_RDWR)
    TAKE
    os.pwrite(fd, b'x' * 32, 128)
    GIVE
    written.release()
    barrier.wait()
if __name__ == '__main__':
    context = multiprocessing.get_context(METHOD)
    lock, written, barrier = MAKE, context.Semaphore(0), context.Barrier(2)
    jobs = [context.Process(target=work, args=(i, lock, written, barrier)) for i in range(2)]
    for job in jobs: job.start()
    BESIDE
    for job in jobs: job.join()
    assert [job.exitcode for job in jobs] == [0, 0]
"""

    def check_semaphore(self, make, *, excludes, method="fork", take="lock.acquire()", give="lock.release()",
                        beside="pass"):
        text = self.SEMAPHORE
        name = f"/npyrace-test-{os.getpid()}"
        for word, value in (("METHOD", repr(method)), ("MAKE", make), ("TAKE", take), ("GIVE", give),
                            ("BESIDE", beside), ("NAME", repr(name.encode()))):
            text = text.replace(word, value)
        try:
            hazards = self.only_file(self.watch(sys.executable, self.script(text), timeout=60))["hazards"]
        finally:
            pathlib.Path(f"/dev/shm/sem.{name[1:]}").unlink(missing_ok=True)
        level = "harmless" if excludes else "loses"
        self.assertEqual([(h["kind"], h["locked"], h["level"]) for h in hazards], [("same-bytes", excludes, level)])

    def test_locks_of_multiprocessing(self):
        for method in ("fork", "spawn", "forkserver"):
            for make, excludes in (("Lock()", True), ("RLock()", True), ("Semaphore(2)", False)):
                with self.subTest(method=method, lock=make):
                    self.check_semaphore(f"context.{make}", method=method, excludes=excludes)

    def test_a_semaphore_is_a_lock_only_for_those_who_take_it_and_give_it_back(self):
        for method in ("fork", "spawn"):
            with self.subTest(method=method):
                self.check_semaphore("context.Lock()", method=method, excludes=False,
                                     take="if number == 0: lock.acquire()", give="if number == 0: lock.release()")
                self.check_semaphore("context.Lock()", method=method, excludes=False, give="pass",
                                     beside="written.acquire(); lock.release()")
                self.check_semaphore("context.Lock()", method=method, excludes=False,
                                     take="lock.acquire(); lock.release()", give="pass")

    def test_a_lock_inside_a_limit_of_processes(self):
        """A queue has semaphores of its own, of which the process that puts does not give back one."""
        for method in ("fork", "spawn"):
            with self.subTest(method=method):
                self.check_semaphore("[context.Semaphore(2), context.Lock(), context.Queue(9)]", method=method,
                                     excludes=True, take="lock[0].acquire(); lock[1].acquire(); lock[2].put(1)",
                                     give="lock[1].release(); lock[0].release()")

    def test_calls_of_semaphores(self):
        for take in ("libc.sem_wait(lock)", "while libc.sem_trywait(lock): pass",
                     "assert libc.sem_timedwait(lock, END) == 0", "assert libc.sem_clockwait(lock, 0, END) == 0"):
            with self.subTest(take=take):
                self.check_semaphore("named()", excludes=True, take=take, give="libc.sem_post(lock)")
        take = {"take": "libc.sem_wait(lock)", "give": "libc.sem_post(lock)"}
        self.check_semaphore("named(os.O_CREAT)", excludes=True, **take)
        self.check_semaphore("named(value=2)", excludes=False, **take)
        # The second and third call open the semaphore of the first, which starts with 0; the 1 that they give is
        # ignored.
        self.check_semaphore("(named(value=0), libc.sem_post(named(os.O_CREAT)), named(os.O_CREAT))[2]",
                             excludes=False, **take)
        # A new semaphore of the same name, which may get the address of the closed one.
        again = "[old := named(value={}), libc.sem_close(old), libc.sem_unlink(NAME), named(value={})][3]"
        self.check_semaphore(again.format(1, 2), excludes=False, **take)
        self.check_semaphore(again.format(2, 1), excludes=True, **take)

    def test_emptied_by_w_plus(self):
        script = self.script("""
import time
number = int(sys.argv[1])
time.sleep(0.7 * number)
a = np.lib.format.open_memmap(FILE, mode='w+', dtype=DTYPE, shape=(4096,))
a[number * 512:number * 512 + 256] = (1, 2)
time.sleep(2)
""")
        file = self.only_file(self.jobs(script, 0, 1))
        lost = [h for h in file["hazards"] if h["level"] == "loses"]
        self.assertTrue(any("emptied" in h["means"] for h in lost), file["hazards"])
        self.assertIn("r+", file["advice"])

    def test_a_file_that_is_saved_again_by_the_next_step_is_no_loss(self):
        script = self.script("np.save(FILE, np.zeros(1000))")
        file = self.only_file(self.watch("sh", "-c", f"{sys.executable} {script}; {sys.executable} {script}"))
        self.assertEqual({(h["kind"], h["ordered"], h["by_chance"], h["level"]) for h in file["hazards"]},
                         {("same-bytes", True, False, "harmless")})
        self.assertEqual(file["advice"], "")

    def test_replaced_by_rename(self):
        script = self.script("""
import time
number = int(sys.argv[1])
a = np.load(FILE)
a[number] = (1, 2)
time.sleep(0.5)
np.save(f'{FILE}.{number}.npy', a)
time.sleep(0.5)
os.replace(f'{FILE}.{number}.npy', FILE)
""")
        file = self.only_file(self.jobs(script, 0, 1))
        self.assertEqual(len(file["writers"]), 2)
        self.assertIn("same-bytes", kinds(file))

    def test_replaced_from_a_name_that_is_not_watched(self):
        script = self.script("""
import time
number = int(sys.argv[1])
a = np.load(FILE)
a[number] = (1, 2)
time.sleep(0.5)
with open(f'{FILE}.{number}.tmp', 'wb') as f: np.save(f, a)
os.replace(f'{FILE}.{number}.tmp', FILE)
time.sleep(0.5)
""")
        file = self.only_file(self.jobs(script, 0, 1))
        self.assertEqual(len(file["writers"]), 2)
        self.assertIn("same-bytes", kinds(file, level="loses"))

    def test_chunks_that_are_replaced_are_different_files(self):
        """File systems use the inode number of a removed file again."""
        script = self.script("""
folder = os.path.dirname(FILE)
for turn in range(3):
    for chunk in range(int(sys.argv[1]), 16, 2):
        temporary = f'{folder}/{chunk}.{turn}.tmp.npy'
        np.save(temporary, np.zeros(100))
        os.replace(temporary, f'{folder}/{chunk}.chunk.npy')
""")
        result = self.jobs(script, 0, 1)
        chunks = [f for f in result["files"] if f["path"].endswith(".chunk.npy")]
        self.assertEqual(len(chunks), 16)
        self.assertEqual([f["hazards"] for f in chunks if f["hazards"]], [])

    def test_processes_that_replace_one_chunk_at_once(self):
        """Each renamed file is known by its own inode: the name may belong to the other's file a moment later."""
        script = self.script("""
folder = os.path.dirname(FILE) + '/z'
os.makedirs(folder, exist_ok=True)
for turn in range(300):
    temporary = f'{folder}/{os.getpid()}.tmp'
    open(temporary, 'wb').write(b'x' * 100)
    os.replace(temporary, folder + '/0.0')
""")
        result = self.jobs(script, 0, 1, options=["--match", "*/z/*"])
        self.assertEqual([os.path.basename(f["path"]) for f in result["files"]], ["0.0"])
        self.assertIn("same-bytes", kinds(self.only_file(result, "0.0")))

    def test_processes_that_append_share_no_bytes(self):
        for way in ("f = open(FILE, 'ab', buffering=0).write", "f = ctypes_append"):
            script = self.script(f"""
import ctypes
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
libc.fwrite.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_void_p]
def ctypes_append(data):
    libc.fwrite(data, 1, len(data), stream)
    libc.fflush(ctypes.c_void_p(stream))
stream = libc.fopen(FILE.encode(), b'a')
{way}
for _ in range(1000): f(b'x' * 100)
""")
            with self.subTest(way=way):
                file = self.only_file(self.jobs(script, 0, 1, 2))
                self.assertEqual(len(file["writers"]), 3)
                self.assertEqual(kinds(file, kind="same-bytes"), [])
        shell = self.watch("sh", "-c", f"for i in 1 2 3; do echo x >> {self.file}; done")
        self.assertTrue(self.only_file(shell)["writers"][0]["exact"])

    def test_an_inode_number_that_a_forked_child_gets_again_is_another_file(self):
        """The parent has seen the chunk that one child replaces; the next child's file gets the inode number."""
        script = self.script("""
folder = os.path.dirname(FILE)
def save(chunk):
    temporary = f'{folder}/{os.getpid()}.tmp.npy'
    np.save(temporary, np.zeros(100))
    os.replace(temporary, f'{folder}/{chunk}.chunk.npy')
for chunk in range(8): save(chunk)
for child in range(8):
    if os.fork() == 0:
        save(child)
        os._exit(0)
for _ in range(8): os.wait()
""")
        files = self.watch(sys.executable, script)["files"]
        self.assertEqual(sorted(os.path.basename(f["path"]) for f in files), [f"{i}.chunk.npy" for i in range(8)])
        self.assertEqual({h["level"] for f in files for h in f["hazards"]}, {"harmless"})

    def test_a_rename_of_what_a_child_wrote_is_no_write(self):
        script = self.script("""
import subprocess
temporary = FILE + '.tmp.npy'
subprocess.run([sys.executable, '-c', f'import numpy; numpy.save({temporary!r}, numpy.zeros(100))'], check=True)
os.rename(temporary, FILE)
""")
        file = next(f for f in self.watch(sys.executable, script)["files"] if len(f["writers"]) > 0)
        self.assertEqual([w["bytes"] for w in file["writers"] if w["bytes"]], [[[0, 128 + 800]]])
        self.assertEqual(kinds(file, level="loses"), [])

    def test_chunk_files(self):
        (self.folder / "z").mkdir()
        script = self.script("import time\nf = open(os.path.dirname(FILE) + '/z/0.0', 'wb')\nf.write(bytes([int(sys.argv[1])]) * 1000)\n"
                             "f.flush()\ntime.sleep(1)\n")
        for name in "absolute", "relative":
            if name == "relative":
                script.write_text(script.read_text().replace("os.path.dirname(FILE) + '/z/0.0'", "'z/0.0'"))
            with self.subTest(path=name):
                result = self.jobs(script, 1, 2, options=["--match", "*/z/*"], cwd=self.folder)
                file = self.only_file(result, "0.0")
                self.assertIn("same-bytes", kinds(file, level="loses"))
                self.assertIsNone(file["npy"])


class Processes(WatchTest):
    """All processes that a program starts are watched, however they start and end."""

    POOL = """
import multiprocessing, time
def work(start):
    a = np.lib.format.open_memmap(FILE, mode='r+')
    a[start:start + 128] = (1, 2)
    time.sleep(0.2)
    return os.getpid()
if __name__ == '__main__':
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(4) as pool:
        print(len(set(pool.map(work, range(0, 1024, 128), chunksize=1))))
"""

    def all_pages(self, result, end_row=1024):
        pages = np.zeros(-(-(HEADER + 4096 * ROW) // PAGE), bool)
        for writer in self.only_file(result)["writers"]:
            for start, end in writer["pages"]:
                pages[start // PAGE:end // PAGE] = True
        self.assertEqual(pages.nonzero()[0].tolist(), list(range(-(-(HEADER + end_row * ROW) // PAGE))))

    @unittest.skipUnless(can_see_stores(), "this kernel does not show stores into mappings")
    def test_pools(self):
        for method in ("fork", "spawn", "forkserver"):
            with self.subTest(method=method):
                result = self.watch(sys.executable, self.script(self.POOL), method)
                self.all_pages(result)
                self.assertGreater(len(self.only_file(result)["writers"]), 1)

    @unittest.skipUnless(can_see_stores(), "this kernel does not show stores into mappings")
    def test_pool_with_an_inherited_mapping_that_is_terminated(self):
        script = self.script("""
import multiprocessing
a = np.lib.format.open_memmap(FILE, mode='r+')
def work(start):
    a[start:start + 256] = (1, 2)
if __name__ == '__main__':
    with multiprocessing.get_context('fork').Pool(2) as pool:
        pool.map(work, range(0, 1024, 256), chunksize=1)
    # The pool ends its processes by SIGTERM.
""")
        self.all_pages(self.watch(sys.executable, script))

    @unittest.skipUnless(can_see_stores(), "this kernel does not show stores into mappings")
    def test_a_child_reports_its_own_pages_only(self):
        script = self.script("""
a = np.lib.format.open_memmap(FILE, mode='r+')
a[0] = (1, 2)
if os.fork() == 0:
    a[2000] = (3, 4)
    os._exit(0)
os.wait()
a[4000] = (5, 6)
""")
        wrote = [pages for _, pages in self.wrote(self.watch(sys.executable, script))]
        self.assertEqual(sorted(wrote), sorted([[page_range(0, 1), page_range(4000, 4001)], [page_range(2000, 2001)]]))

    @unittest.skipUnless(can_see_stores(), "this kernel does not show stores into mappings")
    def test_what_a_parent_wrote_before_and_after_its_children_is_ordered(self):
        script = self.script("""
a = np.lib.format.open_memmap(FILE, mode='r+')
a[:] = (0, 0)
if os.fork() == 0:
    a[10] = (3, 4)
    os._exit(0)
os.wait()
a[11] = (5, 6)
""")
        file = self.only_file(self.watch(sys.executable, script))
        self.assertEqual(len(file["writers"]), 2)
        self.assertTrue(all(h["ordered"] for h in file["hazards"]), file["hazards"])

    @unittest.skipUnless(can_see_stores(), "this kernel does not show stores into mappings")
    def test_stores_before_and_after_a_child_of_vfork(self):
        """The child of subprocess shares our memory, and closes its own descriptors."""
        script = self.script("""
import subprocess
a = np.load(FILE, mmap_mode='r+')
a[0] = (1, 2)
subprocess.run(['true'], check=True)
a[3000] = (3, 4)
""")
        ((_, pages),) = self.wrote(self.watch(sys.executable, script))
        self.assertEqual(pages, [page_range(0, 1), page_range(3000, 3001)])

    def test_numbers_of_our_descriptors_belong_to_the_program(self):
        """Descriptors that the program makes where the collector has its own are left alone, and closed when it says."""
        script = self.script("""
fd = os.open(FILE, os.O_RDWR)
m = np.memmap(FILE, 'u1', 'r+')
m[5000] = 1
others = []
for number in range(495, 510):
    read, write = os.pipe()
    os.dup2(write, number)
    os.close(write)
    others.append((number, read))
for i in range(4000):
    os.pwrite(fd, b'x', 16 * i)
for number, read in others:
    os.close(number)
    assert os.read(read, 1) == b'', number
""")
        ((calls, _),) = self.wrote(self.watch(sys.executable, script))
        self.assertEqual(calls[0], [0, 1])
        self.assertEqual(len(calls), 4000)

    def test_the_file_position_is_not_moved(self):
        """One child writes at the position that it shares, while the parent maps the file."""
        script = self.script("""
import mmap
f = open(FILE, 'r+b', buffering=0)
f.truncate(0)
f.write(bytes([1]) * 4096)
if os.fork() == 0:
    for i in range(1, 10000):
        f.write(bytes([1 + i % 200]) * 4096)
    os._exit(0)
while os.waitpid(-1, os.WNOHANG)[0] == 0:
    for _ in range(100):
        mmap.mmap(f.fileno(), 4096).close()
data = np.fromfile(FILE, 'u1').reshape(-1, 4096)
assert (data == (1 + np.arange(10000) % 200).astype('u1')[:, None]).all()
""")
        self.watch(sys.executable, script)

    def test_an_error_of_fclose_is_the_program_s(self):
        script = self.script("""
import ctypes, resource, signal
libc = ctypes.CDLL(None, use_errno=True)
libc.fopen.restype = ctypes.c_void_p
libc.fwrite.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_void_p]
libc.fclose.argtypes = [ctypes.c_void_p]
stream = libc.fopen(FILE.encode(), b'r+')
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
assert libc.fwrite(b'x' * 3000, 1, 3000, stream) == 3000
assert libc.fclose(stream) == -1
assert ctypes.get_errno() == 27, ctypes.get_errno()  # EFBIG
""")
        self.watch(sys.executable, script)

    def test_joblib(self):
        try:
            import joblib  # noqa: F401
        except ImportError:
            self.skipTest("joblib is missing (Debian: python3-joblib)")
        script = self.script(self.POOL.split("if __name__")[0] + """
import joblib
joblib.Parallel(n_jobs=3)(joblib.delayed(work)(start) for start in range(0, 1024, 128))
""")
        if can_see_stores():
            self.all_pages(self.watch(sys.executable, script))

    def test_threads_are_one_writer(self):
        script = self.script("""
import threading
fd = os.open(FILE, os.O_RDWR)
def work(i): os.pwrite(fd, b'x' * 16, 128 + i * 16)
threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
""")
        file = self.only_file(self.watch(sys.executable, script))
        (writer,) = file["writers"]
        self.assertGreater(writer["threads"], 1)
        self.assertEqual(file["hazards"], [])

    def test_a_killed_process_keeps_what_was_seen(self):
        script = self.script("""
import signal, time
fd = os.open(FILE, os.O_RDWR)
os.pwrite(fd, b'x' * 16, 128)
a = np.lib.format.open_memmap(FILE, mode='r+')
a[1000] = (1, 2)
time.sleep(1.2)
a.flush()
a[3000] = (1, 2)
os.kill(os.getpid(), signal.SIGKILL)
""")
        result = self.watch(sys.executable, script, code=137)
        (writer,) = self.only_file(result)["writers"]
        self.assertEqual(writer["bytes"], [[HEADER, HEADER + ROW]])
        if can_see_stores():
            self.assertIn(page_range(1000, 1001), writer["pages"])
        self.assertTrue(writer["killed"])
        self.assertFalse(writer["exact"])
        self.assertTrue(any("killed" in words for words in result["unseen"]), result["unseen"])

    def test_a_job_that_was_killed_and_is_started_again_shares_nothing_with_itself(self):
        script = self.script("""
import signal, time
fd = os.open(FILE, os.O_RDWR)
os.pwrite(fd, b'x' * 32, 128)
if sys.argv[1:] == ['dies']: os.kill(os.getpid(), signal.SIGKILL)
""")
        parents = {"sh": ["sh", "-c", f"{sys.executable} {script} dies; {sys.executable} {script}"],
                   "python": [sys.executable, "-c", f"import subprocess, sys\nfor word in 'dies', 'lives': subprocess.run([sys.executable, {str(script)!r}, word])"]}
        for name, command in parents.items():
            with self.subTest(parent=name):
                (hazard,) = self.only_file(self.watch(*command))["hazards"]
                self.assertEqual((hazard["ordered"], hazard["level"]), (True, "harmless"))
        script.write_text(script.read_text().replace("if sys", "time.sleep(1)\nif sys"))
        both = f"{sys.executable} {script} dies & {sys.executable} {script}; wait"
        (hazard,) = self.only_file(self.watch("sh", "-c", both))["hazards"]
        self.assertFalse(hazard["ordered"])

    @unittest.skipUnless(can_see_stores(), "this kernel does not show stores into mappings")
    def test_a_killed_process_that_only_stored(self):
        """It calls nothing in which the collector could look: watch looks from outside."""
        script = self.script("""
import signal, time
a = np.lib.format.open_memmap(FILE, mode='r+')
a[1000] = a[3000] = (1, 2)
end = time.monotonic() + 4
while time.monotonic() < end: pass
os.kill(os.getpid(), signal.SIGKILL)
""")
        result = self.watch(sys.executable, script, code=137)
        (writer,) = self.only_file(result)["writers"]
        self.assertEqual(writer["pages"], [page_range(1000, 1001), page_range(3000, 3001)])
        self.assertTrue(writer["killed"])

    @unittest.skipUnless(can_see_stores(), "this kernel does not show stores into mappings")
    def test_signals_that_end_a_process_by_default(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
            script = self.script(f"a = np.lib.format.open_memmap(FILE, mode='r+')\na[1000] = (1, 2)\nos.kill(os.getpid(), {int(number)})\n")
            result = self.watch(sys.executable, script, code=128 + number)
            self.assertEqual(self.wrote(result), [([], [page_range(1000, 1001)])])

    def test_handlers_of_the_program_stay(self):
        script = self.script("""
import signal
signal.signal(signal.SIGTERM, lambda *_: (print('handled'), sys.exit(7)))
a = np.lib.format.open_memmap(FILE, mode='r+')
os.kill(os.getpid(), signal.SIGTERM)
""")
        outcome = run("watch", "--", sys.executable, script)
        self.assertEqual((outcome.code, outcome.out), (7, "handled\n"), outcome)

    def test_a_process_without_a_log_is_named(self):
        script = self.script("os.pwrite(os.open(FILE, os.O_RDWR), b'x' * 16, 128)")
        result = self.watch("sh", "-c", f"ulimit -f 1000; exec {sys.executable} {script}")
        self.assertEqual(result["files"], [])
        self.assertTrue(any("file size limit" in words for words in result["unseen"]), result["unseen"])

    def test_a_program_that_closes_all_descriptors(self):
        script = self.script("""
fd = os.open(FILE, os.O_RDWR)
os.pwrite(fd, b'x' * 16, 128)
a = np.load(FILE, mmap_mode='r+')
os.closerange(3, 4096)
a[1000] = (1, 2)
fd = os.open(FILE, os.O_RDWR)
os.pwrite(fd, b'x' * 16, 160)
""")
        (calls, pages), = self.wrote(self.watch(sys.executable, script))
        self.assertEqual(calls, [[HEADER, HEADER + ROW], [HEADER + 2 * ROW, HEADER + 3 * ROW]])
        if can_see_stores():
            self.assertEqual(pages, [page_range(1000, 1001)])

    def test_environment_is_kept_for_children(self):
        script = self.script("""
import subprocess
subprocess.run([sys.executable, '-c', f'import os; os.pwrite(os.open({FILE!r}, os.O_RDWR), b"x" * 16, 128)'], env={'PATH': '/usr/bin'}, check=True)
os.execve(sys.executable, [sys.executable, '-c', f'import os; os.pwrite(os.open({FILE!r}, os.O_RDWR), b"x" * 16, 144)'], {})
""")
        self.assertEqual(self.wrote(self.watch(sys.executable, script)), [([[HEADER, HEADER + ROW]], []), ([[HEADER + ROW, HEADER + 2 * ROW]], [])])


C_WRITER = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
int main(int argc, char** argv) {
  const char* path = argv[1];
  long offset = argc > 3 ? atol(argv[3]) : 0;
  char text[16] = "xxxxxxxxxxxxxxx";
  if (!strcmp(argv[2], "fwrite")) {
    FILE* f = fopen(path, "r+b");
    fseek(f, offset, SEEK_SET);
    for (int i = 0; i < 100; ++i) fwrite(text, 1, 16, f);
    fclose(f);
  } else if (!strcmp(argv[2], "pwrite")) {
    int fd = open(path, O_WRONLY);
    if (pwrite(fd, text, 16, offset) != 16) return 1;
    sleep(argc > 4 ? atoi(argv[4]) : 0);
  } else if (!strcmp(argv[2], "mremap")) {
    int fd = open(path, O_RDWR);
    char* m = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    m[0] = 1;
    m = mremap(m, 8192, 65536, MREMAP_MAYMOVE);
    m[40960] = 1;
    munmap(m + 8192, 8192);
    m[16384] = 1;
    if (fork() == 0) { m[20480] = 1; _exit(0); }
    m[24576] = 1;
  } else if (!strcmp(argv[2], "mprotect")) {
    int fd = open(path, O_RDWR);
    char* m = mmap(0, 8192, PROT_READ, MAP_SHARED, fd, 0);
    mprotect(m, 8192, PROT_READ | PROT_WRITE);
    m[4096] = 1;
  }
  return 0;
}
"""

FORTRAN = """
program job
  integer(8) :: pair(2) = [1_8, 2_8]
  character(1000) :: path
  call get_command_argument(1, path)
  open(10, file=trim(path), access='stream', form='unformatted', action='readwrite', status='old')
  write(10, pos=129) pair
  close(10)
end program
"""


END = 32 * PAGE
# What tests/e2e/file_calls.c writes: bytes by calls, pages by stores, and what truncation or replacement removed.
CALLS = {
    "mremap that leaves the old place mapped": ([], [[0, 3 * PAGE]], []),
    "mremap of a copy": ([], [[PAGE, 3 * PAGE]], []),
    "mremap that fails": ([], [[PAGE, 2 * PAGE], [5 * PAGE, 6 * PAGE]], []),
    "mmap over a mapping": ([], [[0, PAGE], [2 * PAGE, 3 * PAGE], [8 * PAGE, 9 * PAGE]], []),
    "mmap over a mapping that fails": ([], [[PAGE, 2 * PAGE]], []),
    "munmap that fails": ([], [[PAGE, 2 * PAGE]], []),
    "pkey_mprotect": ([], [[PAGE, 2 * PAGE]], []),
    "MADV_REMOVE": ([[3 * PAGE, 5 * PAGE]], [[5 * PAGE, 6 * PAGE]], []),
    "truncation and growth under a mapping": ([], [[PAGE, 2 * PAGE], [3 * PAGE, 4 * PAGE]], [[0, END]]),
    "posix_fallocate": None,
    "a hole": ([[PAGE, 2 * PAGE]], [], []),
    "a hole by a descriptor that appends": ([[PAGE, 2 * PAGE]], [], []),
    "zeros": ([[100, 1100]], [], []),
    "a range that is removed": ([[PAGE, END - PAGE]], [], [[END - PAGE, END]]),
    "a range that is inserted": ([[PAGE, END + PAGE]], [], []),
    "copy_file_range": ([[1000, 1050], [5000, 5050]], [], []),
    "sendfile": ([[1000, 1050]], [], []),
    "splice": ([[1000, 1005], [2000, 2005]], [], []),
    "pwritev2": ([[1000, 1007], [2000, 2007], [END, END + 3]], [], []),
    "preadv": None,
    "O_APPEND": ([[END, END + 6]], [], []),
    "a file that gets its name later": ([[0, 10], [500, 503]], [], [[0, END]]),
}
REFUSED = 9  # by the file system: an exit code of file_calls


class Calls(WatchTest):
    @unittest.skipUnless(can_see_stores(), "this kernel does not show stores into mappings")
    def test_each_call_is_seen_exactly(self):
        if shutil.which("cc") is None:
            self.skipTest("no C compiler")
        program = self.folder / "file_calls"
        subprocess.run(["cc", "-O1", "-o", program, SOURCE / "tests/e2e/file_calls.c"], check=True)
        for call, wanted in CALLS.items():
            with self.subTest(call=call):
                self.file.write_bytes(bytes(END))
                report = self.folder / "watch.json"
                outcome = run("watch", "--json", report, "--", program, self.file, call)
                if outcome.code == REFUSED and re.search("not (supported|permitted)|Invalid argument", outcome.err):
                    continue
                self.assertEqual(outcome.code, 0, outcome)
                writers = [w for f in json.loads(report.read_text())["files"] for w in f["writers"]]
                self.assertEqual([(w["bytes"], w["pages"], w["truncated"]) for w in writers],
                                 [wanted] if wanted else [])


CANCELLED = r"""
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
sem_t never;
struct Cleanup {
  ~Cleanup() { puts("cleaned up"); }
};
void* wait(void*) {
  Cleanup cleanup;
  sem_wait(&never);
  return nullptr;
}
int main() {
  pthread_t thread;
  sem_init(&never, 0, 0);
  pthread_create(&thread, nullptr, wait, nullptr);
  pthread_cancel(thread);
  pthread_join(thread, nullptr);
}
"""


class OtherLanguages(WatchTest):
    def compiled(self, *flags):
        if shutil.which("cc") is None:
            self.skipTest("no C compiler")
        source, program = self.folder / "writer.c", self.folder / "writer"
        source.write_text(C_WRITER)
        subprocess.run(["cc", "-o", program, source, *flags], check=True, stderr=subprocess.DEVNULL)
        return program

    def test_stdio(self):
        self.assertEqual(self.wrote(self.watch(self.compiled(), self.file, "fwrite", HEADER)), [([[HEADER, HEADER + 1600]], [])])

    @unittest.skipUnless(can_see_stores(), "this kernel does not show stores into mappings")
    def test_mremap_and_parts(self):
        wrote = self.wrote(self.watch(self.compiled(), self.file, "mremap"))
        self.assertEqual(sorted(pages for _, pages in wrote),
                         [[[0, 4096], [16384, 20480], [24576, 28672], [40960, 45056]], [[20480, 24576]]])

    @unittest.skipUnless(can_see_stores(), "this kernel does not show stores into mappings")
    def test_mprotect(self):
        self.assertEqual(self.wrote(self.watch(self.compiled(), self.file, "mprotect")), [([], [[4096, 8192]])])

    def test_fortran(self):
        if shutil.which("gfortran") is None:
            self.skipTest("no gfortran (Debian: gfortran)")
        source, program = self.folder / "job.f90", self.folder / "job"
        source.write_text(FORTRAN)
        subprocess.run(["gfortran", "-o", program, source], check=True)
        self.assertEqual(self.wrote(self.watch(program, self.file)), [([[HEADER, HEADER + ROW]], [])])

    def test_a_cancelled_thread_cleans_up(self):
        """Waiting for a semaphore is a cancellation point: the thread is unwound through the collector."""
        if shutil.which("c++") is None:
            self.skipTest("no C++ compiler")
        source, program = self.folder / "cancel.cpp", self.folder / "cancel"
        source.write_text(CANCELLED)
        subprocess.run(["c++", "-pthread", "-o", program, source], check=True)
        self.assertEqual(run("watch", "--", program).out, "cleaned up\n")

    def test_programs_with_sanitizers_run(self):
        for sanitizer in ("address", "undefined"):
            try:
                program = self.compiled(f"-fsanitize={sanitizer}")
            except subprocess.CalledProcessError:
                self.skipTest("the compiler has no sanitizers")
            with self.subTest(sanitizer=sanitizer):
                result = self.watch(program, self.file, "pwrite", HEADER, env={"ASAN_OPTIONS": "detect_leaks=0"})
                self.assertEqual(self.wrote(result), [([[HEADER, HEADER + ROW]], [])])

    def test_a_static_binary_is_named(self):
        program = self.compiled("-static")
        for command in ([program, self.file, "pwrite", HEADER], ["sh", "-c", f"{program} {self.file} pwrite {HEADER}"],
                        [sys.executable, "-c", f"import subprocess; subprocess.run([{str(program)!r}, {str(self.file)!r}, 'pwrite', '128'])"]):
            result = self.watch(*command)
            self.assertTrue(any("static binary" in words and str(program) in words for words in result["unseen"]), result)
            self.assertEqual(result["files"], [])

    def test_without_a_way_to_see_stores_the_mapping_counts(self):
        script = self.script("a = np.lib.format.open_memmap(FILE, mode='r+'); a[1000] = (1, 2)")
        result = self.watch(sys.executable, script, env={"NPYRACE_WATCH_STORES": "none"})
        (writer,) = self.only_file(result)["writers"]
        self.assertEqual(writer["pages"], [[0, -(-(HEADER + 4096 * ROW) // PAGE) * PAGE]])
        self.assertFalse(writer["exact"])
        self.assertTrue(any("does not show stores" in words for words in result["unseen"]), result["unseen"])

    def test_many_processes(self):
        program = self.compiled()
        result = self.watch("sh", "-c", f"for i in $(seq 0 999); do {program} {self.file} pwrite $((128 + 16 * i)) & done; wait")
        file = self.only_file(result)
        self.assertEqual(sorted(w["bytes"][0][0] for w in file["writers"]), [HEADER + ROW * i for i in range(1000)])
        self.assertNotIn("same-bytes", kinds(file))

    def test_the_collector_needs_only_old_symbols(self):
        """It is loaded into programs of any distribution since RHEL 7: glibc 2.17."""
        if shutil.which("objdump") is None:
            self.skipTest("no objdump (Debian: binutils)")
        logs = self.folder / "logs"
        run("watch", "--into", logs, "--", "true")
        listing = subprocess.run(["objdump", "-T", logs / "npyrace-watch.so"], capture_output=True, text=True, check=True).stdout
        versions = {tuple(map(int, v.split("."))) for v in re.findall(r"GLIBC_([0-9.]+)", listing)}
        self.assertTrue(versions)
        self.assertLessEqual(max(versions), (2, 17))
        needed = subprocess.run(["objdump", "-p", logs / "npyrace-watch.so"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(set(re.findall(r"NEEDED\s+(\S+)", needed)), {"libdl.so.2", "libc.so.6"})


class Inherited(WatchTest):
    """Descriptors that a process did not open itself."""

    def test_a_descriptor_that_was_open_before_the_program_began_was_open_all_along(self):
        """The other process opens, writes and closes before our first write: but we had the file open."""
        other = f"import os; fd = os.open({str(self.file)!r}, os.O_RDWR); os.pwrite(fd, b'y' * 16, 128); os.close(fd)"
        script = self.script("""
while not os.path.exists(FILE + '.done'): pass
os.pwrite(0, b'x' * 16, 128)
""")
        first, second = f"{sys.executable} {script} <> {self.file}", f"{sys.executable} -c \"{other}\""
        result = self.watch("sh", "-c", f"{first} & {second}; : > {self.file}.done; wait")
        (hazard,) = self.only_file(result)["hazards"]
        self.assertEqual((hazard["kind"], hazard["ordered"], hazard["level"]), ("same-bytes", False, "loses"))

    def test_a_descriptor_that_came_through_a_socket(self):
        script = self.script("""
import socket
here, there = socket.socketpair()
if os.fork() == 0:
    fd = socket.recv_fds(there, 1, 1)[1][0]
    os.pwrite(fd, b'x' * 16, 144)
    os._exit(0)
socket.send_fds(here, [b'x'], [os.open(FILE, os.O_RDWR)])
os.wait()
""")
        self.assertEqual(self.wrote(self.watch(sys.executable, script)), [([[HEADER + ROW, HEADER + 2 * ROW]], [])])

    def test_children_that_share_one_position_share_no_bytes(self):
        """Each writes where the other stopped. The collector must not take the other's position for its own."""
        script = self.script("""
fd = os.open(FILE, os.O_RDWR | os.O_APPEND * int(sys.argv[1]))
for child in range(3):
    if os.fork() == 0:
        for _ in range(3000): os.write(fd, b'x' * 16)
        os._exit(0)
for child in range(3): os.wait()
""")
        for appends in (0, 1):
            file = self.only_file(self.watch(sys.executable, script, appends))
            self.assertEqual(kinds(file, kind="same-bytes"), [])
            covered = np.zeros(HEADER + 4096 * ROW + 3 * 3000 * ROW, bool)
            for writer in file["writers"]:
                for start, end in writer["bytes"]:
                    covered[start:end] = True
            start = HEADER + 4096 * ROW if appends else 0
            self.assertTrue(covered[start:start + 3 * 3000 * ROW].all())

    def test_a_child_s_write_before_the_first_one_of_its_parent_is_ordered(self):
        script = self.script("""
if os.fork() == 0:
    os.pwrite(0, b'x' * 16, 128)
    os._exit(0)
os.wait()
os.pwrite(0, b'y' * 16, 128)
""")
        (hazard,) = self.only_file(self.watch("sh", "-c", f"{sys.executable} {script} <> {self.file}"))["hazards"]
        self.assertEqual((hazard["ordered"], hazard["by_chance"], hazard["level"]), (True, False, "harmless"))


class Command(WatchTest):
    """The command line, the exit codes and the forms of the report."""

    def test_output_and_exit_code_pass_through(self):
        outcome = run("watch", "--", "sh", "-c", "echo out; echo err >&2; exit 5")
        self.assertEqual((outcome.code, outcome.out), (5, "out\n"), outcome)
        self.assertIn("err\n", outcome.err)
        self.assertIn("no file with a watched name was written", outcome.err)
        self.assertEqual(run("watch", "--", "cat", "/dev/null").code, 0)
        self.assertEqual(run("watch", "--", "sh", "-c", "kill -9 $$").code, 137)

    def test_bad_input(self):
        self.assert_one_line(run("watch", "--", "/no/such/program"), 3, "/no/such/program", "No such file")
        self.assert_one_line(run("watched", self.folder / "none"), 3, "none", "No such file")
        (self.folder / "empty").mkdir()
        self.assert_one_line(run("watched", self.folder / "empty"), 3, "no log of npyrace watch")
        self.assert_one_line(run("watch"), 2, "COMMAND")
        self.assert_one_line(run("watch", "--fail-on", "everything", "--", "true"), 2, "--fail-on")
        self.assert_one_line(run("watch", "--lab", "nsf", "--", "true"), 2, "did you mean 'nfs'")
        self.assert_one_line(run("watch", "--match", "", "--", "true"), 2, "--match")
        self.assert_one_line(run("watch", "--json", "/no/such/folder/x.json", "--", "true"), 3, "/no/such/folder")
        (self.folder / "empty" / "x.npyrace-watch").write_bytes(b"\0" * 100)
        outcome = run("watched", self.folder / "empty")
        self.assertEqual(outcome.code, 3, outcome)
        self.assertIn("no process was seen", outcome.err)
        self.assertIn("x.npyrace-watch", outcome.out)

    def two_jobs(self):
        script = self.script(Sharing.PWRITE + Sharing.WAIT)
        return ["sh", "-c", f"{sys.executable} {script} 0-10 & {sys.executable} {script} 5-15 & wait"]

    def test_logs_of_several_jobs_are_put_together(self):
        logs = self.folder / "logs"
        script = self.script(Sharing.PWRITE + Sharing.WAIT)
        jobs = [subprocess.Popen([PROGRAM, "watch", "--into", logs, "--", sys.executable, script, rows], stderr=subprocess.PIPE, text=True)
                for rows in ("0-10", "5-15")]
        for job in jobs:
            self.assertEqual(job.communicate(timeout=60)[1], "")
            self.assertEqual(job.returncode, 0)
        report = self.folder / "watched.json"
        outcome = run("watched", logs, "--json", report)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn("LOSES: same-bytes", outcome.out)
        self.assertEqual(kinds(self.only_file(json.loads(report.read_text()))), ["same-bytes"])

    def test_a_library_that_a_stranger_put_into_the_folder_is_not_loaded(self):
        """What is preloaded runs as this user. It is loaded only if nobody else can change or replace it."""
        source, planted, mark = self.folder / "planted.c", self.folder / "planted.so", self.folder / "mark"
        source.write_text("#include <fcntl.h>\n__attribute__((constructor)) static void run(void) { open(\"%s\", O_CREAT, 0600); }"
                          % mark)
        if shutil.which("cc") is None:
            self.skipTest("no compiler here")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", planted, source], check=True)
        for way in ("file", "link", "folder of another", "world-writable folder"):
            with self.subTest(way=way):
                logs = self.folder / way.replace(" ", "-")
                logs.mkdir()
                library = logs / "npyrace-watch.so"
                if way == "link":
                    library.symlink_to(planted)
                elif way == "file":
                    shutil.copy(planted, library)
                elif way == "world-writable folder":
                    logs.chmod(0o777)
                elif os.geteuid() == 0:
                    os.chown(logs, 12345, 12345)
                script = self.script("open(FILE, 'r+b').write(b'x'); print(os.environ['LD_PRELOAD'])")
                outcome = run("watch", "--into", logs, "--", sys.executable, script)
                self.assertEqual(outcome.code, 0, outcome)
                self.assertFalse(mark.exists())
                if way != "folder of another" or os.geteuid() == 0:
                    self.assertNotIn(str(library), outcome.out)
                self.assertIn("a.npy", run("watched", logs).out)

    def test_watches_that_run_at_once_leave_each_other_s_logs_alone(self):
        logs = self.folder / "logs"
        script = self.script("""
import time
a = np.load(FILE, mmap_mode='r+')
a[256 * int(sys.argv[1])] = (1, 2)
time.sleep(2.5)
""")
        lines = " ".join(f"{PROGRAM} watch --into {logs} -- {sys.executable} {script} {job} &" for job in range(4))
        subprocess.run(["sh", "-c", f"{lines} wait"], check=True, timeout=60)
        report = self.folder / "watched.json"
        outcome = run("watched", logs, "--json", report)
        self.assertEqual(outcome.code, 0, outcome)
        result = json.loads(report.read_text())
        self.assertEqual(result["unseen"], [])
        self.assertEqual(len(self.only_file(result)["writers"]), 4)

    def test_fail_on(self):
        outcome = run("watch", "--fail-on", "bytes", "--", *self.two_jobs())
        self.assertEqual(outcome.code, 1, outcome)
        self.assertEqual(run("watch", "--", *self.two_jobs()).code, 0)
        script = self.script(Sharing.PWRITE + Sharing.WAIT)
        pages = ["sh", "-c", f"{sys.executable} {script} 0-10 & {sys.executable} {script} 10-20 & wait"]
        self.assertEqual(run("watch", "--fail-on", "page", "--", *pages).code, 1)
        self.assertEqual(run("watch", "--fail-on", "record", "--", *pages).code, 0)

    def test_forms_of_the_result(self):
        result = self.folder / "watch.json"
        self.watch(*self.two_jobs())
        page = run("report", result, "--html")
        self.assertEqual(page.code, 0, page)
        self.assertIn("tile damaged", page.out)
        self.assertIn("same-bytes", page.out)
        suite = xml.fromstring(run("report", result, "--junit").out)
        self.assertEqual(suite.find("testsuite").get("failures"), "1")
        self.assertEqual(json.loads(run("report", result, "--json").out), json.loads(result.read_text()))
        self.assertIn("LOSES", run("report", result).out)
        self.assert_one_line(run("report", result, "--csv"), 2, "terminal, json, html or junit")
        advice = run("advise", result)
        self.assertEqual(advice.code, 1, advice)
        self.assertIn("its own rows", advice.out)

    def test_gate(self):
        bad, good = self.folder / "bad.json", self.folder / "good.json"
        self.watch(*self.two_jobs())
        (self.folder / "watch.json").rename(bad)
        script = self.script(Sharing.PWRITE)
        self.watch(sys.executable, script, "0-10")
        (self.folder / "watch.json").rename(good)
        failed = run("gate", good, bad)
        self.assertEqual(failed.code, 1, failed)
        self.assertIn("new hazard", failed.out)
        self.assertEqual(run("gate", bad, good).code, 0)
        self.assertEqual(run("gate", bad, bad).code, 0)
        outcome, _ = self.race("--strategies", "pwrite", "--layouts", "packed", "--records", 512, "--generations", 2, "--repetitions", 1)
        self.assert_one_line(run("gate", good, self.folder / "result.json"), 2, "is a result of watch, and")

    def test_semantics_of_one_node_are_refused(self):
        outcome, _ = self.race("semantics")
        self.assertEqual(outcome.code, 0, outcome)
        self.assert_one_line(run("watch", "--semantics", self.folder / "result.json", "--", *self.two_jobs()), 2, "two --dir")


class InLab(WatchTest):
    SCRIPT = """
import time
here, number = sys.argv[1], int(sys.argv[2])
file = here + '/a.npy'
if number == 0:
    np.lib.format.open_memmap(file, mode='w+', dtype=DTYPE, shape=(4096,)).flush()
while not os.path.exists(file) or os.path.getsize(file) != 128 + 4096 * 16: time.sleep(0.05)
time.sleep(0.5)
WRITE
time.sleep(1)
"""

    def setUp(self):
        super().setUp()
        if run("lab", "--", "true").code != 0:
            self.skipTest("no lab here: npyrace lab -- true says why")

    def lab_jobs(self, write, *options):
        script = self.script(self.SCRIPT.replace("WRITE", write))
        command = f"{sys.executable} {script} {{n1}} 0 & {sys.executable} {script} {{n2}} 1 & wait"
        return self.watch("sh", "-c", command, options=options)

    SHARED = "a = np.load(file, mmap_mode='r+'); a[number * 10:number * 10 + 10] = (1, 2)"

    @unittest.skipUnless(can_see_stores(), "this kernel does not show stores into mappings")
    def test_a_page_shared_by_two_nodes_loses_on_nfs(self):
        file = self.only_file(self.lab_jobs(self.SHARED, "--lab", "nfs"))
        lost = [h for h in file["hazards"] if h["level"] == "loses"]
        self.assertTrue(lost, file)
        self.assertEqual({h["kind"] for h in lost}, {"same-page"})
        self.assertIn("model nfs", lost[0]["means"])
        self.assertIn("256 rows", file["advice"])

    @unittest.skipUnless(can_see_stores(), "this kernel does not show stores into mappings")
    def test_a_child_in_between_orders_nothing_between_nodes(self):
        """One job keeps the file mapped all along, and starts a child that has nothing to do with the other job."""
        first = self.script("""
import time
a = np.load(sys.argv[1], mmap_mode='r+')
a[0] = (1, 1)
os.system('true')
open(sys.argv[2], 'w').close()
while os.path.exists(sys.argv[2]): time.sleep(0.01)
""", "first.py")
        second = self.script("""
a = np.load(sys.argv[1], mmap_mode='r+')
a[1] = (2, 2)
a.flush()
os.unlink(sys.argv[2])
""", "second.py")
        ready = self.folder / "ready"
        python = sys.executable
        command = (f"cp {self.file} {{n1}}/a.npy; {python} {first} {{n1}}/a.npy {ready} & "
                   f"while ! [ -e {ready} ]; do sleep 0.05; done; {python} {second} {{n2}}/a.npy {ready}; wait")
        result = self.watch("sh", "-c", command, options=["--lab", "nfs"])
        self.assertEqual(kinds(self.only_file(result), level="loses"), ["same-page"])

    def test_own_pages_lose_nothing(self):
        own = "a = np.load(file, mmap_mode='r+'); a[248 + number * 1024:248 + number * 1024 + 256] = (1, 2)"
        file = self.only_file(self.lab_jobs(own, "--lab", "nfs"))
        self.assertEqual([h for h in file["hazards"] if h["level"] != "harmless"], [])

    @unittest.skipUnless(can_see_stores(), "this kernel does not show stores into mappings")
    def test_watch_inside_a_lab(self):
        script = self.script(self.SCRIPT.replace("WRITE", self.SHARED))
        report = self.folder / "inside.json"
        outcome = run("lab", "--model", "session", "--", PROGRAM, "watch", "--json", report, "--", "sh", "-c",
                      f"{sys.executable} {script} {{n1}} 0 & {sys.executable} {script} {{n2}} 1 & wait")
        self.assertEqual(outcome.code, 0, outcome)
        file = self.only_file(json.loads(report.read_text()))
        self.assertIn("same-page", kinds(file, level="loses"))

    @unittest.skipUnless(can_see_stores(), "this kernel does not show stores into mappings")
    def test_the_example_of_the_page(self):
        page = (SOURCE / "docs/watch.md").read_text()
        (self.folder / "job.py").write_text(re.search(r"```python\n(.*?)```", page, re.DOTALL)[1])
        commands = re.findall(r"^    (python3 -c .*|npyrace watch --lab .*)$", page, re.MULTILINE)
        self.assertEqual(len(commands), 2)
        script = "\n".join(commands).replace("python3", sys.executable).replace("npyrace watch", f"{PROGRAM} watch")
        done = subprocess.run(["sh", "-e", "-c", script], cwd=self.folder, capture_output=True, text=True, timeout=60, check=True)
        said = " ".join(done.stderr.split())
        self.assertRegex(said, r"LOSES: same-page: 1 page of process \d+ and process \d+, first at bytes 0 to 4095: loses here \(in a lab of the model nfs\)")
        self.assertIn("give each process a multiple of 256 rows and start the data at a page", said)

    def test_calls_are_kept_apart_where_ranges_travel(self):
        write = "fd = os.open(file, os.O_RDWR); os.pwrite(fd, b'x' * 16, 128 + 16 * number)"
        for model, level in (("commit", "harmless"), ("nfs", "loses")):
            file = self.only_file(self.lab_jobs(write, "--lab", model))
            shared = [h for h in file["hazards"] if h["between_caches"] and not h["ordered"]]
            self.assertEqual({h["level"] for h in shared if h["kind"] == "same-page"}, {level}, (model, file["hazards"]))


if __name__ == "__main__":
    main()
