"""Icons, signs as pictures, and pictures that count readers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from lxml import etree

from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.furniture.rule import (
    Rule,
    drop_tidily,
    is_silent,
    stands_in_text,
    text_without,
    words_of,
)
from convert.content.tree import inside, lone, selector, text_of, unwrap_all

_NO_SIZE = frozenset({"0", "1", "0px", "1px"})
_COUNTERS = re.compile(
    r"(?:pixel|b|stats|feeds)\.(?:wp|wordpress)\.com/(?:b|g|t|1\.0/(?:comments|gocomments|godelicious"
    r"|gofacebook|gotwitter|gostumble|godigg|goreddit|delicious|facebook|twitter|stumble|digg|reddit))"
    r"|//stats\.wordpress\.com/|feeds\.feedburner\.com/~|feedproxy\.google\.com/~|feedsportal\.com/"
    r"|//blogger\.googleusercontent\.com/tracker/|google-analytics\.com/|googletagmanager\.com/"
    r"|medium\.com/_/stat|quantserve\.com/|scorecardresearch\.com/|//pixel\.|/count(?:er)?\.gif\b"
    r"|counter\.theconversation\.com/|doubleclick\.net/|feedpress\.(?:me|it)/|goatcounter\.com/count"
    r"|/track-rss-story-loaded|facebook\.com/tr\b|(?:substack|eotrx|list-manage)\.com/(?:open|o/"
    r"|track/open)|matomo\.php|piwik\.php|statcounter\.com/|histats\.com/|mailtrack\.io/",
    re.IGNORECASE,
)
_EMOJI = v.names(
    "emoji wp-smiley emojione emoji-icon twemoji emoji-image joypixels notion-emoji custom-emoji"
    " emoticon smiley"
)
_EMOJI_ADDRESS = re.compile(
    r"/(?:[\w-]*emoji[\w-]*|smil(?:ies|eys))(?:[/.@]|\b)|//s\.w\.org/images/core/emoji|/twemoji",
    re.IGNORECASE,
)
_CODE_POINTS = re.compile(
    r"/(?:u\+?|emoji_u)?([0-9a-f]{4,5}(?:[-_][0-9a-f]{2,5}){0,9})\.(?:png|svg|gif|webp)(?:\?|$)",
    re.IGNORECASE,
)
_SIGNS, _MORE_SIGNS = range(0x203C, 0x329A), range(0x1F000, 0x1FB00)
"""Where Unicode has its emoji."""
_LONGEST_SIGN = 12
_LATE = ("data-src", "data-lazy-src", "data-original", "data-lazy", "srcset", "data-srcset")
_LIGATURES = re.compile(r"material-(?:icons|symbols)(?:-\w+)*")
_ICON = re.compile(
    r"(?:^|[\s_-])(?:icons?|fa|octicon|glyphicon|dashicons?|favicon|bi|svg-inline--fa)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SMALL_CLASS = re.compile(
    r"(?:^|\s)(?:size|[wh])-(?:[1-8](?:\.5)?|\[(?:[12]?\d|3[0-2])px\])(?=\s|$)"
)
"""Tailwind's sizes up to ``_SMALL`` pixels."""
_ICON_FILE = re.compile(
    r"\.ico(?:[?#]|$)|/icons?/|/[\w-]*(?:icon|favicon|external|arrow|chevron)[\w-]*\.\w+(?:[?#]|$)",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*(px|em|rem|ex|pt)?\s*")
_PIXELS = {"em": 16.0, "rem": 16.0, "ex": 8.0, "pt": 4 / 3}
_SIZES = re.compile(r"(?:^|[;\s])(?:max-)?(width|height)\s*:\s*([^;]+)", re.IGNORECASE)
_SMALL = 32
"""Pixels up to which a picture beside words is an icon."""
_SIMPLE = 30
"""Elements up to which a drawing without a size is an icon."""
_BOX = re.compile(r"\s*[-\d.e]+[\s,]+[-\d.e]+[\s,]+([\d.]+)[\s,]+([\d.]+)\s*")
_WIDEST = 2.5
_HOLDERS = ("a", "button", *v.HEADINGS)
_QUOTES_WITH_LOGOS = v.names("instagram-media text-post-media")
_CHECKS = re.compile(
    r"(?:fa|bi|glyphicon|icon|mdi|ti|la|bx|ri)-(?:check|ok|tick|(times|xmark|x|close|remove|cross))"
    r"(?:-(?:circle|square|lg|mark|sign|alt|fill|bold|line|thick|o))*"
)
"""What fonts of icons call the signs for yes and, in the group, no."""
_bare = selector(".//*[self::i or self::span][@class][not(node())]")
_fonts = selector(".//*[(self::i or self::span) and contains(@class, 'material-')]")


def find_counters(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield pictures of one pixel or none, and those that a counter of readers gives."""
    for image in tree.iter("img"):
        sizes = dict(_SIZES.findall(image.get("style", "").lower()))
        sides = [(image.get(side) or sizes.get(side, "")).strip() for side in ("width", "height")]
        is_late = any(image.get(name) for name in _LATE)
        if all(side in _NO_SIZE for side in sides) and not is_late:
            yield image
        elif (
            _COUNTERS.search(image.get("src", ""))
            and not image.get("alt")
            and max(_sides(image)) <= _SMALL
        ):
            link = image.getparent()
            is_alone = link is not None and link.tag == "a" and not text_of(link).strip()
            yield link if is_alone and link is not None else image


def find_emoji(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield pictures of signs."""
    for image in tree.iter("img"):
        if _sign(image) is not None:
            yield image


def take_emoji(tree: etree._Element, images: Iterable[etree._Element]) -> None:
    """Put the sign in the place of its picture."""
    images = list(images)
    for image in images:
        image.text = _sign(image)
    unwrap_all(tree, images)


def _sign(image: etree._Element) -> str | None:
    """Return the sign that a picture shows: its alt text, or what the file is called by."""
    alt, address = image.get("alt", "").strip(), image.get("src", "")
    is_smiley = "wp-smiley" in words_of(image)
    if _EMOJI.isdisjoint(words_of(image)) and not _EMOJI_ADDRESS.search(address):
        return None
    if alt and len(alt) <= _LONGEST_SIGN and not alt.isascii() and not alt.isalpha():
        return alt
    if points := _CODE_POINTS.search(address):
        numbers = [int(each, 16) for each in re.split("[-_]", points[1])]
        # Others are words that look like hexadecimal numbers: "face", "cafe".
        if any(number in _SIGNS or number in _MORE_SIGNS for number in numbers):
            return "".join(map(chr, numbers))
    return alt if is_smiley and alt and len(alt) <= _LONGEST_SIGN else None


def find_ligatures(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield the words that a font of icons draws as one icon."""
    for each in _fonts(tree):
        is_icon_font = any(map(_LIGATURES.fullmatch, words_of(each)))
        if is_icon_font and len(text_of(each)) < _SMALL and not is_alone(each):
            yield each


def find_signs(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield the icons of a font that no words beside them say, with what they say in them."""
    around: dict[etree._Element, frozenset[str]] = {}
    signs: dict[etree._Element, str] = {}
    for icon in _bare(tree):
        parent = icon.getparent()
        if parent is None or inside(icon, "button", "pre", "svg"):
            continue
        label = " ".join((icon.get("aria-label") or icon.get("title") or "").split())
        if label and not is_silent(icon) and _ICON.search(icon.get("class", "")):
            if parent not in around:
                around[parent] = frozenset(re.findall(r"\w+", text_of(parent).casefold()))
            is_new = not around[parent].issuperset(re.findall(r"\w+", label.casefold()))
            signs[icon] = label if is_new else ""
        elif is_alone(icon):
            checks = [check for word in words_of(icon) if (check := _CHECKS.fullmatch(word))]
            signs[icon] = ("✗" if checks[0][1] else "✓") if checks else ""
    for icon, sign in signs.items():
        if sign:
            icon.text = sign
            yield icon


def is_alone(icon: etree._Element) -> bool:
    """Tell whether a cell of a table holds an icon and no other word."""
    cell = next(icon.iterancestors("td", "th"), None)
    if cell is None or next(itertools.islice(cell.iter(), _FEW, None), None) is not None:
        return False
    return text_of(cell).strip() == text_of(icon).strip()


_FEW = 8
"""Elements in a cell that holds one thing."""


class _Holder:
    """A link, a heading or a button, and what it says beside its icons."""

    def __init__(self, element: etree._Element) -> None:
        self.words = frozenset(
            re.findall(r"\w+", text_without(element, element.iter("svg")).casefold())
        )
        pictures = itertools.islice(element.iter("svg", "img"), 2)
        self.is_single = len(list(pictures)) == 1
        self.label = element.get("aria-label") or element.get("title") or ""

    def label_of(self, icon: etree._Element) -> str:
        """Return what an icon is called that stands in it without words."""
        if self.words or (icon.tag == "img" and icon.get("alt", "").strip()):
            return ""  # a picture says its words itself
        title = icon.find("title")
        label = icon.get("aria-label") or (title.text if title is not None else "") or ""
        return " ".join((label or (self.label if self.is_single else "")).split())


def find_icons(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield icons that stand beside words, or are hidden from those who listen; what stays of
    them where it has no size is made as high as a letter."""
    holders: dict[etree._Element, _Holder] = {}
    for each in list(tree.iter("svg", "img")):
        if inside(each, "svg", "figure", "picture") or not (is_icon(each) or _is_logo(each)):
            continue
        element = next(each.iterancestors(*_HOLDERS), None)
        holder = holders.get(element) if element is not None else None
        if element is not None and holder is None:
            holder = holders[element] = _Holder(element)
        words = holder.words if holder is not None else frozenset()
        in_text = bool(words) or stands_in_text(each)
        label = holder.label_of(each) if holder is not None else ""
        around = each.getparent()
        is_hidden = is_silent(each) or (
            around is not None and around is not element and is_silent(around)
        )
        # What a picture says in a word of its own stays.
        is_repeated = words.issuperset(re.findall(r"\w+", each.get("alt", "").casefold()))
        if in_text and (is_hidden or (words and is_repeated)):
            yield each
        elif label:
            each.tail = f"{label} {each.tail or ''}".rstrip()
            yield each
        elif (
            not any(_sides(each))
            and not (_may_be_large(each) and not in_text)
            and (
                holder is not None or in_text or is_sized(each) or stands_in_text(each, boxes=True)
            )
        ):
            shrink(each)


def _may_be_large(each: etree._Element) -> bool:
    """Tell whether only its folder says that a picture is an icon."""
    is_named = _ICON.search(each.get("class", "")) or is_silent(each)
    file = each.get("src", "").lower().partition("?")[0]
    return each.tag == "img" and not is_named and not file.endswith((".svg", ".ico"))


def _is_logo(each: etree._Element) -> bool:
    """Tell whether a drawing is the sign of the platform that a quotation comes from."""
    quote = next(each.iterancestors("blockquote"), None) if each.tag == "svg" else None
    return quote is not None and not _QUOTES_WITH_LOGOS.isdisjoint(words_of(quote))


def is_icon(each: etree._Element) -> bool:
    """Tell whether a picture is small, or has no size and is as simple as icons are."""
    sides = _sides(each)
    if each.tag == "img":
        named = _ICON.search(each.get("class", "")) or _ICON_FILE.search(each.get("src", ""))
        if any(sides):
            is_icon = named or is_silent(each) or not each.get("alt", "x").strip()
            return bool(is_icon) and max(sides) <= _SMALL
        return named is not None
    if any(sides):
        return max(sides) <= _SMALL
    if next(each.iter("text", "foreignObject", "image"), None) is not None:
        return False
    if next(itertools.islice(each.iter(), _SIMPLE, None), None) is not None:
        return False
    return _ratio(each) <= _WIDEST or is_silent(each)


def is_sized(each: etree._Element) -> bool:
    """Tell whether the class of a picture, or of what is around it alone, makes it an icon."""
    around = each.getparent()
    boxes = [each] if around is None or lone(around) is None else [each, around]
    names = " ".join(box.get("class", "") for box in boxes)
    return bool(_ICON.search(names) or _SMALL_CLASS.search(names))


def _sides(each: etree._Element) -> tuple[float, float]:
    """Return the width and height in pixels that a picture has of its own; 0 where it has none."""
    styled = dict(_SIZES.findall(each.get("style", "").lower()))
    sides = []
    for side in ("width", "height"):
        length = _LENGTH.fullmatch(each.get(side) or styled.get(side, ""))
        sides.append(float(length[1]) * _PIXELS.get(length[2], 1.0) if length else 0.0)
    return sides[0], sides[1]


def _ratio(svg: etree._Element) -> float:
    box = _BOX.fullmatch(svg.get("viewBox") or "")
    if box is None:
        return 1.0
    try:
        return float(box[1]) / float(box[2])
    except (ValueError, ZeroDivisionError):
        return 1.0


def shrink(each: etree._Element) -> None:
    """Make a picture one em high."""
    for name in {"style", "width", "height"}.intersection(map(str, each.keys())):
        del each.attrib[name]
    if each.tag == "img":
        each.set("width", "16")
    else:
        each.set("height", "1em")
        each.set("width", f"{round(_ratio(each), 3):g}em")


RULES = (
    Rule(
        "counter",
        "WordPress, FeedBurner, Blogger, Medium, The Conversation and others",
        ("<img",),
        find_counters,
    ),
    Rule(
        "sign as a picture",
        "WordPress, Twemoji, GitHub, Discourse, Facebook",
        ("emoji", "smil"),
        find_emoji,
        take_emoji,
        keeps_words=True,
    ),
    Rule(
        "sign of an icon font",
        "Font Awesome, Bootstrap Icons, Glyphicons",
        ("fa-", "icon", "bi-", "mdi-"),
        find_signs,
        unwrap_all,
        keeps_words=True,
    ),
    Rule(
        "word of an icon font",
        "https://developers.google.com/fonts/docs/material_icons",
        ("material-",),
        find_ligatures,
    ),
    Rule(
        "icon",
        "Font Awesome, Octicons, Feather, Heroicons",
        ("<svg", "<img"),
        find_icons,
        drop_tidily,
    ),
)
