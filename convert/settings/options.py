"""Options of exporters and sources: from words of the command line or a config file to typed
values, and back to words for ``thicket-convert exporters NAME``.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from convert.contract import ExporterOptions
from convert.errors import UnknownName, UsageError
from convert.model import Value
from convert.plugins import calling

_Options = TypeVar("_Options", bound=msgspec.Struct)
_PLAIN: dict[Any, str] = {
    str: "text", int: "number", float: "number", bool: "true | false", Path: "path",
}  # fmt: skip
_BOUND = re.compile(r"Expected `\w+` ([<>]=?) (\S+?)(?:\.0)?(?: - at .*)?$")
_LEAST = {">=": "{} or more", ">": "more than {}", "<=": "{} or less", "<": "less than {}"}


class OptionFacts(Value, frozen=True, kw_only=True):
    """One option, for people: "page", "a4 | a5", "a4", "the size of a page"."""

    name: str
    type: str
    default: str
    description: str


def parse(
    kind: type[_Options],
    words: Mapping[str, object],
    owner: str,
    *,
    over: _Options | None = None,
) -> _Options:
    """Return the typed options of ``owner`` ("epub"); what ``words`` do not say is as in
    ``over``, or the default.

    Values may be words: "3", "true", and "a,b" where a list is meant.  Hyphens in names are
    the same as underscores.  Raises UnknownName and UsageError, naming the option.
    """
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    values: dict[str, object] = {}
    for word, value in words.items():
        name = word.replace("-", "_")
        if name not in fields:
            raise UnknownName(f"option of {owner}", word, fields)
        parts = alternatives(fields[name])
        if isinstance(value, str) and any(
            typing.get_origin(each) in {tuple, list} for each in parts
        ):
            values[name] = [part.strip() for part in value.split(",") if part.strip()]
        else:
            values[name] = value
    for name, value in values.items():
        values[name] = typed(value, fields[name], f"{owner}.{name}")
    try:
        with calling(f"{owner}: Options", judged=(UsageError, ValueError)):
            # ``structs.replace`` runs no ``__post_init__`` in every version.
            before = msgspec.structs.asdict(over) if over is not None else {}
            options = kind(**before | values)
            if isinstance(options, ExporterOptions):
                options.check()
    except (UsageError, ValueError) as error:
        raise UsageError(f"{owner}.{error}") from error
    return options


def typed(value: object, annotation: Any, name: str) -> Any:
    """Return the value as its annotation wants it: a number or a path where text stands for one.

    Raises UsageError, which says what ``name`` takes.
    """
    try:
        if value == "null" and str not in alternatives(annotation):
            raise msgspec.ValidationError  # which would be None
        return msgspec.convert(
            value, annotation, strict=False, dec_hook=lambda kind, text: kind(text)
        )
    except msgspec.ValidationError as error:
        shown = repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:60]}…"
        complaint = f"{shown} does not fit; it takes {_type_words(annotation)}"
        if bound := _BOUND.match(str(error)):
            complaint = f"must be {_LEAST[bound[1]].format(bound[2])}, not {shown}"
        raise UsageError(f"{name}: {complaint}") from error


def describe(kind: type[msgspec.Struct]) -> tuple[OptionFacts, ...]:
    """Return the facts of every option, in the order of its declaration."""
    return tuple(
        OptionFacts(
            name=field.name,
            type=_type_words(field.type),
            default=default_words(field),
            description=description(field.type),
        )
        for field in msgspec.structs.fields(kind)
    )


def alternatives(annotation: Any) -> tuple[Any, ...]:
    """Return the types of a union, or the one type, descriptions taken off."""
    if typing.get_origin(annotation) is typing.Annotated:
        return alternatives(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return tuple(part for each in typing.get_args(annotation) for part in alternatives(each))
    return (annotation,)


def default_words(field: msgspec.structs.FieldInfo) -> str:
    """Return the default as a user would write it; nothing where there is none."""
    value = field.default
    if value is msgspec.NODEFAULT and field.default_factory is not msgspec.NODEFAULT:
        value = field.default_factory()
    if value is None or value is msgspec.NODEFAULT:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return ",".join(str(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def description(annotation: Any) -> str:
    """Return what a field says of itself, or nothing."""
    facts = typing.get_args(annotation)[1:]
    return next((each.description or "" for each in facts if isinstance(each, msgspec.Meta)), "")


def _type_words(annotation: Any) -> str:
    words: list[str] = []
    for part in alternatives(annotation):
        origin, arguments = typing.get_origin(part), typing.get_args(part)
        if origin is typing.Literal:
            words.extend(str(value) for value in arguments)
        elif origin in {tuple, list}:
            words.append(f"list of {_type_words(arguments[0])}")
        elif part is not type(None):
            words.append(_PLAIN.get(part, getattr(part, "__name__", str(part))))
    return " | ".join(words)
