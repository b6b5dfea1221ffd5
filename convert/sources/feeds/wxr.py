"""A WordPress export (WXR): RSS with all that the site holds, drafts and secrets included."""

from __future__ import annotations

import collections
import html
import re
from typing import Any

_BLOCK = re.compile(
    r"\s*</?(?:p|div|h[1-6]|ul|ol|li|dl|table|tr|td|thead|tbody|blockquote|pre|figure|form|hr"
    r"|section|article|iframe|!--)\b|\s*<!--",
    re.IGNORECASE,
)
_PREFORMATTED = re.compile(r"(<pre\b.*?</pre>)", re.IGNORECASE | re.DOTALL)
_AUTHOR = re.compile(r"<wp:author>((?:(?!<wp:author>).){0,5000}?)</wp:author>", re.DOTALL)
_FIELD = re.compile(
    r"<wp:author_(login|display_name)>\s*(?:<!\[CDATA\[(.{0,1000}?)\]\]>|([^<]{0,1000}))", re.DOTALL
)


def published(parsed: Any) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The positions of the entries that the public could read, and what was left out.

    Every entry of a feed that is no export.
    """
    everything = tuple(range(len(parsed.entries)))
    if not any("wp_post_type" in entry for entry in parsed.entries):
        return everything, ()
    counted: collections.Counter[str] = collections.Counter()
    hidden = set()
    for position, entry in enumerate(parsed.entries):
        reason = _hidden(entry)
        if reason:
            counted[reason] += 1
            hidden.add(position)
    left_out = ", ".join(f"{number} {reason}" for reason, number in sorted(counted.items()))
    note = (f"is a WordPress export; left out: {left_out}",) if left_out else ()
    return tuple(position for position in everything if position not in hidden), note


def display_names(text: str) -> dict[str, str]:
    """Login to the name that readers know, of an export's authors."""
    found = {}
    for author in _AUTHOR.finditer(text):
        fields = {
            each[1]: html.unescape(each[2] or each[3] or "") for each in _FIELD.finditer(author[1])
        }
        login, name = fields.get("login", "").strip(), fields.get("display_name", "").strip()
        if login and name:
            found[login] = name
    return found


def _hidden(entry: Any) -> str | None:
    kind = str(entry.get("wp_post_type") or "post")
    if kind != "post":
        return f"of type {kind[:40]}"
    status = str(entry.get("wp_status") or "publish")
    if status != "publish":
        return f"of status {status[:40]}"
    return "with a password" if entry.get("wp_post_password") else None


def paragraphs(body: str) -> str:
    """The paragraphs that WordPress makes of blank lines when it shows an entry."""
    if re.search(r"<p\b|<!-- wp:", body, re.IGNORECASE):
        return body
    made = []
    for piece in _PREFORMATTED.split(body):
        if piece[:4].lower() == "<pre":
            made.append(piece)
            continue
        for block in re.split(r"\n[ \t\r]*\n", piece):
            text = block.strip()
            if text:
                made.append(text if _BLOCK.match(text) else f"<p>{text}</p>")
    return "\n".join(made)
