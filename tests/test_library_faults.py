"""What a program publishes keeps what sources gave that fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from server import LOOPBACK, Server, reply

from convert import convert, prepare, read
from convert.errors import SourceError


def test_what_a_feed_gave_stays_in_what_the_library_publishes(tmp_path: Path) -> None:
    feed = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>{0}</title><id>urn:{0}</id>"
        "<updated>2024-01-01T00:00:00Z</updated><entry><id>urn:{0}:1</id><title>Of {0}</title>"
        "<updated>2024-01-01T00:00:00Z</updated><content>Text of {0}</content></entry></feed>"
    )
    with Server() as web:
        for name in ("ada", "bob"):
            web[f"/{name}"] = reply(feed.format(name).encode())
        out, addresses = tmp_path / "out", [web.address("/ada"), web.address("/bob")]

        def publish(cache: str, *sources: str, out_to_read: Path | None = out) -> bytes:
            collection = read(
                *sources, allow_network=LOOPBACK, cache=tmp_path / cache, out=out_to_read
            )
            (file,) = convert(prepare(collection, name="all"), "atom", out=out)
            assert isinstance(file.content, Path)
            return file.content.read_bytes()

        before = publish("one", *addresses)
        web["/ada"] = reply(b"", status=404)
        assert publish("two", *addresses) == before
        web["/bob"] = reply(b"", status=404)
        assert publish("three", *addresses) == before
        # In memory nothing is published, wherever what was kept before lies.
        collection = read(addresses[0], allow_network=LOOPBACK, cache=tmp_path / "four", out=out)
        (made,) = convert(prepare(collection, name="ada"), "atom")
        assert isinstance(made.content, bytes)
        assert not (out / "ada.atom").exists()
        with pytest.raises(SourceError, match="404"):
            publish("five", addresses[0], out_to_read=None)
