"""What only a script would show becomes what HTML has for it, before other steps read the body.

Elements of somebody's own, scripts that write what they show, empty elements whose attributes
say what goes there, frames that hold their page, maps of pictures: each becomes a player, a
picture, a link, a formula or words; what leads nowhere is named in a warning.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml import etree

from convert.content.draft import Draft
from convert.content.embeds import maps, scripts
from convert.content.embeds.said import of_json
from convert.content.embeds.stated import (
    FORMULAS,
    PICTURES,
    address_of,
    is_player_of,
    label_of,
    picture_of,
    unshown_of,
)
from convert.content.parse import nontags
from convert.content.parse.parse import read_xhtml, tidy
from convert.content.tree import (
    drop,
    inside,
    is_bare,
    listed,
    move_content,
    new,
    replace,
    selector,
    unwrap,
)
from convert.content.vocabulary import CELLS, CONTAINERS, OWN, PHRASING, PHRASING_ONLY, VOID, names
from convert.text.addresses import absolute
from convert.text.characters import shortened

_SHOWN = 60
_FRAMES = selector(".//iframe[@srcdoc]")
_OTHERS = (
    "[not(self::x-own or self::source or self::a[@href]"
    " or self::img[@src or @srcset or @data-src or @data-srcset] or self::iframe or self::video"
    " or self::audio or self::object or self::embed or self::input"
    " or self::script or self::track or self::param or self::area)]"
    "[not(ancestor::svg or ancestor::math or ancestor::pre or self::svg or self::math)]"
)
_LEADING = selector(f".//*[@src or @href]{_OTHERS}")
_STATING = selector(f".//*[@src or @href or @*[starts-with(name(), 'data-')]]{_OTHERS}")
"""What says where it leads and is no link, picture or player of HTML."""
_EMBEDS = re.compile(r"embed|widget|\bdata-(?:attrs|tf-\w+)\b", re.IGNORECASE)
"""What the class and the attributes of an element are called that a script fills."""
_SHOWS = names(
    "img svg math iframe video audio object embed input textarea hr table picture script"
)
_PINS = selector(".//a[starts-with(@data-pin-do, 'embed')][@href][not(normalize-space())]")
_HOLDS_NONE = VOID | {"tr", "colgroup", "pre", "code"}
_HOLDERS = PHRASING | PHRASING_ONLY | CONTAINERS | CELLS | {"button", "label", "font", "center"}
_LOOSE = selector(
    ".//*[self::source or self::track][@src][not(ancestor::video or ancestor::audio"
    " or ancestor::picture or ancestor::object)]"
)
_UNSEEN = selector(".//picture[source[@srcset or @data-srcset]][not(.//img)]")
_BACKED = selector(".//*[contains(@style, 'url(')][not(self::img)]")
_BACKGROUND = re.compile(
    r"background(?:-image)?\s*:[^;]*?url\(\s*[\"']?([^\"')]+)[\"']?\s*\)", re.IGNORECASE
)
_SILENT = re.compile(
    r"amp-(?:ad|analytics|pixel|auto-ads|social-share|sticky-ad|state|consent|install"
    r"-serviceworker|animation|position-observer|sidebar|user-notification)|clipboard-copy"
    r"|mjx-(?!container).*|\w+:.*|progress|meter|slot|datalist|select|dialog|output|button"
)
"""What shows nothing of an entry without its script, or whose words are all there is."""
_FILMS = re.compile(r"[^?#]*\.(?:mp4|m4v|webm|ogv|mov|m3u8|mpd)(?:[?#].*)?", re.IGNORECASE)
_SOUNDS = re.compile(r"[^?#]*\.(?:mp3|m4a|ogg|oga|opus|wav|flac|aac)(?:[?#].*)?", re.IGNORECASE)


def translate(tree: etree._Element, draft: Draft) -> None:
    """Give what HTML has no element for, or only a script would fill, a form that it has."""
    for frame in _FRAMES(tree) if draft.holds("srcdoc") else ():
        open_frame(frame, draft)
    for pin in _PINS(tree) if draft.holds("data-pin-do") else ():
        replace(pin, new("iframe", src=str(pin.get("href"))))
    for own in reversed(listed(tree, OWN)):  # the inner ones first
        translate_own(own, draft)
    for each in reversed(_STATING(tree) if draft.holds("data-") else _LEADING(tree)):
        if _is_empty(each):
            fill(each, draft)
        elif each.tag == "blockquote" and not (each.get("href") or each.get("src")):
            end_with_source(each, draft)
        elif each.tag == "a" or each.get("href") or each.get("src"):
            link_words(each, draft)
    for source in _LOOSE(tree) if draft.holds("<source", "<track") else ():
        before = source.getprevious()
        if before is None or before.tag != source.tag:  # the others are the same in other forms
            source.addprevious(_shown(source, "source", str(source.get("src"))))
    for picture in _UNSEEN(tree) if draft.holds("<picture") else ():
        picture.append(new("img"))  # which takes the best of the sources
    for each in _BACKED(tree) if draft.holds("background") else ():
        show_background(each, draft)
    if draft.holds("<map"):
        maps.mark(tree)


def open_frame(frame: etree._Element, draft: Draft) -> None:
    """Put the page that a frame holds into the frame, as what it shows."""
    page = read_xhtml(tidy(frame.get("srcdoc") or "", draft.note))
    del frame.attrib["srcdoc"]
    for inner in _FRAMES(page):
        del inner.attrib["srcdoc"]
        draft.note("a frame that holds its page stands in another such; left out")
    move_content(page, frame)


def translate_own(own: etree._Element, draft: Draft) -> None:
    name = own.get("data-own") or ""
    if name == "script":
        translate_script(own, draft)
        return
    address = address_of(own, draft.base)
    if any(map(own.get, FORMULAS)) and _is_empty(own):
        is_block = name == "amp-mathml" and own.get("data-inline") is None
        own.tag = "div" if is_block else "span"  # which the step for maths reads
        return
    if name in {"video-js", "amp-video", "amp-audio"}:
        own.tag = "audio" if name == "amp-audio" else "video"
        for part in ("src", "poster", "title"):
            if value := own.get(f"data-{part}"):
                own.set(part, value)
        return
    if address is None:
        name_unshown(own, name, draft)
        unwrap(own)
        return
    if not _is_empty(own) and own.get("data-href") and not is_player_of(own):
        link = new("a", href=address)
        move_content(own, link)
        replace(own, link)
        return
    own.addprevious(_shown(own, name, address))
    unwrap(own)


def name_unshown(own: etree._Element, name: str, draft: Draft) -> None:
    """Say what an element of somebody's own that leads nowhere would show, and what it is
    called."""
    if _is_empty(own) and not _SILENT.fullmatch(name):
        if name.endswith("-icon"):
            own.attrib.pop("data-name", "")  # of the drawing, not of what it stands for
        words = label_of(own)
        draft.note(f"<{shortened(name, _SHOWN)}> shows nothing without its script; left out")
        if words:
            own.text = words
    elif unshown := unshown_of(own):
        draft.note(f"{shortened(unshown, _SHOWN)!r} in <{shortened(name, _SHOWN)}> is left out")
    else:
        for reason in nontags.strange(name, is_code=inside(own, "pre", "code")):
            draft.note(reason)


def translate_script(own: etree._Element, draft: Draft) -> None:
    source = absolute(own.get("data-src") or "data:", draft.base)
    if source is None and (unshown := unshown_of(own)):
        draft.note(f"{shortened(unshown, _SHOWN)!r} in a script is left out")
    if source is None or scripts.only_dresses(source):
        drop(own)
        return
    address = scripts.page_of(source, own) or address_of(own, draft.base, but=("src", "own"))
    if address is None:
        draft.note(f"a script of {shortened(source, _SHOWN)} would show more; left out")
        drop(own)
        return
    player = new("iframe", src=address)
    if title := label_of(own):
        player.set("title", title)
    replace(own, player)


def _shown(each: etree._Element, name: str, address: str) -> etree._Element:
    """Return the element that HTML has for what stands at an address."""
    label = label_of(each)
    if re.fullmatch(r"amp-(?:img|anim)", name) or PICTURES.fullmatch(address):
        picture = new("img", src=address, alt=label)
        for side in ("width", "height", "srcset"):
            if value := each.get(f"data-{side}"):
                picture.set(side, value)
        return picture
    tag = "iframe"
    if _FILMS.fullmatch(address):
        tag = "video"
    elif _SOUNDS.fullmatch(address):
        tag = "audio"
    elif name == "model-viewer":
        tag = "object"
    player = new(tag, **{"data" if tag == "object" else "src": address})
    if label:
        player.set("title", label)
    if poster := each.get("data-poster"):
        player.set("poster", poster)
    return player


def fill(each: etree._Element, draft: Draft) -> None:
    """Put what the attributes of an empty element say into it."""
    formulas = {name: value for name in FORMULAS if (value := each.get(name))}
    if formulas and each.tag in {"span", "div", "p"}:
        return
    shown = of_json(each, draft.base)
    if formulas:
        shown = [new("span", **formulas)]
    if not shown:
        address = address_of(each, draft.base) or picture_of(each, draft.base)
        shown = [_shown(each, str(each.tag), address)] if address is not None else []
    if shown and each.tag not in _HOLDS_NONE:
        each.text = None
        each[:] = shown
    elif unshown := unshown_of(each):
        draft.note(f"{shortened(unshown, _SHOWN)!r} in an empty <{each.tag}> is left out")
    elif _EMBEDS.search(" ".join((each.get("class") or "", *map(str, each.keys())))):
        name = each.get("class") or each.get("data-component-name")
        stated = f"class={shortened(name, _SHOWN)!r}" if name else " ".join(map(str, each.keys()))
        draft.note(f"<{each.tag} {stated}> shows nothing without its script; left out")
        each.text = label_of(each) or None


def link_words(each: etree._Element, draft: Draft) -> None:
    """Make a link of the words of an element that says where a script would lead from them."""
    address = address_of(each, draft.base)
    if address is None:
        return
    if each.tag == "a":
        each.set("href", address)
    elif each.get("href") and each.tag in _HOLDERS and not _has_links(each):
        link = new("a", href=address)
        move_content(each, link)
        each.append(link)
    else:
        draft.note(f"{shortened(address, _SHOWN)!r} in <{each.tag}> is left out")


def _has_links(each: etree._Element) -> bool:
    return inside(each, "a", "pre") or next(each.iter("a"), None) is not None


def end_with_source(quote: etree._Element, draft: Draft) -> None:
    """Put the address of what a quotation embeds at its end, where no link in it leads
    there."""
    address = address_of(quote, draft.base)
    names = ("embed", "media", "tweet", "post")
    if address is None or not any(word in (quote.get("class") or "") for word in names):
        return
    host, parts = _place(address)
    for link in quote.iter("a"):
        its_host, its_parts = _place(absolute(str(link.get("href")), draft.base) or "")
        # A link to who wrote it, or to a tag in it, leads not there.
        if its_host == host and its_parts[-1:] and its_parts[-1] in parts:
            return
    quote.append(new("iframe", src=address))


def _place(address: str) -> tuple[str, list[str]]:
    """Return the host of an address and the parts of its path, names of people left out."""
    split = urlsplit(address)
    parts = [each for each in split.path.split("/") if each and not each.startswith("@")]
    return split.netloc.removeprefix("www."), parts


def show_background(each: etree._Element, draft: Draft) -> None:
    """Make a picture of the background of an element that shows nothing else."""
    background = _BACKGROUND.search(each.get("style") or "")
    address = absolute(background[1], draft.base) if background else None
    if address is None or not _is_empty(each) or inside(each, "svg", "pre"):
        return
    label = each.get("aria-label") or each.get("title") or ""
    each.append(new("img", src=address, alt=label))


def _is_empty(each: etree._Element) -> bool:
    """Tell whether an element shows nothing: no words, no picture, no player."""
    if is_bare(each):
        return not (each.text or "").strip()
    if any(str(text).strip() for text in each.itertext()):
        return False
    return not any(inner.tag in _SHOWS for inner in each.iterdescendants())
