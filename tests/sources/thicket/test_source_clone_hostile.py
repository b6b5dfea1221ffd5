"""Git hosts that take without bound: each ends in time, in little memory, with a reason."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import hostile_git as hostile
import pygit2
import pytest
from git_server import INFO, commit, repository
from server import LOOPBACK, Answer, Certificate, Server, certificate, hang, redirect, reply

from convert.contract import SourceContext
from convert.errors import SourceError
from convert.sources.thicket import clone
from convert.sources.thicket.fetch import Fetch, fetch_here
from convert.web.credentials import Credentials
from convert.web.fetcher import HttpFetcher
from convert.web.proxy import Limits

pytestmark = pytest.mark.judge

POST = "/store.git/git-upload-pack"
MOST_MEMORY = 500_000_000


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    try:
        made = certificate(tmp_path)
    except OSError:
        pytest.skip("OpenSSL is not installed")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    return made


@pytest.fixture
def web(ours: Certificate) -> Iterator[Server]:
    with Server(tls=ours.server) as server:
        yield server


def fails(
    web: Server,
    ours: Certificate,
    cache: Path,
    limits: Limits | None = None,
    credentials: Credentials | None = None,
) -> str:
    """Clones from the server, in this process; the reason why that fails."""
    with HttpFetcher(
        cache,
        allow_network=LOOPBACK,
        ssl_context=ours.client,
        proxy_limits=limits,
        credentials=credentials,
    ) as fetcher:
        context = SourceContext(fetcher=fetcher, warn=lambda _: None, cache=cache)
        with pytest.raises(SourceError) as caught:
            clone.copy_of(web.address("/store.git", host="localhost"), context)
    # Nothing that is half is left behind.
    assert not [path for path in (cache / "git-2").glob("*") if path.exists()]
    return caught.value.reason


DRIPS: dict[str, tuple[Answer, Answer]] = {
    "references": (
        hostile.streamed(hostile.endless_references(1), hostile.ADVERTISEMENT, 0.1),
        hostile.GOOD,
    ),
    "progress": (
        hostile.GOOD,
        hostile.streamed(hostile.endless_progress(1), hostile.RESULT, 0.1),
    ),
    "silence": (hostile.GOOD, hang(20)),
}


@pytest.mark.parametrize("kind", sorted(DRIPS))
def test_a_drip_ends(kind: str, web: Server, ours: Certificate, tmp_path: Path) -> None:
    second, posted = DRIPS[kind]
    web[f"/store.git{INFO}"] = hostile.after(hostile.GOOD, second)
    web[POST] = posted
    reason = fails(web, ours, tmp_path / "cache", Limits(pause=2))
    assert reason == (
        "cannot be cloned: sends less than 6,000 bytes in 2 seconds;"
        " clone it with Git and name the folder"
    )


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(size=2_000_000), "sends more than 2,000,000 bytes"),
        (Limits(seconds=2), "takes longer than 2 seconds"),
    ],
)
@pytest.mark.parametrize("kind", ["references", "progress"])
def test_a_flood_ends(
    kind: str, limits: Limits, reason: str, web: Server, ours: Certificate, tmp_path: Path
) -> None:
    references = hostile.streamed(hostile.endless_references(), hostile.ADVERTISEMENT, 0.01)
    progress = hostile.streamed(hostile.endless_progress(), hostile.RESULT, 0.01)
    second = references if kind == "references" else hostile.GOOD
    web[f"/store.git{INFO}"] = hostile.after(hostile.GOOD, second)
    web[POST] = progress
    assert reason in fails(web, ours, tmp_path / "cache", limits)


def test_a_process_that_does_not_end_is_ended(
    web: Server, ours: Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convert.sources.thicket.fetch.SECONDS", 2)
    second, posted = DRIPS["silence"]
    web[f"/store.git{INFO}"] = hostile.after(hostile.GOOD, second)
    web[POST] = posted
    reason = "takes longer than 2 seconds; clone it with Git and name the folder"
    assert reason in fails(web, ours, tmp_path / "cache", Limits())


def test_branches_and_tags_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of its own, as what libgit2 is set to holds for all of one."""
    monkeypatch.setattr("convert.sources.thicket.fetch.MOST_REFERENCES", 20)
    store = repository(tmp_path / "store.git")
    first = commit(store, {"ann/1.json": b"{}"})
    reasons = []
    for number in (19, 20):
        store.references.create(f"refs/tags/more-{number}", first, force=True)
        for each in range(18):
            store.references.create(f"refs/tags/{each}", first, force=True)
        copy = tmp_path / f"{number}.git"
        pygit2.init_repository(str(copy), bare=True)
        receiver, sender = multiprocessing.get_context("fork").Pipe(duplex=False)
        order = Fetch(folder=str(copy), address=str(tmp_path / "store.git"))
        child = multiprocessing.get_context("fork").Process(target=_fetch, args=(order, sender))
        child.start()
        reasons.append(receiver.recv() if receiver.poll(60) else "no answer")
        child.join()
    assert reasons == ["", "has more than 20 branches and tags"]


