"""Any process of any command is killed at a random moment. The others end, with an exit code that names no loss; the
result file is whole or absent; and after the next run nothing is left. NPYRACE_TEST_TIMES sets how many times, and
NPYRACE_TEST_SEED repeats the moments of a test that failed."""

import os
import random
import signal
import sys
import time
import unittest

from all_commands import COMMANDS, PASSES_ON, CommandTest, processes_of, words_of

TIMES = int(os.environ.get("NPYRACE_TEST_TIMES", "24"))
SEED = int(os.environ.get("NPYRACE_TEST_SEED", str(random.SystemRandom().randrange(10**9))))


class Killed(CommandTest):
    def kill_one(self, name, place, chance, seconds):
        """Returns what was killed, nothing if the command had ended."""
        process = self.start(name, place)
        time.sleep(chance.random() * seconds)
        alive = sorted(processes_of(place))
        victim = chance.choice(alive) if alive else None
        killed = words_of(victim) if victim else "nothing"
        try:
            if victim:
                os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            victim = None
        output = self.ended(process)
        allowed = {0, 3} | ({128 + signal.SIGKILL} if name in PASSES_ON else set())
        if victim == process.pid:
            allowed.add(-signal.SIGKILL)
        self.assertIn(process.returncode, allowed, f"{killed} was killed: {output}")
        self.wait_until_alone(place)
        self.check_result(name, place)
        return killed

    def test_nothing_is_lost_and_nothing_is_left(self):
        chance = random.Random(SEED)
        names = list(COMMANDS)
        for first, name in enumerate(names):
            place = self.place()
            seconds = self.seconds_of(name, place)
            killed = []
            for number in range(first, TIMES, len(names)):
                with self.subTest(name=name, number=number, seed=SEED):
                    killed.append(self.kill_one(name, place, chance, seconds))
            self.assert_next_leaves_nothing(name, place, after_kill=True)
            print(f"{name}: {len(killed)} moments, {killed.count('nothing')} after its end", file=sys.stderr)


if __name__ == "__main__":
    print(f"NPYRACE_TEST_SEED={SEED}", file=sys.stderr)
    unittest.main(verbosity=2)
