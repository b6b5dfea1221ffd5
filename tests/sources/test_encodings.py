"""Encodings as browsers know them; one broken character spoils no other."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from convert.sources.encodings import decoded

BY_LABEL = {
    "gb2312": ("朱镕基", "gb18030"),
    "GBK": ("朱镕基€", "gb18030"),
    "Shift_JIS": ("①髙と日本", "cp932"),
    "x-sjis": ("①髙と日本", "cp932"),
    "windows-31j": ("日本～", "cp932"),
    "EUC-KR": ("똠방각하", "cp949"),
    "ks_c_5601-1987": ("똠방각하", "cp949"),
    "big5": ("啲字", "big5hkscs"),
    "euc-jp": ("日本語", "euc_jp"),
    "iso-8859-8-i": ("שלום", "iso8859-8"),
    "windows-1251": ("мир", "cp1251"),
    "iso-8859-1": ("“café”", "cp1252"),
    "iso-8859-7": ("Ελλάδα", "iso8859-7"),
    "utf-8": ("Le café 日本 😀", "utf-8"),
}


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def declared(label: str, title: bytes) -> bytes:
    return f"<?xml version='1.0' encoding='{label}'?><t>".encode() + title + b"</t>"


@pytest.mark.parametrize("by", ["declared", "by HTTP"])
@pytest.mark.parametrize("label", BY_LABEL)
def test_an_encoding_holds_what_browsers_say_that_it_holds(label: str, by: str) -> None:
    text, codec = BY_LABEL[label]
    document = declared(label if by == "declared" else "", text.encode(codec))
    read, mended = decoded(document, label if by == "by HTTP" else None)
    assert (read.partition("<t>")[2], mended) == (f"{text}</t>", [])


@given(st.data(), st.sampled_from(sorted(BY_LABEL)))
def test_one_broken_place_spoils_no_other_character(data: st.DataObject, label: str) -> None:
    text, codec = BY_LABEL[label]
    signs = [each for each in text if ord(each) > 0x7F]
    before = "".join(data.draw(st.lists(st.sampled_from(signs), min_size=1, max_size=9)))
    # The first byte of a character of several, or one that the encoding does not have.
    lead = before[0].encode(codec)
    broken = lead[:1] if len(lead) > 1 else {"iso8859-7": b"\xff", "cp1251": b"\x98"}.get(codec)
    broken = broken or {"cp1252": b"\x81"}.get(codec, b"\xfb")
    title = before.encode(codec) + broken + b"... and on"
    # What is UTF-8 throughout, and no text in the encoding that is declared, is UTF-8.
    assume(codec == "utf-8" or not _is_utf_8(title))
    read, mended = decoded(declared(label, title), None)
    assert read.partition("<t>")[2] == f"{before}\ufffd... and on</t>"
    assert len(mended) == 1
    assert mended[0].startswith("1 bytes are no ")


@pytest.mark.parametrize("cut", [b"\xe2\x80", b"caf\xc3", b"\xe2\x80... and na\xc3"])
def test_characters_cut_in_two_are_of_utf_8_though_there_is_no_other(cut: bytes) -> None:
    read, mended = decoded(declared("utf-8", b"Herons" + cut + b"..."), None)
    assert read.count("\ufffd") == int(mended[0].split()[0])
    assert mended[0].endswith("bytes are no UTF-8 and were replaced")


def test_two_surrogates_in_utf_8_are_one_character() -> None:
    halves = "\ud83d\ude00".encode("utf-8", "surrogatepass")
    document = declared("utf-8", "café ".encode() + halves)
    assert decoded(document, None)[0].endswith("<t>café 😀</t>")
    alone, mended = decoded(declared("utf-8", "café ".encode() + halves[:3]), None)
    assert "café" in alone
    assert mended


def test_rows_of_microsoft_in_euc_jp() -> None:
    # ①, 髙 of NEC's rows; what is in no row is replaced alone.
    assert decoded(declared("euc-jp", b"\xad\xa1\xfc\xe2"), None)[0].endswith("<t>①髙</t>")


@pytest.mark.parametrize("text", ["Übergrößen für Mädchen", "Où ça, déjà vu à Noël"])
def test_what_is_no_utf_8_is_the_code_page_of_windows(text: str) -> None:
    read, mended = decoded(declared("utf-8", text.encode("cp1252")), None)
    assert text in read
    assert mended == ["is no UTF-8; read as windows-1252"]


def test_what_a_document_declares_goes_before_the_latin_1_of_its_server() -> None:
    for label, text in (("utf-8", "café"), ("windows-1251", "мир"), ("gb2312", "朱镕基")):
        codec = BY_LABEL[label][1]
        assert text in decoded(declared(label, text.encode(codec)), "ISO-8859-1")[0]
    assert "café" in decoded("<t>café</t>".encode("latin-1"), "iso-8859-1")[0]
    assert "мир" in decoded(declared("utf-8", "мир".encode("cp1251")), "windows-1251")[0]


@pytest.mark.parametrize("by", ["declared", "by HTTP"])
@pytest.mark.parametrize(
    "label", [*BY_LABEL, "iso-8859-2", "koi8-r", "us-ascii", "x-nobody", "ansi"]
)
def test_what_is_utf_8_is_read_as_such_whatever_is_said(label: str, by: str) -> None:
    for text in (
        "Größere Äpfel für alle",
        "Привет, мир!",
        "日本語の記事",
        "Zażółć",
        "안녕하세요",
        "联通 and 😀",
    ):
        document = declared(label if by == "declared" else "", text.encode())
        read, mended = decoded(document, label if by == "by HTTP" else None)
        assert (read.partition("<t>")[2], mended) == (f"{text}</t>", [])


def test_two_characters_that_could_be_utf_8_are_what_the_document_says() -> None:
    assert "联通" in decoded(declared("gbk", "联通".encode("gbk")), None)[0]


@pytest.mark.parametrize("label", ["win-1251", "windows1251", "cp-1251", "CP1251", "x-cp1251"])
def test_code_pages_of_windows_go_by_many_names(label: str) -> None:
    for begin in (b"", b"\n", b"<!-- x -->"):
        document = begin + declared(label, "мир".encode("cp1251"))
        assert "<t>мир</t>" in decoded(document, None)[0]
        assert "<t>мир</t>" in decoded(document.replace(b"<?xml", b"<?XML"), None)[0]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("begin", ["", "\n", "\ufeff", "\ufeff\r\n "])
def test_sixteen_bits_are_known_without_a_mark(encoding: str, begin: str) -> None:
    document = f"{begin}<?xml version='1.0' encoding='utf-16'?><t>мир</t>"
    read, mended = decoded(document.encode(encoding), None)
    assert (read, mended) == (document.lstrip("\ufeff"), [])
