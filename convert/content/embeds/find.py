"""What plays or shows another page becomes a titled link: iframe, video, audio, object, embed.

The link leads to the page for people where the host is known.  The poster goes before the
words; what stood inside for readers without a player stays, after the link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from lxml import etree

from convert.content.draft import Draft
from convert.content.embeds.hosts import Host, Kind, parameter, recognise
from convert.content.embeds.stated import address_of, unshown_of
from convert.content.tree import (
    drop,
    emerge,
    inside,
    is_blank,
    listed,
    move_content,
    new,
    replace,
    selector,
    text_of,
    unwrap,
)
from convert.content.vocabulary import BLOCKS, PARTS, PHRASING, PHRASING_ONLY
from convert.text.addresses import absolute, clean_address
from convert.text.characters import shortened

_EMBEDS = selector(
    ".//*[self::iframe or self::video or self::audio or self::object or self::embed]"
    "[not(ancestor::iframe or ancestor::video or ancestor::audio or ancestor::object)]"
)
_HOLDERS = PHRASING | PHRASING_ONLY | frozenset({"center", "font", "big", "tt"})
"""What cannot hold a paragraph, before and after the steps that rename old elements."""
_PARTS_OF_PLAYER = ("source", "track", "param", "embed", "iframe", "video", "audio", "object")
_SOURCES = (
    *("src", "data-src", "data-lazy-src", "data"),
    *("suppressedsrc", "consent-original-src-_"),  # Iubenda, Real Cookie Banner
)
_PLAYED: dict[str, Kind] = {"video": "video", "audio": "audio"}
_ADDRESS_PARAMETERS = frozenset({"movie", "src", "url", "data", "filename", "filesrc"})
_NO_TITLE = re.compile(
    r"(?:(?:youtube|vimeo|dailymotion|spotify|audio|peertube)?\s*(?:video|embed)?\s*player"
    r"(?:\s+for\s+)?|embedded? (?:content|video|wordpress)|(?:iframe|video|audio|embed)s?"
    r"|untitled)",
    re.IGNORECASE,
)


def mark(tree: etree._Element, draft: Draft) -> None:
    """Give each embed the form ``<p class="embed"><a href="…" data-embed="video">…``."""
    players = _EMBEDS(tree)
    for player in players:
        following = player.getnext()
        if following is None or following.tag != "noscript" or not is_blank(player.tail):
            continue
        twins = _EMBEDS(following)
        if len(twins) == 1 and is_blank(text_of(following)):
            address = _address(player, draft.base)
            if address is not None and _address(twins[0], draft.base) == address:
                drop(following)  # the same player again, for readers without scripts
    for player in reversed(players):  # so that each parts only what is before it
        if inside(player, "div"):
            _mark(player, draft)


def _mark(player: etree._Element, draft: Draft) -> None:
    base = draft.base
    address = _address(player, base)
    if address is None:  # nothing to link to: what stands inside is all there is
        source = player.get("src") or player.get("data") or ""
        if ":" in source and not source.strip().lower().startswith(("about:", "javascript:")):
            draft.note(f"{shortened(source, 60)!r} in <{player.tag}> cannot be linked to; left out")
        elif unshown := unshown_of(player):
            draft.note(f"{shortened(unshown, 60)!r} in an empty <{player.tag}> is left out")
        if still := absolute(player.get("poster") or "data:", base):
            player.addprevious(new("img", src=still, alt=player.get("title") or ""))
        _drop_parts(player)
        unwrap(player)
        return
    host, page = recognise(address)
    kinds = (str(player.tag), (player.get("type") or "").partition("/")[0].lower())
    kind: Kind = "frame" if player.tag == "iframe" else "object"
    kind = next((_PLAYED[each] for each in kinds if each in _PLAYED), kind)
    label = player.get("title") or player.get("aria-label") or ""
    links = list(player.iter("a"))
    if not label and len(links) == 1 and text_of(player).strip() == text_of(links[0]).strip():
        # A link that stands alone inside is the title, where it leads to the same file.
        target = (links[0].get("href") or "").rpartition("/")[2]
        label = text_of(links[0]) if target and target == address.rpartition("/")[2] else ""
    title = " ".join(label.split())
    poster = absolute(player.get("poster") or "", base) if player.get("poster") else None
    if host is not None and host.name == "Embedly":
        # Embedly frames the player of another host, and says of it what it knows.
        poster = poster or clean_address(parameter(urlsplit(address), "image"))
        host, page = recognise(page)
        kind = "frame"
    if host is not None:
        kind = host.kind
    page = clean_address(page) or address
    link = new("a", _words(title, page, host, kind), href=page, data_embed=kind)
    if poster:
        picture = new("img", src=poster, alt="")
        picture.tail, link.text = link.text, None
        link.append(picture)
    paragraph = new("p", class_="embed")
    if player.get("id"):
        paragraph.set("id", str(player.get("id")))
    paragraph.append(link)
    behind = list(_others(player, address, base))
    if (fallback := _fallback(player, title)) is not None:
        behind.append(fallback)
    replace(player, paragraph)
    emerge(paragraph, _HOLDERS, draft.note)
    if behind:
        behind[-1].tail, paragraph.tail = paragraph.tail, None
    for each in reversed(behind):
        paragraph.addnext(each)


def _others(player: etree._Element, address: str, base: str | None) -> Iterator[etree._Element]:
    """Yield links to what goes along with a film, as its subtitles, and to further films; none to
    the same in another form, which is called the same but for the end."""
    seen = {_stem(address)}
    for part in player.iter("track", "source"):
        further = absolute(part.get("src") or "data:", base)
        if further is None or (_stem(further) if part.tag == "source" else further) in seen:
            continue
        seen.add(_stem(further) if part.tag == "source" else further)
        label = " ".join((part.get("label") or part.get("title") or "").split())
        paragraph = new("p", class_="embed")
        words = _words(label, further, None, "object")
        paragraph.append(new("a", words, href=further, data_embed="object"))
        yield paragraph


def _stem(address: str) -> str:
    return re.sub(r"\.\w{1,5}(?:[?#].*)?$", "", address)


def _address(player: etree._Element, base: str | None) -> str | None:
    """Return the absolute address of what is played, the first that can be linked to."""
    addresses = [player.get(name) for name in _SOURCES]
    for part in player.iter("source", "param", "embed", "iframe"):
        if part.tag != "param":
            addresses += [part.get("src"), part.get("data-src")]
        elif (part.get("name") or "").lower() in _ADDRESS_PARAMETERS:
            addresses.append(part.get("value"))
    for each in addresses:
        if each and each.strip() not in {"", "about:blank"}:
            address = absolute(each, base)
            if address is not None:
                return address
    return address_of(player, base)  # what waits for a consent or for its turn


def _words(title: str, page: str, host: Host | None, kind: Kind) -> str:
    """Return "Title (YouTube)"; the name of a file or the address where there is no title."""
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


def _fallback(player: etree._Element, title: str) -> etree._Element | None:
    """Return what readers without a player would see, as a block; None where that is nothing,
    or the title already."""
    _drop_parts(player)
    words = " ".join(text_of(player).split())
    if (not words or words == title) and next(player.iter("img", "svg", "math"), None) is None:
        return None
    blocks = any(each.tag in BLOCKS | PARTS for each in player.iterdescendants())
    fallback = new("div" if blocks else "p")
    move_content(player, fallback)
    fallback.text = (fallback.text or "").lstrip()
    return fallback


def _drop_parts(player: etree._Element) -> None:
    for part in listed(player, *_PARTS_OF_PLAYER):
        if part is not player:
            unwrap(part)
