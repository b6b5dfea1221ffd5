"""What an attribute says in JSON, as Substack's ``data-attrs``: formulas, messages, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from lxml import etree

from convert.content.embeds.stated import number_of
from convert.content.tree import new
from convert.text.addresses import absolute

_LONGEST = 100_000
_MOST = 300
_DEEPEST = 6
_ADDRESSES = re.compile(r"(?:.*[_-])?(?:url|href|src|link|permalink)|\w*(?:Url|URL|Href|Src)")
_ASIDE = re.compile(
    r".*(?:thumb|poster|logo|icon|avatar|photo|image|background|author|profile|subscribe|api|cover"
    r"|card|base).*",
    re.IGNORECASE,
)
_PICTURES = re.compile(r"(?:photos|images|gallery)\b.*(?:src|url)", re.IGNORECASE)
_TITLES = ("title", "name", "question", "filename", "label", "symbol")
_TEXTS = ("full_text", "body", "text", "description", "caption", "subtitle")
_MESSAGES = ("full_text", "body")


def of_json(each: etree._Element, base: str | None) -> list[etree._Element]:
    """Return what an element would show, as far as one of its attributes says it in JSON."""
    for name, value in each.items():
        text = str(value).strip()
        if str(name).startswith("data-") and text[:1] in {"{", "["} and len(text) <= _LONGEST:
            said = values_of(text)
            if said and (shown := elements_of(each, said, base, own=name == "data-attrs")):
                return shown
    return []


def values_of(text: str) -> dict[str, str]:
    """Return all values of a text in JSON by their ways ("photos.0.src"), as far as they are
    few."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return {}
    values: dict[str, str] = {}
    for way, each in _walk(value, "", 0):
        values.setdefault(way, each)
        if len(values) == _MOST:
            break
    return values


def _walk(value: object, way: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        return
    inner: Iterator[tuple[object, object]] = iter(())
    if isinstance(value, dict):
        inner = iter(value.items())
    elif isinstance(value, list):
        inner = iter(enumerate(value))
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield way, str(value)
    for key, each in inner:
        yield from _walk(each, f"{way}.{key}" if way else str(key), depth + 1)


def elements_of(
    each: etree._Element, said: dict[str, str], base: str | None, *, own: bool
) -> list[etree._Element]:
    """Return what an element shows that says this; with ``own``, all of it is to be shown."""
    if own and (tex := said.get("persistentExpression", "").strip()):
        return [new("script", tex, type="math/tex; mode=display")]
    pictures = [
        new("img", src=address, alt=said.get("alt") or said.get("gallery.alt") or "")
        for way, value in said.items()
        if _PICTURES.match(way) and "link" not in way and (address := _web(value, base))
    ]
    leading = (
        address
        for way, value in said.items()
        if _ADDRESSES.fullmatch(way.rpartition(".")[2])
        and not _ASIDE.search(way)
        and (address := _web(value, base))
    )
    address = next(leading, None) or number_of(said, each)
    title = next((said[key] for key in _TITLES if said.get(key, "").strip()), "") if own else ""
    text = next((said[key] for key in _TEXTS if said.get(key, "").strip()), "") if own else ""
    if own and any(said.get(key, "").strip() for key in _MESSAGES):
        return [message(said, text, address, pictures)]
    shown = pictures
    if address is not None:
        player = new("iframe", src=address)
        if title:
            player.set("title", " ".join(title.split()))
        shown = [player, *pictures]
    elif title:
        shown = [new("span", " ".join(title.split())), *pictures]
    if text:
        shown.append(new("p" if shown else "span", text))
    return shown


def message(
    said: dict[str, str], text: str, address: str | None, pictures: list[etree._Element]
) -> etree._Element:
    """Return what somebody wrote elsewhere as a quotation, with who it was and a link there."""
    quote = new("blockquote")
    quote.append(new("p", text))
    for picture in pictures:
        quote.append(picture)
    user = said.get("username", "")
    names = (said.get("name", ""), f"(@{user})" if user else "", said.get("date", ""))
    by = " ".join(each for each in names if each)
    if by or address:
        source = new("p")
        if address:
            source.append(new("a", f"— {by}" if by else address, href=address))
        else:
            source.text = f"— {by}"
        quote.append(source)
    return quote


def _web(value: str, base: str | None) -> str | None:
    return absolute(value, base) if re.match(r"\s*(?:https?:)?//", value) else None
