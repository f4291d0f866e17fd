"""Wrong and malicious headers must be refused exactly if NumPy refuses them."""
from compare import compare_files, report
from harness import Failures, Folder, inspect_files, options, with_preamble

GOOD = b"{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }"
DESCRS = r"""
'<f8' | 'f8' | '=f8' | '|f8' | '>f8' | 'float64' | '<float64' | 'd' | '>d' | '' | '<' | ' f8' | 'f8 ' | 'f08' | 'f+8' | 'f 8'
'f-8' | 'f3' | 'i16' | 'b2' | '?1' | 'B1' | 'c1' | 'c' | 'O4' | 'O8' | 'O2' | 'N' | 'u' | 'Float64' | '\x00' | '\x17' | '\x18'
'\x19' | '\x1a' | '#' | '\xe9' | 'i\u0660' | 'S' | 'S0' | 'S-0' | 'S-1' | 'S2147483647' | 'S2147483648' | 'S4294967301'
'U536870911' | 'U536870912' | 'U1073741825' | 'V' | 'a10' | 'M8' | 'M8[s]' | 'M8[25s]' | 'M8[generic]' | 'M8[2generic]'
'M8[ 2s]' | 'M8[s ]' | 'M8[]' | 'M8[s' | 'M8[s]x' | 'M8[B]' | 'M8[0s]' | 'M8[-1s]' | 'M8[2147483648s]' | 'm8[\u03bcs]'
'm8[\xb5s]' | 'datetime64[ns]' | 'timedelta64' | 'datetime64x' | 'M08' | 'm4' | '>m8[as]' | 'i4,f8' | 'i4,' | 'i4,,f8' | ',i4'
'3f4' | '(2,3)f4' | '(2)f4' | '(2,)f4' | '()f4' | '1f4' | '02f4' | '0f4' | '2<f4' | '<2f4' | '<2>f4' | '=2<f4' | '2,f4'
'i4 , f8' | 'i4\xa0,\u2003f8' | 'i4;f8' | '(2,3)float64,U5' | 'M8[s],m8[2D]' | '2,3f4' | '( 2, 3 )f4' | '(2,3)(2,)f4' | 'f4, (2)i2'
'[a,b]' | '>[a,b]' | '[a,b],i4' | '2[a,b]' | 'i4,<' | 'i4,|' | 'i4,>' | '<,' | '<,<' | ',' | ' ,' | '2,' | 'i4, ,' | '[,' | '2[[[a,b]'
[] | [()] | [('a',)] | [('a','<f8')] | [['a','<f8']] | [('a','<f8',2)] | [('a','<f8',(2,))] | [('a','<f8',[2,3])] | [('a','<f8',())]
[('a','<f8',[])] | [('a','<f8',1)] | [('a','<f8',(1,))] | [('a','<f8',True)] | [('a','<f8',(True,2))] | [('a','<f8',(-1,))]
[('a','<f8',None)] | [('a','<f4',None)] | [('a','<f8','<i8')] | [('a','<f8','')] | [('a','<f8',b'ab')] | [('a','<f8',2.0)]
[('a','<f8',(2**31,))] | [('a','<f8',(2147483648,))] | [('a','<f8',(0,2147483647,2147483647))]
[('a','<f8',(2147483647,2147483647,3,0))] | [('a','<f8',(2147483647,2147483647,0,3))] | [('a','<f8',(268435456,))]
[('a','S',5)] | [('a','S',(5,))] | [('a','U',5)] | [('a','V',-1)] | [('a','S2147483647'),('b','i1')] | [('a','S2147483646'),('b','i1')]
[('a','<f8'),('a','<i4')] | [('','<f8')] | [('','V4')] | [('','V4'),('','V4')] | [('','<f8'),('','<f8')] | [('','<f8',(2,))]
[(('t','a'),'<f8')] | [(('t','a'),'<f8'),('t','i1')] | [(('a','a'),'<f8')] | [((None,'a'),'<f8')] | [((5,'a'),'<f8')]
[(('t','a','b'),'<f8')] | [(('t',),'<f8')] | [(['t','a'],'<f8')] | [(('',''),'V4')] | [(('t',''),'V4')] | [(5,'<f8')] | [(b'a','<f8')]
[('a',[('b','<f8'),('','V4')],(2,))] | [('a',[('b',[('c','O')])])] | [('a',('<f8',(2,)),(3,))] | [('a',('<f8',(0,)),(3,))] | [('a',('<f8',(0,)),3)] | [('a',[],(2,))]
('<f8',(2,)) | ('<f8',(2,),3) | ('<f8',()) | ('<f8',1) | ('<f8',) | () | (('<f8',(2,)),(3,)) | ('S',5) | ([('a','i1')],(2,))
{} | {'a':'<f8'} | {('a','<f8')} | {('a','<f8'):1} | None | 5 | True | ... | b'<f8' | ['ab'] | ['abc'] | 1j | set()
"""
SHAPES = r"""
() | (3,) | (3) | 3 | [3] | (0,) | (-1,) | (True,) | (False,) | (3.0,) | (None,) | ('3',) | (3,4,) | (3L,) | (3L,4L) | (3 L,)
(3LL,) | (3L L,) | (0x10,) | (0b11L,) | (010,) | (0o17,) | (1_000,) | (1__0,) | (1_,) | (0_0,) | (00,) | (+3,) | (- 3,) | (-0,) | (--3,) | (3+0,)
(3+2j,) | (9223372036854775807,) | (9223372036854775808,) | (1152921504606846975,) | (1152921504606846976,) | (4611686018427387904,4,0) | (0,4611686018427387904,4)
(4294967296,4294967296) | (1000000000000000,) | (((3)),) | ((3,),) | (3, # three
) | (3\
,) | ( ,) | (,) | (3,,) | (3 4,) | (3;) | None | {} | (1.5L,) | (3l,) | (3if 1else 4,) | (*(3,),) | (x,) | (3,)*2 | (lambda:3,)
"""
LITERALS = r"""
"%s" | r'%s' | R"%s" | u'%s' | U"%s" | b'%s' | rb'%s' | f'%s' | ur'%s' | '''%s''' | \"\"\"%s\"\"\" | ('%s') | '%s' '' | '' r"" u'%s' | '%s' b''
"""


