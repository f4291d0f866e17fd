"""Valid headers with small damage: NumPy and npyrace must accept and refuse the same ones."""
import io
import random

import dtypes
from compare import compare_files, report
from harness import Failures, npy_format, options, with_preamble

TOKENS = ["(", ")", "[", "]", "{", "}", ",", ":", "'", '"', "'''", "\\", "\n", "\r", " ", "\t", "\f", "#", "3", "0", "-", "+", ".", "L", "3L", "1_0",
          "0x1", "2j", "1e5", "True", "False", "None", "...", "set()", "b''", "r'\\'", "u", "'a'", "'<f8'", "'descr'", "'shape'",
          "(2,)", "[2, 3]", "(1, -1)", "\\x41", "\\u0041", "\\ud800", "\\\n", "\xe9", "\xa0", "lambda", "*", "**", "=", "e", "_"]
LETTERS = "<>|=?0123456789()[],. abcdefghilmnpqsuxBDFGHILMOPQSUVYWhμ\xa0"
STEMS = ["<f8", "i4,f8", "(2,3)f4", "M8[25s]", "m8[ns]", "S5", "U3,V7", "float64", "2i4, 3f8", "datetime64[ms]", ">c16", "a10", "?"]


def valid_texts(chance, count):
    """Header texts as NumPy writes them, without preamble."""
    for _ in range(count):
        dtype = dtypes.random_dtype(chance, 2)
        shape = chance.choice([(), (3,), (2, 3), (0,)])
        header = {"descr": npy_format.dtype_to_descr(dtype), "fortran_order": chance.random() < 0.5, "shape": shape}
        stream = io.BytesIO()
        npy_format._write_array_header(stream, header)
        data = stream.getvalue()
        yield data[10 if data[6] == 1 else 12:].decode("utf8" if data[6] == 3 else "latin1")


def file_of(text, chance):
    """A file with this header text, in most cases with a format version that can hold it."""
    version = chance.choice([1, 2, 3])
    data = text.encode("utf8" if version == 3 else "latin1", "replace")
    return with_preamble(data, (version, 0))


def flip_bytes(data, chance):
    data = bytearray(data)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        at = chance.randrange(len(data))
        how = chance.randrange(7)
        if how >= 4:
            same_class = [other for other in data if chr(other).isalnum() == chr(data[at]).isalnum()]
            data[at] = chance.choice(same_class)
        elif how == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            data[at] = chance.randrange(256)
        elif how == 2:
            del data[at]
        else:
            data.insert(at, chance.choice(b"'\"()[]{},:\\ \n0L<"))
    return bytes(data)


def swap_tokens(text, chance):
    """Replaces tokens by others of the text, which gives nearly valid Python."""
    for _ in range(chance.choice([1, 1, 2])):
        at = chance.randrange(len(text.rstrip()) + 2)
        cut = chance.choice([0, 0, 1, 2, 3])
        text = text[:at] + chance.choice(TOKENS) + text[at + cut:]
    return text


def mangled_type(chance):
    text = chance.choice(STEMS)
    for _ in range(chance.choice([1, 1, 2, 3])):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(LETTERS) + text[at + chance.choice([0, 1]):]
    return text


def made_type(chance):
    """One item of a type string, in most cases well formed."""
    order = chance.choice(["", "", "<", ">", "=", "|"])
    repeats = chance.choice([""] * 6 + ["3", "(2,)", "(2,3)", "1", "(1,)", "()", "0", "2,", " 2 ", "(2)", "( 2, 3 )", "1_0"])
    code = chance.choice(["i", "u", "f", "c", "b", "S", "a", "U", "V", "O", "M", "m", "?", "d", "e", "g", "p", "h"])
    size = chance.choice(["", "", "1", "2", "4", "8", "16", "32", "0", "08", "+8", "-1", "3", "99999999999", "4294967297", "2147483647"])
    unit = chance.choice([""] * 6 + ["[s]", "[25ns]", "[D]", "[ 7us]", "[generic]", "[0M]", "[x]", "[]", "[-1s]", "[2 s]"])
    type_string = chance.choice([code + size + unit, code + size, "M8" + unit, "datetime64" + unit, "float64", "int", "bytes"])
    return chance.choice([order + repeats, repeats + order, order]) + type_string


def made_types(chance):
    separator = chance.choice([",", ", ", " ,", ",\xa0", ",,"])
    return separator.join(made_type(chance) for _ in range(chance.choice([1, 1, 1, 2, 3]))) + chance.choice(["", "", "", ",", " "])


def made_descr(chance, depth=2):
    """The repr of a descr, in most cases well formed, including unusual forms that NumPy accepts."""
    how = chance.random()
    if depth == 0 or how < 0.3:
        return repr(made_types(chance) if how < 0.15 else chance.choice(["<f8", "|i1", "V4", "O", "S0", "<U2"]))
    if how < 0.4:
        return "(%s, %s)" % (made_descr(chance, depth - 1), made_shape(chance))
    return "[%s]" % ", ".join(made_field(chance, depth - 1) for _ in range(chance.choice([0, 1, 1, 2, 3])))


def made_shape(chance):
    return chance.choice(["2", "1", "(2,)", "(2, 3)", "[2, 3]", "()", "(0,)", "(2L,)", "5", "(1,)", "0", "-1", "True", "(2**2,)", "None", "3.0", "'i1'"])


def made_field(chance, depth):
    name = chance.choice(["''", "'a'", "'b'", "'c'", "'d'", "('t', 'e')", "('a', 'f')", "(None, 'g')", "u'h'", "'i' 'j'", "('', '')", "5", "(5, 'k')"])
    shape = chance.choice(["", "", ", " + made_shape(chance)])
    form = chance.choice(["(%s, %s%s)", "(%s, %s%s)", "(%s, %s%s,)", "[%s, %s%s]"])
    return form % (name, made_descr(chance, depth), shape)


def made_dimension(chance):
    return chance.choice(["0", "1", "3", "3L", "0x10", "-1", "True", "10**3", "1_000", str(2**62), str(2**63), "9" * 15, "+4", "- 0", "3.0"])


def made_header(chance):
    shape = "".join(made_dimension(chance) + ", " for _ in range(chance.choice([0, 1, 1, 2, 3])))
    parts = ["'descr': " + made_descr(chance), "'fortran_order': " + chance.choice(["True", "False"]), "'shape': (%s)" % shape]
    chance.shuffle(parts)
    return "{" + ", ".join(parts) + chance.choice(["", ",", ", "]) + "}" + " " * 20 + "\n"


def fuzzed_files(chance, count):
    for text in valid_texts(chance, count):
        yield flip_bytes(file_of(text, chance), chance)
    for text in valid_texts(chance, count):
        yield file_of(swap_tokens(text, chance), chance)
    for _ in range(count):
        yield file_of("{'descr': %r, 'fortran_order': False, 'shape': (3,)}" % made_types(chance), chance)
        yield file_of(made_header(chance), chance)
        header = {"descr": mangled_type(chance), "fortran_order": False, "shape": (3,)}
        yield file_of(repr(header), chance)


def main():
    arguments = options()
    failures = Failures()
    chance = random.Random(arguments.seed)
    report(compare_files(arguments.npyrace, list(fuzzed_files(chance, arguments.count)), failures))
    failures.finish()


if __name__ == "__main__":
    main()
