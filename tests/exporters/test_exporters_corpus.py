"""Feeds and Markdown of the real entries: valid, inert, and every word there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import atom_rules
import feedparser
import html_rules
import markdown_judge as judge
import pytest
import rss_rules
from feed_sets import NOW, contents, context, exported
from lxml import etree

import convert
from convert import content
from convert.collection.relate import Outgoing, relate
from convert.entryset import EntrySet
from convert.exporters import csl, opml
from convert.exporters.feeds import atom, jsonfeed, rss
from convert.exporters.feeds.entry import identity
from convert.exporters.feeds.exporter import FeedExporter
from convert.exporters.feeds.feedgen import XML_LANG
from convert.exporters.markdown import exporter
from convert.model import StoredEntry
from convert.settings.job import Publication
from convert.testing import MemoryBodies

pytestmark = pytest.mark.corpus


def test_atom_is_valid_and_whole(planet_set: EntrySet, tmp_path: Path) -> None:
    document = exported(atom.EXPORTER, planet_set, tmp_path, ".atom")["eeg.atom"]
    assert atom_rules.problems(document) == []
    root = etree.fromstring(document)
    ids = [entry.findtext(f"{atom_rules.ATOM}id") for entry in root.iter(f"{atom_rules.ATOM}entry")]
    assert ids == [identity(entry.id) for entry in planet_set]
    assert len(ids) > 200


def test_rss_is_valid_and_read_back_whole(planet_set: EntrySet, tmp_path: Path) -> None:
    document = exported(rss.EXPORTER, planet_set, tmp_path, ".rss")["eeg.rss"]
    assert rss_rules.problems(document) == []
    feed = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
    assert not feed.bozo
    assert [entry.id for entry in feed.entries] == [entry.id for entry in planet_set]


@pytest.mark.slow
def test_a_validator_warns_of_formulas_of_one_namespace_and_of_days_and_of_no_more(
    planet_set: EntrySet, tmp_path: Path
) -> None:
    formulas = sum(body.xhtml.count("<math") for _, body in planet_set.contents())
    for form, suffix in ((atom.EXPORTER, ".atom"), (rss.EXPORTER, ".rss")):
        document = exported(form, planet_set, tmp_path, suffix)[f"eeg{suffix}"]
        warnings = html_rules.warnings(document)
        assert warnings.keys() <= {"NotHtml", "UnknownNamespace", "DuplicateUpdated"}
        assert warnings["UnknownNamespace"] == 1
        assert warnings["NotHtml"] >= formulas
        plain = exported(form, planet_set, tmp_path, suffix, formulas="text")[f"eeg{suffix}"]
        assert html_rules.warnings(plain)["NotHtml"] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "suffix"), [(atom.EXPORTER, ".atom"), (jsonfeed.EXPORTER, ".json")]
)
def test_what_was_read_from_a_feed_of_ours_makes_the_same_feed(
    form: FeedExporter, suffix: str, planet_set: EntrySet, tmp_path: Path
) -> None:
    path = tmp_path / f"eeg{suffix}"
    path.write_bytes(exported(form, planet_set, tmp_path / "first", suffix)[path.name])
    again = convert.prepare(convert.read(path, offline=True, cache=tmp_path / "cache"), name="eeg")

    def entries(source: EntrySet, folder: str) -> dict[str, str]:
        document = exported(atom.EXPORTER, source, tmp_path / folder, ".atom")["eeg.atom"]
        written = {}
        for entry in etree.fromstring(document).iter(f"{atom_rules.ATOM}entry"):
            # Both are in the language of the feed where they state none.
            entry.attrib.pop(XML_LANG, "")
            for each in entry.findall(f"{atom_rules.ATOM}source"):
                entry.remove(each)
            text = etree.tostring(entry, encoding="unicode")
            # An attribute has TeX on one line, and so it is in the text.
            written[str(entry.findtext(f"{atom_rules.ATOM}id"))] = re.sub(
                r"(&amp;#10;|\s)+", " ", text
            )
        return written

    before, after = entries(planet_set, "second"), entries(again, "third")
    assert after.keys() == before.keys()
    assert [key for key in before if after[key] != before[key]] == []


def test_the_other_lists_hold_every_entry(planet_set: EntrySet, tmp_path: Path) -> None:
    feed = json.loads(exported(jsonfeed.EXPORTER, planet_set, tmp_path, ".json")["eeg.json"])
    assert [item["id"] for item in feed["items"]] == [entry.id for entry in planet_set]
    references = json.loads(exported(csl.EXPORTER, planet_set, tmp_path, "")["eeg"])
    assert [item["id"] for item in references] == [entry.key for entry in planet_set]
    members = etree.fromstring(exported(opml.EXPORTER, planet_set, tmp_path, "")["eeg"])
    assert len(members.findall("body/outline")) > 20


@pytest.mark.slow
def test_markdown_holds_every_word_and_nothing_that_acts(
    planet_set: EntrySet, tmp_path: Path
) -> None:
    options = exporter.EXPORTER.Options(front_matter=False)
    files = contents(exporter.EXPORTER.export(planet_set, context(options, tmp_path, "md", "md")))
    pages = {path for path in files if path.endswith(".md")}
    assert len(pages) == len(planet_set) + 1
    for entry, body in planet_set.contents():
        text = files[f"md/{entry.key}.md"].decode()
        assert judge.active(text) == [], entry.key
        shown = judge.words(text)
        # A reader of notes numbers them in brackets of its own.
        missing = [word for word in re.findall(r"\w+", body.text) if word not in shown]
        assert [word for word in missing if not word[-1].isdigit()] == [], entry.key
        assert len(missing) < 10, entry.key
    for link in re.findall(rb"\]\(((?!https?:)[^)#]+\.md)", b"".join(files.values())):
        assert b"://" not in link


@pytest.mark.judge
def test_hostile_markup_acts_in_no_output(xss_vectors: tuple[str, ...], tmp_path: Path) -> None:
    """Every vector as the body and the title of an entry, all the way from what a blog said."""
    made = [
        content.prepare(
            StoredEntry(
                path=f"x/{at}.json",
                user="x",
                id=f"https://x.example/{at}",
                updated=NOW,
                title=vector,
                summary=vector,
                content=f"<p>before</p>{vector}<p>after</p>",
                link=f"https://x.example/{at}",
            ),
            content.PrepareOptions(),
        )
        for at, vector in enumerate(xss_vectors)
    ]
    entries = relate(
        [each.entry for each in made],
        [Outgoing(each.links) for each in made],
        publication=Publication(name="eeg", title="The group"),
        bodies=MemoryBodies({each.entry.digest: each for each in made}),
    )
    pages = contents(
        exporter.EXPORTER.export(
            entries, context(exporter.EXPORTER.Options(), tmp_path, "md", "md")
        )
    )
    for path, text in pages.items():
        if path.endswith(".md"):
            assert judge.active(text.decode()) == [], path
    feed = json.loads(exported(jsonfeed.EXPORTER, entries, tmp_path / "j", ".json")["eeg.json"])
    assert len(feed["items"]) == len(xss_vectors)
    for item in feed["items"]:
        assert judge.acting(item["content_html"]) == [], item["id"]
    document = exported(atom.EXPORTER, entries, tmp_path / "a", ".atom")["eeg.atom"]
    assert atom_rules.problems(document) == []
    document = exported(rss.EXPORTER, entries, tmp_path / "r", ".rss")["eeg.rss"]
    assert rss_rules.problems(document) == []
