"""One step of preparation on raw markup, read as the pipeline reads it."""

from __future__ import annotations

import datetime as dt
import re

from lxml import etree

from convert.content import Step
from convert.content.draft import Draft, PrepareOptions
from convert.content.parse.parse import read_xhtml, tidy
from convert.contract import DollarMath
from convert.model import StoredEntry

BASE = "https://blog.example/2024/entry"


def draft(*, dollar_math: DollarMath = "auto", base: str | None = BASE) -> Draft:
    """A draft with nothing in it, of an entry at ``base``."""
    stored = StoredEntry(
        path="a/entry.json",
        user="a",
        id="urn:x:1",
        updated=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        link=base,
    )
    options = PrepareOptions(dollar_math=dollar_math)
    return Draft(stored=stored, options=options, title="A title", body_field="content", base=base)


def marked(step: Step, markup: str, into: Draft | None = None) -> etree._Element:
    """The tree after a step."""
    into = into or draft()
    tidied = tidy(markup)
    into.markup = tidied.lower()
    tree = read_xhtml(tidied)
    step(tree, into)
    return tree


def inner(step: Step, markup: str, into: Draft | None = None) -> str:
    """The same as text, without the root."""
    text = etree.tostring(marked(step, markup, into), encoding="unicode")
    return text.removeprefix("<div>").removesuffix("</div>").replace("<div/>", "")


def said(tree: etree._Element) -> str:
    """All text of a tree without white space, markers, arrows and brackets."""
    return re.sub(r"[\W\d_]+", "", "".join(map(str, tree.itertext())))
