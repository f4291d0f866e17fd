"""Reads the same files with NumPy and npyrace and compares the results."""
import collections

from differences import may_crash_numpy, reason_to_refuse
from harness import Folder, NumpyAnswer, inspect_files, merge_replacements


def compare_files(npyrace, files, failures):
    """`files`: contents of whole files. Returns how often each case occurred."""
    cases = collections.Counter()
    folder = Folder()
    with folder:
        asked = [data for data in files if not may_crash_numpy(data)]
        paths = [folder.add(data) for data in asked]
        answers = inspect_files(npyrace, paths)
        for path, data in zip(paths, asked):
            cases[compare(path, data, answers, failures)] += 1
    return cases


def compare(path, data, answers, failures):
    theirs = NumpyAnswer(data)
    ours = answers.objects.get(path)
    complaint = answers.complaints.get(path)
    if theirs.error:
        failures.check(ours is None, data, "NumPy refuses:", theirs.error, "we say", ours)
        return "refused"
    reason = reason_to_refuse(data, theirs)
    if reason:
        failures.check(ours is None, data, "to be refused:", reason, "we say", ours)
        return "refused on purpose: " + reason
    if ours is None:
        failures.check(False, data, "NumPy accepts", theirs.dtype, theirs.shape, "we say", complaint)
        return "accepted"
    ours = {key: value for key, value in ours.items() if key != "file"}
    ours["descr"] = merge_replacements(ours["descr"])
    expected = theirs.as_inspected(len(data))
    # A header does not tell the size of pickled Python objects.
    if not theirs.dtype.hasobject and expected["file_bytes"] < expected["data_offset"] + expected["data_bytes"]:
        expected["truncated"] = True
    failures.check(ours == expected and list(ours) == list(expected), data, expected, "we say", ours)
    return "accepted"


def report(cases):
    for case, count in sorted(cases.items()):
        print("%7d %s" % (count, case))
