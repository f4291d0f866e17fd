"""Independent jobs: create, expect, write and verify, as a batch queue runs them."""

import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import time

import jsonschema
import numpy as np
from program import PROGRAM, SCHEMA, SLOWER, FolderTest, main, run

WRITERS = 4
RECORDS = 4000
QUEUES = ["SLURM_ARRAY_TASK_ID", "PBS_ARRAYID", "PBS_ARRAY_INDEX", "SGE_TASK_ID", "LSB_JOBINDEX"]


class Jobs(FolderTest):
    def setUp(self):
        super().setUp()
        self.path = self.folder / "a.npy"
        self.sidecar = self.folder / "a.npy.npyrace.json"
        self.results = self.folder / "a.npy.npyrace.d"

    def create(self, *options, records=RECORDS, ownership="cyclic"):
        outcome = run("create", self.path, "--records", records, "--writers", WRITERS, "--ownership",
                      ownership, *options)
        self.assertEqual(outcome.code, 0, outcome)

    def write(self, worker, *options, **others):
        return run("write", self.path, "--worker", f"{worker}/{WRITERS}", *options, **others)

    def start_write(self, worker, *options, env=None):
        """With `env`, starts the dynamically linked program, which honours LD_PRELOAD."""
        program = os.environ.get("NPYRACE_DYNAMIC", PROGRAM) if env else PROGRAM
        process = subprocess.Popen(
            [program, "write", str(self.path), "--worker", f"{worker}/{WRITERS}", *map(str, options)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | (env or {}))
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def write_all(self, *options):
        for worker in range(WRITERS):
            outcome = self.write(worker, *options)
            self.assertEqual(outcome.code, 0, outcome)

    def write_together(self, *options, env_of={}):
        jobs = [self.start_write(worker, "--together", "60s", *options, env=env_of.get(worker))
                for worker in range(WRITERS)]
        for job in jobs:
            out, err = job.communicate(timeout=90)
            self.assertEqual((job.returncode, err), (0, ""), out)

    def wait_for_attempt(self, worker, number):
        """Waits until the claim of that attempt is there."""
        deadline = time.monotonic() + 20 * SLOWER
        claim = self.results / f"worker-{worker:04}.claim"
        while True:
            with contextlib.suppress(OSError, ValueError):
                if json.loads(claim.read_text())["attempt"]["number"] == number:
                    return
            self.assertLess(time.monotonic(), deadline, f"no attempt {number}")
            time.sleep(0.01)

    def wait_for_arrival(self):
        """Waits until a job started with --together waits for the others."""
        deadline = time.monotonic() + 20 * SLOWER
        while not (self.results.exists() and list(self.results.glob("here-*"))):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def assert_nothing_lost(self):
        outcome, cell = self.verify()
        self.assertEqual(outcome.code, 0, outcome)
        self.assert_clean(cell)
        return cell

    def verify(self, *options):
        report = self.folder / "verify.json"
        outcome = run("verify", self.path, "--json", report, *options)
        result = json.loads(report.read_text())
        jsonschema.validate(result, SCHEMA)
        return outcome, result["npyrace"]["cells"][0]

    def assert_clean(self, cell):
        self.assertEqual(sum(cell["anomalies"].values()), 0, cell)


class Expect(Jobs):
    def test_a_program_that_copies_its_slice_passes_verify(self):
        for layout in ["packed", "padded-record", "padded-block"]:
            with self.subTest(layout=layout):
                for file in [self.path, self.sidecar, self.folder / "expected.npy"]:
                    file.unlink(missing_ok=True)
                self.create("--layout", layout)
                outcome = run("expect", self.path, self.folder / "expected.npy")
                self.assertEqual(outcome.code, 0, outcome)
                expected = np.load(self.folder / "expected.npy", mmap_mode="r")
                array = np.load(self.path, mmap_mode="r+")
                self.assertEqual((array.dtype, array.shape), (expected.dtype, expected.shape))
                array[:] = expected
                array.flush()
                outcome, cell = self.verify("--complete")
                # Every record is right, but no evidence says which writer wrote it, or when.
                self.assertEqual((outcome.code, cell["verdict"], cell["unwritten"]), (0, "inconclusive", 0), outcome)
                self.assert_clean(cell)
                self.assertIn("nothing here tells", cell["reason"])
                self.assertEqual(cell["evidence"]["records_checked"], RECORDS)
                self.assertEqual(self.path.read_bytes(), (self.folder / "expected.npy").read_bytes())

    def test_records_of_missing_programs_are_unwritten(self):
        self.create(ownership="block")
        run("expect", self.path, self.folder / "expected.npy")
        array = np.load(self.path, mmap_mode="r+")
        array[1000:3000] = np.load(self.folder / "expected.npy")[1000:3000]
        array.flush()
        outcome, cell = self.verify()
        self.assertEqual((outcome.code, cell["verdict"], cell["unwritten"]), (0, "inconclusive", 2000))
        self.assert_clean(cell)
        self.assertEqual(self.verify("--complete")[0].code, 1)
        self.assertNotIn("jobs", cell)

    def test_expect_differs_by_generation_and_seed(self):
        self.create()
        contents = set()
        for options in [[], ["--generation", 2], ["--records", RECORDS, "--seed", 7]]:
            out = self.folder / f"out-{len(contents)}.npy"
            self.assertEqual(run("expect", self.path, out, *options).code, 0)
            contents.add(out.read_bytes())
        self.assertEqual(len(contents), 3)

    def test_expect_writes_the_whole_file_or_none(self):
        self.create()
        out = self.folder / "out.npy"
        out.write_text("precious")
        self.assert_one_line(run("expect", self.path, out), 3, "File exists")
        self.assertEqual(out.read_text(), "precious")
        self.assertEqual(run("expect", self.path, out, "--force").code, 0)
        self.assertEqual(len(np.load(out)), RECORDS)
        self.assert_one_line(run("expect", self.path, self.path, "--force"), 2, "FILE itself")
        self.assert_one_line(run("expect", self.path, self.folder / "no" / "x.npy"), 3, "No such file")
        before = sorted(p.name for p in self.folder.iterdir())
        limited = run("expect", self.path, self.folder / "y.npy", preexec_fn=lambda: __import__(
            "resource").setrlimit(__import__("resource").RLIMIT_FSIZE, (4096, 4096)))
        self.assert_one_line(limited, 3, "y.npy", "File too large")
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), before)

    def test_expect_without_sidecar_or_options_is_an_error(self):
        np.save(self.path, np.zeros(10))
        for command in [["expect", self.path, self.folder / "x.npy"],
                        ["write", self.path, "--worker", "0/4"], ["verify", self.path]]:
            self.assert_one_line(run(*command), 3, "nothing says", "a.npy")


