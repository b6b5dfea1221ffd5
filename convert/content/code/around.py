"""What stands around a block of code in its box: tools, labels, titles, columns of numbers."""

from __future__ import annotations

from typing import NamedTuple

from lxml import etree

from convert.content.code import dialects
from convert.content.code.boxes import BOXES, are_of_code, holds_one, is_ornament
from convert.content.code.languages import Language, called, is_label, known_alias, language_of
from convert.content.code.lines import code_text
from convert.content.tree import classes, text_of

_MOST_BOXES = 6
_EMPTY_LINKS = frozenset({"", "#"})


class Surroundings(NamedTuple):
    """What stands around a block of code."""

    text: str
    """What the block says, where something stands beside it."""
    boxes: list[etree._Element]
    """The boxes of highlighters, innermost first."""
    of_code: bool
    """Whether they say that they hold code."""
    in_block: bool
    """Whether what is looked at stands in the block itself."""
    beside: list[etree._Element]
    """All that stands beside the code in the boxes and in the block."""
    language: Language | None
    tools: list[etree._Element]
    labels: list[etree._Element]
    """What only says the language."""
    numbers: list[etree._Element]
    """Columns of the numbers of lines."""
    titles: list[etree._Element]
    """What stands in the block itself and is called its title."""


def survey(block: etree._Element) -> Surroundings:
    """Return what stands around a ``pre``; nothing is changed."""
    codes = outermost(block)
    core = codes[0] if len(codes) == 1 else block
    boxes: list[etree._Element] = []
    beside: list[etree._Element] = []
    here, within = core, core is not block
    inner: list[etree._Element] = []
    for above in core.iterancestors():
        holds = holds_one(above, here)
        if within:
            if holds:
                inner += (each for each in above if each is not here)
            within = above is not block
            here = above
            continue
        is_wrapper = not dialects.WRAPPERS.isdisjoint(classes(above))
        if above.tag not in BOXES or len(boxes) == _MOST_BOXES:
            break
        if not holds and not is_wrapper and language_of(above) is None:
            break
        boxes.append(above)
        if holds:
            beside += (each for each in above if each is not here)
        here = above
    language = language_of(*codes[:1], block, *boxes)
    text = code_text(block) if inner or beside else ""
    there = Surroundings(text, boxes, are_of_code(boxes), False, [], language, [], [], [], [])
    for each in inner:
        _sort(each, there._replace(of_code=True, in_block=True), [])
    for each in beside:
        _sort(each, there, [])
    there.beside.extend((*inner, *beside))
    there.titles.extend(each for each in inner if dialects.is_called_name(each))
    said = next((text_of(each) for each in there.labels), "")
    return there._replace(language=language or called(said))


def outermost(block: etree._Element) -> list[etree._Element]:
    """Return the ``code`` elements of a block that stand in no other."""
    first = next(block.iterchildren(), None)
    if first is None or (first.tag == "code" and first.getnext() is None):
        return [] if first is None else [first]
    codes: list[etree._Element] = []
    pending = [block]
    while pending:
        for each in pending.pop().iterchildren(reversed=True):
            if each.tag == "code":
                codes.append(each)
            else:
                pending.append(each)
    return codes


def _sort(each: etree._Element, there: Surroundings, above: list[etree._Element]) -> None:
    """Put what stands beside code where it belongs; what is none of it stays."""
    if each.tag == "figcaption":
        return
    said = text_of(each)
    path = [*above, each]
    numbers = " ".join(map(str, each.itertext())).split() if dialects.is_column(said) else []
    lines = there.text.strip("\n").count("\n") + 1
    is_whole = len(numbers) == lines > 1 and dialects.count_up(numbers)
    if numbers and (is_whole or dialects.is_numbered(each.get("class") or "")):
        there.numbers.append(each)
    elif _is_tool(each, said, there, path):
        there.tools.append(each)
    elif _says_language(each, said, there, path):
        there.labels.append(each)
    else:
        for child in each:
            _sort(child, there, path)


def _is_tool(
    each: etree._Element, said: str, there: Surroundings, path: list[etree._Element]
) -> bool:
    """Tell whether an element is there to be pressed, or repeats the code for who presses it."""
    if each.tag in {"button", "input"} or (each.get("role") == "button" and not each.get("href")):
        return True
    if each.tag == "textarea":
        return _squeezed(said) == _squeezed(there.text)
    is_called = any(map(dialects.is_called_tool, path))
    if each.tag == "svg":
        is_named = is_called or each.get("aria-hidden") == "true"
        return is_named or (there.of_code and is_ornament(each))
    if (there.of_code or is_called) and dialects.says_copy(each):
        return True
    leads_nowhere = each.tag == "a" and (each.get("href") or "") in _EMPTY_LINKS
    return leads_nowhere and is_called and not each.get("id")


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _says_language(
    each: etree._Element, said: str, there: Surroundings, path: list[etree._Element]
) -> bool:
    """Tell whether an element only says the language of the code."""
    if each.tag == "p" or not said.strip() or any(map(dialects.is_called_name, path)):
        return False
    language, named = there.language, called(said)
    if not any(map(dialects.is_called_label, path)):
        is_first = there.in_block and language is None and named is not None
        return (is_first and known_alias(said) is not None) or (
            there.of_code and is_label(said, language)
        )
    if named is None or language is not None:
        return is_label(said, language)
    return named.alias is not None or (
        there.of_code and any(map(dialects.is_called_language, path))
    )