def alternatives(text):
    return [part.strip(" \n") for part in text.replace(" | ", "\n\x00").replace("\n", "\n\x00").split("\x00")
            if part.strip(" \n")]


def header(descr="'<f8'", order="False", shape="(3,)"):
    return ("{'descr': %s, 'fortran_order': %s, 'shape': %s, }" % (descr, order, shape)).encode("utf-8")


def header_texts():
    shapes = alternatives(SHAPES.replace("# three\n", "# three\x01").replace("\\\n", "\\\x01"))
    for descr in alternatives(DESCRS):
        yield header(descr=descr)
    for shape in shapes:
        yield header(shape=shape.replace("\x01", "\n"))
    for literal in alternatives(LITERALS):
        yield header(descr=literal.replace("\\\"", "\"") % "<f8")
        yield header(descr=literal.replace("\\\"", "\"") % r"\x3cf8")
    for order in ("True", "False", "0", "1", "None", "'False'", "(True)", "-True", "true", "True False"):
        yield header(order=order)
    for escape in (r"\q", r"\x6", r"\x61", r"\141", r"\777", r"\u006", r"\u0061", r"\ud800", r"\ud83d\ude00", r"\U00110000",
                   r"\U0001f40d", r"\N{DIGIT ONE}", "\\\n", r"\'", r"\8", "\n", "\t", "\u00e9", "\U0001f40d", "\\\u00e9", "\\\r\n"):
        yield header(descr="[('" + escape + "', 'i1')]")
        if "N{" not in escape:
            yield header(descr="[(r'" + escape + "', 'i1')]")
        yield header(descr="[('''" + escape + "''', 'i1')]")
    yield from odd_dicts()
    yield from odd_blanks()
    yield from deep_ones()


