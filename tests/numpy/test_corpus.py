"""Headers and data types that the fuzzer keeps (tests/fuzz): NumPy and npyrace must accept and read the same ones."""
import pathlib

from compare import compare_files, report
from harness import Failures, options, with_preamble

FUZZ = pathlib.Path(__file__).resolve().parents[1] / "fuzz"


def headers_of(file):
    """The headers that an input of the fuzzer's target, which its folder is named after, stands for."""
    data = file.read_bytes()
    if file.parent.name == "dtype":
        text = "{'descr': %s, 'fortran_order': False, 'shape': (3,)}"
        for descr in (repr(data.decode("utf8", "replace")), data.decode("utf8", "replace")):
            yield with_preamble((text % descr).encode("utf8", "replace"), (3, 0))
    elif data[:1] in (b"\1", b"\2", b"\3"):  # the text of a header of that version
        yield with_preamble(data[1:], (data[0], 0))
    else:
        yield data


def main():
    arguments = options()
    folders = arguments.inputs or [FUZZ / "corpus/header", FUZZ / "corpus/dtype",
                                   FUZZ / "found/header", FUZZ / "found/dtype"]
    files = [file for folder in folders for file in sorted(pathlib.Path(folder).glob("*"))]
    failures = Failures()
    headers = [header for file in files for header in headers_of(file)]
    report(compare_files(arguments.npyrace, headers, failures))
    failures.finish()


if __name__ == "__main__":
    main()
