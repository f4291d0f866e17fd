#!/usr/bin/env python3
"""Writes npyrace/results.py: frozen dataclasses for the JSON that the program writes, made from its schemas.

Run it after a change of a schema in reports/: ``python3 python/make_results.py``. A test runs it, too, and fails if
the committed file is another one.
"""

import json
import pathlib
import re
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
WIDTH = 118

# Class name of each object that has no good name in its schema: in $defs, or as a property of a class.
NAMES = {
    "npyrace": "Result", "file": "WatchedFile", "writer": "WatchedWriter", "example": "AnomalyExample",
    "compare.cell": "ComparedCell", "side": "ComparedSide",
    "Result.run_seconds": "RunSeconds", "Result.programs": "Program", "Environment.ranks": "Ranks",
    "Environment.mounts": "Mount",
    "Cell.attribution": "Attribution", "Cell.page_map": "PageMap", "Cell.phases": "Phases", "Cell.replay": "Replay",
    "PageMap.owners": "TileRun", "PageMap.damaged": "DamagedTile", "Readers.examples": "ReaderExample",
    "Experiment.latencies": "Latency", "Latency.histogram": "LatencyBar", "Scaling.points": "ScalingPoint",
    "PassportRow.acts": "Act", "Recommendation.recipe": "Script", "WatchResult.overhead": "Overhead",
    "ComparedCell.slow_share": "SlowShare",
}
# Fields that a document has beside those of its JSON: name, type, default, description.
RAW = ("json", "Mapping[str, Any]", "field(default_factory=dict, repr=False, compare=False)",
       "The whole document as the program wrote it")
EXIT_CODE = ("exit_code", "Optional[int]", "None", "Exit code of the command that `npyrace.watch` ran")
# Each document: its schema, the part that becomes the class, the class, and its additional fields.
DOCUMENTS = [
    ("result", "npyrace", "Result", [RAW]),
    ("watch", None, "WatchResult", [RAW, EXIT_CODE]),
    ("compare", None, "Comparison", [RAW]),
]
UNITS = [("_per_second_interval", "records per second"), ("records_per_second", "records per second"),
         ("bytes_per_second", "bytes per second"), ("_per_million", "per million"), ("seconds", "seconds"),
         ("_bytes", "bytes")]
HEAD = '''\
"""The program's answers as frozen dataclasses. Made by make_results.py from the schemas in reports/; do not edit.

`read_result` reads a file that ``--json`` wrote. Every document keeps its whole JSON in ``json``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Mapping, Optional, Tuple

from npyrace._documents import ComparisonMethods, ResultMethods, WatchResultMethods

'''


def camel(words):
    return "".join(word.capitalize() for word in words.split("_"))


def paragraphs(text, indent):
    return textwrap.fill(text, WIDTH - len(indent), initial_indent=indent, subsequent_indent=indent,
                         break_long_words=False, break_on_hyphens=False)


class Classes:
    """The classes of one schema, in the order in which they are met."""

    def __init__(self, title, schema, texts):
        self.title, self.defs, self.texts = title, schema.get("$defs", {}), texts

    def name_of_def(self, key):
        return NAMES.get(f"{self.title}.{key}") or NAMES.get(key) or camel(key)

    def type_of(self, schema, owner):
        """The Python type of a value. `owner` names its place: Class.property."""
        if "$ref" in schema:
            return self.type_of_def(schema["$ref"].rsplit("/", 1)[1])
        if "const" in schema:
            return f"Literal[{json.dumps(schema['const'])}]"
        if "enum" in schema:
            return "Literal[" + ", ".join(json.dumps(value) for value in schema["enum"]) + "]"
        kind = schema["type"]
        if isinstance(kind, list):
            (some,) = [one for one in kind if one != "null"]
            return f"Optional[{self.type_of({**schema, 'type': some}, owner)}]"
        if kind == "array":
            item = self.type_of(schema["items"], owner)
            pair = schema.get("minItems") == schema.get("maxItems") == 2
            return f"Tuple[{item}, {item if pair else '...'}]"
        if kind != "object":
            return {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}[kind]
        if "properties" in schema:
            self.add(NAMES[owner], schema)
            return NAMES[owner]
        values = schema.get("additionalProperties")
        return f"Mapping[str, {self.type_of(values, owner) if values else 'Any'}]"

    def type_of_def(self, key):
        schema, name = self.defs[key], self.name_of_def(key)
        if "enum" in schema:
            self.texts.setdefault(name, f"{name} = {self.type_of(schema, name)}\n\n\n")
            return name
        if "properties" in schema:
            self.add(name, schema)
            return name
        return self.type_of(schema, name)

    def add(self, name, schema, base="", extra=()):
        if name in self.texts:
            return
        self.texts[name] = ""  # keeps its place before the classes of its fields
        rows = []  # name, type, default, description
        for key, value in schema["properties"].items():
            optional = key not in schema["required"]
            kind = self.type_of(value, f"{name}.{key}")
            rows.append((key + "_" * (key in ("class", "from")), f"Optional[{kind}]" if optional else kind,
                         "None" if optional else "", self.description(value)))
        rows = [row for row in rows if not row[2]] + [row for row in rows if row[2]] + list(extra)
        self.texts[name] = class_text(name, schema.get("description") or schema.get("title"), base, rows)

    def description(self, schema):
        own = schema.get("description", "")
        return own or ("$ref" in schema and self.defs[schema["$ref"].rsplit("/", 1)[1]].get("description")) or ""


def class_text(name, description, base, rows):
    assert description, f"{name} has no description in its schema"
    lines = ["@dataclass(frozen=True)", f"class {name}({base}):" if base else f"class {name}:"]
    body = paragraphs(f'"""{description}.'.replace("..", "."), "    ").rstrip()
    lines += [body, "", "    Attributes", "    ----------"]
    for field_name, kind, default, text in rows:
        unit = next((", " + unit for end, unit in UNITS if field_name.endswith(end)), "")
        shown = re.sub(r"^Optional\[(.*)\]$", r"\1 or None", kind) + unit
        lines += [textwrap.fill(f"    {field_name} : {shown}", WIDTH, subsequent_indent="        ")]
        if text:
            lines.append(paragraphs(text.rstrip(".") + ".", "        "))
    lines += ['    """', ""]
    lines += [f"    {field_name}: {kind}" + (f" = {default}" if default else "")
              for field_name, kind, default, _ in rows]
    return "\n".join(lines) + "\n\n\n"


def made():
    """The text of results.py."""
    texts = {}  # name of a class or type -> its definition
    for title, part, name, extra in DOCUMENTS:
        schema = json.loads((HERE.parent / "reports" / f"{title}.schema.json").read_text())
        classes = Classes(title, schema, texts)
        classes.add(name, classes.defs[part] if part else schema, f"{name}Methods", extra)
    literals = [text for text in texts.values() if not text.startswith("@")]
    classes = [text for text in texts.values() if text.startswith("@")]
    return HEAD + "".join(text.rstrip("\n") + "\n" for text in literals) + "\n\n" + "".join(classes).rstrip() + "\n"


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "npyrace" / "results.py"
    target.write_text(made())
