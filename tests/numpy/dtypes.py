"""Random data types like those that people and programs make."""
from harness import numpy

SCALARS = ["?", "i1", "u1", "<i2", ">i2", "<u4", ">i4", "<i8", ">u8", "<f2", "<f4", ">f8", "<f8", "<f16",
           "<c8", ">c16", "<c32", "S", "S1", "S17", "U", "<U3", ">U9", "V", "V1", "V13", "O",
           "<M8", "<M8[ns]", ">M8[25s]", "<m8[D]", "<m8[7us]", "<M8[Y]"]
NAMES = ["a", "b", "start_ns", "finish_ns", "x y", "it's", 'say "no"', "both'\"", "tab\t", "new\nline", "back\\slash",
         "\x7f", "\x80", "\x85", "\xa0", "\xad", "\xe9", "\xff", "\u0100", "\u03bb", "\u200b", "\u2028", "\u4e2d\u6587",
         "\ufeff", "\uffff", "\U0001f40d", "\U000e0001", "\U0010ffff", "\ud800", "", "L", "3L", "#", "f0", "'", "None"]


def random_shape(random, largest_dimensions=3):
    return tuple(random.choice([1, 2, 3, 5]) for _ in range(random.randint(1, largest_dimensions)))


def random_scalar(random):
    return numpy.dtype(random.choice(SCALARS))


def random_struct(random, depth):
    names = random.sample(NAMES, random.randint(1, 5))
    titles = [random.choice([None, None, None, "title %d" % i, "\xe9%d" % i, "\u03bb%d" % i])
              for i in range(len(names))]
    formats = [random_field(random, depth - 1) for _ in names]
    if random.random() < 0.2:
        return numpy.dtype(list(zip([n or "n" for n in names], formats)), align=True)
    offsets, end = [], 0
    for field in formats:
        end += random.choice([0, 0, 0, 1, 4, 7])
        offsets.append(end)
        end += field.itemsize
    itemsize = end + random.choice([0, 0, 0, 3, 8])
    return numpy.dtype({"names": names, "formats": formats, "offsets": offsets, "titles": titles,
                        "itemsize": itemsize})


def random_field(random, depth):
    base = random_dtype(random, depth)
    if base.itemsize and random.random() < 0.25:
        return numpy.dtype((base, random_shape(random)))
    return base


def random_dtype(random, depth=2):
    if depth <= 0 or random.random() < 0.4:
        return random_scalar(random)
    return random_struct(random, depth)
