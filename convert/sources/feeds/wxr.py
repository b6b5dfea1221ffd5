"""A WordPress export (WXR): RSS with all that the site holds, drafts and secrets included."""

from __future__ import annotations

import collections
import re
from collections.abc import Sequence

from convert.sources.feeds.vocabulary import Parts

_BLOCK = re.compile(
    r"\s*</?(?:p|div|h[1-6]|ul|ol|li|dl|table|tr|td|thead|tbody|blockquote|pre|figure|form|hr"
    r"|section|article|iframe|!--)\b|\s*<!--",
    re.IGNORECASE,
)
_PREFORMATTED = re.compile(r"(<pre\b.*?(?:</pre>|\Z))", re.IGNORECASE | re.DOTALL)


def published(units: Sequence[Parts]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return the positions of the entries that the public could read, and what was left out.

    Every entry of a feed that is no export.
    """
    if not any(parts.all("wp:post_type") for parts in units):
        return tuple(range(len(units))), ()
    left_out: collections.Counter[str] = collections.Counter()
    public = []
    for position, parts in enumerate(units):
        kind = parts.text("wp:post_type") or "post"
        status = parts.text("wp:status") or "publish"
        if kind != "post":
            left_out[f"of type {kind[:40]}"] += 1
        elif status != "publish":
            left_out[f"of status {status[:40]}"] += 1
        elif parts.text("wp:post_password"):
            left_out["with a password"] += 1
        else:
            public.append(position)
    counts = ", ".join(f"{number} {reason}" for reason, number in sorted(left_out.items()))
    note = (f"is a WordPress export; left out: {counts}",) if counts else ()
    return tuple(public), note


def display_names(feed: Parts) -> dict[str, str]:
    """Return login to the name that readers know, of an export's authors."""
    authors = map(feed.within, feed.all("wp:author"))
    names = (
        (each.text("wp:author_login"), each.text("wp:author_display_name")) for each in authors
    )
    return {login: name for login, name in names if login and name}


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
