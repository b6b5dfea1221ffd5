"""YAML front matter (YAML 1.2.2) that every reader of it takes for the same values.

Text is always in double quotes, so that no title is read as a date, a number, ``no`` or a
mapping; dates are plain timestamps.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

Scalar = str | int | bool | dt.datetime
Field = Scalar | Sequence["Scalar | Mapping[str, Scalar]"] | Mapping[str, Scalar]


def front_matter(fields: Mapping[str, Field]) -> str:
    """The fields between two lines of ``---``, in order; empty ones are left out."""
    lines = ["---"]
    for name, value in fields.items():
        if value in ("", {}):
            continue
        if isinstance(value, Mapping):
            lines.append(f"{name}:")
            lines += [f"  {each}: {_scalar(content)}" for each, content in value.items()]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            if value:
                lines.append(f"{name}:")
                lines += [f"  - {_listed(each)}" for each in value]
        else:
            lines.append(f"{name}: {_scalar(value)}")
    return "\n".join([*lines, "---", ""])


def _listed(value: Scalar | Mapping[str, Scalar]) -> str:
    if isinstance(value, Mapping):
        return "\n    ".join(f"{name}: {_scalar(content)}" for name, content in value.items())
    return _scalar(value)


def _scalar(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, int):
        return str(value)
    return f'"{_UNSAFE.sub(_escape, value)}"'


# What a double-quoted scalar must escape (§5.7, §7.3.1), what §5.1 calls unprintable, and
# what a reader that takes front matter for Markdown would take for HTML or a link.
_UNSAFE = re.compile(
    '["\\\\<\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]|(?<=])[(]'
)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return f"\\{character}" if character in '"\\' else f"\\u{ord(character):04X}"
