#!/usr/bin/env python3
"""Writes docs/results.md, the JSON of results field by field, from the schemas in reports/. Run it after a change of a
schema; the test house.pages fails if the committed page is another one."""

import json
import pathlib
import textwrap

SOURCE = pathlib.Path(__file__).resolve().parents[1]
HEAD = """# Results: the JSON, field by field

This page is a reference for people who read the JSON of npyrace with programs of their own:
what `run`, `verify`, `watch`, `watched` and `compare` write with `--json`. Keys that end with
`_bytes` or `seconds` have that unit. A key in *italics* may be missing. The [glossary](glossary.md)
explains the words. In Python the same fields are attributes ([python.md](python.md#measuring)).
The script `packaging/results_page.py` makes this page from the schemas in `reports/`; do not edit
it.
"""


class Document:
    """The tables of one schema: one of each object that has a name there."""

    def __init__(self, name):
        self.name = name
        self.schema = json.loads((SOURCE / "reports" / f"{name}.schema.json").read_text(encoding="utf8"))
        self.objects = self.schema.get("$defs", {})

    def resolved(self, value):
        """A definition that is no object stands in place of its name."""
        name = value.get("$ref", "").rsplit("/", 1)[-1]
        return value if not name or self.is_object(name) else {**self.objects[name], **value, "$ref": ""}

    def is_object(self, name):
        return "properties" in self.objects[name]

    def kind(self, value):
        value = self.resolved(value)
        if value.get("$ref"):
            name = value["$ref"].rsplit("/", 1)[1]
            return f"[{name}](#{self.name}-{name})"
        if "enum" in value:
            return ", ".join(f"`{one}`" for one in value["enum"])
        if "const" in value:
            return f"`{value['const']}`"
        types = value.get("type", "any")
        kind = types if isinstance(types, str) else " or ".join(types)
        if kind == "array" and "items" in value:
            return f"array of {self.kind(value['items'])}"
        if kind == "object" and isinstance(value.get("additionalProperties"), dict):
            return f"object of {self.kind(value['additionalProperties'])}"
        return kind

    def rows(self, value, before=""):
        """The rows of an object, and those of the objects without a name in it."""
        for key, inner in value.get("properties", {}).items():
            inner = self.resolved(inner)
            name = f"{before}{key}"
            shown = f"`{name}`" if key in value.get("required", ()) else f"*`{name}`*"
            meaning = inner.get("description", "").replace("|", "\\\\|")
            yield f"| {shown} | {self.kind(inner)} | {meaning} |"
            while inner.get("type") == "array":
                inner, name = self.resolved(inner.get("items", {})), name + "[]"
            if not inner.get("$ref"):
                yield from self.rows(inner, name + ".")

    def section(self, title, value):
        about = value.get("description", "")
        return [f"### {title}", "", *([textwrap.fill(about.rstrip(".") + ".", 100, break_on_hyphens=False), ""] if about else []),
                "| key | type | meaning |", "|---|---|---|", *self.rows(value), ""]

    def page(self, title):
        lines = [f"## {title}", "", f"[{self.name}.schema.json](../reports/{self.name}.schema.json)", ""]
        if "properties" in self.schema:
            lines += self.section(f"{self.name}: the document", self.schema)
        for name, value in self.objects.items():
            if self.is_object(name):
                lines += self.section(f"{self.name} {name}", value)
        return lines


def page():
    lines = [HEAD]
    for name, title in (("result", "run and verify"), ("watch", "watch and watched"), ("compare", "compare")):
        lines += Document(name).page(title)
    return "\n".join(lines)


if __name__ == "__main__":
    (SOURCE / "docs/results.md").write_text(page(), encoding="utf8")
