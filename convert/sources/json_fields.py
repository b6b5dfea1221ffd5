"""JSON objects to frozen values, field by field: one that is odd costs itself alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import NoneType
from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec

T = TypeVar("T", bound=msgspec.Struct)
Note = Callable[[str, str], None]
"""Is called with the place of a value, such as "items[3].authors", and why it is ignored."""

Words = Annotated[str, "or a number, which is read as it is written"]
_FEED = re.compile(rb'"version"\s*:[\s\["]*[\w:/\\.]*jsonfeed\.org\\?/version|"items"\s*:\s*[\[{n]')
_NUMBER = re.compile(r"\s*\d+(\.\d*)?\s*", re.ASCII)
_KINDS = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
}


def is_feed(start: bytes) -> bool:
    """Tell whether an object that begins so is a JSON Feed; PHP writes its slashes as ``\\/``."""
    return _FEED.search(start.replace(b"\0", b"")) is not None


def read(kind: type[T], value: object, place: str, note: Note) -> T | None:
    """Return an object as a struct; None, with a note, where it is none.

    A field of another type is left out, with a note, and so is one element of a list.  What is
    meant is read: numbers in strings, one value where a list belongs, a list of one where a value
    belongs, a string for what a struct calls its ``__bare__`` field.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return _struct(kind, value, place, note)


def elements(value: object, place: str) -> list[tuple[str, object]] | None:
    """Return what a list holds, also in lists in it, each with its place; None for no list.

    An object whose keys are numbers is one: PHP writes a list so that has gaps.
    """
    if isinstance(value, dict) and value and all(map(str.isdecimal, value)):
        return [(f"{place}.{key}", each) for key, each in value.items()]
    if not isinstance(value, list):
        return None
    places: list[tuple[str, object]] = []
    left = [(place, value)]
    while left:
        where, each = left.pop()
        if isinstance(each, list):
            left += reversed([(f"{where}[{at}]", inner) for at, inner in enumerate(each)])
        else:
            places.append((where, each))
    return places


def _struct(kind: type[T], value: object, place: str, note: Note) -> T | None:
    bare = getattr(kind, "__bare__", None)
    if isinstance(value, str) and bare:
        value = {bare: value}
    if not isinstance(value, dict):
        note(place, _expected(dict, value))
        return None
    read_fields = {}
    for field in msgspec.structs.fields(kind):
        where = f"{place}.{field.encode_name}".lstrip(".")
        stated = value.get(field.encode_name)
        each = None if stated is None else _field(field.type, stated, where, note)
        if each is not None:
            read_fields[field.name] = each
        elif field.required:
            note(place, f"ignored: has no {field.encode_name}")
            return None
    return kind(**read_fields)


def _field(kind: Any, value: object, place: str, note: Note) -> object:
    """Return a value as what a field holds; None, with a note, where it is something else."""
    optional = [each for each in get_args(kind) if each is not NoneType]
    if NoneType in get_args(kind):
        kind = optional[0]
    if get_origin(kind) is list:
        return _list(get_args(kind)[0], value, place, note)
    if isinstance(value, list) and len(value) == 1:
        (value,) = value
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return None if value is None else _struct(kind, value, place, note)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == Words and number:
        return str(value)
    if kind is float and isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    wanted = str if kind == Words else kind
    if value is None or isinstance(value, wanted) or (number and wanted is float):
        return value
    note(place, _expected(wanted, value))
    return None


def _list(kind: Any, value: object, place: str, note: Note) -> object:
    places = elements(value, place)
    if places is None and isinstance(value, str) and kind == Words:
        places = [(place, each.strip()) for each in value.split(",")]
    elif places is None and _is_one(kind, value):
        places = [(place, value)]
    elif places is None:
        note(place, _expected(list, value))
        return None
    read_elements = (_field(kind, each, where, note) for where, each in places if each is not None)
    return [each for each in read_elements if each is not None]


def _is_one(kind: Any, value: object) -> bool:
    """Tell whether a value may be the one element of a list."""
    if kind == Words:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, dict) or (isinstance(value, str) and hasattr(kind, "__bare__"))


def _expected(kind: type, value: object) -> str:
    return f"ignored: expected {_KINDS[kind]}, found {_KINDS[type(value)]}"
