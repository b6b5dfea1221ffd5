"""What is said of an address that leads nowhere."""

from __future__ import annotations

import pytest

from convert.sources.clean import absent


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("a.example/feed", True),
        ("www.a.example", True),
        ("a.example:8080/feed", True),
        ("htp:/a.example/feed", True),
        ("htttps://a.example/feed", True),
        ("feed.xml", False),
        ("feeds/a.xml", False),
        ("../a.example/feed", False),
        ("/srv/a.example/feed", False),
        ("C:/feeds/a.xml", False),
    ],
)
def test_what_looks_like_an_address_of_the_web_is_told_how_one_begins(
    address: str, meant: bool
) -> None:
    assert ("https://" in absent(address)) is meant
