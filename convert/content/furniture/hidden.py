"""What a page hides for good: not what a click or a script shows."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import cast

from lxml import etree

from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.furniture.controls import opens_text
from convert.content.furniture.rule import READ_ALOUD, Rule, is_silent, words_of
from convert.content.images import LATE_SOURCES
from convert.content.tree import inside, is_blank, selector, text_of

_STATED = re.compile(r"(?:^|[;\s])(display|visibility|mso-hide)\s*+:\s*+([\w-]+)")
_HIDING = frozenset(
    {
        ("display", "none"),
        ("visibility", "hidden"),
        ("visibility", "collapse"),
        ("mso-hide", "all"),
    }
)
_LONGEST = 500
"""Characters of what is hidden for good; more than that are shown by a script, at some time."""
_SHOWN = re.compile(
    r"tab|panel|pane\b|accordion|collaps|expand|spoiler|toggl|fold|reveal|more\b|full\b|answer"
    r"|solution|hint|transcript|note|reference|citation|caption|content\b|details|faq|quiz"
    r"|translation|lang\b|slide|carousel|fade|animat|invisible|entrance|\bwow\b|aos|lazy|math|mjx|\btex\b|latex|katex"
    r"|code|highlight|copy",
    re.IGNORECASE,
)
"""Words of classes and ids of what scripts show, and of what other steps know."""
_MOVING = re.compile(r"data-(?:aos|w-id|sal|sr-|scroll|anim|reveal|motion|gsap)")
"""Attributes of what moves into view."""
_OPENER = re.compile(
    r"question|title|header|trigger|toggl|expand|opener|summary|\bmore|btn|button", re.IGNORECASE
)
"""Words of the classes of what is clicked on, and shows what stands below."""
_OPENING = re.compile(
    r"\b(?:show|reveal|expand|toggle|open|answers?|solutions?|more|view|see|spoiler|read|hints?)\b",
    re.IGNORECASE,
)
_FULL = (
    *("math", "pre", "table", "iframe", "video", "audio", "object", "embed", "form", "script"),
    *("img", "picture", "svg"),
)
_NAMING = ("aria-controls", "data-target", "data-bs-target", "data-tab", "for", "aria-labelledby")
_hidden = selector("//*[@hidden or @style]")
_spoken = selector("//*[@class]")
_silent = selector("//*[@aria-hidden]")
_named = etree.XPath(
    "//a[contains(@href, '#')]/@href | " + " | ".join(f"//@{name}" for name in _NAMING)
)


def find_hidden(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield what nobody sees on the page, and nothing there shows."""
    named: set[str] | None = None
    for each in _hidden(tree):
        if not is_hidden(each) or inside(each, "svg", "math", "pre", "code"):
            continue
        if named is None:
            named = {name.rpartition("#")[2] for name in cast("list[str]", _named(tree))}
        if not is_shown_later(each, named):
            yield each


def is_hidden(each: etree._Element) -> bool:
    """Tell whether an element says that it is not to be seen."""
    if each.get("hidden") is not None and each.get("hidden", "").lower() != "until-found":
        return True
    stated = dict(_STATED.findall(each.get("style", "").lower()))  # the last one counts
    return not _HIDING.isdisjoint(stated.items())


def is_shown_later(each: etree._Element, named: set[str]) -> bool:
    """Tell whether something shows what is hidden, or may: it has no other place."""
    if each.tag == "img":
        return any(each.get(name) for name in LATE_SOURCES)
    called = f"{each.get('class', '')} {each.get('id', '')} {each.get('role', '')}"
    return (
        each.tag in _PARTS
        or _SHOWN.search(called) is not None
        or next(each.iter(*_FULL), None) is not None
        or len(text_of(each)) > _LONGEST
        or any(map(_MOVING.match, map(str, each.keys())))
        or any(below.get("id") in named for below in each.iter() if below.get("id"))
        or is_opened(each)
    )


_TITLES = frozenset((*v.HEADINGS, "dt"))
_PARTS = frozenset(("svg", "source", "td", "th", "tr", "tbody", "picture"))


def is_opened(each: etree._Element) -> bool:
    """Tell whether what stands before seems to open what is hidden."""
    before = each.getprevious()
    if before is None or not is_blank(before.tail):
        return False
    if before.tag in {"summary", "input", "label"} or before.get("role") in {"button", "tab"}:
        return True
    if each.get("hidden") is None and (
        before.tag in _TITLES or _OPENER.search(before.get("class", ""))
    ):
        return True  # a script has set the style of what stands under a title
    for button in before.iter("button"):
        if opens_text(button) or not button.get("class") or _OPENING.search(text_of(button)):
            return True
    links = before.iter("a")
    return any(link.get("href", "#")[:1] == "#" or link.get("role") == "button" for link in links)


def find_twins(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield what is said twice, once to be seen and once to be read aloud: of the two that which
    nobody sees, but where only its beginning is to be seen."""
    for spoken in _spoken(tree):
        if READ_ALOUD.isdisjoint(words_of(spoken)):
            continue
        twins = [*reversed(_run(spoken, preceding=True)), *_run(spoken, preceding=False)]
        if not twins:
            continue
        said, shown = _plain(text_of(spoken)), _plain("".join(map(text_of, twins)))
        is_part = said != shown and said.startswith(shown)
        last = spoken if twins[-1].getnext() is spoken else twins[-1]
        if is_part and not (shown + _plain(last.tail or "")).startswith(said):
            yield from twins
        else:
            yield spoken


def _run(spoken: etree._Element, *, preceding: bool) -> list[etree._Element]:
    """Return what stands directly beside an element to be seen only."""
    run: list[etree._Element] = []
    at = spoken
    for each in itertools.islice(spoken.itersiblings(preceding=preceding), _MOST):
        is_shown = is_silent(each) and each.tag not in {"svg", "img", "math"}
        between = each.tail if preceding else at.tail
        if not is_shown or not is_blank(between) or not text_of(each).strip():
            break
        run.append(each)
        at = each
    return run


_MOST = 10
"""Elements on each side that stand for one that is read aloud."""


def find_repeated(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield what is hidden from those who listen because it stands beside it once more."""
    for each in _silent(tree):
        if not is_silent(each) or inside(each, "svg", "math", "pre") or each.tag in _PARTS:
            continue
        said = _plain(text_of(each))
        if len(said) < _SHORTEST or _SHOWN.search(each.get("class", "")):
            continue
        before = each.getprevious()
        if before is not None and not is_silent(before) and _plain(text_of(before)) == said:
            yield each


_SHORTEST = 3
"""Letters that stand twice by no accident."""


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


RULES = (
    Rule(
        "hidden",
        "https://html.spec.whatwg.org/multipage/interaction.html#the-hidden-attribute",
        ("hidden", "display", "mso-hide"),
        find_hidden,
    ),
    Rule("said twice", "Bootstrap, WordPress, drop caps of themes", ("aria-hidden",), find_twins),
    Rule("shown twice", "moving text, shadows of titles", ("aria-hidden",), find_repeated),
)
