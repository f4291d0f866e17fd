"""Makes the frozen dataclasses of `npyrace.results` from parsed JSON."""

from __future__ import annotations

import dataclasses
import functools
import sys
import typing
from typing import Any, Callable, Dict, Literal, Mapping, Tuple, Type, TypeVar, Union

T = TypeVar("T")


def from_json(cls: Type[T], data: Any) -> T:
    """Make a dataclass of `npyrace.results` from parsed JSON.

    Parameters
    ----------
    cls : type
        A dataclass, such as `Cell`.
    data : object
        As ``json.load`` returned it. Keys that the class does not have are ignored: a newer program may write them.

    Returns
    -------
    object of type `cls`

    Raises
    ------
    ValueError
        If a value is missing or has another type; it names the place, as in ``cells[3].verdict: missing``.

    Examples
    --------
    >>> from npyrace.results import Program
    >>> from_json(Program, {"strategy": "exec", "command": "./job", "since": "a newer version"})
    Program(strategy='exec', command='./job')
    """
    return typing.cast(T, _value(cls, data, ""))


def _fail(place: str, problem: str) -> ValueError:
    return ValueError(f"{place or 'document'}: {problem}")


def _value(wanted: Any, data: Any, place: str) -> Any:
    """`data` as the type `wanted`, at a place such as ``cells[3].verdict``."""
    if wanted is Any:
        return data
    if dataclasses.is_dataclass(wanted):
        return _object(wanted, data, place)
    origin = typing.get_origin(wanted)
    return (_plain if origin is None else _GENERIC[origin])(wanted, data, place)


@functools.lru_cache(maxsize=None)
def _types(cls: Any) -> Dict[str, Any]:
    """The types of the fields, by name. The base class of a document names the same types in its annotations."""
    return typing.get_type_hints(cls, vars(sys.modules[cls.__module__]))


def _object(cls: Any, data: Any, place: str) -> Any:
    _require(isinstance(data, Mapping), data, "an object", place)
    types = _types(cls)
    values: Dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        key = field.name.rstrip("_")  # `class_` and `from_`: words that Python needs itself
        below = f"{place}.{key}" if place else key
        if key in data:
            values[field.name] = _value(types[field.name], data[key], below)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise _fail(below, "missing")
    return cls(**values)


def _plain(wanted: Any, data: Any, place: str) -> Any:
    """JSON does not tell 1 from 1.0, and Python takes True for a number."""
    accepted = (int, float) if wanted is float else wanted
    _require(isinstance(data, accepted) and (wanted is bool or not isinstance(data, bool)), data,
             {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}[wanted], place)
    return float(data) if wanted is float else data


def _literal(wanted: Any, data: Any, place: str) -> Any:
    known = typing.get_args(wanted)
    _require(data in known, data, "one of " + ", ".join(map(repr, known)), place)
    return data


def _optional(wanted: Any, data: Any, place: str) -> Any:
    return None if data is None else _value(typing.get_args(wanted)[0], data, place)


def _tuple(wanted: Any, data: Any, place: str) -> Tuple[Any, ...]:
    item, second = typing.get_args(wanted)
    pair = second is not Ellipsis
    _require(isinstance(data, list) and (not pair or len(data) == 2), data, "a pair" if pair else "an array", place)
    return tuple(_value(item, one, f"{place}[{i}]") for i, one in enumerate(data))


def _mapping(wanted: Any, data: Any, place: str) -> Dict[str, Any]:
    _require(isinstance(data, Mapping), data, "an object", place)
    return {key: _value(typing.get_args(wanted)[1], value, f"{place}.{key}") for key, value in data.items()}


_GENERIC: Dict[Any, Callable[[Any, Any, str], Any]] = {
    Literal: _literal, Union: _optional, tuple: _tuple, typing.get_origin(Mapping[str, Any]): _mapping}


def _require(holds: bool, data: Any, wanted: str, place: str) -> None:
    if not holds:
        raise _fail(place, f"{data!r:.80} is not {wanted}")
