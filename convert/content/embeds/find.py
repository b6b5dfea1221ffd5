"""What plays or shows another page becomes a titled link: iframe, video, audio, object, embed.

The link leads to the page for people where the host is known.  The poster goes before the
words; what stood inside for readers without a player stays, after the link.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

from lxml import etree

from convert.content.draft import Draft
from convert.content.embeds.hosts import Host, Kind, recognise
from convert.content.tree import (
    drop,
    emerge,
    is_blank,
    move_content,
    new,
    replace,
    selector,
    text_of,
    unwrap,
)
from convert.content.vocabulary import BLOCKS, PARTS, PHRASING, PHRASING_ONLY
from convert.text.addresses import absolute, clean_address

_EMBEDS = selector(
    ".//*[self::iframe or self::video or self::audio or self::object or self::embed]"
    "[not(ancestor::iframe or ancestor::video or ancestor::audio or ancestor::object)]"
)
_HOLDERS = PHRASING | PHRASING_ONLY | frozenset({"h1", "center", "font", "big", "tt"})
_PARTS_OF_PLAYER = frozenset({"source", "track", "param", "embed"})
_ADDRESS_PARAMETERS = frozenset({"movie", "src", "url", "data", "filename", "filesrc"})
_NO_TITLE = re.compile(
    r"(?:(?:youtube|vimeo|dailymotion|spotify|audio|peertube)?\s*(?:video|embed)?\s*player"
    r"(?:\s+for\s+)?|embedded? (?:content|video|wordpress)|(?:iframe|video|audio|embed)s?"
    r"|untitled)",
    re.IGNORECASE,
)


def mark(tree: etree._Element, draft: Draft) -> None:
    """Gives each embed the form ``<p class="embed"><a href="…" data-embed="video">…``."""
    players = _EMBEDS(tree)
    for player in players:
        _forget_repetition(player, draft.base)
    for player in reversed(players):  # so that each parts only what is before it
        if next(player.iterancestors("div"), None) is not None:
            _mark(player, draft.base)


def _mark(player: etree._Element, base: str | None) -> None:
    given = _address(player, base)
    if given is None:
        _keep_fallback_only(player)
        return
    host, page = recognise(given)
    kind: Kind = host.kind if host else _kind(player)
    said = player.get("title") or player.get("aria-label") or _repeated(player, given)
    title = " ".join(said.split())
    poster = absolute(player.get("poster") or "", base) if player.get("poster") else None
    if host is not None and host.name == "Embedly":
        # Embedly frames the player of another host, and says of it what it knows.
        poster = poster or clean_address(_parameter(given, "image"))
        host, page = recognise(page)
        kind = host.kind if host else "frame"
    page = clean_address(page) or given
    link = new("a", _words(title, page, host, kind), href=page, data_embed=kind)
    if poster:
        picture = new("img", src=poster, alt="")
        picture.tail, link.text = link.text, None
        link.append(picture)
    _put(player, link, title)


def _address(player: etree._Element, base: str | None) -> str | None:
    """The absolute address of what is played, the first that can be linked to."""
    given = [player.get(name) for name in ("src", "data-src", "data-lazy-src", "data")]
    for part in player.iter("source", "param", "embed", "iframe"):
        if part.tag != "param":
            given += [part.get("src"), part.get("data-src")]
        elif (part.get("name") or "").lower() in _ADDRESS_PARAMETERS:
            given.append(part.get("value"))
    for each in given:
        if each and each.strip() not in {"", "about:blank"}:
            address = absolute(each, base)
            if address is not None:
                return address
    return None


def _kind(player: etree._Element) -> Kind:
    if player.tag in {"video", "audio"}:
        return "video" if player.tag == "video" else "audio"
    kind = (player.get("type") or "").partition("/")[0].lower()
    if kind in {"video", "audio"}:
        return "video" if kind == "video" else "audio"
    return "frame" if player.tag == "iframe" else "object"


def _words(title: str, page: str, host: Host | None, kind: Kind) -> str:
    """ "Title (YouTube)"; the name of a file or the address where there is no title."""
    parts = urlsplit(page)
    site = (parts.hostname or "").removeprefix("www.")
    name = host.name if host is not None else site
    if title and not _NO_TITLE.fullmatch(title) and title not in {site, name}:
        return f"{title} ({name})"
    file = unquote(parts.path.rpartition("/")[2])
    if host is None and kind != "frame" and re.fullmatch(r"[^\\/]+\.\w{1,5}", file):
        return f"{file} ({name})"
    shown = page.partition("://")[2].removeprefix("www.").rstrip("/")
    return shown if host is None else f"{shown} ({name})"


def _parameter(address: str, name: str) -> str:
    return parse_qs(urlsplit(address).query).get(name, [""])[0]


def _forget_repetition(player: etree._Element, base: str | None) -> None:
    """A ``noscript`` right after that holds the same player goes."""
    following = player.getnext()
    if following is None or following.tag != "noscript" or not is_blank(player.tail):
        return
    inner = _EMBEDS(following)
    if len(inner) == 1 and is_blank(text_of(following)):
        address = _address(player, base)
        if address is not None and _address(inner[0], base) == address:
            drop(following)


def _put(player: etree._Element, link: etree._Element, title: str) -> None:
    paragraph = new("p", class_="embed")
    if player.get("id"):
        paragraph.set("id", str(player.get("id")))
    paragraph.append(link)
    fallback = _fallback(player, title)
    replace(player, paragraph)
    emerge(paragraph, _HOLDERS)
    if fallback is not None:
        fallback.tail, paragraph.tail = paragraph.tail, None
        paragraph.addnext(fallback)


def _repeated(player: etree._Element, address: str) -> str:
    """What a link says that stands alone inside and leads to the same file."""
    links = list(player.iter("a"))
    if len(links) != 1 or text_of(player).strip() != text_of(links[0]).strip():
        return ""
    target = (links[0].get("href") or "").rpartition("/")[2]
    return text_of(links[0]) if target and target == address.rpartition("/")[2] else ""


def _fallback(player: etree._Element, title: str) -> etree._Element | None:
    """What readers without a player would see, as a block; None where that is nothing, or
    the title already."""
    _drop_parts(player)
    said = " ".join(text_of(player).split())
    if (not said or said == title) and next(player.iter("img", "svg", "math"), None) is None:
        return None
    blocks = any(each.tag in BLOCKS | PARTS for each in player.iterdescendants())
    kept = new("div" if blocks else "p")
    move_content(player, kept)
    kept.text = (kept.text or "").lstrip()
    return kept


def _drop_parts(player: etree._Element) -> None:
    for part in list(player.iter(*_PARTS_OF_PLAYER)):
        if part is not player:
            unwrap(part)
    for inner in list(player.iter("iframe", "video", "audio", "object")):
        if inner is not player:
            unwrap(inner)


def _keep_fallback_only(player: etree._Element) -> None:
    """Nothing to link to: what stands inside is all there is."""
    _drop_parts(player)
    unwrap(player)
