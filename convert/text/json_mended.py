"""What people and programs write for JSON, as JSON that says the same."""

from __future__ import annotations

import re

DEEPEST = 200
"""Lists and objects in each other."""
# What nothing ends goes on to the end: else each sign in it would be looked at to the end, too.
_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*+(?:"|\\?\Z)) | (?P<comment>//[^\n]*+|/\*.*?(?:\*/|\Z))
      | (?P<comma>,) | (?P<colon>:) | (?P<opened>[\[{]) | (?P<closed>[\]}])
      | (?P<bare>[^\s",:\[\]{}/]++)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"""\\(?:'|["\\/bfnrt]|u[0-9A-Fa-f]{4}|)""")
_INK = re.compile(r"[^\r\n]")
_VALUES = frozenset(("string", "bare", "opened"))


def mended(text: str) -> str:
    """Return a text without comments, and without what is nested too deeply; with the commas that
    are missing, and none too many; where a backslash begins no escape it is one."""
    pieces: list[str] = []
    end, depth, before, comma = 0, 0, "", 0
    for token in _TOKEN.finditer(text):
        kind, written = token.lastgroup or "", token[0]
        depth -= kind == "closed"
        between = text[end : token.start()]
        end = token.end()
        if depth > DEEPEST or kind == "comment":
            pieces += [_blank(between) if depth > DEEPEST else between, _blank(written)]
        else:
            pieces.append(between)
            if kind == "closed" and before == "comma":
                pieces[comma] = " "
            if kind in _VALUES and before in {"string", "bare", "closed"}:
                pieces.append(",")
            elif kind == "comma" and before in {"comma", "opened"}:
                written = " "
            elif kind == "comma":
                comma = len(pieces)
            pieces.append(_ESCAPE.sub(_escape, written) if kind == "string" else written)
            before = kind if written != " " else before
        depth += kind == "opened"
    return "".join((*pieces, text[end:]))


def _blank(text: str) -> str:
    """Return as much white space, so that places stay where they are."""
    return _INK.sub(" ", text)


def _escape(match: re.Match[str]) -> str:
    if match[0] == "\\'":
        return "'"
    return "\\\\" if match[0] == "\\" else match[0]
