"""What was read with credentials is shown to nobody without them, from no shelf of the cache."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from server import LOOPBACK, Answer, Asked, Server, redirect, reply

from convert.cache.folder import CacheFolder
from convert.contract import RenditionRequest
from convert.errors import FetchError
from convert.model import ImageReference, Problem
from convert.pictures.collect import Wanted, collect
from convert.run.examine import examine_all
from convert.web.credentials import Credentials, from_environment
from convert.web.fetcher import HttpFetcher

SECRET = b"only for alice"


def private(content: bytes, *, age: int = 0, user: str = "alice:secret") -> Answer:
    """What a server gives to those who say who they are (RFC 7617)."""
    right = "Basic " + base64.b64encode(user.encode()).decode()

    def answer(asked: Asked) -> None:
        if asked.headers.get("Authorization") != right:
            reply(b"who are you?", status=401, WWW_Authenticate='Basic realm="x"')(asked)
        elif asked.headers.get("If-None-Match") == '"v1"':
            asked.send_response(304)
            asked.end_headers()
        else:
            reply(content, ETag='"v1"', Cache_Control=f"max-age={age}")(asked)

    return answer


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        server["/feed"] = private(SECRET)
        server["/fresh"] = private(SECRET, age=600)
        server["/moved"] = redirect("/feed")
        yield server


def known(web: Server, pair: str = "alice:secret") -> Credentials:
    text = f"http://127.0.0.1:{web.port}={pair}" if pair else ""
    return from_environment({"THICKET_CONVERT_CREDENTIALS": text})


PATHS = ("/feed", "/fresh", "/moved")


@pytest.fixture
def cache(web: Server, tmp_path: Path) -> Path:
    """A cache that holds what Alice may read."""
    with HttpFetcher(tmp_path, allow_network=LOOPBACK, credentials=known(web)) as fetcher:
        for path in PATHS:
            assert fetcher.get(web.address(path)).content == SECRET
    return tmp_path


def read(
    web: Server, cache: Path, path: str, credentials: Credentials | None, *, offline: bool = False
) -> bytes:
    options = {"allow_network": LOOPBACK, "credentials": credentials, "seconds": 0.5}
    with HttpFetcher(cache, offline, **options) as fetcher:  # type: ignore[arg-type]
        return fetcher.get(web.address(path)).content


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("offline", [False, True])
@pytest.mark.parametrize("pair", [None, "", "alice:wrong", "bob:secret", "a-token"])
def test_nobody_else_reads_it(
    pair: str | None, offline: bool, path: str, web: Server, cache: Path
) -> None:
    credentials = None if pair is None else known(web, pair)
    with pytest.raises(FetchError, match="offline" if offline else "401"):
        read(web, cache, path, credentials, offline=offline)
    # Nor is anything told to the host that only a reader could know.
    asked = web.seen[len(PATHS) + 1 :]
    assert not any("if-none-match" in each.headers for each in asked)
    # A failing host gives nobody what it did not give before.
    web[path] = reply(b"", status=503)
    with pytest.raises(FetchError):
        read(web, cache, path, credentials)


@pytest.mark.parametrize("path", PATHS)
def test_who_could_read_it_still_can(path: str, web: Server, cache: Path) -> None:
    assert read(web, cache, path, known(web), offline=True) == SECRET
    assert read(web, cache, path, known(web)) == SECRET
    web["/feed"] = web["/fresh"] = reply(b"", status=503)
    assert read(web, cache, path, known(web)) == SECRET


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_what_the_host_takes_back_is_not_shown_again(status: int, web: Server, cache: Path) -> None:
    web["/feed"] = reply(b"", status=status)
    for path in ("/feed", "/moved"):
        with pytest.raises(FetchError, match=str(status)):
            read(web, cache, path, known(web))


def test_a_public_copy_still_stands_in(web: Server, tmp_path: Path) -> None:
    web["/open"] = reply(b"for all")
    assert read(web, tmp_path, "/open", None) == b"for all"
    web["/open"] = reply(b"", status=404)
    for credentials in (None, known(web)):
        assert read(web, tmp_path, "/open", credentials) == b"for all"


def test_a_picture_is_not_taken_from_what_only_the_user_may_read(
    web: Server, cache: Path, tmp_path: Path
) -> None:
    problems: list[Problem] = []
    examine = partial(examine_all, workers=0, warn=problems.append)
    picture = Wanted(
        reference=ImageReference(ref="0" * 24, address=web.address("/feed")), entry_path="a.json"
    )
    for offline in (False, True):
        with HttpFetcher(cache, offline, LOOPBACK) as bare:
            images = collect([picture], bare, CacheFolder(cache), problems.append, examine)
        assert images.rendition("0" * 24, RenditionRequest(use="original")) is None
    assert ["401" in problems[0].reason, "offline" in problems[1].reason] == [True, True]


def test_no_secret_lies_in_the_cache(web: Server, cache: Path) -> None:
    files = [path for path in cache.rglob("*") if path.is_file()]
    secrets = (b"secret", base64.b64encode(b"alice:secret"))
    assert files
    assert not any(each in path.read_bytes() for path in files for each in secrets)
