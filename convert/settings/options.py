"""Options of exporters and sources: from words of the command line or a config file to typed
values, and back to words for ``thicket-convert exporters NAME``.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from convert.errors import UnknownName, UsageError
from convert.model import Value

_Options = TypeVar("_Options", bound=msgspec.Struct)


class OptionFacts(Value, frozen=True, kw_only=True):
    """One option, for people: "page", "a4 | a5", "a4", "the size of a page"."""

    name: str
    type: str
    default: str
    description: str


def parse(kind: type[_Options], given: Mapping[str, object], owner: str) -> _Options:
    """The typed options of ``owner`` ("epub").

    Values may be words: "3", "true", and "a,b" where a list is meant.  Hyphens in names are
    the same as underscores.  Raises UnknownName and UsageError, naming the option.
    """
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    known: dict[str, object] = {}
    for word, value in given.items():
        name = word.replace("-", "_")
        if name not in fields:
            raise UnknownName(f"option of {owner}", word, fields)
        split = isinstance(value, str) and _is_list(fields[name].type)
        known[name] = (
            [part.strip() for part in str(value).split(",") if part.strip()] if split else value
        )
    try:
        return msgspec.convert(known, kind, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        raise UsageError(_named(str(error), owner, fields)) from error


def describe(kind: type[msgspec.Struct]) -> tuple[OptionFacts, ...]:
    """Every option, in the order of its declaration."""
    return tuple(
        OptionFacts(
            name=field.name,
            type=_type_words(field.type),
            default=_default_words(field),
            description=_description(field.type),
        )
        for field in msgspec.structs.fields(kind)
    )


def _named(message: str, owner: str, fields: Mapping[str, msgspec.structs.FieldInfo]) -> str:
    """msgspec's "Expected `int`, got `str` - at `$.page`" with the option's name in front
    and what it takes at the end."""
    reason, _, place = message.partition(" - at `$.")
    field = place.rstrip("`").split("[", maxsplit=1)[0]
    if field not in fields:
        return f"{owner}: {reason}"
    return f"{owner}.{field}: {reason}; it takes {_type_words(fields[field].type)}"


def _is_list(annotation: Any) -> bool:
    return any(typing.get_origin(part) in (tuple, list) for part in _parts(annotation))


def _parts(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of an annotation, descriptions taken off."""
    if typing.get_origin(annotation) is typing.Annotated:
        return _parts(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return tuple(part for each in typing.get_args(annotation) for part in _parts(each))
    return (annotation,)


def _type_words(annotation: Any) -> str:
    words: list[str] = []
    for part in _parts(annotation):
        origin, arguments = typing.get_origin(part), typing.get_args(part)
        if origin is typing.Literal:
            words.extend(str(value) for value in arguments)
        elif origin in (tuple, list):
            words.append(f"list of {_type_words(arguments[0])}")
        elif part is not type(None):
            words.append(_PLAIN.get(part, getattr(part, "__name__", str(part))))
    return " | ".join(words)


_PLAIN: dict[Any, str] = {str: "text", int: "number", float: "number", bool: "true | false"}


def _default_words(field: msgspec.structs.FieldInfo) -> str:
    value = field.default
    if value is msgspec.NODEFAULT and field.default_factory is not msgspec.NODEFAULT:
        value = field.default_factory()
    if value is None or value is msgspec.NODEFAULT:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return ",".join(str(part) for part in value)
    return str(value)


def _description(annotation: Any) -> str:
    if typing.get_origin(annotation) is typing.Annotated:
        for part in typing.get_args(annotation)[1:]:
            if isinstance(part, msgspec.Meta) and part.description:
                return part.description
    return ""
