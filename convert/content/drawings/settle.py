"""Drawings made whole: each stands alone, or goes where it would draw nothing."""

from __future__ import annotations

from lxml import etree

from convert.content.draft import Draft
from convert.content.drawings import blank, labels, parts, share, sheets, sizes
from convert.content.safety.svg import MAX_CHAIN, MAX_DRAWN, Weights
from convert.content.tree import drop, drop_all, inside, is_blank, lone, selector, text_of
from convert.content.vocabulary import DRAWN_LABEL

PARTS = (
    parts.put_styles,
    parts.choose,
    parts.hide,
    labels.set_as_text,
    parts.lift_pictures,
    parts.lift_links,
    parts.place,
    parts.name,
    parts.part_words,
)
"""What is done to a drawing, in this order."""
_sheets = selector(f".//*[self::style or self::metadata][@{DRAWN_LABEL} = 'style']")


def mark(tree: etree._Element, draft: Draft) -> None:
    """Make every drawing one that stands alone; one that would draw nothing goes."""
    if not draft.holds("<svg", "<style"):
        return
    drawings = [svg for svg in tree.iter("svg") if not inside(svg, "svg")]
    written = _sheets(tree)
    texts = [text_of(each) for each in written]
    drop_all(tree, written)
    if sum(map(len, texts)) > sheets.MAX_SHEETS:
        draft.note(f"style sheets of more than {sheets.MAX_SHEETS:,} characters; left out")
        texts = []
    styles = sheets.read(texts if drawings else ())
    hidden: set[etree._Element] = set()
    for svg in drawings:
        said = {each: styles.of(each, is_root=each is svg) for each in svg.iter(etree.Element)}
        if sizes.settle(svg, said[svg]):
            hidden.add(svg)
        for part in PARTS:
            part(svg, said, draft)
    if styles.tried > sheets.MAX_TRIED:
        draft.note("style sheets have too many rules for so many shapes; some are left out")
    share.copy_in(drawings, draft)
    for svg in reversed(drawings):
        if Weights(svg).too_heavy(svg):
            draft.note(
                f"a drawing that comes to more than {MAX_DRAWN:,} elements, or {MAX_CHAIN} inside"
                " one another, is left out"
            )
            drop(svg)
        elif not blank.draws(svg, hidden=svg in hidden):
            blank.leave_words(svg)
        else:
            _leave_code(svg)


def _leave_code(svg: etree._Element) -> None:
    """Take away the block of code that a script has drawn, which is one no more."""
    holder = svg.getparent()
    while holder is not None and holder.tag in {"pre", "code"}:
        alone = lone(holder) is not None and is_blank(holder.text) and is_blank(holder[0].tail)
        if not alone:
            break
        holder.tag = "div" if holder.tag == "pre" else "span"
        holder = holder.getparent()
