"""Pictures of a run: every fault of an image host, played by a real server."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import io
import pickle
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from server import (
    LOOPBACK,
    Answer,
    Server,
    cut_short,
    dated,
    drip,
    endless,
    hang,
    late,
    redirect,
    reply,
)
from test_renditions import huge_png

from convert.cache.folder import CacheFolder
from convert.contract import RenditionRequest
from convert.errors import CacheError
from convert.model import ImageReference, Problem
from convert.pictures.collect import ImageStore, Wanted, collect
from convert.run.examine import examine_all
from convert.web.fetcher import HttpFetcher

EREADER = RenditionRequest(use="ereader")


def png(colour: str = "red", size: int = 8) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(out, "PNG")
    return out.getvalue()


def wanted(address: str, entry: str = "ann/1.json", **fields: object) -> Wanted:
    ref = hashlib.sha256(address.encode()).hexdigest()[:24]
    return Wanted(
        reference=ImageReference(ref=ref, address=address),
        entry_path=entry,
        **fields,  # type: ignore[arg-type]
    )


class Run:
    """One run's collecting: its cache, its problems, its requests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[Problem] = []

    def __call__(self, *pictures: Wanted, **options: object) -> ImageStore:
        known: dict[str, object] = {
            "allow_network": LOOPBACK,
            "seconds": 10,
            "limit": 200_000,
        }
        with HttpFetcher(self.folder, **(known | options)) as fetcher:  # type: ignore[arg-type]
            examine = partial(examine_all, workers=0, warn=self.told.append)
            return collect(pictures, fetcher, CacheFolder(self.folder), self.told.append, examine)


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path / "cache")


def test_fetched_once_however_many_show_it(web: Server, run: Run) -> None:
    web["/a.png"] = reply(png(), "image/png")
    picture = wanted(web.address("/a.png"))
    store = run(picture, picture, wanted(web.address("/a.png"), "bob/2.json"))
    assert len(web.seen) == 1
    made = store.rendition(picture.reference.ref, EREADER)
    assert made is not None
    assert (made.content, made.media_type) == (png(), "image/png")
    assert run.told == []


def test_the_bytes_decide_what_it_is(web: Server, run: Run) -> None:
    web["/a.jpg"] = reply(png(), "text/html")
    picture = wanted(web.address("/a.jpg"))
    made = run(picture).rendition(picture.reference.ref, EREADER)
    assert made is not None
    assert (made.media_type, made.suffix) == ("image/png", ".png")


