"""Hostile text made fit to be parsed, and hostile addresses made harmless."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_reading import read_source

from convert.contract import Source
from convert.errors import SourceError
from convert.sources import clean, xml_text
from convert.sources.feeds import discovery
from convert.sources.feeds.owners import slug
from convert.sources.opml import source as opml
from convert.sources.thicket import source as thicket
from convert.text import json_text


@given(st.text("&<;#1é \x01\x0b\ufffe\ud800]>", max_size=60))
def test_text_that_holds_no_markup_is_mended_to_xml(text: str) -> None:
    document = f"<t>{text}</t>"
    mended = xml_text.read(document.encode("utf-8", "surrogatepass")).text
    assert ElementTree.fromstring(mended).tag == "t"


@given(st.characters(min_codepoint=0x10000), st.sampled_from(["{}", "x{:x}", "X{:X}"]))
def test_a_character_in_two_references_is_read(character: str, form: str) -> None:
    halves = character.encode("utf-16-be")
    numbers = [int.from_bytes(halves[at : at + 2], "big") for at in (0, 2)]
    for sign, written in (("&#", character), ("&amp;#", character), ("&amp;amp;#", "")):
        references = "".join(f"{sign}{form.format(each)};" for each in numbers)
        document = f"<t>{references} &#233;&#10060; </t>"
        text = ElementTree.fromstring(xml_text.read(document.encode()).text).text or ""
        assert text == f"{written or references.replace('&amp;', '&')} é❌ "


@given(st.text(max_size=60))
def test_text_that_is_xml_already_stays(text: str) -> None:
    made = ElementTree.Element("t")
    made.text = "".join(each for each in text if each.isprintable() or each == "\n")
    document = ElementTree.tostring(made)
    read = ElementTree.fromstring(xml_text.read(document).text).text or ""
    assert read == made.text


@pytest.mark.parametrize(
    ("dtd", "written", "text"),
    [
        ('<!ENTITY co "Herons &amp; Co">', "&co;, &co;", "Herons & Co, Herons & Co"),
        ("<!ENTITY mark '<b>x</b>'>", "a &mark;", "a x"),
        (
            '<!ENTITY a "x"><!ENTITY b "&a; &eacute; &#38; 100&#37; R&#38;D">',
            "&b;",
            "x é & 100% R&D",
        ),
        ('<!ENTITY a "&b;"><!ENTITY b "&a;">', "&a; &b;", "&b; &b;"),
        ('<!ENTITY lt "x"><!ENTITY amp "&#38;#38;">', "&lt;&amp;", "<&"),
    ],
)
def test_entities_are_replaced_by_what_a_dtd_declares(dtd: str, written: str, text: str) -> None:
    document = xml_text.read(f"<!DOCTYPE t [{dtd}]><t>{written}</t>".encode()).text
    assert "".join(ElementTree.fromstring(document).itertext()) == text


@pytest.mark.parametrize("name", ["utf-7", "unicode_escape", "zlib", "idna", "nonsense", "\0"])
def test_codecs_that_hide_markup_are_not_used(name: str) -> None:
    data = b"<t>+ADw-script+AD4-</t>"
    assert xml_text.read(data, name).text == data.decode()
    declared = f"<?xml version='1.0' encoding='{name}'?>".encode() + data
    assert "+ADw-" in xml_text.read(declared).text


@given(st.text(max_size=40))
def test_addresses_are_http_or_nothing(text: str) -> None:
    for address in (text, f"http://{text}", f"javascript:{text}", f" HTTPS://a.example/{text}"):
        found = clean.web(address)
        assert found is None or found.lower().startswith(("http://", "https://"))
        assert found is None or not set(found) & set(' <>"\n\t\0')
    assert clean.line(text) == " ".join(clean.line(text).split())
    assert slug(text) == slug(slug(text))
    assert "/" not in slug(text)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://me:secret@a.example/x?y=1", "https://a.example/x?y=1"),
        ("https://token@a.example", "https://a.example"),
        ("/srv/me@home/store", "/srv/me@home/store"),
        ("https://[bad", "https://[bad"),
    ],
)
def test_credentials_are_taken_out(address: str, shown: str) -> None:
    assert clean.without_credentials(address) == shown


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://a.example/\n    b\r\n", "https://a.example/b"),
        ("https://a.exa\tmple/a b", "https://a.example/a%20b"),
        ("https://a.example\\b\\c?d=\\e#\\f", "https://a.example/b/c?d=\\e#\\f"),
        # Browsers go to a.example.
        ("https://a.example\\@b.example/", "https://a.example/@b.example/"),
        ("urn:a\\b", None),
    ],
)
def test_addresses_are_what_browsers_make_of_them(written: str, address: str | None) -> None:
    assert clean.web(written) == address


@pytest.mark.parametrize("address", ["http://[bad", "https://[bad/x.git", "https://[bad/x.opml"])
@pytest.mark.parametrize("source", [opml.FEED, opml.SOURCE, thicket.SOURCE])
def test_addresses_that_are_none_are_refused_with_a_sentence(source: Source, address: str) -> None:
    assert 0 <= source.recognises(address) <= 100
    with pytest.raises(SourceError, match=r"https?://\[bad"):
        read_source(source, address)


@pytest.mark.parametrize(
    ("written", "is_feed"),
    [
        ('{"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": []}', True),
        ('{"version":"https:\\/\\/jsonfeed.org\\/version\\/1","x":[{"id":1}]}', True),
        ('{"home_page_url": "https://a.example/", "items": [{"id": "1"}]}', True),
        ('{"items": null, "id": "x"}', True),
        ('{"items": {"3": {"id": "x"}}}', True),
        ('{"id": "x", "content": "\\"version\\": \\"https://jsonfeed.org/version/1\\""}', False),
        ('{"id": "x", "content": "{\\"items\\": [jsonfeed.org/version/1]}"}', False),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_json_feed_and_an_entry_of_a_repository_are_told_apart(
    written: str, is_feed: bool, encoding: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(written.encode(encoding))
    assert opml.FEED.recognises(str(file)) > 80 or not is_feed
    if encoding != "utf-16" or is_feed:
        assert (thicket.SOURCE.recognises(str(file)) > 50) is not is_feed


def test_names_hold_what_documents_may() -> None:
    assert clean.line(" \x93Ann\x94\x0bB.\x01\ufdd0\ud800\n") == "“Ann” B."
    assert clean.optional("\x01 \ufffe") is None


@given(st.binary(max_size=200))
def test_pages_name_only_addresses_of_the_web(page: bytes) -> None:
    named = b"<link rel=alternate type=application/rss+xml href='" + page + b"'>" + page
    for address in discovery.feeds(named, "https://a.example/b/"):
        assert address.startswith(("http://", "https://"))


@given(st.recursive(st.text(max_size=5) | st.integers() | st.none(), st.lists, max_leaves=20))
def test_json_in_any_encoding_is_what_was_written(value: object) -> None:
    text = json.dumps(value)
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        found = json_text.decode(json_text.utf8(text.encode(encoding)))
        assert found == value or re.search(r"\\ud[89a-f]", text)
