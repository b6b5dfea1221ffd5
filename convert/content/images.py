"""Pictures in the markup: the best candidate of each is chosen, named and noted.

The markup of real blogs names a picture in many places: ``src``, ``srcset``, the sources of a
``picture``, the attributes of scripts that load late, and ``noscript`` for those without.
"""

from __future__ import annotations

import posixpath
import re

from lxml import etree

from convert.content.draft import Draft
from convert.content.tree import (
    drop,
    inside,
    is_blank,
    listed,
    selector,
    text_of,
    unwrap,
    unwrap_all,
)
from convert.model import ImageReference
from convert.text.addresses import absolute
from convert.text.names import picture_ref

_SUITABLE_WIDTH = 1600
"""Pixels that suffice for a page in print; of several candidates the smallest that has them."""
LATE_SOURCES = ("data-src", "data-lazy-src", "data-original", "data-lazy", "data-orig-src")
LATE_SETS = ("data-srcset", "data-lazy-srcset", "data-original-set")
LAST_RESORTS = ("data-large-file", "data-orig-file", "data-image-src", "data-hi-res-src")
_TYPES = re.compile(r"image/(?:jpe?g|png|a?png|gif|webp|avif|svg\+xml|bmp|tiff)", re.IGNORECASE)
# A data: URI as short as this draws nothing but a box; longer ones are pictures themselves.
_PLACEHOLDER = re.compile(
    r"data:image/(?:gif|svg\+xml|png)[;,].{0,400}"
    r"|(?:.*/)?(?:blank|spacer|placeholder|pixel|transparent|lazy|1x1|trans|clear|grey|loading)"
    r"[\w-]*\.(?:gif|png|svg)(?:\?.*)?",
    re.IGNORECASE | re.DOTALL,
)
_DATA = re.compile(r"data:image/[\w.+-]+(?:;[\w.+-]+(?:=[\w.+-]+)?)*,", re.IGNORECASE)
_DESCRIPTION = re.compile(r"(\d+(?:\.\d+)?)([wx])")
_PREPARED = re.compile(r"image:[0-9a-f]{24}")
_ATTRIBUTES = ("id", "width", "height", "title")
_DOT = frozenset(("0", "1", "0px", "1px"))
_LATE_TWINS = selector(".//noscript[count(.//img) = 1]")


def mark(tree: etree._Element, draft: Draft) -> None:
    """Give each picture the form ``<img src="image:REF" alt="…" data-address="…">`` and
    note what REF stands for in the draft."""
    for noscript in _LATE_TWINS(tree):
        _settle_twins(noscript)
    words: list[etree._Element] = []
    for image in listed(tree, "img"):
        prepared = _PREPARED.fullmatch(image.get("src") or "") and image.get("data-address") is None
        if prepared or inside(image, "svg"):
            continue
        alt = " ".join((image.get("alt") or "").split())
        references = (_reference(name, alt, draft) for name in _named(image))
        reference = next((each for each in references if each is not None), None)
        if reference is None:
            image.text = alt
            words.append(image)
            continue
        # What waited to be loaded may say the size of the dot that stood for it.
        is_dot = {image.get("width"), image.get("height")} <= _DOT
        stated = ("id", "title") if is_dot else _ATTRIBUTES
        attributes = [(name, value) for name in stated if (value := image.get(name))]
        image.attrib.clear()
        image.set("src", f"image:{reference.ref}")
        image.set("alt", alt)
        image.attrib.update(attributes)
        if reference.address.startswith("http"):
            image.set("data-address", reference.address)
        draft.images.setdefault(reference.ref, reference)
    pictures = listed(tree, "picture")
    sources = [source for picture in pictures for source in picture.iter("source")]
    unwrap_all(tree, [*words, *sources, *pictures])


def _reference(written: str, alt: str, draft: Draft) -> ImageReference | None:
    """Return what a picture's address or data: URI stands for; None where it is neither."""
    if written[:5].lower() == "data:":
        address, path = (written if _DATA.match(written) else None), None
    else:
        address = absolute(written, draft.base)
        # A path has neither a scheme nor a host: a repository may hold the file itself.
        relative = not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|[/\\]{2}", written)
        path = written if relative else None
    if address is None and path is None:
        return None
    place: tuple[str, ...] = ()
    # Nothing lies beside a feed on the web: its pictures are known by their addresses, so that
    # they are the same in whichever list the feed stands.
    on_web = address is not None and "://" in draft.stored.path
    if path is not None and path[:1] not in "/\\" and not on_web:
        place = draft.stored.origin, posixpath.dirname(draft.stored.path), path
    ref = picture_ref(address or "", *place)
    return ImageReference(ref=ref, address=address or "", path=path, alt=alt)


