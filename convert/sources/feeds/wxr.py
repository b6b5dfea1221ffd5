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
_PREFORMATTED = re.compile(r"(<pre\b.*?(?:</pre>|\Z))", re.IGNORECASE | re.DOTALL)
_AUTHOR = re.compile(r"<wp:author>((?:(?!<wp:author>).){0,5000}?)</wp:author>", re.DOTALL)
_FIELD = re.compile(
    r"<wp:author_(login|display_name)>\s*(?:<!\[CDATA\[(.{0,1000}?)\]\]>|([^<]{0,1000}))", re.DOTALL
)


def published(parsed: Any) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return the positions of the entries that the public could read, and what was left out.

    Every entry of a feed that is no export.
    """
    if not any("wp_post_type" in entry for entry in parsed.entries):
        return tuple(range(len(parsed.entries))), ()
    left_out: collections.Counter[str] = collections.Counter()
    public = []
    for position, entry in enumerate(parsed.entries):
        kind = str(entry.get("wp_post_type") or "post")
        status = str(entry.get("wp_status") or "publish")
        if kind != "post":
            left_out[f"of type {kind[:40]}"] += 1
        elif status != "publish":
            left_out[f"of status {status[:40]}"] += 1
        elif entry.get("wp_post_password"):
            left_out["with a password"] += 1
        else:
            public.append(position)
    counts = ", ".join(f"{number} {reason}" for reason, number in sorted(left_out.items()))
    note = (f"is a WordPress export; left out: {counts}",) if counts else ()
    return tuple(public), note


def display_names(text: str) -> dict[str, str]:
    """Return login to the name that readers know, of an export's authors."""
    names = {}
    for author in _AUTHOR.finditer(text):
        fields = {
            each[1]: html.unescape(each[2] or each[3] or "") for each in _FIELD.finditer(author[1])
        }
        login, name = fields.get("login", "").strip(), fields.get("display_name", "").strip()
        if login and name:
            names[login] = name
    return names


def paragraphs(body: str) -> str:
    """Return the body with the paragraphs that WordPress makes of blank lines to show it."""
    if re.search(r"<p\b|<!-- wp:", body, re.IGNORECASE):
        return body
    blocks = []
    for piece in _PREFORMATTED.split(body):
        if piece[:4].lower() == "<pre":
            blocks.append(piece)
            continue
        for block in re.split(r"\n[ \t\r]*\n", piece):
            text = block.strip()
            if text:
                blocks.append(text if _BLOCK.match(text) else f"<p>{text}</p>")
    return "\n".join(blocks)