def test_an_answer_that_is_no_picture_does_not_take_the_place_of_one(web: Server, run: Run) -> None:
    changed = dt.datetime(2024, 5, 6, tzinfo=dt.UTC)
    picture = wanted(web.address("/a.png"))
    answers = (png(), changed), (b"<!doctype html>x", changed + dt.timedelta(2)), (png(), changed)
    for content, date in answers:
        web["/a.png"] = dated(content, date, "image/png")
        made = run(picture).rendition(picture.reference.ref, EREADER)
        assert made is not None
        assert made.content == png()
    (problem,) = run.told
    assert "is an HTML page, not a picture; the one that was kept is used" in problem.reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (hang(5), "no whole answer within"),
        (drip(png() * 20), "no whole answer within"),
        (endless(b"x" * 10_000), "is larger than 200,000 bytes"),
        (reply(gzip.compress(bytes(2_000_000)), Content_Encoding="gzip"), "is larger than"),
        (redirect("http://169.254.169.254/a.png"), "leads to no public address"),
        (redirect("file:///etc/passwd"), "is not an http or https address"),
        (reply(b"gone", status=404), "404 Not Found"),
        (cut_short(png(), 5_000), "the connection failed"),
        (reply(b"<!doctype html><p>Log in", "image/png"), "is an HTML page, not a picture"),
        (reply(b"", "image/png"), "is empty"),
        (reply(png(size=64)[:-40], "image/png"), "is a damaged picture"),
        (reply(huge_png(30_000, 30_000), "image/png"), "has more than 50,000,000 pixels"),
        (
            reply(b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>'),
            "defines entities",
        ),
        (reply(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"), "is no picture"),
    ],
)
def test_a_picture_that_cannot_be_had_is_one_warning(
    answer: Answer, reason: str, web: Server, run: Run
) -> None:
    web["/bad.png"] = answer
    web["/good.png"] = reply(png())
    bad, good = wanted(web.address("/bad.png")), wanted(web.address("/good.png"))
    start = time.monotonic()
    again = wanted(web.address("/bad.png"), "bob/2.json")
    store = run(bad, good, again, seconds=0.8 if "within" in reason else 10)
    assert time.monotonic() - start < 4
    assert store.rendition(bad.reference.ref, EREADER) is None
    assert store.rendition(good.reference.ref, EREADER) is not None
    (problem,) = run.told
    assert (problem.path, problem.field, problem.severity) == ("ann/1.json", "image", "warning")
    assert problem.reason.startswith(web.address("/bad.png"))
    assert reason in problem.reason
    assert problem.reason.endswith("its alt text and a link stand in")
    assert "\n" not in problem.reason


def test_no_byte_to_a_network_that_is_not_public(web: Server, run: Run) -> None:
    web["/a.png"] = reply(png())
    hosts = ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:7f00:1]")
    run(*(wanted(web.address("/a.png", host=host)) for host in hosts), allow_network=())
    assert web.connections == 0
    assert len(run.told) == len(hosts)


def test_a_name_that_is_rebound_to_loopback(web: Server, run: Run) -> None:
    web["/a.png"] = reply(png())
    answers = iter([["127.0.0.2"], ["127.0.0.1"], ["127.0.0.1"]])
    picture = wanted(web.address("/a.png", host="rebind.example"))
    for _ in range(2):
        run(picture, allow_network=("127.0.0.2/32",), resolver=lambda *_: next(answers))
    assert web.connections == 0
    assert len(run.told) == 2


def test_data_addresses_need_no_network(run: Run) -> None:
    encoded = base64.b64encode(png()).decode()
    svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='x()'><path d='M0 0'/></svg>"
    good = [
        wanted(f"data:image/png;base64,{encoded}"),
        wanted(f"data:image/gif;charset=x;BASE64,{encoded[:20]}%0A {encoded[20:].rstrip('=')}"),
        wanted(f"data:image/svg+xml,{svg}"),
    ]
    bad = [
        wanted("data:image/png;base64,@@@"),
        wanted("data:nothing"),
        wanted("data:text/html,<script>alert(1)</script>"),
    ]
    store = run(*good, *bad, offline=True)
    made = [store.rendition(each.reference.ref, EREADER) for each in good]
    assert [each.media_type for each in made if each] == ["image/png"] * 2 + ["image/svg+xml"]
    assert b"onload" not in made[2].content  # type: ignore[union-attr]
    assert len(run.told) == len(bad)
    assert all(store.rendition(each.reference.ref, EREADER) is None for each in bad)


def test_a_file_beside_the_entry_comes_before_the_network(web: Server, run: Run) -> None:
    web["/there.png"] = reply(png("blue"))
    asked = []

    def file(path: str, entry_path: str) -> bytes | None:
        asked.append((path, entry_path))
        return png("green") if path == "here.png" else None

    here = Wanted(
        reference=ImageReference(ref="0" * 24, address=web.address("/here.png"), path="here.png"),
        entry_path="ann/1.json",
        file=file,
    )
    there = Wanted(
        reference=ImageReference(ref="1" * 24, address=web.address("/there.png"), path="there.png"),
        entry_path="ann/2.json",
        file=file,
    )
    nowhere = Wanted(
        reference=ImageReference(ref="2" * 24, address="", path="nowhere.png"),
        entry_path="ann/3.json",
        file=file,
    )
    store = run(here, there, nowhere)
    found = [store.rendition(each.reference.ref, EREADER) for each in (here, there)]
    assert [each.content for each in found if each] == [png("green"), png("blue")]
    assert asked == [
        ("here.png", "ann/1.json"),
        ("there.png", "ann/2.json"),
        ("nowhere.png", "ann/3.json"),
    ]
    assert [seen.path for seen in web.seen] == ["/there.png"]
    (problem,) = run.told
    assert str(problem) == (
        "ann/3.json: image: nowhere.png cannot be read; where an output is made anew, its alt"
        " text and a link stand in"
    )


