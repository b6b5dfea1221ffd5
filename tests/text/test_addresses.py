"""Web addresses: made clean, and compared as a reader would."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convert.text.addresses import absolute, clean_address, same_address_key, source_key

CLEAN = {
    "https://X.Y": "https://x.y/",
    "HTTP://x.y:80/a b?c=d e#f g": "http://x.y/a%20b?c=d%20e#f%20g",
    "https://x.y:8443/": "https://x.y:8443/",
    "%20https://x.y/a": "https://x.y/a",
    " \n https://x.y/a\t": "https://x.y/a",
    "https:x.y": "https://x.y/",
    "https://x.y/é?ü#ö": "https://x.y/é?ü#ö",
    "https://x.y/100%": "https://x.y/100%25",
    "https://x.y/a[1]|b": "https://x.y/a%5B1%5D%7Cb",
    "https://ann:secret@x.y/": "https://x.y/",
    "https://x.y/?utm_source=a&utm_medium=b": "https://x.y/",
    "https://x.y/?a=1&amp;utm_source=b&gclid=c&d": "https://x.y/?a=1&d",
    "https://[::1]/": "https://[::1]/",
    "https://[::zz]/": None,
    "https://x y/": None,
    "https://": None,
    "http://0x7f.1/": None,
    "http://127.0.0.1/": "http://127.0.0.1/",
    "https://x.y:99999/": None,
    "//x.y/": None,
    "/a": None,
    "javascript:alert(1)": None,
    "data:,x": None,
    "file:///etc/passwd": None,
    "mailto:a@b.c": None,
    "": None,
}


@pytest.mark.parametrize("address", CLEAN)
def test_clean(address: str) -> None:
    assert clean_address(address) == CLEAN[address]


@given(st.text())
@settings(max_examples=300)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    for address in (text, f"https://x.y/{text}", f"http://{text}/"):
        cleaned = clean_address(address)
        assert cleaned is None or clean_address(cleaned) == cleaned
        assert same_address_key(same_address_key(address)) is not None


def test_mail_passes_only_where_it_is_asked_for() -> None:
    assert clean_address("MAILTO:a@b.c?subject=d e", linked=True) == "mailto:a@b.c?subject=d%20e"
    assert clean_address("mailto:javascript", linked=True) is None


def test_absolute() -> None:
    assert absolute("../b?c#d", "https://x.y/a/z/e") == "https://x.y/a/b?c#d"
    assert absolute("//z.y/b", "https://x.y/") == "https://z.y/b"
    assert absolute("b", None) is None
    assert absolute("javascript:x", "https://x.y/") is None
    assert absolute("[", "https://x.y/a") == "https://x.y/%5B"


SAME = (
    "https://x.y/a",
    "http://x.y/a",
    "https://www.x.y/a/",
    "https://X.Y:443/a#b",
    "https://x.y/a?utm_source=c",
    "https://x.y/%61",
    "https://x.y//a/index.html",
)


def test_addresses_that_are_the_same() -> None:
    assert {same_address_key(address) for address in SAME} == {"x.y/a"}


def test_addresses_that_are_not() -> None:
    different = ("https://x.y/a", "https://x.y/A", "https://x.y/a?b", "https://z.y/a", "tag:x.y:a")
    assert len({same_address_key(address) for address in different}) == len(different)


@pytest.mark.parametrize(
    "spelling",
    [
        "http://127.1:8931/a/feed",
        "http://127.0.0.1:08931/a/feed",
        "http://0x7f.1:8931/./a/feed",
        "HTTP://2130706433:8931/b/../a/feed",
        "http://017700000001:8931/a//feed/",
        " http://u:p@127.0.0.1:8931/a/%66eed#x",
    ],
)
def test_a_source_is_the_same_in_every_spelling(spelling: str) -> None:
    key = source_key("http://127.0.0.1:8931/a/feed", Path())
    assert source_key(spelling, Path()) == key
    assert source_key(spelling.replace("8931", "8932"), Path()) != key


@given(st.text(max_size=40))
def test_whatever_is_named_has_a_key(text: str) -> None:
    for address in (text, f"http://{text}", f"https://a.example/{text}"):
        assert source_key(address, Path()) == source_key(address, Path())
