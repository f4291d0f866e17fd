"""Arrays saved by NumPy: inspect must print what NumPy reads, with the same sizes."""
import io
import random

import dtypes
from compare import compare_files, report
from harness import Failures, numpy, options

SHAPES = [(), (0,), (1,), (7,), (3, 4), (4, 3, 2), (0, 5), (2, 0, 3), (1,) * 32]


def saved(dtype, shape, fortran_order):
    array = numpy.zeros(shape, dtype, order="F" if fortran_order else "C")
    stream = io.BytesIO()
    numpy.lib.format.write_array(stream, array)
    return stream.getvalue()


def main():
    arguments = options()
    chance = random.Random(arguments.seed)
    chosen = [numpy.dtype(text) for text in dtypes.SCALARS]
    chosen += [dtypes.random_dtype(chance, depth=3) for _ in range(600)]
    files = []
    for dtype in chosen:
        for shape in chance.sample(SHAPES, 3):
            files.append(saved(dtype, shape, chance.random() < 0.4))
    failures = Failures()
    report(compare_files(arguments.npyrace, files, failures))
    failures.finish()


if __name__ == "__main__":
    main()
