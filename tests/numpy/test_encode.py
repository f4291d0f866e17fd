"""encode_header must write exactly the bytes that NumPy writes."""
import io
import random
import subprocess
import sys
import unicodedata

import dtypes
from harness import Failures, _array_descr, npy_format, numpy, options

TABLE_VERSION = "14.0.0"  # Unicode version of core/npy/unicode_printable.cpp
SHAPES = [(), (0,), (1,), (60000,), (10**15,), (2**62,), (3, 4), (10**20 // 100, 5), (2, 3, 4, 5), (1,) * 32]
ALIGNMENTS = [64, 64, 64, 128, 512, 4096, 8192]


def numpy_bytes(dtype, fortran_order, shape):
    stream = io.BytesIO()
    header = {"descr": npy_format.dtype_to_descr(dtype), "fortran_order": fortran_order, "shape": shape}
    npy_format._write_array_header(stream, header)
    return stream.getvalue()


def header_characters(data):
    version = data[6]
    return len(data[10 if version == 1 else 12:].decode("utf8" if version == 3 else "latin1"))


def long_dtype(fields, name):
    return numpy.dtype([(name % i, "<f8") for i in range(fields)])


def written_and_read(dtype):
    """Whether NumPy reads back the dtype that it wrote. Unnamed fields that look like padding are lost in its descr."""
    return npy_format.descr_to_dtype(_array_descr(dtype)) == dtype


def turning_characters():
    """The characters at the borders of ranges that repr() prints unescaped."""
    if unicodedata.unidata_version != TABLE_VERSION:
        return
    shown = [chr(code).isprintable() for code in range(sys.maxunicode + 1)]
    for code in range(1, sys.maxunicode + 1):
        if shown[code] != shown[code - 1]:
            yield chr(code - 1)
            yield chr(code)


def names_of_turning_characters():
    characters = list(turning_characters())
    for start in range(0, len(characters), 200):
        yield "".join(characters[start:start + 200])


def cases(chance):
    for name in names_of_turning_characters():
        yield numpy.dtype([(name, "<f8")]), False, (3,), 64
    for dtype in filter(written_and_read, (dtypes.random_dtype(chance, 3) for _ in range(2000))):
        yield dtype, chance.random() < 0.5, chance.choice(SHAPES), chance.choice(ALIGNMENTS)
    for fields in range(1, 60):
        yield long_dtype(fields, "f%d"), False, (fields,), 64
    for name in ("f%d", "\xe9%d", "\u03bb%d"):
        for fields in (100, 450, 550, 2000, 5000):
            yield long_dtype(fields, name), False, (5,), 64


def lines(chosen):
    for dtype, fortran_order, shape, alignment in chosen:
        descr = repr(_array_descr(dtype))
        yield "\t".join([descr, str(fortran_order), ",".join(map(str, shape)), str(alignment)])


def check(case, ours, failures):
    dtype, fortran_order, shape, alignment = case
    theirs = numpy_bytes(dtype, fortran_order, shape)
    if ours.startswith("error: "):
        too_long = header_characters(theirs) + alignment > 10000
        return failures.check(too_long, ours, header_characters(theirs), case)
    ours = bytes.fromhex(ours)
    if alignment == 64:
        same = ours == theirs and header_characters(theirs) <= 10000
        return failures.check(same, header_characters(theirs), ours, theirs, case)
    failures.check(len(ours) % alignment == 0, case, len(ours), "is not aligned")
    stream = io.BytesIO(ours)
    read = npy_format._read_array_header(stream, npy_format.read_magic(stream))
    failures.check(read == (shape, fortran_order, dtype) and stream.tell() == len(ours), case, read)


def main():
    arguments = options()
    chosen = list(cases(random.Random(arguments.seed)))
    text = "".join(line + "\n" for line in lines(chosen))
    done = subprocess.run([arguments.encode_headers], input=text.encode("utf-8"), stdout=subprocess.PIPE, check=True)
    answers = done.stdout.decode().splitlines()
    if len(answers) != len(chosen):
        sys.exit("%d answers to %d questions" % (len(answers), len(chosen)))
    failures = Failures()
    for case, answer in zip(chosen, answers):
        check(case, answer, failures)
    failures.finish()


if __name__ == "__main__":
    main()
