"""What may stand in what: the content models of HTML, as prepared markup narrows them."""

from __future__ import annotations

from lxml import etree

from convert.content import vocabulary as v
from convert.content.code import find
from convert.content.draft import FLATTENED, MAX_DEPTH, TOO_DEEP, Draft
from convert.content.structure import callouts, lists, paragraphs, tables
from convert.content.tree import (
    inside,
    is_bare,
    is_blank,
    lone,
    selector,
    text_of,
    unwrap,
    unwrap_all,
)

_too_deep = etree.XPath(f"boolean({'/*' * (MAX_DEPTH - 2)})")
_LINES = ("pre", "summary", *v.HEADINGS)
_PLAIN_BLOCKS = ("p", "div", "blockquote", *v.HEADINGS)
_FIGURES = ("img", "svg", "math", "table", "pre")
_NO_HEADINGS = ("dt", "th", "caption")  # §4.4.9, §4.9.10: no heading inside of these
_lone_formulas = selector("descendant::p[math[@display='block'] and count(*)=1]/math")


def mark(tree: etree._Element, draft: Draft) -> None:
    """Move, wrap and unwrap until every element stands where it may, no text lost."""
    deepest = FLATTENED
    # Arranging wraps, so what was flattened just enough may be too deep again afterwards.
    while _too_deep(tree) and deepest:
        draft.note(TOO_DEEP)
        _flatten(tree, deepest)
        deepest //= 2
        _arrange(tree, draft)
    _arrange(tree, draft)
    callouts.mark_signs(tree)


def mark_depth(tree: etree._Element, draft: Draft) -> None:
    """Take the tags away that nest too deep, before other steps spend time on the nest."""
    if _too_deep(tree):
        draft.note(TOO_DEEP)
        _flatten(tree, FLATTENED)


def _arrange(tree: etree._Element, draft: Draft) -> None:
    lists.mark(tree)
    tables.mark(tree, draft)
    _unwrap_lines(tree, _inside(tree, ("pre",), ("pre",)))
    _unwrap_lines(tree, _inside(tree, _LINES, _PLAIN_BLOCKS))
    for element in _inside(tree, _NO_HEADINGS, v.HEADINGS):
        element.tag = "strong"
    paragraphs.lift(
        tree,
        [
            block
            for block in tree.iter(*v.BLOCKS, "figcaption", "summary")
            if (parent := block.getparent()) is not None
            and (parent.tag in v.PHRASING or parent.tag in v.PHRASING_ONLY)
        ],
        draft,
    )
    paragraphs.lift(tree, _inside(tree, ("a",), ("a",)), draft)
    lists.arrange_ruby(tree)
    find.settle(tree)
    paragraphs.prune_inline(tree)
    if next(tree.iter("figure", "details"), None) is not None:
        paragraphs.drop_empty(tree)
    _arrange_details(tree)
    _arrange_figures(tree)
    paragraphs.lift(
        tree,
        [
            formula
            for formula in _lone_formulas(tree)
            if is_blank(getattr(formula.getparent(), "text", "")) and is_blank(formula.tail)
        ],
        draft,
    )
    paragraphs.mark(tree)


def _inside(
    tree: etree._Element, outer: tuple[str, ...], inner: tuple[str, ...]
) -> list[etree._Element]:
    """Return elements of one kind inside of those of another, each once, in document order."""
    elements = (each for holder in tree.iter(*outer) for each in holder.iterdescendants(*inner))
    return list(dict.fromkeys(elements))


def _unwrap_lines(tree: etree._Element, blocks: list[etree._Element]) -> None:
    """Take blocks inside a line apart; their words stay apart from those around them."""
    for block in blocks:
        space = "\n" if inside(block, "pre") else " "
        if block.getprevious() is not None or not is_blank(getattr(block.getparent(), "text", "")):
            block.text = space + (block.text or "")
        if block.getnext() is not None or not is_blank(block.tail):
            block.tail = space + (block.tail or "")
    unwrap_all(tree, blocks)


def _arrange_details(tree: etree._Element) -> None:
    """Put a summary first in its details (§4.11.1), which without one are no details."""
    settled: set[etree._Element] = set()
    for summary in list(tree.iter("summary")):
        parent = summary.getparent()
        if parent is None or parent.tag != "details" or parent in settled:
            summary.tag = "p"
        else:
            settled.add(parent)
    for details in list(tree.iter("details")):
        first = details.find("summary")
        if first is None or first.getprevious() is not None or not is_blank(details.text):
            details.tag = "div"
            for each in details.iterchildren("summary"):
                each.tag = "p"


def _arrange_figures(tree: etree._Element) -> None:
    """Leave one caption in a figure, the first or last in it (§4.4.12)."""
    for caption in list(tree.iter("figcaption")):
        figure = caption.getparent()
        if (
            figure is None
            or figure.tag != "figure"
            or not (
                (caption.getnext() is None and is_blank(caption.tail))
                or (caption.getprevious() is None and is_blank(figure.text))
            )
        ):
            caption.tag = "div"
    for figure in list(tree.iter("figure")):
        several = not is_bare(figure) and lone(figure) is None
        if several and figure[0].tag == figure[-1].tag == "figcaption":
            figure[0].tag = "div"
        for wrapper in list(figure.iterchildren("div", "p")):
            if (
                wrapper.get("class") != "embed"
                and not is_bare(wrapper)
                and is_blank(text_of(wrapper))  # words of a card stay lines of their own
                and all(each.tag in {"img", "a", "svg"} and is_blank(each.tail) for each in wrapper)
            ):
                unwrap(wrapper)
        if next(figure.iter("figcaption", *_FIGURES), None) is None:
            figure.tag = "div"


def _flatten(tree: etree._Element, deepest: int) -> None:
    """Take the tags away of all that stands deeper; words stay apart."""
    level = [tree]
    for _ in range(deepest):
        level = [child for each in level for child in each]
    for each in level:
        for inner in each.iter(*v.BLOCKS, *v.PARTS):
            if inner is not each:
                inner.tail = " " + (inner.tail or "")
        etree.strip_tags(each, "*")
