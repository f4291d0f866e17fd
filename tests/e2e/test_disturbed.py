"""Commands that are stopped, run twice in one directory, or see clocks that are stepped."""

import os
import random
import shutil
import signal
import subprocess
import time
import unittest

from all_commands import COMMANDS, PASSES_ON, CommandTest, processes_of, words_of
from program import PROGRAM, small

SEED = int(os.environ.get("NPYRACE_TEST_SEED", "20"))
EVERY_SIGNAL = "NPYRACE_TEST_TIMES" in os.environ
SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]
RACES = [name for name in COMMANDS if name.startswith("run") or name in ("semantics", "soak")]
LONG = ["--strategies", "pwrite", "--layouts", "packed", "--records", 20000, "--generations", 200, "--repetitions", 50]
# Every look at the clock shows another hour.
STEPPED = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static long step(void) {
  static unsigned calls;
  return ((calls++ * 2654435761u >> 20) % 7 - 3L) * 3600;
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  static int (*real)(clockid_t, struct timespec*);
  if (!real) *(void**)&real = dlsym(RTLD_NEXT, "clock_gettime");
  const int failed = real(clock, now);
  if (!failed && clock == CLOCK_REALTIME) now->tv_sec += step();
  return failed;
}

time_t time(time_t* at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}
"""


def can_shift_clocks():
    return shutil.which("unshare") is not None and subprocess.run(
        ["unshare", "--time", "--boottime", "1", "true"], capture_output=True, check=False).returncode == 0


class Disturbed(CommandTest):
    def test_a_signal_while_a_process_of_it_is_stopped(self):
        """The stopped process, be it a writer or the server of a lab, delays the end, but does not prevent it."""
        chance = random.Random(SEED)
        for i, name in enumerate(COMMANDS):
            place = self.place()
            seconds = self.seconds_of(name, place)
            for number in SIGNALS if EVERY_SIGNAL else [SIGNALS[i % len(SIGNALS)]]:
                with self.subTest(name=name, signal=number, seed=SEED):
                    process = self.start(name, place)
                    time.sleep(chance.random() * seconds)
                    others = [p for p in processes_of(place) if p != process.pid]
                    stopped = chance.choice(others) if others else process.pid
                    words = words_of(stopped)
                    try:
                        os.kill(stopped, signal.SIGSTOP)
                    except ProcessLookupError:
                        pass
                    process.send_signal(number)
                    if stopped == process.pid:
                        process.send_signal(signal.SIGCONT)
                    output = self.ended(process)
                    # A signal before the handlers are there, or after the work, has its own end.
                    allowed = {0, 3, -number} | ({128 + number, 128 + signal.SIGKILL} if name in PASSES_ON else set())
                    self.assertIn(process.returncode, allowed, f"{words} was stopped: {output}")
                    for left in processes_of(place):  # the user's own program may be it
                        os.kill(left, signal.SIGCONT)
                    self.wait_until_alone(place)
                    self.check_result(name, place)
            self.assert_next_leaves_nothing(name, place)

    def test_a_stopped_program_goes_on_after_a_while(self):
        for name in COMMANDS:
            place = self.place()
            with self.subTest(name=name):
                process = self.start(name, place)
                time.sleep(0.05)
                process.send_signal(signal.SIGSTOP)
                time.sleep(0.3)
                if name not in PASSES_ON:  # a lab ends by every signal
                    process.send_signal(signal.SIGPIPE)  # is ignored: a closed pipe is a write error
                process.send_signal(signal.SIGCONT)
                output = self.ended(process)
                self.assertEqual(process.returncode, 0, output)
                self.wait_until_alone(place)
                self.assertEqual(place.left(), [])

    def test_two_runs_in_one_directory(self):
        for name in RACES:
            place = self.place()
            with self.subTest(name=name):
                two = [self.start(name, place) for _ in range(2)]
                for process in two:
                    output = self.ended(process)
                    self.assertEqual(process.returncode, 0, output)
                    self.assertNotIn("removed", output)
                self.check_result(name, place)
                self.wait_until_alone(place)
                self.assertEqual(place.left(), [])

    @unittest.skipUnless(can_shift_clocks(), "no namespace for clocks (needs root and Linux 5.6)")
    def test_clocks_of_a_namespace(self):
        """A container that was moved has other clocks. It takes no living run for a dead one."""
        place = self.place()
        directory = place.folder / "dir"
        living = subprocess.Popen([PROGRAM, "run", "--dir", directory, *map(str, LONG)], env=place.env,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(living.wait)
        self.addCleanup(living.terminate)
        deadline = time.monotonic() + 30
        while not list(directory.glob("npyrace-*")):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        for offset in (100000, 10**8):
            shifted = ["unshare", "--time", "--boottime", str(offset), "--monotonic", str(offset)]
            done = subprocess.run([*shifted, PROGRAM, "run", "--dir", directory, "--strategies", "pwrite",
                                   *map(str, small())],
                                  env=place.env, capture_output=True, text=True, check=False, timeout=120)
            self.assertEqual(done.returncode, 0, done)
            self.assertNotIn("removed", done.stderr)
            self.assertIsNone(living.poll())
        living.send_signal(signal.SIGTERM)
        output = living.communicate()[0]
        self.assertEqual(living.returncode, 3, output)
        self.assertNotIn("was removed", output)
        self.assertEqual(place.left(), [])

    @unittest.skipUnless("NPYRACE_DYNAMIC" in os.environ and shutil.which("cc"), "needs cc and npyrace-dynamic")
    def test_a_stepped_clock(self):
        """The time of day jumps by hours at every look: only the times of job records are wrong."""
        place = self.place()
        source, library = place.folder / "stepped.c", place.folder / "stepped.so"
        source.write_text(STEPPED)
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        program = os.environ["NPYRACE_DYNAMIC"]
        for name in COMMANDS:
            with self.subTest(name=name):
                place.result.unlink(missing_ok=True)
                arguments = [program, *map(str, COMMANDS[name](place))]
                done = subprocess.run(arguments, env={**place.env, "LD_PRELOAD": str(library)}, capture_output=True,
                                      text=True,
                                      errors="replace", timeout=120, check=False)
                self.assertEqual(done.returncode, 0, done)
                self.check_result(name, place)
                self.wait_until_alone(place)
                self.assertEqual(place.left(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
