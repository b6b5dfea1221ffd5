"""Tabs, whose titles stand in one row: each before what it is the title of."""

from __future__ import annotations

from lxml import etree

from convert.content.tree import drop_all, is_blank, new, selector, text_of

CUES = ("tablist", "tabbed-labels", "vp-code-group")
_ROWS = selector(
    ".//*[@role='tablist' or contains(@class, 'tabbed-labels')]"
    " | .//*[contains(@class, 'vp-code-group')]/*[@class='tabs']"
)
_MOST = 30


def mark(tree: etree._Element) -> None:
    """Put the title of each tab before its text, where there is one title for each."""
    rows = []
    for row in _ROWS(tree):
        panels = row.getnext()
        if panels is None or not is_blank(row.text) or not is_blank(row.tail):
            continue
        titles = [each for each in row if each.tag != "input"]
        if not 1 < len(titles) <= _MOST or len(titles) != len(panels):
            continue
        links = (each.get("href") or "#" for each in row.iter("a"))
        if next(row.iter("img"), None) is not None or any(each[0] != "#" for each in links):
            continue
        if all(each.tag == "div" for each in panels):
            for title, panel in zip(titles, panels, strict=True):
                first = new("p", " ".join(text_of(title).split()))
                first.tail, panel.text = panel.text, None
                panel.insert(0, first)
            rows.append(row)
    drop_all(tree, rows)
