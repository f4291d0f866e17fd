#!/usr/bin/env python3
"""Writes core/npy/unicode_printable.cpp from the Unicode tables of the Python that runs it.

Usage: python3 core/npy/unicode_printable.py > core/npy/unicode_printable.cpp
"""
import sys
import unicodedata

HEAD = """// Made by core/npy/unicode_printable.py from Unicode {version}; do not edit.
#include "core/npy/unicode_printable.h"

#include <algorithm>
#include <iterator>

namespace npyrace {{
namespace {{

/// The first code points of runs, which are in turn printable and not. Below the first: not.
constexpr char32_t kTurns[] = {{
    // clang-format off
"""

TAIL = """    // clang-format on
};

}  // namespace

bool is_printable(char32_t code_point) {
  const auto turn = std::upper_bound(std::begin(kTurns), std::end(kTurns), code_point);
  return (turn - std::begin(kTurns)) % 2 == 1;
}

}  // namespace npyrace
"""


def turns():
    before = False
    for code_point in range(sys.maxunicode + 1):
        printable = chr(code_point).isprintable()
        if printable != before:
            yield code_point
        before = printable


def main():
    values = ["0x%x," % value for value in turns()]
    sys.stdout.write(HEAD.format(version=unicodedata.unidata_version))
    for start in range(0, len(values), 12):
        print("    " + " ".join(values[start:start + 12]))
    sys.stdout.write(TAIL)


if __name__ == "__main__":
    main()
