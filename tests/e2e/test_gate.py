"""Tests compare and gate on results of real races, edited to be slower, unsafe or incomplete."""

import copy
import json
import xml.etree.ElementTree as ElementTree

from program import FolderTest, main, run, small


TIMES = ["seconds", "generation_seconds", "generation_cpu_seconds"]


def slower(result, factor, strategy=None):
    """The same result with the times of every repetition multiplied by `factor`."""
    changed = copy.deepcopy(result)
    for cell in changed["npyrace"]["cells"]:
        if strategy in (None, cell["strategy"]):
            for times in TIMES:
                cell[times] = [s * factor for s in cell[times]]
    return changed


def steady(result):
    """Replaces the times by ones with 1 % noise, so that only the edited change can be found."""
    changed = copy.deepcopy(result)
    for cell in changed["npyrace"]["cells"]:
        for times in TIMES:
            cell[times] = [0.1 * (1 + 0.001 * i) for i in range(12)]
        cell["verdict"], cell["reason"] = "safe", "safe on one node"
    for reference in changed["npyrace"]["reference"]:
        reference["seconds"] = [0.01, 0.01001, 0.01002, 0.01003, 0.01004]
    return changed


class GateTest(FolderTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        outcome = run("run", *small(), "--strategies", "mmap,mmap-window,pwrite,pwrite-batch", "--layouts",
                      "packed", "--json", "-", "--dir", "/tmp")
        cls.raced = json.loads(outcome.out)
        cls.result = steady(cls.raced)

    def write(self, name, result):
        path = self.folder / name
        path.write_text(json.dumps(result))
        return path

    def both(self, fresh, *options, command="gate", base=None):
        return run(command, self.write("base.json", base or self.result), self.write("new.json", fresh),
                   *options)


class Compare(GateTest):
    def test_time_per_record_is_the_inverse_of_the_rate(self):
        """Synchronized generations (all writers start each step together) are not part of the seconds."""
        outcome = self.both(self.raced, "--json", "-", base=self.raced, command="compare")
        seconds = {c["name"]: c["new"]["seconds"] for c in json.loads(outcome.out)["cells"]}
        for cell in self.raced["npyrace"]["cells"]:
            records = cell["records"] * cell["evidence"]["generations_timed"]
            rates = [records / s for s in cell["seconds"]]  # two repetitions, so the median is the mean
            self.assertAlmostEqual(sum(rates) / 2 / cell["records_per_second"], 1, places=6)
            self.assertAlmostEqual(seconds[cell["name"]] * records / (sum(cell["seconds"]) / 2), 1, places=6)

    def test_a_real_race_is_compared_with_itself(self):
        outcome = self.both(self.raced, base=self.raced, command="compare")
        self.assertEqual((outcome.code, outcome.err), (0, ""), outcome)
        for line in outcome.out.splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_compare_reports_ratios_and_intervals(self):
        outcome = self.both(slower(self.result, 1.5, "pwrite"), "--json", "-", command="compare")
        self.assertEqual(outcome.code, 0, outcome)
        cells = {c["name"].split("/")[0]: c for c in json.loads(outcome.out)["cells"]}
        self.assertAlmostEqual(cells["pwrite"]["time_ratio"], 1.5, places=2)
        low, high = cells["pwrite"]["time_ratio_interval"]
        self.assertTrue(1.4 < low < 1.5 < high < 1.6, cells["pwrite"])
        self.assertEqual(cells["pwrite"]["speed"], "slower")
        self.assertEqual(cells["mmap"]["speed"], "same")

    def test_changed_verdicts_come_first_and_cells_of_one_side_are_listed(self):
        fresh = copy.deepcopy(self.result)
        fresh["npyrace"]["cells"][2]["verdict"] = "unsafe"
        gone = fresh["npyrace"]["cells"].pop(0)["name"]
        outcome = self.both(fresh, command="compare")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("safe > unsafe", outcome.out.split("\n\n")[1])
        self.assertIn(f"only in base: {gone}", outcome.out.replace("\n  ", " "))

    def test_compare_reads_google_benchmark_json(self):
        def google(nanoseconds):
            return {"context": {}, "benchmarks": [
                {"name": "BM_copy/64", "run_name": "BM_copy/64", "run_type": "iteration",
                 "real_time": nanoseconds + i, "time_unit": "us"} for i in range(9)] + [
                {"name": "BM_copy/64_mean", "run_name": "BM_copy/64", "run_type": "aggregate",
                 "aggregate_name": "mean", "real_time": 1.0, "time_unit": "us"}]}
        outcome = self.both(google(2000), "--json", "-", base=google(1000), command="compare")
        (cell,) = json.loads(outcome.out)["cells"]
        self.assertAlmostEqual(cell["time_ratio"], 2, places=1)
        self.assertEqual(cell["base"]["repetitions"], 9)
        self.assertAlmostEqual(cell["base"]["seconds"], 1004e-6)

    def test_relative_to_the_reference_of_the_same_run(self):
        other = slower(self.result, 3)  # a machine that is three times slower in everything
        for reference in other["npyrace"]["reference"]:
            reference["seconds"] = [s * 3 for s in reference["seconds"]]
        outcome = self.both(other, "--relative-to", "reference", "--json", "-", command="compare")
        for cell in json.loads(outcome.out)["cells"]:
            self.assertAlmostEqual(cell["time_ratio"], 1, places=2)
        self.assert_one_line(self.both(other, "--relative-to", "reference/write-lop", command="compare"),
                             2, "did you mean 'reference/write-loop'?")

    def test_several_runs_a_side(self):
        files = [self.write(f"{i}.json", slower(self.result, 1 + 0.02 * i)) for i in range(6)]
        outcome = run("compare", "--base", ",".join(map(str, files[:3])), "--new",
                      ",".join(map(str, files[3:])), "--json", "-")
        for cell in json.loads(outcome.out)["cells"]:
            self.assertEqual((cell["base"]["runs"], cell["new"]["runs"]), (3, 3))
            self.assertAlmostEqual(cell["time_ratio"], 1.08 / 1.02, places=2)

    def rounds(self, factor, count=12):
        """Files of rounds on a machine that is slow and fast by turns; new is slower than base by `factor`."""
        sides = {"base": [], "new": []}
        for i in range(count):
            weather = 1 + (i * 7 % count) / 3
            for side, times in [("base", 1), ("new", factor)]:
                own = 1 + 0.002 * ((i * 5 + len(side)) % 4)
                sides[side].append(str(self.write(f"{side}-{i}.json", slower(self.result, weather * times * own))))
        return ["--base", ",".join(sides["base"]), "--new", ",".join(sides["new"])]

    def test_paired_rounds_cancel_changes_of_the_machine(self):
        rounds = self.rounds(1.05)
        paired = json.loads(run("compare", *rounds, "--paired", "--json", "-").out)
        self.assertIn("signed-rank", paired["method"])
        apart = json.loads(run("compare", *rounds, "--json", "-").out)
        self.assertIn("--paired", apart["method"])
        for cell in paired["cells"]:
            self.assertEqual(cell["speed"], "slower", cell)
            self.assertAlmostEqual(cell["time_ratio"], 1.05, places=2)
        self.assertEqual({cell["speed"] for cell in apart["cells"]}, {"same"})

    def test_time_cpu_compares_processor_time(self):
        fresh = copy.deepcopy(self.result)
        for cell in fresh["npyrace"]["cells"]:
            cell["generation_cpu_seconds"] = [2 * s for s in cell["generation_cpu_seconds"]]
        for options, ratio in [([], 1), (["--time", "cpu"], 2)]:
            outcome = self.both(fresh, "--json", "-", *options, command="compare")
            for cell in json.loads(outcome.out)["cells"]:
                self.assertAlmostEqual(cell["time_ratio"], ratio, places=2)
        for cell in fresh["npyrace"]["cells"]:
            del cell["generation_cpu_seconds"]
        self.assert_one_line(self.both(fresh, "--time", "cpu", command="compare"), 2, "--time cpu", "new.json")

    def test_times_of_generations_add_up_to_times_of_repetitions(self):
        for cell in self.raced["npyrace"]["cells"]:
            timed = cell["evidence"]["generations_timed"]
            self.assertEqual(len(cell["generation_seconds"]), timed * len(cell["seconds"]))
            self.assertEqual(len(cell["generation_cpu_seconds"]), timed * len(cell["seconds"]))
            self.assertAlmostEqual(sum(cell["generation_seconds"]), sum(cell["seconds"]), places=6)
            self.assertGreater(min(cell["generation_cpu_seconds"]), 0)

    def test_invalid_sides_of_compare_are_errors(self):
        one = self.write("one.json", self.result)
        self.assert_one_line(run("compare", one), 2, "two sides")
        self.assert_one_line(run("compare", "--base", one, "--new", f"{one},{one}", "--paired"), 2, "--paired")
        self.assert_one_line(run("compare", one, self.folder / "none.json"), 3, "none.json")
        self.assert_one_line(run("compare", one, self.write("x.json", {"a": 1})), 3, "x.json",
                             "neither of npyrace")
        twice = copy.deepcopy(self.result)
        twice["npyrace"]["cells"].append(twice["npyrace"]["cells"][0])
        self.assert_one_line(run("compare", one, self.write("twice.json", twice)), 3, "there twice")


class Gate(GateTest):
    def test_gate_passes_for_two_equal_results(self):
        outcome = self.both(self.result)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertTrue(outcome.out.splitlines()[-1].startswith("gate: passed, 4 of 4"), outcome)

    def test_a_slowdown_fails_and_a_speedup_does_not(self):
        self.assertEqual(self.both(slower(self.result, 0.5)).code, 0)
        self.assertEqual(self.both(slower(self.result, 1.08, "mmap")).code, 0)
        outcome = self.both(slower(self.result, 1.3, "mmap"))
        self.assertEqual(outcome.code, 1, outcome)
        self.assertRegex(outcome.out, r"slower: mmap: a record takes \+30")
        self.assertEqual(self.both(slower(self.result, 1.3, "mmap"), "--max-slowdown", "40%").code, 0)

    def test_lost_safety_fails_in_every_form(self):
        for verdict in ["unsafe", "failed", "skipped"]:
            fresh = copy.deepcopy(self.result)
            fresh["npyrace"]["cells"][1].update(verdict=verdict, reason="7 lost, 100% of them")
            junit = self.folder / "junit.xml"
            outcome = self.both(fresh, "--junit", junit, "--annotations")
            self.assertEqual(outcome.code, 1, outcome)
            self.assertIn(f"lost safety: mmap-window: was safe, is {verdict}", outcome.out)
            self.assertIn("::error title=npyrace gate%3A lost safety::", outcome.out)
            self.assertIn("7 lost, 100%25 of them", outcome.out)
            suite = ElementTree.parse(junit).getroot().find("testsuite")
            self.assertEqual((suite.get("tests"), suite.get("failures")), ("4", "1"))

    def test_a_cell_no_longer_shown_safe_fails_unless_the_rerun_shows_it(self):
        fresh = copy.deepcopy(self.result)
        fresh["npyrace"]["cells"][1].update(verdict="inconclusive", reason="writers hardly met")
        outcome = self.both(fresh)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn("not proven: mmap-window: was safe, is inconclusive: writers hardly met", outcome.out)
        again = self.write("again.json", self.result)
        outcome = self.both(fresh, "--rerun", f"cp {again} {{json}}", "--rerun-rounds", 1)
        self.assertEqual(outcome.code, 0, outcome)

    def test_a_missing_cell_fails(self):
        fresh = copy.deepcopy(self.result)
        fresh["npyrace"]["cells"].pop()
        outcome = self.both(fresh)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn("NEW does not have it", outcome.out.replace("\n  ", " "))

    def test_a_cell_too_noisy_to_compare_is_reported_at_the_end(self):
        fresh = copy.deepcopy(self.result)
        for i, cell in enumerate(fresh["npyrace"]["cells"]):
            cell["seconds"] = [s * (1 + (j * 7 + i * 3) % 12) for j, s in enumerate(cell["seconds"])]
        self.assertEqual(self.both(fresh, base=fresh).code, 3)
        outcome = self.both(fresh, "--allow-unmeasured", base=fresh)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertRegex(outcome.out.splitlines()[-1], r"^gate: passed, 0 of 4 cells; 4 undecided$")
        self.assertIn("runs per side", outcome.out)

    def google(self, times, **trouble):
        """JSON as Google Benchmark writes it: repetitions of {name: nanoseconds}, and benchmarks that did not run."""
        rows = [{"name": name, "run_name": name, "run_type": "iteration", "repetitions": 12, "repetition_index": i,
                 "iterations": 100, "real_time": nanoseconds * (1 + 0.001 * i), "cpu_time": nanoseconds / 2 * (1 + 0.001 * i),
                 "time_unit": "ns"} for name, nanoseconds in times.items() for i in range(12)]
        rows += [{"name": name, "run_name": name, "run_type": "iteration", **how} for name, how in trouble.items()]
        return {"context": {"date": "2026-11-29T10:00:00+00:00", "num_cpus": 8}, "benchmarks": rows}

    FIVE = {f"BM_{name}": 100 for name in "abcde"}

    def test_missing_failed_or_skipped_benchmarks_fail_by_name(self):
        base = self.google(self.FIVE)
        rest = {name: times for name, times in self.FIVE.items() if name != "BM_c"}
        self.assertEqual(self.both(base, base=base).code, 0)
        for fresh, words in [
                (self.google(rest), "missing: BM_c: was measured, and NEW does not have it"),
                (self.google({**rest, "BM_cc": 100}), "renamed to BM_cc?"),
                (self.google(rest, BM_c={"error_occurred": True, "error_message": "no such file"}),
                 "did not run: BM_c: BASE measured it, and NEW did not: error: no such file"),
                (self.google(rest, BM_c={"skipped": True, "skip_message": "no GPU"}), "skipped: no GPU"),
                (self.google(rest, BM_c={"real_time": 0.0, "time_unit": "ns"}), "no real_time above 0"),
                (self.google({}), "BM_a: was measured, and NEW does not have it")]:
            with self.subTest(words=words):
                outcome = self.both(fresh, base=base)
                said = outcome.out.replace("\n  ", " ")
                self.assertEqual(outcome.code, 1, outcome)
                self.assertIn(words.split(": ")[-1], said)
                allowed = self.both(fresh, "--allow-missing", base=base)
                self.assertEqual(allowed.code, 3 if not fresh["benchmarks"] else 0, allowed)

    def test_a_missing_inconclusive_cell_fails(self):
        base = copy.deepcopy(self.result)
        base["npyrace"]["cells"][-1]["verdict"] = "inconclusive"
        fresh = copy.deepcopy(self.result)
        fresh["npyrace"]["cells"].pop()
        outcome = self.both(fresh, base=base)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn("was inconclusive, and NEW does not have it", outcome.out.replace("\n  ", " "))

    def test_a_gate_that_could_compare_no_cell_does_not_pass(self):
        few = copy.deepcopy(self.result)
        for cell in few["npyrace"]["cells"]:
            for times in TIMES:
                cell[times] = cell[times][:2]
        outcome = self.both(few, base=few)
        self.assertEqual(outcome.code, 3, outcome)
        self.assertIn("gate: decided nothing, 4 cells are undecided", outcome.out)
        self.assertIn("--rerun", outcome.out)
        junit = self.folder / "nothing.xml"
        self.assertEqual(self.both(few, "--allow-unmeasured", base=few).code, 0)
        self.both(few, "--junit", junit, base=few)
        self.assertEqual(ElementTree.parse(junit).getroot().find("testsuite").get("failures"), "1")
        empty = self.google({})
        self.assertEqual(self.both(empty, base=empty).code, 3)
        self.assertEqual(self.both(self.google(self.FIVE), base=empty).code, 3)
        self.assert_one_line(self.both(empty, "--update", base=self.google(self.FIVE)), 3, "no cells")

    def test_time_cpu_works_for_google_benchmark_json(self):
        base, fresh = self.google(self.FIVE), self.google({**self.FIVE, "BM_b": 200})
        for row in fresh["benchmarks"]:
            row["real_time"] = 100
        self.assertEqual(self.both(fresh, base=base).code, 0)
        outcome = self.both(fresh, "--time", "cpu", base=base)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn("slower: BM_b: a record takes +100", outcome.out)

    def test_a_slower_machine_is_reported_and_not_taken_for_noise(self):
        other = slower(self.result, 2)
        for reference in other["npyrace"]["reference"]:
            reference["seconds"] = [s * 2 for s in reference["seconds"]]
        outcome = self.both(other)
        said = outcome.out.replace("\n  ", " ")
        self.assertEqual(outcome.code, 3, outcome)
        self.assertIn("the machine itself changed: reference/", said)
        self.assertIn("takes 2 times as long", said)
        self.assertIn("--relative-to reference", said)
        relative = self.both(other, "--relative-to", "reference")
        self.assertEqual(relative.code, 0, relative)

    def test_a_slower_median_generation_fails_even_if_the_fastest_are_equal(self):
        rounds = []
        for side, factor in [("base", 1), ("new", 3)]:
            for i in range(12):
                result = copy.deepcopy(self.result)
                for cell in result["npyrace"]["cells"]:
                    cell["generation_seconds"] = [0.1 * (1 + 0.001 * ((i + n) % 7)) * (factor if n >= 4 else 1)
                                                  for n in range(40)]
                rounds.append(str(self.write(f"{side}-{i}.json", result)))
        outcome = run("gate", "--base", ",".join(rounds[:12]), "--new", ",".join(rounds[12:]), "--paired")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertRegex(outcome.out.replace("\n  ", " "), r"the median generation takes \+(199|200)\.\d % time")

    def test_a_drift_over_commits_fails_and_names_the_commits(self):
        history = self.folder / "history"
        history.mkdir()
        for i in range(20):
            result = slower(self.result, 1 + 0.02 * max(0, i - 5), "pwrite")
            result["context"]["date"] = f"2026-11-{i + 1:02}T10:00:00+00:00"
            result["npyrace"]["labels"] = {"commit": f"c{i:02}"}
            # File names are not in the order of the dates.
            (history / f"{(i * 7) % 20}.json").write_text(json.dumps(result))
        result["context"]["date"] = "2026-11-21T10:00:00+00:00"
        result["npyrace"]["labels"] = {"commit": "now"}
        outcome = self.both(result, "--history", history, base=result)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertRegex(outcome.out.replace("\n  ", " "),
                         r"drifted: pwrite: a record takes \+[12]\d\.\d % time in commit c\d\d \.\. commit now, against commit c00 \.\. commit c\d\d")
        self.assertEqual(self.both(self.result, "--history", history / "none").code, 3)

    def test_cells_that_look_slower_are_measured_again(self):
        base = self.write("fast.json", self.result)
        slow = self.write("slow.json", slower(self.result, 1.5, "mmap"))
        log = self.folder / "log"
        # The rerun finds both sides fast: the slowdown was chance, and the gate passes.
        outcome = self.both(slower(self.result, 1.5, "mmap"), "--rerun-rounds", 3, "--rerun",
                            f"echo {{side}} >> {log}; cp {base} {{json}}")
        self.assertEqual(outcome.code, 0, outcome)
        order = log.read_text().split()
        self.assertEqual(order.count("base"), 3, order)
        # Each side comes first in one of the first two rounds.
        self.assertIn(order[:4], [["base", "new", "new", "base"], ["new", "base", "base", "new"]])
        self.assertIn("measured again in 3 rounds, of at most 3", outcome.out.replace("\n  ", " "))
        # The rerun command runs only the new side, which is slow again: the gate fails.
        outcome = self.both(slower(self.result, 1.5, "mmap"), "--rerun", f"cp {slow} {{json}}")
        self.assertEqual(outcome.code, 1, outcome)
        # No cell looks slower, so the rerun command does not run.
        outcome = self.both(self.result, "--rerun", f"touch {self.folder / 'ran'}; false {{json}}")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertFalse((self.folder / "ran").exists())

    def rerun_of(self, factor):
        """A rerun command whose new side is slower in mmap by `factor`. The machine's speed changes with every round."""
        for i in range(20):
            weather = 1 + (i * 7 % 20) / 5
            for side, times in [("base", 1), ("new", factor)]:
                self.write(f"{side}-{i}.json", slower(slower(self.result, weather * (1 + 0.001 * (i % 3))), times, "mmap"))
        log = self.folder / "log"
        log.write_text("")
        return log, (f"n=$(grep -c {{side}} {log}); echo {{side}} >> {log}; "
                     f"cp {self.folder}/{{side}}-$n.json {{json}}")

    def test_noisy_cells_are_rerun_in_rounds_until_they_are_decided(self):
        noisy = copy.deepcopy(self.result)
        for cell in noisy["npyrace"]["cells"]:
            cell["seconds"] = [s * (1 + i % 12) for i, s in enumerate(cell["seconds"])]
        self.assertIn("4 cells are undecided", self.both(noisy, base=noisy).out)
        log, command = self.rerun_of(1.3)
        outcome = self.both(noisy, "--rerun", command, base=noisy)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertRegex(outcome.out, r"slower: mmap: a record takes \+30")
        self.assertIn("gate: failed, 1 of 4 cells\n", outcome.out)
        self.assertEqual(log.read_text().split().count("new"), 5)  # decided by the first interim analysis
        log, command = self.rerun_of(1)
        outcome = self.both(noisy, "--rerun", command, "--rerun-rounds", 12, base=noisy)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("gate: passed, 4 of 4 cells\n", outcome.out)

    def test_rerun_results_are_made_relative_like_the_first(self):
        slow = slower(self.result, 3)
        for reference in slow["npyrace"]["reference"]:
            reference["seconds"] = [s * 3 for s in reference["seconds"]]
        again = self.write("again.json", slow)  # a machine that is three times slower in everything
        outcome = self.both(slower(self.result, 1.5, "mmap"), "--relative-to", "reference",
                            "--rerun", f"cp {again} {{json}}", "--rerun-rounds", 9)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertNotIn("slower:", outcome.out)

    def test_a_missing_experiment_is_reported(self):
        outcome, base = self.race("create-race", "--repetitions", 1, place=self.folder)
        fresh = copy.deepcopy(base)
        safe = next(e for e in fresh["npyrace"]["experiments"] if e.get("verdict") == "safe")
        name = safe["name"].split("/")[0]  # the common part of all names is printed once
        self.assertEqual(self.both(base, base=base).code, 0)
        safe.update(verdict="unsafe", reason="3 lost")
        outcome = self.both(fresh, base=base)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn(f"lost safety: {name}: was safe, is unsafe: 3 lost", outcome.out.replace("\n  ", " "))
        self.assertIn("not compared: counts of experiments", outcome.out)
        compared = self.both(fresh, base=base, command="compare").out.replace("\n  ", " ")
        self.assertIn(f"{name}: safe > unsafe: 3 lost", compared)
        fresh["npyrace"]["experiments"].remove(safe)
        self.assertIn("NEW does not have it", self.both(fresh, base=base).out.replace("\n  ", " "))

    def test_a_safe_rerun_does_not_overrule_an_unsafe_verdict(self):
        fine = self.write("fine.json", self.result)
        fresh = slower(self.result, 1.5, "mmap")
        fresh["npyrace"]["cells"][3]["verdict"] = "unsafe"
        outcome = self.both(fresh, "--rerun", f"cp {fine} {{json}}; : {{side}}")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn("lost safety", outcome.out)
        self.assertNotIn("slower:", outcome.out)

    def test_a_rerun_command_without_a_result_is_an_error(self):
        slow = slower(self.result, 1.5, "mmap")
        self.assert_one_line(self.both(slow, "--rerun", "true {json}"), 3, "left no result")
        self.assert_one_line(self.both(slow, "--rerun", "exit 7; {json}"), 3, "exit code 7")
        self.assert_one_line(self.both(slow, "--rerun", "true"), 2, "{json}")

    def test_update_writes_the_first_base_and_the_next(self):
        new = self.write("new.json", slower(self.result, 2))
        base = self.folder / "kept.json"
        self.assertEqual(run("gate", base, new, "--update").code, 0)
        self.assertEqual(base.read_text(), new.read_text())
        again = self.write("again.json", slower(self.result, 4))
        self.assertEqual(run("gate", base, again).code, 1)
        self.assertEqual(run("gate", base, again, "--update").code, 0)
        self.assertEqual(run("gate", base, again).code, 0)
        self.assert_one_line(run("gate", base, self.folder / "none", "--update"), 3, "none")
        self.assert_one_line(run("gate", "--base", f"{base},{base}", "--new", new, "--update"), 2, "--update")

    def test_invalid_limits_are_errors(self):
        for limit in ["0", "-5%", "x", "10%%", "nan", "inf", "", "5 %"]:
            with self.subTest(limit=limit):
                self.assert_one_line(self.both(self.result, f"--max-slowdown={limit}"), 2, "--max-slowdown")


if __name__ == "__main__":
    main()