def _named(image: etree._Element) -> list[str]:
    """Return the addresses that stand for a picture, the best first."""
    late = [value for name in LATE_SOURCES if (value := _value(image, name))]
    src = _value(image, "src")
    shown = [src] if src and not (late and _PLACEHOLDER.fullmatch(src)) else []
    resorts = [value for name in LAST_RESORTS if (value := _value(image, name))]
    better = _best_candidate(image)
    if better is None and src and _PLACEHOLDER.fullmatch(src):
        shown = [*resorts, src]
    remote = _value(image, "data-address")
    return [
        *([better] if better else []),
        *late,
        *([remote] if remote and _PREPARED.fullmatch(src) else []),
        *shown,
        *([remote] if remote else []),
        *resorts,
    ]


def _value(image: etree._Element, name: str) -> str:
    return (image.get(name) or "").strip()


def _best_candidate(image: etree._Element) -> str | None:
    """Return the smallest candidate that suffices, else the largest; of those with densities
    the highest up to 3."""
    sets = [_value(image, name) for name in ("srcset", *LATE_SETS)]
    picture = next(image.iterancestors("picture"), None)
    if picture is not None and next(picture.iter("img")) is not image:
        picture = None  # a picture has one image; what else stands in it is none of it
    for source in picture.iter("source") if picture is not None else ():
        media = (source.get("media") or "").lower()
        kind = source.get("type") or ""
        if (kind and not _TYPES.fullmatch(kind)) or "dark" in media or "max-width" in media:
            continue
        sets += [_value(source, name) for name in ("srcset", *LATE_SETS)]
    candidates = [
        one for each in sets for one in split_srcset(each) if not _PLACEHOLDER.fullmatch(one[0])
    ]
    wide = sorted((one for one in candidates if one[2] == "w"), key=lambda one: one[1])
    if wide:
        return next((one for one in wide if one[1] >= _SUITABLE_WIDTH), wide[-1])[0]
    dense = sorted((one for one in candidates if one[1] <= 3), key=lambda one: -one[1])
    return dense[0][0] if dense else None


def split_srcset(text: str) -> list[tuple[str, float, str]]:
    """Return the candidates of a ``srcset`` (HTML Living Standard §2.5.9, in linear time), each
    with the number and unit that describe it ("w" or "x")."""
    candidates: list[tuple[str, float, str]] = []
    words = iter(re.sub(r"(\s[\d.]+[wx]),(?=\S)", r"\1, ", text).split())
    for word in words:
        described: list[str] = []
        while not (described or [word])[-1].endswith(","):
            described.append(next(words, ","))
        kind = _DESCRIPTION.match(" ".join(described))
        number, unit = (float(kind[1]), kind[2]) if kind else (1.0, "x")
        address = word.strip(",")
        # Some stand without spaces between them: "/a.png,/b.png".
        joined = [address] if address.startswith("data:") else re.split(r",(?=/|http)", address)
        candidates += [(one, number, unit) for one in joined if one]
    return candidates


def _settle_twins(noscript: etree._Element) -> None:
    """Keep one of a picture that a script would load and its twin for readers without scripts."""
    twin = next(noscript.iter("img"))
    if not is_blank(text_of(noscript)):
        return
    before, after = noscript.getprevious(), noscript.getnext()
    beside = [before if before is not None and is_blank(before.tail) else None]
    beside.append(after if is_blank(noscript.tail) else None)
    for each in beside:
        late = each if each is None or each.tag == "img" else next(each.iter("img"), None)
        if each is None or late is None or not is_blank(text_of(each)):
            continue
        names = {*_named(late)} & {*_named(twin)}
        src = _value(late, "src")
        if names or not src or _PLACEHOLDER.fullmatch(src):
            drop(each)
            break
    unwrap(noscript)
