"""Duplicates, names and relations on 1,233 real entries, as they are stored."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path

import pytest

from convert import names, volumes
from convert.addresses import clean_address
from convert.contract import SourceContext
from convert.duplicates import resolve
from convert.entryset import EntrySet
from convert.fetch import HttpFetcher
from convert.job import Publication
from convert.likeness import fingerprint
from convert.model import Entry, Prepared, StoredEntry
from convert.relations import Outgoing, relate
from convert.sources.thicket import SOURCE
from convert.testing import MemoryBodies

pytestmark = pytest.mark.corpus


def roughly(stored: StoredEntry) -> Prepared:
    """A prepared entry as far as these rooms look at it; quicker than the real one."""
    markup = stored.content or stored.summary or ""
    entry = Entry(
        id=stored.id,
        user=stored.user,
        updated=stored.updated,
        published=stored.published,
        title=" ".join(stored.title.split()),
        link=clean_address(stored.link or ""),
        source=stored.source,
        categories=stored.categories,
        path=stored.path,
        digest=hashlib.sha256(stored.path.encode()).hexdigest(),
        size=len(markup.encode()),
    )
    text = re.sub(r"<[^<>]*>", "", re.sub(r"</(p|li|h\d|div|pre)>|<br ?/?>", "\n", markup))
    links = tuple(dict.fromkeys(re.findall(r'href="(https?://[^"]+)"', markup)))
    return Prepared(entry=entry, body="<div/>", text=text, links=links)


@pytest.fixture(scope="module")
def prepared(planet_a: Path) -> list[Prepared]:
    context = SourceContext(
        fetcher=HttpFetcher(None, offline=True, allow_network=()),
        warn=lambda problem: None,
        options=SOURCE.Options(),
    )
    return [roughly(stored) for stored in SOURCE.open(str(planet_a), context).entries()]


@pytest.fixture(scope="module")
def planet(prepared: list[Prepared]) -> EntrySet:
    bodies = MemoryBodies({each.entry.digest: each for each in prepared})
    found = resolve(
        [each.entry for each in prepared], [fingerprint(each) for each in prepared], {}, bodies
    )
    assert len(found.entries) == len(prepared) == 1233
    # Release notes that share a page: equality of id or link alone drops nothing.
    assert Counter(problem.field for problem in found.problems)["id"] == 84
    assert len({entry.id for entry in found.entries}) == 1233
    return relate(
        found.entries,
        (Outgoing(each.links) for each in prepared),
        publication=Publication(name="planet", title="Planet"),
        bodies=bodies,
    )


def test_names_are_unique_and_readable(planet: EntrySet) -> None:
    assert len({names.fold(entry.key) for entry in planet}) == 1233
    assert len({names.anchor(entry.key) for entry in planet}) == 1233
    with_digest = [entry.key for entry in planet if re.search(r"-[0-9a-f]{8}$", entry.key)]
    assert len(with_digest) < 15
    assert "mirage/2014-07-08-introducing-ocaml-tls" in planet.by_key
    assert (
        max(len(part.encode()) for entry in planet for part in entry.key.split("/")) <= names.LIMIT
    )


def test_citations_are_found(planet: EntrySet) -> None:
    """As grep counts them: the files that link to the page of OCaml-TLS, but itself."""
    assert sum(map(len, planet.citations.values())) > 250
    tls = planet.by_key["mirage/2014-07-08-introducing-ocaml-tls"]
    citing = planet.citing(tls)
    assert len(citing) == 10
    assert [entry.date for entry in citing] == sorted(entry.date for entry in citing)
    for entry in citing:
        markup_links = [each.address for each in planet.citations[entry.key] if each.key == tls.key]
        assert all("introducing-ocaml-tls" in link for link in markup_links)


@pytest.mark.parametrize("how", ["year", "author", "100", "1MB"])
def test_volumes_lose_nothing(planet: EntrySet, how: str) -> None:
    parts = volumes.cut(planet, how)
    assert sum(len(part) for part in parts) == 1233
    labels = [part.volume.label for part in parts if part.volume]
    assert len({names.fold(label) for label in labels}) == len(parts) > 5
    for part in parts:
        for entry in part:
            assert [each.key for each in part.citing(entry)] == list(
                planet.cited_by.get(entry.key, ())
            )
