"""Makes documents from the schemas: every property is there, and every text is the same."""

import dataclasses
import json

from here import SOURCE


def schema_of(name):
    return json.loads((SOURCE / "reports" / f"{name}.schema.json").read_text())


def example_of(schema, root, text="text"):
    """A value that the schema permits, with all optional properties."""
    if "$ref" in schema:
        return example_of(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, text)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    if kind == "object":
        found = {key: text for key in schema.get("required", ())}
        found.update((key, example_of(value, root, text)) for key, value in schema.get("properties", {}).items())
        if isinstance(schema.get("additionalProperties"), dict):
            found[text] = example_of(schema["additionalProperties"], root, text)
        return found
    if kind == "array":
        return [example_of(schema["items"], root, text) for _ in range(schema.get("minItems", 1))]
    return {"string": text, "integer": max(7, schema.get("minimum", 0)), "number": 0.5, "boolean": True}[kind]


def document(name, text="text"):
    schema = schema_of(name)
    return example_of(schema, schema, text)


def plain(value):
    """A dataclass as the JSON that it was made from. Optional fields that are None were missing."""
    if dataclasses.is_dataclass(value):
        fields = [f for f in dataclasses.fields(value) if f.name not in ("json", "exit_code")]
        return {f.name.rstrip("_"): plain(getattr(value, f.name)) for f in fields
                if getattr(value, f.name) is not None or f.default is dataclasses.MISSING}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return {key: plain(one) for key, one in value.items()} if isinstance(value, dict) else value