def odd_dicts():
    yield b""
    yield b"{}"
    yield b"[]"
    yield b"{'descr': '<f8', 'fortran_order': False}"
    yield GOOD[:-1] + b"'more': 1}"
    yield GOOD[:-1] + b"'shape': (4,)}"
    yield GOOD[:-1] + b"'shape': 4, 'shape': (5,)}"
    yield GOOD[:-1] + b"5: 1}"
    yield GOOD[:-1] + b"[]: 1}"
    yield GOOD[:-1] + b"b'shape': (3,)}"
    yield GOOD[:-1] + b"'sh' 'ape': (6,)}"
    yield GOOD[:-1] + b"**{}}"
    yield GOOD[:-1] + b",}"
    yield GOOD.replace(b", }", b"}")
    yield GOOD.replace(b":", b"=")
    yield GOOD + b","
    yield GOOD + b"," + GOOD
    yield b"(" + GOOD + b")"
    yield b"dict(descr='<f8', fortran_order=False, shape=(3,))"
    yield b"{'descr': ..., 'descr': '<f8', 'fortran_order': False, 'shape': (3,)}"
    yield b"{'descr': {[]}, 'descr': '<f8', 'fortran_order': False, 'shape': (3,)}"
    yield b"{'descr': {1, (2, 'x')}, 'descr': '<f8', 'fortran_order': False, 'shape': (3,)}"
    yield b"{'descr': {1:2, **{}}, 'descr': '<f8', 'fortran_order': False, 'shape': (3,)}"
    for digits in (4300, 4301):
        yield GOOD[:-1] + b"'shape': " + b"1" * digits + b", 'shape': (3,)}"


def odd_blanks():
    blanks = [b" ", b"\t", b"\n", b"\r", b"\r\n", b"\f", b"\v", b"\\\n", b"\\", b"#x\n", b"#x", b"\xa0", b"\x00", b"\n ", b"\n  ",
              b"\n\f", b"\f ", b" \f", b"\n\t", b"\n#x", b"\n #x\n", b"\\\n\n", b"\n\\\n", b"\n\\\n\n", b"\\\r\n", b"\\\r", b"#x\r", b"\r\r", b"\n\r\n", b";", b"\xef\xbb\xbf", b"\x85"]
    for blank in blanks:
        yield blank + GOOD
        yield blank + GOOD + b"\n"
        yield GOOD + blank
        yield b"\n" + blank + GOOD
        yield GOOD + blank + b"\n"
        yield GOOD + blank + b"   "
        yield GOOD.replace(b" ", blank)
        yield GOOD.replace(b"(3,)", b"(3" + blank + b"L,)")


def deep_ones():
    for depth in (1, 98, 99, 197, 198, 199, 200, 201, 3000):
        for opening, closing in ((b"[", b"]"), (b"(", b")"), (b"{", b"}"), (b"{1:", b"}"), (b"-", b""), (b"(1,", b")")):
            if opening == b"(1," and 198 <= depth <= 200:
                continue  # Python's parser overflows its stack just before 200 brackets; npyrace's does not
            inner = opening * depth + b"1" + closing * depth
            yield GOOD[:-1] + b"'shape': " + inner + b", 'shape': (3,)}"
            yield inner
    for depth in (1, 50, 97, 98, 99, 100):
        yield GOOD.replace(b"'<f8'", b"[('a'," * depth + b"'i1'" + b")]" * depth)
        yield GOOD.replace(b"'<f8'", b"(" * depth + b"'i1'" + b",(2,))" * depth)
    for dimensions in (31, 32, 33, 63, 64, 65, 1000):
        yield GOOD.replace(b"(3,)", b"(" + b"1," * dimensions + b")")
        yield GOOD.replace(b"'<f8'", b"('<f8', (" + b"1," * dimensions + b"))")


