"""Tests `npyrace report`: a result becomes Markdown, CSV, JUnit, terminal text, and JSON again."""

import csv
import io
import json
import os
import xml.etree.ElementTree as ElementTree

from program import FolderTest, main, run, small

FORMATS = ["terminal", "json", "html", "markdown", "csv", "junit"]


class Report(FolderTest):
    def setUp(self):
        super().setUp()
        self.outcome, self.result = self.race(*small(), "--label", "commit=abc", "--strategies",
                                              "pwrite,mmap")
        self.path = self.folder / "result.json"

    def report(self, *arguments):
        outcome = run("report", self.path, *arguments)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(outcome.err, "")
        return outcome.out

    def test_json_is_reproduced_unchanged(self):
        self.assertEqual(json.loads(self.report("--format", "json")), self.result)

    def test_the_terminal_form_is_what_run_printed(self):
        self.assertEqual(self.report(), self.outcome.out)

    def test_csv_has_the_numbers_of_the_result(self):
        rows = list(csv.DictReader(io.StringIO(self.report("--csv"))))
        cells = self.result["npyrace"]["cells"]
        self.assertEqual([row["name"] for row in rows], [cell["name"] for cell in cells])
        for row, cell in zip(rows, cells):
            self.assertEqual(row["verdict"], cell["verdict"])
            self.assertEqual([float(s) for s in row["seconds"].split()], cell["seconds"])
            self.assertEqual(float(row["records_per_second"]), cell["records_per_second"])
            self.assertEqual(row["label:commit"], "abc")

    def test_junit_has_a_test_case_per_cell(self):
        suite = ElementTree.fromstring(self.report("--junit")).find("testsuite")
        names = [case.get("name") for case in suite.findall("testcase")]
        self.assertEqual(names, [cell["name"] for cell in self.result["npyrace"]["cells"]])

    def test_markdown_has_a_row_per_cell(self):
        text = self.report("--markdown")
        for cell in self.result["npyrace"]["cells"]:
            self.assertIn(f"| {cell['name']} | {cell['verdict']} |", text)

    def test_output_files_are_written_whole_or_not_at_all(self):
        target = self.folder / "report.md"
        self.assertEqual(self.report("--markdown", "--output", target), "")
        self.assertEqual(target.read_text(), self.report("--markdown"))
        outcome = run("report", self.path, "--output", self.folder / "no" / "such" / "folder.md")
        self.assert_one_line(outcome, 3, "folder.md", "No such file")

    def test_results_of_verify_and_semantics_have_every_format(self):
        array = self.folder / "a.npy"
        run("create", array, "--records", 100, "--seed", 1)
        run("verify", array, "--json", self.folder / "verify.json")
        run("run", "semantics", "--repetitions", 1, "--dir", self.folder, "--json",
            self.folder / "semantics.json")
        for name in ["verify.json", "semantics.json"]:
            for form in FORMATS:
                with self.subTest(name=name, form=form):
                    outcome = run("report", self.folder / name, "--format", form)
                    self.assertEqual(outcome.code, 0, outcome)
                    self.assertGreater(len(outcome.out), 10)


class Trouble(FolderTest):
    def test_an_unwritable_report_stops_the_run_before_the_race(self):
        # If the error came after the race, this would take ten minutes.
        for option in "--json", "--html":
            outcome = run("run", "--dir", self.folder, "--repetitions", 100000, option,
                          self.folder / "none" / "x", timeout=30)
            self.assert_one_line(outcome, 3, "none/x", "No such file")
        outcome = run("run", "--dir", self.folder, "--json", "-", "--html", "-", timeout=30)
        self.assert_one_line(outcome, 2, "--json and --html cannot both go to standard output")
        self.assertEqual(self.race_files(), [])

    def test_a_report_on_standard_output_is_the_only_output(self):
        outcome = run("run", "--dir", self.folder, *small(), "--strategies", "pwrite", "--html", "-")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertTrue(outcome.out.startswith("<!doctype html>"))
        self.assertTrue(outcome.out.endswith("</html>\n"))

    def test_a_file_that_is_not_a_result_is_one_line(self):
        _, result = self.race(*small(), "--strategies", "pwrite", "--layouts", "packed")
        whole = json.dumps(result)
        newer = json.loads(whole)
        newer["npyrace"]["schema_version"] = 99
        wrong = json.loads(whole)
        wrong["npyrace"]["cells"][0]["records"] = "many"
        for name, content, word in [
                ("empty", "", "ends in the middle"),
                ("cut", whole[:len(whole) // 2], "ends in the middle"),
                ("text", "hello", "not JSON from byte 0"),
                ("foreign", '{"benchmarks": []}', "no key 'npyrace'"),
                ("newer", json.dumps(newer), "schema version 99"),
                ("wrong", json.dumps(wrong), "npyrace.cells[0].records"),
                ("control", '{"npyrace": "\\u001b[31m\\n"}', "an object is expected"),
                ("deep", "[" * 1000000, "nested deeper")]:
            path = self.folder / name
            path.write_text(content)
            with self.subTest(name=name):
                outcome = run("report", path)
                self.assert_one_line(outcome, 3, str(path), word)
                self.assertEqual(outcome.out, "")

    def test_a_truncated_result_is_an_error_and_no_crash(self):
        _, result = self.race(*small(), "--strategies", "pwrite", "--layouts", "packed")
        whole = json.dumps(result)
        for size in range(0, len(whole) - 1, max(1, len(whole) // 60)):
            path = self.folder / "cut"
            path.write_text(whole[:size])
            self.assert_one_line(run("report", path), 3, "cut")

    def test_unreadable_files_are_errors(self):
        os.mkfifo(self.folder / "fifo")
        self.assert_one_line(run("report", self.folder / "fifo", timeout=5), 3, "not a regular file")
        self.assert_one_line(run("report", self.folder / "none"), 3, "No such file")
        self.assert_one_line(run("report", self.folder), 3)

    def test_a_misspelled_format_is_an_error(self):
        self.assert_one_line(run("report", "x", "--format", "markdwon"), 2, "did you mean 'markdown'?")


if __name__ == "__main__":
    main()
