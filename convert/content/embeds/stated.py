"""What the attributes of an element say that it would show: an address, or the number that a
host knows it by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lxml import etree

from convert.text.addresses import absolute

PICTURES = re.compile(r"[^?#]*\.(?:jpe?g|png|gif|webp|avif|svg|bmp|tiff?)(?:[?#].*)?", re.I)
_ADDRESS = re.compile(r"\s*(?:https?:)?//[^\s/]", re.IGNORECASE)
_LEADING = re.compile(
    r"(?:[\w-]*[-_])?(?:src|href|url|uri|permalink|link|movie|file|data|address)|[\w-]*url",
    re.IGNORECASE,
)
"""Names of attributes that say where what is shown stands; others may, too, with a whole one."""
_ASIDE = re.compile(
    r".*(?:thumb|poster|logo|icon|avatar|image|photo|background|author|profile|api|endpoint|ajax"
    r"|action|srcset|base-?url|host|origin|share|track).*",
    re.IGNORECASE,
)
"""Names of attributes whose addresses are something else's."""
_WORKS = re.compile(
    r".*(?:share|track|ajax|action|api|endpoint|base-?url|host|origin|avatar|author|profile|logo"
    r"|icon).*",
    re.IGNORECASE,
)
"""Those of them that lead to nothing of an entry, but to what its page works with."""
_PICTURE = re.compile(r"(?:.*-)?(?:bg|background|image|photo|picture)(?:-.*)?", re.IGNORECASE)
_TEX = re.compile(r"\\[A-Za-z]{2}|\\[(\[]")
FORMULAS = ("data-tex", "data-latex", "data-equation", "data-formula", "data-math")
_NO_ID = frozenset(
    {
        "own",
        "class",
        "style",
        "width",
        "height",
        "layout",
        "type",
        "title",
        "alt",
        "user",
        "version",
    }
)


class Provider(NamedTuple):
    """A host, known by a word in what an element and its attributes are called."""

    words: re.Pattern[str]
    number: re.Pattern[str]
    page: str


def _provider(words: str, number: str, page: str) -> Provider:
    return Provider(re.compile(words, re.I), re.compile(number), page)


PROVIDERS = (
    _provider(r"youtube|\byt-?id\b", r"[\w-]{11}", "https://www.youtube.com/watch?v={}"),
    _provider("vimeo", r"\d{5,}", "https://vimeo.com/{}"),
    _provider("dailymotion", r"[a-z0-9]{5,}", "https://www.dailymotion.com/video/{}"),
    _provider("tweet|twitter", r"\d{5,}", "https://twitter.com/i/status/{}"),
    _provider("instagram|instgrm", r"[\w-]{5,}", "https://www.instagram.com/p/{}/"),
    _provider("gist", r"(?:[\w-]+/)?[0-9a-f]{5,}", "https://gist.github.com/{}"),
    _provider("soundcloud", r"\d{4,}", "https://api.soundcloud.com/tracks/{}"),
    _provider("wistia", r"[a-z0-9]{8,}", "https://fast.wistia.net/embed/iframe/{}"),
    _provider("imgur", r"(?:a/)?\w{5,}", "https://imgur.com/{}"),
    _provider("tiktok", r"\d{8,}", "https://www.tiktok.com/embed/{}"),
    _provider("speakerdeck", r"[0-9a-f]{8,}", "https://speakerdeck.com/player/{}"),
    _provider("strava", r"\d+", "https://www.strava.com/activities/{}"),
    _provider("codepen|slug-hash", r"\w{5,}", "https://codepen.io/{user}/pen/{}"),
    _provider("jsfiddle", r"\w{5,}", "https://jsfiddle.net/{}/"),
    _provider("asciinema", r"\w+", "https://asciinema.org/a/{}"),
    _provider("bilibili|bvid", r"BV\w+", "https://www.bilibili.com/video/{}"),
    _provider(r"\bloom\b", r"[0-9a-f]{16,}", "https://www.loom.com/share/{}"),
    _provider("tf-widget|typeform", r"\w{6,}", "https://form.typeform.com/to/{}"),
    _provider("mux-player|playback-id", r"\w{20,}", "https://stream.mux.com/{}.m3u8"),
    _provider("infogram", r"[\w-]{8,}", "https://infogram.com/{}"),
    _provider("flourish", r"(?:visualisation|story)/\d+", "https://public.flourish.studio/{}/"),
    _provider("observablehq", r"@[\w-]+/[\w-]+", "https://observablehq.com/{}"),
)