def files():
    for text in header_texts():
        for version in ((1, 0), (2, 0), (3, 0)):
            yield with_preamble(text, version)
    whole = with_preamble(GOOD + b" " * 20 + b"\n") + bytes(24)
    for size in range(len(whole) + 1):
        yield whole[:size]
        yield with_preamble(GOOD, (3, 0))[:size]
    for position in range(8):
        yield whole[:position] + b"\x00" + whole[position + 1:]
    for version in ((0, 0), (1, 1), (2, 1), (3, 1), (4, 0), (255, 255), (0, 1)):
        yield whole[:6] + bytes(version) + whole[8:]
    for claimed in (0, 1, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff):
        for version in (2, 3):
            yield b"\x93NUMPY" + bytes((version, 0)) + claimed.to_bytes(4, "little") + GOOD
    for size in (9999, 10000, 10001, 40001, 65535):
        for filler in (" ", "\u00e9", "\U0001f40d"):
            text = GOOD + ("#" + filler * size)[:size - len(GOOD)].encode("utf-8")
            for version in ((1, 0), (2, 0), (3, 0)):
                if len(text) < 65536 or version != (1, 0):
                    yield with_preamble(text, version)
    for broken in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xf0\x9f\x90\x8d", b"\xe9"):
        for version in ((1, 0), (3, 0)):
            yield with_preamble(GOOD.replace(b"'<f8'", b"[('" + broken + b"', 'i1')]"), version)
            yield with_preamble(GOOD + b"#" + broken, version)


# Reasons to refuse files that NumPy accepts. Each must occur, or the list in the document is out of date.
PURPOSES = {
    "fields that are no list", "a field that is no tuple", "a title that is no string", "item size beyond 32 bits",
    "more bytes than 63 bits count", "more than 64 dimensions", "named escapes", "negative dimension", "negative item size", "a size for an empty subarray",
    "a carriage return before the dict",
    "two data types for one item, or a shape of neither integer nor tuple"}


def check_units_with_divisors(npyrace, failures):
    """Some of these crash NumPy, so the expected results are written here."""
    known = {"[s/1000]": "[ms]", "[Y/12]": "[M]", "[Y/5]": "[73D]", "[W/14]": "[12h]", "[m/1000]": "[60ms]", "[2s/2]": "[1000ms]",
             "[as/1]": "[as]", "[M/4]": "[W]", "[fs/1000]": "[as]", "[s/ 2]": "[500ms]", "[generic/1]": "", "[0s/2]": "[0ms]",
             "[s/0]": None, "[s/-1]": None, "[W/11]": None, "[2000000000Y/3]": None, "[s/4294967298]": None, "[s/]": None,
             "[s/2 ]": None, "[as/2]": None, "[generic/2]": None, "[fs/1000000]": None, "[s//2]": None}
    folder = Folder()
    with folder:
        paths = [folder.add(with_preamble(header(descr="'<M8%s'" % unit))) for unit in known]
        answers = inspect_files(npyrace, paths)
        for path, (unit, meaning) in zip(paths, known.items()):
            found = answers.objects.get(path, {}).get("descr")
            failures.check(found == (None if meaning is None else "<M8" + meaning), unit, "is", found)


def main():
    arguments = options()
    failures = Failures()
    cases = compare_files(arguments.npyrace, list(files()), failures)
    report(cases)
    seen = {case.split(": ", 1)[1] for case in cases if case.startswith("refused on purpose")}
    failures.check(seen == PURPOSES, "reasons that came up:", sorted(seen ^ PURPOSES))
    check_units_with_divisors(arguments.npyrace, failures)
    failures.finish()


if __name__ == "__main__":
    main()
