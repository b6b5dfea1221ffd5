"""YAML front matter (YAML 1.2.2) that every reader of it takes for the same values.

Text is always in double quotes, so that no title is read as a date, a number, ``no`` or a
mapping; dates are plain timestamps.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

Scalar = str | int | dt.datetime
Field = Scalar | Sequence[Scalar] | Mapping[str, Scalar]

# What a double-quoted scalar must escape (§5.7, §7.3.1), what §5.1 calls unprintable, and
# what a reader that takes front matter for Markdown would take for HTML or a link.
_UNSAFE = re.compile(
    '["\\\\<\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]|(?<=])[(]'
)


def front_matter(fields: Mapping[str, Field]) -> str:
    """Return the fields between two lines of ``---``, in order; empty ones are left out."""
    lines = ["---"]
    for name, value in fields.items():
        if isinstance(value, Mapping):
            parts = [f"  {each}: {_scalar(content)}" for each, content in value.items()]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            parts = [f"  - {_scalar(each)}" for each in value]
        else:
            if value != "":
                lines.append(f"{name}: {_scalar(value)}")
            continue
        if parts:
            lines += [f"{name}:", *parts]
    return "\n".join([*lines, "---", ""])


def _scalar(value: Scalar) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, int):
        return str(value).lower()
    escaped = _UNSAFE.sub(
        lambda sign: f"\\{sign[0]}" if sign[0] in '"\\' else f"\\u{ord(sign[0]):04X}", value
    )
    return f'"{escaped}"'
