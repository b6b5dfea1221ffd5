"""Nothing that an entry says acts in any program that Markdown is for, and no letter is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import attacks
import jinja2
import markdown_judge as judge
import pytest
from engines import OTHERS, QUICK, Engine
from feed_sets import context
from lxml import etree

from convert.exporters.markdown.body import Body
from convert.exporters.markdown.exporter import EXPORTER

pytestmark = pytest.mark.judge


@cache
def bodies(*, every: bool) -> dict[str, str]:
    """The bodies of the attacks, as Markdown below a heading, by their markup."""
    return {
        markup: "# q\n\n"
        + Body(etree.fromstring(markup), frozenset(), lambda svg: "drawing.svg").markdown()
        for markup in attacks.bodies(every=every)
    }


def files(folder: Path, *, every: bool) -> list[str]:
    """The files of entries that are an attack in all their fields."""
    made = EXPORTER.export(
        attacks.entries(every=every), context(EXPORTER.Options(), folder, "md", "md")
    )
    return [file.content.decode() for file in made if isinstance(file.content, bytes)]


def assert_inert(engine: Engine, made: Iterable[str]) -> None:
    texts = list(made)
    for text, page in zip(texts, engine(texts), strict=True):
        assert judge.evils(page) == [], text


def assert_whole(engine: Engine, made: dict[str, str]) -> None:
    for (markup, text), page in zip(made.items(), engine(list(made.values())), strict=True):
        # Each program numbers notes in its own way; Python-Markdown numbers the lines of a block
        # of code that stands in a list or quote.
        if "doc-noteref" not in markup and not _NESTED_CODE.match(markup):
            assert judge.letters(page).removeprefix("q") == judge.letters(markup), text


_NESTED_CODE = re.compile("<div><(?:ul|ol|blockquote|dl)>.*<pre>")


@pytest.mark.parametrize("name", QUICK)
def test_no_sign_acts_and_no_letter_is_lost(name: str, tmp_path: Path) -> None:
    made = bodies(every=False)
    assert_inert(QUICK[name], made.values())
    assert_whole(QUICK[name], made)
    assert_inert(QUICK[name], files(tmp_path, every=False))


@pytest.mark.parametrize("name", QUICK)
def test_no_formula_ends_before_its_end(name: str) -> None:
    written = (
        "# q\n\n"
        + Body(etree.fromstring(markup), frozenset(), lambda svg: "drawing.svg").markdown()
        for markup in attacks.formulas()
    )
    assert_inert(QUICK[name], written)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*QUICK, *OTHERS])
def test_no_sign_in_any_place_acts(name: str, tmp_path: Path) -> None:
    engine = {**QUICK, **OTHERS}[name]
    assert_inert(engine, bodies(every=True).values())
    assert_inert(engine, files(tmp_path, every=True))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*QUICK, "cmark-gfm", "pandoc -s --mathjax"])
def test_no_letter_is_lost_in_any_place(name: str) -> None:
    assert_whole({**QUICK, **OTHERS}[name], bodies(every=True))


def test_no_template_engine_finds_anything_to_do(tmp_path: Path) -> None:
    engine = jinja2.Environment(keep_trailing_newline=True, autoescape=False)  # Nunjucks, Liquid
    for text in [*bodies(every=True).values(), *files(tmp_path, every=True)]:
        assert engine.from_string(text).render() == text
        # Templater, ERB; Obsidian; files that MkDocs includes.
        assert re.findall(r"<%|%>|%%|\{!|#\}|-8<-", text) == []


@pytest.mark.parametrize("name", QUICK)
def test_the_judge_sees_what_acts(name: str) -> None:
    """What each program does with text that nobody escaped."""
    acts = '# q {#evilid onclick="evil()"}\n\n<b onclick="evil()">q</b> [q](javascript:evil())\n'
    assert judge.evils(QUICK[name]([acts])[0])