def address_of(each: etree._Element, base: str | None, but: tuple[str, ...] = ()) -> str | None:
    """Return the address of what an element would show, by its ``data-`` attributes."""
    stated = {name: value for name, value in stated_by(each) if name not in but}
    if uri := re.fullmatch(r"at://(did:[\w:.-]+)/[\w.]+/(\w+)", stated.get("bluesky-uri", "")):
        return f"https://bsky.app/profile/{uri[1]}/post/{uri[2]}"
    is_own = "own" in stated
    ranked = sorted(stated.items(), key=lambda one: not _LEADING.fullmatch(one[0]))
    for name, value in ranked:
        is_leading = _LEADING.fullmatch(name) is not None
        is_whole = _ADDRESS.match(value) is not None and (is_leading or not is_own)
        if is_whole and not _ASIDE.fullmatch(name) and (address := absolute(value, base)):
            return address
    if number := number_of(stated, each):
        return number
    # A relative reference is one only where the name says so.
    for name in ("src", "href", "url", "poster"):
        value = stated.get(name, "")
        if is_own and re.fullmatch(r"[./\w][^\s<>{}]*[./][^\s<>{}]*", value):
            return absolute(value, base)
    return None


def number_of(stated: Mapping[str, str], each: etree._Element) -> str | None:
    """Return the page that a host has for the number that is stated; None where there is none."""
    spoken = " ".join((*stated, each.get("class") or "", each.get("id") or ""))
    named = (
        "own", "provider", "plyr-provider", "service", "type", "platform", "vendor", "source",
        "component-name", "embed-type",
    )  # fmt: skip
    spoken = " ".join((spoken, *(stated.get(name, "") for name in named)))
    for provider in PROVIDERS:
        if not provider.words.search(spoken):
            continue
        numbers = [
            value
            for name, value in stated.items()
            if name not in _NO_ID and provider.number.fullmatch(value.strip())
        ]
        if numbers:
            user = stated.get("user", "")
            user = user if re.fullmatch(r"[\w-]+", user) else "anon"
            return provider.page.format(numbers[0].strip(), user=user)
    return None


def picture_of(each: etree._Element, base: str | None) -> str | None:
    """Return the address of the picture that an element would have behind it."""
    pictures = (value for name, value in stated_by(each) if _PICTURE.fullmatch(name))
    return next((absolute(each, base) for each in pictures if PICTURES.fullmatch(each)), None)


def unshown_of(each: etree._Element) -> str | None:
    """Return the first address or formula that an element states; None where it states none."""
    return next(
        (
            value
            for name, value in stated_by(each)
            if (_ADDRESS.match(value) and not _WORKS.fullmatch(name)) or _TEX.search(value)
        ),
        None,
    )


def is_player_of(each: etree._Element) -> bool:
    """Tell whether an element says what it plays beside where it leads to."""
    return any(each.get(f"data-{name}") for name in ("src", "videoid", "poster"))


def label_of(each: etree._Element) -> str:
    """Return how an element is called for those who do not see it."""
    for name in ("title", "alt", "aria-label", "label", "caption", "playlabel", "name"):
        value = each.get(f"data-{name}") or each.get(name)
        if value and name == "playlabel":
            value = re.sub(r"^play(?:\s+video)?\s*:?\s*", "", value, flags=re.IGNORECASE)
        if value and value.strip():
            return " ".join(value.split())
    return ""


def stated_by(each: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield the names, without ``data-``, and values of the attributes that may state it."""
    for name, value in each.items():
        if str(name).startswith("data-"):
            yield str(name).removeprefix("data-"), str(value)
        elif name in {"cite", "videoid", "src", "href"}:
            yield str(name), str(value)
