"""The attack strings of other sanitisers, in every stored field, all the way from what a blog
said to what the programs that Markdown is for make of it, opened in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import browser
import markdown_judge as judge
import pytest
from engines import OTHERS, QUICK, VALUES, of_npm, pandoc, together
from feed_sets import NOW, context
from test_engines import bodies, files

from convert import content
from convert.collection.relate import Outgoing, relate
from convert.exporters.markdown.exporter import EXPORTER
from convert.model import Category, Person, StoredEntry
from convert.settings.job import Publication
from convert.testing import MemoryBodies

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

TYPES = ("html", "text", "markdown")
READERS = ("markdown", "commonmark_x", "gfm+attributes+raw_attribute")


def _entry(attack: str, kind: str, at: int) -> StoredEntry:
    return StoredEntry(
        path=f"x/{kind}{at}.json",
        user="x",
        id=attack or "x",
        updated=NOW,
        title=attack,
        title_type=kind,
        link=f"https://x.example/{attack}" if at % 2 else attack,
        summary=attack,
        summary_type=kind,
        content=f"before\n\n{attack}\n\nafter" if kind == "markdown" else f"<p>q</p>{attack}",
        content_type=kind,
        authors=(Person(name=attack, uri=attack),),
        contributors=(Person(name=attack),),
        categories=(Category(term=attack, label=attack, scheme=attack),),
        rights=attack,
    )


@pytest.fixture(scope="module")
def written(
    xss_vectors: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, ...]:
    """The files of an export of all of them."""
    options = content.PrepareOptions(dollar_math="always")
    made = [
        content.prepare(_entry(attack, kind, at), options)
        for kind in TYPES
        for at, attack in enumerate(xss_vectors)
    ]
    entries = relate(
        [each.entry for each in made],
        [Outgoing(each.links) for each in made],
        publication=Publication(name="eeg", title="The group"),
        bodies=MemoryBodies({each.entry.digest: each for each in made}),
    )
    folder = tmp_path_factory.mktemp("md")
    chosen = EXPORTER.Options(images="link")
    exported = EXPORTER.export(entries, context(chosen, folder, "md", "md"))
    return tuple(
        file.content.decode()
        for file in exported
        if isinstance(file.content, bytes) and file.path.endswith(".md")
    )


def _many(texts: tuple[str, ...]) -> Iterator[str]:
    for at in range(0, len(texts), 100):
        yield together(texts[at : at + 100])


@pytest.mark.parametrize(
    "name", [name for name in [*QUICK, *OTHERS] if not name.startswith("pandoc")]
)
def test_no_attack_acts(name: str, written: tuple[str, ...], tmp_path: Path) -> None:
    assert len(written) > 2_000
    pages = {**QUICK, **OTHERS}[name](written)
    for text, page in zip(written, pages, strict=True):
        assert judge.acting_in_page(page) == [], text[:2000]
    assert browser.opened(pages, tmp_path) == []


@pytest.mark.parametrize("reader", READERS)
def test_no_attack_acts_in_pandoc(reader: str, written: tuple[str, ...], tmp_path: Path) -> None:
    template = tmp_path / "values.html"
    template.write_text(VALUES, encoding="utf-8")
    texts = list(_many(written))
    extensions = "" if reader == "markdown" else "+yaml_metadata_block"
    pages = pandoc(texts, "-s", "-f", f"{reader}{extensions}", "--template", str(template))
    for text, page in zip(texts, pages, strict=True):
        assert "<div>" in page
        assert judge.acting_in_page(page) == [], text[:2000]
    assert browser.opened(pages, tmp_path) == []


def test_no_attack_acts_in_what_npm_brings(written: tuple[str, ...]) -> None:
    for text, problems in zip(written, of_npm(written), strict=True):
        assert problems == [], text


def test_no_sign_acts_in_what_npm_brings(tmp_path: Path) -> None:
    texts = [*bodies(every=True).values(), *files(tmp_path, every=True)]
    for text, problems in zip(texts, of_npm(texts), strict=True):
        assert problems == [], text


def test_the_judges_see_what_acts(tmp_path: Path) -> None:
    problems = of_npm(["{{ 1 }}", "<%= 1 %>", "{alert(1)}", "export const q = alert(1)"])
    assert all(problems)
    for page in ("<img src=x onerror=alert(1)>", '<a href="javascript:alert(1)">q</a>'):
        assert browser.opened([page], tmp_path)