def _fetch(order: Fetch, sender: Connection) -> None:
    try:
        fetch_here(order)
        sender.send("")
    except ValueError as error:
        sender.send(str(error))


def command(web: Server, tmp_path: Path) -> tuple[str, int, float]:
    """The command in a process of its own: what it says, the most memory of it and of all
    that it started, and the seconds."""
    start, peak = time.monotonic(), 0
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "convert", "export"),
            *(web.address("/store.git", host="localhost"), "--to", "atom"),
            *("--out", str(tmp_path / "out"), "--cache", str(tmp_path / "cache")),
            *(word for network in LOOPBACK for word in ("--allow-network", network)),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        while running.poll() is None:
            peak = max(peak, _memory(running.pid))
            time.sleep(0.05)
        assert running.stderr is not None
        assert running.returncode == 3
        return running.stderr.read(), peak, time.monotonic() - start


def _memory(session: int) -> int:
    """What all processes of a session have in memory."""
    pages = 0
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            pages += int(fields[21])
    return pages * os.sysconf("SC_PAGE_SIZE")


FLOODS: dict[str, tuple[Answer, Answer]] = {
    "references": (
        hostile.streamed(hostile.endless_references(), hostile.ADVERTISEMENT),
        hostile.GOOD,
    ),
    # One object that says it is as large as memory, and one that unpacks to it.
    "objects": (
        hostile.GOOD,
        hostile.streamed(hostile.sent_pack(hostile.packed(count=4_000_000_000)), hostile.RESULT),
    ),
}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a process to its memory")
@pytest.mark.parametrize("kind", sorted(FLOODS))
def test_memory_is_bounded(kind: str, web: Server, tmp_path: Path) -> None:
    second, posted = FLOODS[kind]
    web[f"/store.git{INFO}"] = hostile.after(hostile.GOOD, second)
    web[POST] = posted
    said, peak, _ = command(web, tmp_path)
    assert peak < MOST_MEMORY
    assert f"{web.address('/store.git', host='localhost')}: cannot be cloned: " in said
    assert "Traceback" not in said


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a process to its memory")
@pytest.mark.parametrize("kind", ["delta", "tree", "many"])
def test_a_pack_is_no_bomb(kind: str, web: Server, tmp_path: Path) -> None:
    pack = {
        "delta": lambda: hostile.bomb(1_500_000_000),
        "tree": lambda: hostile.packed(
            hostile.packed_object(2, 1_500_000_000, hostile.zeros(1_500_000_000))
        ),
        "many": lambda: hostile.packed(
            *(
                hostile.packed_object(3, 4, zlib.compress(b"%04x" % number))
                for number in range(65_536)
            ),
            count=100_000_000,
        ),
    }[kind]()
    web[f"/store.git{INFO}"] = hostile.GOOD
    web[POST] = hostile.streamed(hostile.sent_pack(pack), hostile.RESULT)
    said, peak, seconds = command(web, tmp_path)
    assert peak < MOST_MEMORY, said
    assert "cannot be cloned: " in said
    assert seconds < 120


def test_no_redirect_behind_our_back(ours: Certificate, web: Server, tmp_path: Path) -> None:
    """The second answer leads elsewhere, with the credentials that the first had asked for."""
    with Server(tls=ours.server) as elsewhere:
        there = elsewhere.address("/store.git", host="localhost")
        for place in (f"/store.git{INFO}", POST):
            elsewhere[place] = reply(b"", status=401, WWW_Authenticate='Basic realm="x"')
        web[f"/store.git{INFO}"] = hostile.after(hostile.GOOD, redirect(there + INFO))
        web[POST] = redirect(there + "/git-upload-pack")
        credentials = Credentials(
            by_origin={web.address("", host="localhost"): "Basic YWxpY2U6c2VjcmV0"}
        )
        fails(web, ours, tmp_path / "cache", credentials=credentials)
        web[f"/store.git{INFO}"] = hostile.GOOD
        fails(web, ours, tmp_path / "cache", credentials=credentials)
        assert elsewhere.connections == 0
