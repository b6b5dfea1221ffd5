"""YAML front matter (YAML 1.2.2) that every reader of it takes for the same values.

Text is always in double quotes, so that no title is read as a date, a number, ``no`` or a
mapping; dates are plain timestamps.

A value is read three times: as Markdown with its escapes, by programs that know no front matter;
as plain text; and, decoded, as Markdown (``pandoc -s``; Hugo, for summaries) or HTML (a template
that escapes nothing).  No spelling of a tag is right for the last two, so a word joiner, which
nobody sees, stands behind each sign that could begin something there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

Scalar = str | int | dt.datetime
Field = Scalar | Sequence[Scalar] | Mapping[str, Scalar]

# What a double-quoted scalar must escape (§5.7, §7.3.1), what §5.1 calls unprintable, and
# what a reader that takes front matter for Markdown would take for HTML, a link, an attribute,
# an expression or a comment; the joiner is there for eyes to see.
_ESCAPED = re.compile(
    '["\\\\<{\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u2060\ufeff\ufffe\uffff]'
    "|%(?=[%>])|#(?=})|&(?=#?[A-Za-z0-9]+;)"
)
_JOINER = "\u2060"
_BEGINS = re.compile(
    r"(?<=<)(?![\s\d<=-]|$)"  # tags, comments, instructions
    r"|(?<=\{)"  # attributes, raw HTML (``{=html}``), expressions, templates
    r"|(?<=\])(?=[(\[:])"  # destinations and definitions of links
    r"|(?<=\\)(?=[A-Za-z])"  # TeX
    r"|(?<=::)(?=:)|(?<=~~)(?=~)|(?<=``)(?=`)"  # blocks with a class
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
    escaped = _ESCAPED.sub(
        lambda sign: f"\\{sign[0]}" if sign[0] in '"\\' else f"\\u{ord(sign[0]):04X}",
        _BEGINS.sub(_JOINER, value),
    )
    return f'"{escaped}"'
