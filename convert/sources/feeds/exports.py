"""What a blog's export holds beside what the public could read: drafts, comments, secrets."""

from __future__ import annotations

import collections
from collections.abc import Sequence

from convert.sources.feeds.vocabulary import Parts, attribute

KIND = "http://schemas.google.com/g/2005#kind"
"""The scheme of Google's categories that are none: they say what an entry is."""
_WORDPRESS, _BLOGGER, _OTHER = "is a WordPress export; ", "is a Blogger export; ", ""


def published(units: Sequence[Parts]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return the positions of the entries that the public could read, and what was left out.

    Every entry of a feed that is no export, but for drafts that say so (RFC 5023 §13.1.1).
    """
    left_out: collections.Counter[str] = collections.Counter()
    public = []
    what = _OTHER
    kinds = {kind for parts in units if (kind := _blogger_kind(parts))}
    if any(parts.all("wp:post_type") for parts in units):
        what = _WORDPRESS
    elif kinds - {"comment"}:  # else a feed of comments, which is what it was asked for
        what = _BLOGGER
    for position, parts in enumerate(units):
        if reason := _reason(parts, what):
            left_out[reason] += 1
        else:
            public.append(position)
    counts = ", ".join(f"{number} {reason}" for reason, number in sorted(left_out.items()))
    return tuple(public), (f"{what}left out: {counts}",) if counts else ()


def _reason(parts: Parts, what: str) -> str | None:
    """Return why the public could not read an entry; None where it could."""
    kind, status, secret = "post", "", ""
    if what == _WORDPRESS:
        kind = parts.text("wp:post_type") or kind
        status = parts.text("wp:status").removesuffix("publish")
        secret = parts.text("wp:post_password")
    elif what == _BLOGGER:
        kind = _blogger_kind(parts) or kind
        status = parts.text("blogger:status").lower().removesuffix("live")
        status = status or ("trash" if parts.text("blogger:trashed") else "")
    if not status and any(
        within.text("app:draft").lower() == "yes"
        for within in map(parts.within, parts.all("app:control"))
    ):
        status = "draft"
    if kind != "post":
        return f"of type {kind[:40]}"
    if status:
        return f"of status {status[:40]}"
    return "with a password" if secret else None


def _blogger_kind(parts: Parts) -> str:
    """Return what Blogger says that an entry is, as Takeout and the older export do; "" where it
    says nothing."""
    for element in parts.all("category"):
        if attribute(element, "scheme") == KIND:
            return attribute(element, "term").rpartition("#")[2].lower()
    return parts.text("blogger:type").lower()