class Write(Jobs):
    def test_jobs_one_after_the_other_are_inconclusive(self):
        self.create()
        self.write_all()
        outcome, cell = self.verify("--complete")
        self.assertEqual((outcome.code, cell["verdict"]), (0, "inconclusive"), outcome)
        self.assert_clean(cell)
        self.assertEqual((cell["unwritten"], cell["jobs"]["missing"]), (0, []))
        self.assertEqual(cell["evidence"]["overlap_seconds"], 0)
        self.assertIn("overlapped", cell["reason"])
        self.assertEqual((cell["strategy"], cell["sync"], cell["launcher"]), ("pwrite", "end", "array"))
        self.assertEqual(cell["jobs"]["hosts"], [os.uname().nodename])
        self.assertGreater(cell["seconds"][0], 0)
        self.assertGreater(cell["phases"]["write"], 0)

    def test_jobs_that_wait_for_each_other_overlap_and_are_safe(self):
        self.create(records=200000)
        self.write_together("--strategy", "mmap", "--sync", "every:1000")
        outcome, cell = self.verify("--complete")
        self.assertEqual((outcome.code, cell["verdict"]), (0, "safe"), outcome)
        self.assertGreater(cell["evidence"]["overlap_seconds"], 0)
        self.assertGreater(cell["evidence"]["units_shared_by_writers"], 0)
        self.assertEqual((cell["strategy"], cell["sync"]), ("mmap", "every:1000"))
        for record in self.results.glob("*.json"):
            self.assertEqual(json.loads(record.read_text())["present"], WRITERS)

    def test_removing_job_records_never_makes_a_file_safe(self):
        """Tries every subset of the files beside the array."""
        for together in (False, True):
            with self.subTest(together=together):
                shutil.rmtree(self.results, ignore_errors=True)
                for file in (self.path, self.sidecar):
                    file.unlink(missing_ok=True)
                self.create()
                self.write_together() if together else self.write_all()
                records = sorted(self.results.glob("*.json"))
                allowed = self.verify()[1]["verdict"] == "safe"
                self.assertFalse(allowed and not together)
                for kept in itertools.chain.from_iterable(
                        itertools.combinations(records, n) for n in range(len(records))):
                    self.results.rename(self.folder / "all")
                    self.results.mkdir()
                    for record in kept:
                        shutil.copy(self.folder / "all" / record.name, self.results)
                    self.check_not_safer(allowed)
                    shutil.rmtree(self.results)
                    self.check_not_safer(False)
                    (self.folder / "all").rename(self.results)

    def check_not_safer(self, allowed):
        for options in [], ["--generation", 1], ["--complete"], ["--also-from", self.folder]:
            cell = self.verify(*options)[1]
            self.assert_clean(cell)
            safe = cell["verdict"] == "safe"
            self.assertFalse(safe and not allowed, cell)
            self.assertFalse(safe and cell["evidence"]["trials"] == 0, cell)

    def environment_with_clock(self, seconds_back):
        """Environment variables that set CLOCK_REALTIME back for one process."""
        if shutil.which("cc") is None:
            self.skipTest("no compiler here")
        source = self.folder / "back.c"
        source.write_text("""
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <stdlib.h>
            #include <time.h>
            int clock_gettime(clockid_t clock, struct timespec *now) {
              int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
              int result = real(clock, now);
              if (clock == CLOCK_REALTIME) now->tv_sec -= atoi(getenv("BACK"));
              return result;
            }""")
        library = self.folder / "back.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        return {"LD_PRELOAD": str(library), "BACK": str(seconds_back)}

    def test_jobs_with_different_clocks_still_start_together(self):
        self.create(records=200000)
        env = self.environment_with_clock(seconds_back=3600)
        self.write_together(env_of={2: env})
        self.assertEqual({json.loads(record.read_text())["present"] for record in self.results.glob("*.json")},
                         {WRITERS})
        outcome, cell = self.verify("--complete")
        self.assertEqual((outcome.code, cell["verdict"]), (0, "safe"), outcome)

    def test_a_clock_set_back_does_not_count_as_overlap(self):
        """The jobs run two seconds apart, but the second one's CLOCK_REALTIME is two seconds back."""
        self.create(records=200000)
        self.assertEqual(self.write(0).code, 0)
        first = json.loads(next(self.results.glob("*.json")).read_text())
        time.sleep(2)
        now = time.clock_gettime(time.CLOCK_REALTIME)
        back = round(now - first["write_start_ns"] / 1e9)
        job = self.start_write(1, env=self.environment_with_clock(back))
        self.assertEqual(job.communicate(timeout=60)[1], "")
        self.assertEqual(job.returncode, 0)
        for worker in (2, 3):
            self.assertEqual(self.write(worker).code, 0)
        _, cell = self.verify()
        self.assertEqual((cell["verdict"], cell["evidence"]["overlap_seconds"]), ("inconclusive", 0), cell)

    def test_after_the_wait_a_job_goes_on_and_says_how_many_arrived(self):
        self.create()
        self.write(0)  # has ended before, so it does not count as waiting
        outcome = self.write(1, "--together", "500ms")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("1 of 4 workers", outcome.err)

    def test_missing_writers_are_named(self):
        self.create()
        for worker in [0, 2]:
            self.assertEqual(self.write(worker).code, 0)
        outcome, cell = self.verify()
        self.assertEqual((outcome.code, cell["verdict"]), (0, "inconclusive"), outcome)
        self.assertEqual((cell["jobs"]["missing"], cell["unwritten"]), ([1, 3], RECORDS // 2))
        self.assert_clean(cell)
        self.assertIn("missing (counted from 0): 1, 3", outcome.out)
        self.assertEqual(self.verify("--complete")[0].code, 1)

    def test_a_missing_acknowledged_record_is_lost(self):
        self.create()
        self.write_all()
        with open(self.path, "r+b") as file:
            file.seek(128 + 16 * 17)
            file.write(bytes(16))
        outcome, cell = self.verify()
        self.assertEqual((outcome.code, cell["verdict"]), (1, "unsafe"), outcome)
        self.assertEqual(cell["anomalies"]["hole"], 1)
        self.assertEqual(cell["examples"][0]["record"], 17)

    def test_a_later_generation_of_some_writers_keeps_other_records_right(self):
        self.create()
        self.write_all()
        self.assertEqual(self.write(1, "--generation", 2).code, 0)
        _, cell = self.verify()
        self.assert_clean(cell)
        self.assertEqual((cell["unwritten"], cell["jobs"]["missing"]), (RECORDS * 3 // 4, [0, 2, 3]))
        self.write_all("--generation", 2)
        _, cell = self.verify()
        self.assertEqual((cell["unwritten"], cell["jobs"]["missing"]), (0, []))

    def test_a_recreated_array_ignores_old_job_records(self):
        self.create()
        self.write_all()
        self.path.unlink()
        self.sidecar.unlink()
        self.create()
        outcome, cell = self.verify()
        self.assertEqual((outcome.code, cell["unwritten"]), (0, RECORDS), outcome)
        self.assert_clean(cell)

    def test_the_worker_number_comes_from_any_batch_system(self):
        clean = {name: "" for name in QUEUES + ["SLURM_ARRAY_TASK_MIN", "SGE_TASK_FIRST"]}
        for queue in QUEUES:
            for first_variable in [None, {"SLURM_ARRAY_TASK_ID": "SLURM_ARRAY_TASK_MIN",
                                          "SGE_TASK_ID": "SGE_TASK_FIRST"}.get(queue)]:
                with self.subTest(queue=queue, first=first_variable):
                    for file in self.folder.glob("a.npy*"):
                        __import__("shutil").rmtree(file) if file.is_dir() else file.unlink()
                    self.create()
                    env = {**clean, queue: "3"}
                    if first_variable:
                        env[first_variable] = "1"
                    outcome = run("write", self.path, env=env)
                    self.assertEqual(outcome.code, 0, outcome)
                    _, cell = self.verify()
                    # LSF counts from 1 as well.
                    missing = [0, 1, 3] if first_variable or queue == "LSB_JOBINDEX" else [0, 1, 2]
                    self.assertEqual(cell["jobs"]["missing"], missing)

    def test_a_partial_array_job_is_refused_with_the_remedy(self):
        self.create()
        part = {"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_MIN": "3", "SLURM_ARRAY_TASK_MAX": "7",
                "SLURM_ARRAY_TASK_STEP": "1", "SLURM_ARRAY_TASK_COUNT": "2"}
        self.assert_one_line(run("write", self.path, env=part), 2, "2 tasks", f"{WRITERS} writers",
                             f"--worker $SLURM_ARRAY_TASK_ID/{WRITERS}")
        self.assertEqual(run("write", self.path, "--worker", f"3/{WRITERS}", env=part).code, 0)
        both = {"SLURM_ARRAY_TASK_ID": "3", "PBS_ARRAY_INDEX": "1"}
        self.assert_one_line(run("write", self.path, env=both), 2, "SLURM_ARRAY_TASK_ID=3", "PBS_ARRAY_INDEX=1",
                             "--worker I/N")

    def test_an_invalid_worker_is_one_line(self):
        self.create()
        for options, word in [(["--worker", "4/4"], "counted from 0 to 3"), (["--worker", "0/5"], "4 writers"),
                              (["--worker", "one"], "I/N"), ([], "SLURM_ARRAY_TASK_ID"),
                              (["--worker", "0/4", "--strategy", "exec"], "exec"),
                              (["--worker", "0/4", "--strategy", "pwrit"], "did you mean 'pwrite'?"),
                              (["--worker", "0/4", "--sync", "sometimes"], "every:"),
                              (["--worker", "0/4", "--generation", "251"], "--generation")]:
            with self.subTest(options=options):
                self.assert_one_line(run("write", self.path, *options), 2, word)
        self.assertFalse(self.results.exists())

    def test_write_does_not_touch_a_file_that_is_not_its_array(self):
        self.create()
        right = self.path.read_bytes()
        for wrong, word in [(right + b"x", "bytes"), (right[:-1], "bytes"),
                            (right.replace(b"start_ns", b"begin_ns"), "header")]:
            self.path.write_bytes(wrong)
            self.assert_one_line(self.write(0), 3, "nothing was written", word)
            self.assertEqual(self.path.read_bytes(), wrong)
        self.path.unlink()
        self.assert_one_line(self.write(0), 3, "No such file")

    def test_options_can_replace_the_sidecar(self):
        self.create()
        self.sidecar.unlink()
        flags = ["--records", RECORDS, "--ownership", "cyclic"]
        self.write_all(*flags)
        outcome, cell = self.verify(*flags, "--writers", WRITERS)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual((cell["unwritten"], cell["jobs"]["missing"]), (0, []))
        self.assert_clean(cell)

    def test_a_killed_job_can_be_repeated_and_its_records_are_not_lost(self):
        self.create(records=400000)
        self.write_all()
        for attempt in range(3):
            job = self.start_write(1, "--generation", 2, "--strategy", "pwrite-dsync", "--sync", "every:64")
            self.wait_for_attempt(1, attempt + 2)
            time.sleep(0.1 * attempt)
            job.kill()
            job.communicate()
            self.assert_nothing_lost()
        job = self.start_write(1, "--generation", 2, "--together", "60s")
        self.wait_for_arrival()
        job.kill()
        job.communicate()
        cell = self.assert_nothing_lost()
        self.assertEqual(len(cell["jobs"]["unfinished"]), 1)
        self.write_all("--generation", 2)
        outcome, cell = self.verify("--complete")
        self.assertEqual((outcome.code, cell["unwritten"], cell["jobs"]["unfinished"]), (0, 0, []), outcome)
        record = json.loads((self.results / "worker-0001.json").read_text())
        self.assertEqual(record["attempt"]["number"], 6)
        self.assert_clean(cell)

    def test_two_jobs_with_the_same_worker_are_noticed(self):
        self.create()
        first = self.start_write(1, "--together", "30s")
        self.wait_for_arrival()
        outcome = self.write(1)
        self.assert_one_line(outcome, 3, "worker-0001.claim", f"process {first.pid} on")
        # Where locks do not work between nodes, another node's claim file replaces the one that is locked here.
        claim = self.results / "worker-0001.claim"
        other = json.loads(claim.read_text())
        other["attempt"].update(id="another", host_name="elsewhere", host="0" * 16)
        claim.write_text(json.dumps(other))
        jobs = [self.start_write(worker, "--together", "30s") for worker in [0, 2, 3]]
        _, err = first.communicate(timeout=60)
        self.assertIn("another job wrote the same share", err)
        for job in jobs:
            self.assertEqual(job.wait(timeout=60), 0)
            job.communicate()
        outcome, cell = self.verify()
        self.assertEqual(len(cell["jobs"]["met"]), 1, outcome)
        self.assertIn("elsewhere", cell["jobs"]["met"][0])
        self.assertIn("two jobs wrote one share at once", outcome.out)

    def test_ctrl_c_ends_a_job_with_a_line_and_no_result(self):
        self.create()
        job = self.start_write(1, "--together", "30s")
        self.wait_for_arrival()
        job.send_signal(signal.SIGINT)
        _, err = job.communicate(timeout=20)
        self.assertEqual((job.returncode, err), (3, "npyrace: interrupted\n"))
        self.assertEqual(list(self.results.glob("*.json")), [])

    def test_a_damaged_job_record_is_one_line(self):
        self.create()
        self.write_all()
        (self.results / "worker-0002.json").write_text("{")
        self.assert_one_line(run("verify", self.path), 3, "worker-0002.json")


    def test_links_in_the_folder_of_the_jobs_lead_nowhere(self):
        """In a shared directory somebody else can make the folder first, with links to files of this user."""
        victim, elsewhere = self.folder / "victim", self.folder / "elsewhere"
        victim.write_text("precious")
        elsewhere.mkdir()
        self.create()
        self.results.symlink_to(elsewhere)
        outcome = self.write(0)
        self.assertEqual((outcome.code, list(elsewhere.iterdir())), (3, []), outcome)
        self.assertIn("a.npy.npyrace.d: mkdir: File exists", outcome.err)
        self.results.unlink()
        self.results.mkdir()
        for suffix in "claim", "json":
            for name in f"worker-0000.{suffix}", f"look-0000.{suffix}", "look-0000", "clock-0000":
                link = self.results / name
                if not link.is_symlink():
                    link.symlink_to(victim)
        for options in (), ("--together", "1s"):
            self.write(0, *options)
            self.assertEqual(victim.read_text(), "precious")
        for name in "worker-0000.claim", "worker-0000.json":
            (self.results / name).unlink()
        self.write(0, "--together", "1s")
        (self.results / "look-0000").unlink()
        self.assertEqual(self.write(0, "--together", "1s").code, 0)
        self.assertEqual(victim.read_text(), "precious")

    def test_a_pipe_a_device_and_a_huge_file_in_the_place_of_a_record_are_one_line_each(self):
        def huge(path):
            path.touch()
            os.truncate(path, 1 << 30)
        self.create()
        self.write_all()
        for make in os.mkfifo, lambda path: path.symlink_to("/dev/zero"), lambda path: path.mkdir(), huge:
            for path in self.results / "worker-0000.json", self.results / "worker-0000.claim", self.sidecar:
                kept = path.read_bytes()
                path.unlink()
                make(path)
                for outcome in run("verify", self.path, timeout=20), self.write(0, timeout=20):
                    self.assert_one_line(outcome, 3, path.name)
                path.rmdir() if path.is_dir() else path.unlink()
                path.write_bytes(kept)


class SameVerdictAsRun(FolderTest):
    """verify gives the files of `run --keep` the same verdict as the run."""

    MATRIX = ["--strategies", "mmap,pwrite", "--layouts", "packed,padded-block", "--repetitions", 1,
              "--records", 4096, "--generations", 8, "--keep"]

    def assert_same(self, result, verified):
        by_file = {cell["file"]: cell for cell in verified["npyrace"]["cells"]}
        cells = result["npyrace"]["cells"]
        self.assertEqual(len(by_file), len(cells))
        for cell in cells:
            again = by_file[cell["file"]]
            self.assertEqual(again["verdict"], cell["verdict"], (cell, again))
            for key in ["strategy", "layout", "sync", "ownership", "cache", "launcher", "writers", "mounts",
                        "seconds", "phases"]:
                self.assertEqual(again[key], cell[key], key)
            for key in ["generations", "overlap_seconds", "units_shared_by_writers",
                        "units_shared_by_mounts", "trials", "chance_to_miss"]:
                self.assertEqual(again["evidence"][key], cell["evidence"][key], key)

    def test_same_verdict_when_safe(self):
        outcome, result = self.race(*self.MATRIX)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("safe", {cell["verdict"] for cell in result["npyrace"]["cells"]})
        files = sorted(self.folder.glob("npyrace-kept-*.npy"))
        outcome = run("verify", *files, "--json", "-")
        self.assertEqual(outcome.code, 0, outcome)
        verified = json.loads(outcome.out)
        jsonschema.validate(verified, SCHEMA)
        self.assert_same(result, verified)

    def test_same_verdict_when_one_writer_makes_it_inconclusive(self):
        outcome, result = self.race(*self.MATRIX, "--writers", 1)
        outcome = run("verify", *self.folder.glob("npyrace-kept-*.npy"), "--json", "-")
        self.assertEqual(outcome.code, 0, outcome)
        self.assert_same(result, json.loads(outcome.out))

    def test_same_verdict_when_unsafe(self):
        for model in ["session", "nfs"]:
            with self.subTest(model=model):
                race = self.folder / f"{model}-race.json"
                verified = self.folder / f"{model}-verified.json"
                script = (f"{PROGRAM} run --dir {{n1}},{{n2}} --json {race} "
                          f"{' '.join(map(str, self.MATRIX))} >&2; "
                          f"{PROGRAM} verify {{n1}}/npyrace-kept-*.npy --json {verified} >&2")
                outcome = run("lab", "--model", model, "--", "sh", "-c", script)
                if not race.exists():
                    self.skipTest(f"no lab here: {outcome.err}")
                self.assertEqual(outcome.code, 1, outcome)
                result = json.loads(race.read_text())
                self.assertIn("unsafe", {cell["verdict"] for cell in result["npyrace"]["cells"]})
                self.assert_same(result, json.loads(verified.read_text()))

    def test_damage_after_the_race_is_seen(self):
        self.race(*self.MATRIX)
        for file in self.folder.glob("npyrace-kept-*.npy"):
            with open(file, "r+b") as array:
                array.seek(np.lib.format.open_memmap(file, "r").offset + 16)
                array.write(bytes(16))
            outcome = run("verify", file)
            self.assertEqual(outcome.code, 1, outcome)


if __name__ == "__main__":
    main()
