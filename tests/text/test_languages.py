"""One judge of language tags: its answers, and that every format gives the same one."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from pathlib import Path

import msgspec
import pikepdf
import pytest
from babel import Locale
from babel.core import get_global
from babel.localedata import locale_identifiers
from epub_samples import make_book
from feed_sets import exported
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from running import SALTMARSH, command

from convert.exporters.feeds import atom, jsonfeed, rss
from convert.testing import entry_set
from convert.text.languages import direction, direction_of_text, fallbacks, language_tag

ROOT = Path(__file__).resolve().parents[2]

TAGS = [
    # Language, script, region, in any case and with any separator.
    ("en", "en", "ltr"),
    ("EN-us", "en-US", "ltr"),
    (" fr ", "fr", "ltr"),
    ("pt_BR", "pt-BR", "ltr"),
    ("zh-hant-tw", "zh-Hant-TW", "ltr"),
    ("es-419", "es-419", "ltr"),
    ("sr-LATN-rs", "sr-Latn-RS", "ltr"),
    ("nb-NO", "nb-NO", "ltr"),
    ("tlh", "tlh", "ltr"),
    ("la", "la", "ltr"),
    # Variants, extensions, private parts.
    ("de-CH-1996", "de-CH-1996", "ltr"),
    ("sl-rozaj-biske-1994", "sl-rozaj-biske-1994", "ltr"),
    ("hy-Latn-IT-AREVELA", "hy-Latn-IT-arevela", "ltr"),
    ("ja-JP-u-ca-japanese", "ja-JP-u-ca-japanese", "ltr"),
    ("en-a-bbb-x-a-ccc", "en-a-bbb-x-a-ccc", "ltr"),
    ("az-Arab-x-AZE-derbend", "az-Arab-x-aze-derbend", "rtl"),
    # POSIX.
    ("en_US.UTF-8", "en-US", "ltr"),
    ("fa_IR@calendar=persian", "fa-IR", "rtl"),
    ("C", None, "ltr"),
    ("POSIX", None, "ltr"),
    # What is called otherwise today.
    ("iw", "he", "rtl"),
    ("in", "id", "ltr"),
    ("eng", "en", "ltr"),
    ("en-UK", "en-GB", "ltr"),
    ("zh-yue-HK", "yue-HK", "ltr"),
    ("zh-cmn-Hans-CN", "zh-Hans-CN", "ltr"),
    ("i-klingon", "tlh", "ltr"),
    ("art-lojban", "jbo", "ltr"),
    ("en-GB-oed", "en-GB-oxendict", "ltr"),
    # From right to left: by language, by the script of the place, by the script stated.
    ("ar-EG", "ar-EG", "rtl"),
    ("ckb", "ckb", "rtl"),
    ("dv", "dv", "rtl"),
    ("arc", "arc", "rtl"),
    ("yi", "yi", "rtl"),
    ("syr", "syr", "rtl"),
    ("pa", "pa", "ltr"),
    ("pa-PK", "pa-PK", "rtl"),
    ("pa-Arab", "pa-Arab", "rtl"),
    ("uz_AF", "uz-AF", "rtl"),
    ("ku", "ku", "ltr"),
    ("ff-Adlm-GN", "ff-Adlm-GN", "rtl"),
    ("he-Latn", "he-Latn", "ltr"),
    # No tags, or of no language.
    (None, None, "ltr"),
    ("", None, "ltr"),
    ("e", None, "ltr"),
    ("english", None, "ltr"),
    ("english!!", None, "ltr"),
    ('en" x="', None, "ltr"),
    ("en-", None, "ltr"),
    ("de--CH", None, "ltr"),
    ("en, fr", None, "ltr"),
    ("xx-klingon", None, "ltr"),
    ("xx-Arab", None, "ltr"),
    ("x-ours", None, "ltr"),
    ("und", None, "ltr"),
    ("mul", None, "ltr"),
    ("de-1996-1996", None, "ltr"),
    ("en-a-bbb-a-ccc", None, "ltr"),
    ("ен", None, "ltr"),
    ("x" * 1000, None, "ltr"),
]


@pytest.mark.parametrize(("text", "tag", "way"), TAGS)
def test_tags(text: str | None, tag: str | None, way: str) -> None:
    assert language_tag(text) == tag
    assert language_tag(tag) == tag
    assert (direction(text), direction(tag)) == (way, way)


LIKELY = st.from_regex(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,4}", fullmatch=True)


@given(st.text(max_size=12) | LIKELY)
def test_a_canonical_tag_is_canonical(text: str) -> None:
    tag = language_tag(text)
    assert language_tag(tag) == tag
    assert direction(tag) == direction(text)
    assert tag is None or re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*", tag)
    chain = list(fallbacks(text))
    assert chain[:1] == ([tag] if tag else [])
    assert all(language_tag(each) == each for each in chain)


def test_every_registered_code_has_a_canonical_tag() -> None:
    for old, new in get_global("language_aliases").items():
        tag = language_tag(old)
        assert tag is None or language_tag(tag) == tag, (old, new)


def test_direction_is_that_of_every_locale_of_babel() -> None:
    for name in (each for each in locale_identifiers() if not re.search("_[A-Z0-9]{2}", each)):
        way = "rtl" if Locale.parse(name).text_direction == "rtl" else "ltr"
        assert direction(name) == way, name


def test_direction_of_a_text() -> None:
    assert direction_of_text("hello") == "ltr"
    assert direction_of_text("שלום עולם hello") == "rtl"
    assert direction_of_text("12") is None


def test_what_serves_in_place_of_a_tag() -> None:
    assert list(fallbacks("de_ch-1996")) == ["de-CH-1996", "de-CH", "de"]
    assert list(fallbacks("en-u-ca-buddhist")) == ["en-u-ca-buddhist", "en-u-ca", "en"]
    assert list(fallbacks("english")) == []


@settings(max_examples=12, deadline=None)
@given(st.sampled_from([text for text, _, _ in TAGS if text]))
def test_feeds_and_books_say_the_same_language(text: str) -> None:
    entries = entry_set([], language=text)
    tag = language_tag(text) or "en"
    assert entries.language == tag
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        feed = etree.fromstring(exported(atom.EXPORTER, entries, folder, ".atom")["eeg.atom"])
        assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == tag
        feed = etree.fromstring(exported(rss.EXPORTER, entries, folder, ".rss")["eeg.rss"])
        assert feed.findtext("channel/language") == tag
        written = exported(jsonfeed.EXPORTER, entries, folder, ".json")["eeg.json"]
        assert msgspec.json.decode(written)["language"] == tag
        package = make_book(entries, folder).package()
        assert package.findtext(".//{http://purl.org/dc/elements/1.1/}language") == tag


@pytest.mark.parametrize(
    ("text", "tag", "contents"),
    [
        pytest.param("de_CH-1996", "de-CH-1996", "Inhalt", marks=pytest.mark.judge),
        ("fr_CA.UTF-8", "fr-CA", "Table des matières"),
    ],
)
def test_command_books_and_feeds_agree(text: str, tag: str, contents: str, tmp_path: Path) -> None:
    store = tmp_path / "store" / "ann"
    store.mkdir(parents=True)
    (store / "one.json").write_text(
        '{"id": "https://a.example/1", "title": "One", "content": "<p>x</p>",'
        ' "updated": "2024-01-02T00:00:00Z", "link": "https://a.example/1"}'
    )
    out = tmp_path / "out"
    ended = command(
        "export", store.parent, "--to", "atom,jsonfeed,epub,pdf", "--name", "eeg",
        "--language", text, "--out", out, "--cache", tmp_path / "cache",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert f'xml:lang="{tag}"'.encode() in (out / "eeg.atom").read_bytes()
    assert msgspec.json.decode((out / "eeg.json").read_bytes())["language"] == tag
    with zipfile.ZipFile(out / "eeg.epub") as book:
        package = next(name for name in book.namelist() if name.endswith(".opf"))
        assert f">{tag}</dc:language>".encode() in book.read(package)
        navigation = next(name for name in book.namelist() if name.endswith("nav.xhtml"))
        assert f">{contents}</h1>" in book.read(navigation).decode()
    with pikepdf.open(io.BytesIO((out / "eeg.pdf").read_bytes())) as printed:
        assert printed.Root.Lang == tag
        with printed.open_outline() as outline:
            assert contents in [each.title for each in outline.root]


def test_no_second_judge() -> None:
    """A pattern or a table of languages anywhere else would be one."""
    judge = re.compile(r"\b_LANGUAGE = re\.|\bLocale\(|likely_subtags|RTL|RIGHT_TO_LEFT|\"ckb\"")
    rooms = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "convert").rglob("*.py")
        if judge.search(path.read_text(encoding="utf-8"))
    }
    assert rooms == {"convert/text/languages.py"}


@pytest.mark.parametrize("name", ["atom", "rss", "jsonfeed"])
def test_an_option_that_is_no_language_is_refused(name: str, tmp_path: Path) -> None:
    done = command(
        "export", SALTMARSH, "--to", name, "-O", f"{name}.language=zz", "--out", tmp_path
    )
    assert done.code == 2
    assert f"{name}" in done.err
    assert "'zz' is no language" in done.err