def test_offline_shows_what_was_fetched_before(web: Server, run: Run) -> None:
    web["/a.png"] = reply(png())
    before, after = wanted(web.address("/a.png")), wanted(web.address("/b.png"))
    run(before)
    connections = web.connections
    store = run(before, after, offline=True)
    assert store.rendition(before.reference.ref, EREADER) is not None
    assert web.connections == connections
    assert ["offline" in problem.reason for problem in run.told] == [True]


def test_the_pictures_of_a_run_have_a_limit_together(
    web: Server, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = []
    for number in range(3):
        web[f"/{number}.png"] = reply(png(size=number + 1))
        pictures.append(wanted(web.address(f"/{number}.png"), f"ann/{number}.json"))
    monkeypatch.setattr("convert.pictures.collect.TOTAL", 2 * len(png(size=2)))
    store = run(*pictures)
    assert len(store.digests) == 2
    (problem,) = run.told
    assert problem.path == "ann/2.json"
    assert "bytes of pictures, the most of one run" in problem.reason


def test_a_host_that_fails_later_costs_no_picture(web: Server, run: Run) -> None:
    web["/a.png"] = reply(png())
    picture = wanted(web.address("/a.png"))
    run(picture)
    web["/a.png"] = reply(b"", status=500)
    assert run(picture).rendition(picture.reference.ref, EREADER) is not None
    assert run.told == []


def test_renditions_are_made_once_and_shared(
    web: Server, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    web["/a.png"] = reply(png(size=100))
    picture = wanted(web.address("/a.png"))
    small = RenditionRequest(use="ereader", longest_side=20)
    first = run(picture).rendition(picture.reference.ref, small)
    assert first is not None
    assert first.width == 20
    again = pickle.loads(pickle.dumps(run(picture)))
    # Nothing is left to make it from.
    for path in (run.folder / "originals-1").rglob("*"):
        if path.is_file():
            path.unlink()
    assert again.rendition(picture.reference.ref, small) == first
    with pytest.raises(CacheError, match="a picture has gone"):
        again.rendition(picture.reference.ref, EREADER)


def test_unknown_and_damaged_memories(web: Server, run: Run) -> None:
    web["/a.png"] = reply(png())
    picture = wanted(web.address("/a.png"))
    store = run(picture)
    assert store.rendition("f" * 24, EREADER) is None
    first = store.rendition(picture.reference.ref, EREADER)
    for name in ("renditions-1", "examined-1"):
        for path in (run.folder / name).rglob("*"):
            if path.is_file():
                path.write_bytes(b"damaged")
    assert run(picture).rendition(picture.reference.ref, EREADER) == first


def test_the_same_whatever_the_order_of_the_answers(web: Server, run: Run, tmp_path: Path) -> None:
    names = [f"/{number}.png" for number in range(8)]
    for at, name in enumerate(names):
        web[name] = reply(png(size=at + 1)) if at % 3 else reply(b"", status=404)
    pictures = [wanted(web.address(name), f"ann/{name}.json") for name in names]
    other = Run(tmp_path / "other")
    first = run(*pictures)
    for at, name in enumerate(names):
        if at % 3:
            web[name] = late(reply(png(size=at + 1)), 0.04 * (8 - at))
    second = other(*pictures)
    assert dict(first.digests) == dict(second.digests)
    assert list(first.digests) == list(second.digests)
    assert run.told == other.told
    assert len(run.told) == 3
