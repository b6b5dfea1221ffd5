"""What stands around a run, the resolver and the proxies of the machine, leads nowhere else."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pygit2
import pytest
from git_server import INFO, commit, git_backend, repository
from running import command
from server import LOOPBACK, Server, certificate, redirect, reply

from convert.cache.folder import CacheFolder
from convert.errors import FetchError, ForbiddenAddress, Unreachable
from convert.model import ImageReference, Problem
from convert.pictures.collect import Wanted, collect
from convert.run.examine import examine_all
from convert.web.fetcher import HttpFetcher
from convert.web.guard import Guard
from convert.web.proxy import guarded_proxy

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        server["/a"] = reply(b"inside")
        yield server


@pytest.fixture
def rebinding(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names that lead to 192.0.2.1 the first time they are asked for, and then to loopback."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answer(host: str, port: int, *rest: object, **options: object) -> object:
        if not host.endswith(".example"):
            return real(host, port, *rest, **options)  # type: ignore[arg-type]
        first = host not in asked
        asked.append(host)
        number = "192.0.2.1" if first else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def test_a_name_is_asked_for_once_and_its_number_judged(web: Server, rebinding: list[str]) -> None:
    """192.0.2.0/24 stands for what is public; nobody answers there."""
    public = ("192.0.2.0/24",)
    with HttpFetcher(None, False, public, seconds=0.5) as fetcher:
        with pytest.raises(Unreachable):
            fetcher.get(web.address("/a", host="feed.example"))
        assert rebinding == ["feed.example"]
        with pytest.raises(ForbiddenAddress):
            fetcher.get(web.address("/a", host="feed.example"))
        problems: list[Problem] = []
        examine = partial(examine_all, workers=0, warn=problems.append)
        for at in range(2):
            reference = ImageReference(
                ref=f"{at:024}", address=web.address("/a", host="img.example")
            )
            wanted = [Wanted(reference=reference, entry_path="a.json")]
            collect(wanted, fetcher, CacheFolder(None), problems.append, examine)
        assert len(problems) == 2
    assert web.connections == 0


def test_a_redirect_to_a_name_that_moves(web: Server, rebinding: list[str]) -> None:
    web["/away"] = redirect(web.address("/a", host="inside.example"))
    public = ("127.0.0.1/32", "192.0.2.0/24")
    with HttpFetcher(None, False, public, seconds=0.5) as door, pytest.raises(FetchError):
        door.get(web.address("/away"))
    assert [seen.path for seen in web.seen] == ["/away"]
    assert rebinding == ["inside.example"]


def test_a_clone_of_a_name_that_moves(web: Server, rebinding: list[str], tmp_path: Path) -> None:
    address = f"https://git.example:{web.port}/x.git"
    with guarded_proxy(Guard()) as proxy:
        for at in range(2):
            with pytest.raises(pygit2.GitError):
                pygit2.clone_repository(address, str(tmp_path / str(at)), proxy=proxy.address)
    assert web.connections == 0
    assert set(rebinding) == {"git.example"}


@pytest.mark.parametrize(
    "numbers",
    [
        ["127.0.0.1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["0.0.0.0"],
        ["::"],
        ["::1"],
        ["fe80::1%1"],
        ["::1%1"],
        ["2606:4700::1%1"],
        ["::127.0.0.1"],
        ["2002:7f00:1::"],
        ["169.254.169.254", "10.0.0.1"],
        ["127.0.0.1", "192.168.1.1", "fd00::1"],
        ["no number", ""],
    ],
)
def test_numbers_that_are_not_public(numbers: list[str], web: Server) -> None:
    door = HttpFetcher(None, seconds=1, resolver=lambda *_: numbers)
    with door, pytest.raises((ForbiddenAddress, Unreachable)):
        door.get(web.address("/a", host="x.example"))
    assert web.connections == 0


@pytest.fixture
def spy() -> Iterator[tuple[int, list[object]]]:
    """What calls itself a proxy, and notes who comes."""
    seen: list[object] = []
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, came = waiting.accept()
            except TimeoutError:
                continue
            seen.append(came)
            connection.close()

    with socket.create_server(("127.0.0.1", 0)) as waiting:
        waiting.settimeout(0.05)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield waiting.getsockname()[1], seen
        ended.set()
        thread.join()


@pytest.mark.parametrize("exempt", [pytest.param("", marks=pytest.mark.slow), "*"])
def test_no_proxy_of_the_machine_is_used(
    exempt: str, spy: tuple[int, list[object]], web: Server, tmp_path: Path
) -> None:
    """Neither by feeds and pictures nor by Git, nor is ours passed by where none is wanted."""
    if shutil.which("git") is None:
        pytest.skip("Git is not installed")
    try:
        ours = certificate(tmp_path)
    except OSError:
        pytest.skip("OpenSSL is not installed")
    port, came = spy
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f"[http]\n\tproxy = http://127.0.0.1:{port}\n")
    surroundings = dict.fromkeys(PROXIES, f"http://127.0.0.1:{port}")
    surroundings |= {"HOME": str(home), "SSL_CERT_FILE": str(tmp_path / "certificate.pem")}
    if exempt:
        surroundings |= {"NO_PROXY": exempt, "no_proxy": exempt}
    web["/feed"] = reply(
        b'{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":"urn:1",'
        b'"title":"One","date_published":"2024-05-06T00:00:00Z","content_html":"<p>x</p>"}]}',
        "application/feed+json",
    )
    entry = b'{"id":"urn:2","title":"Two","updated":"2024-05-06T00:00:00Z","content":"y"}'
    commit(repository(tmp_path / "store.git"), {"ann/1.json": entry})
    with Server(tls=ours.server) as host:
        host[f"/store.git{INFO}"] = host["/store.git/git-upload-pack"] = git_backend(tmp_path)
        places = ("--out", tmp_path / "out", "--cache", tmp_path / "cache", "--to", "jsonfeed")
        sources = (web.address("/feed"), host.address("/store.git", host="localhost"))
        allowed = [part for each in LOOPBACK for part in ("--allow-network", each)]
        ended = command("export", *sources, *places, *allowed, environment=surroundings)
        assert ended.code == 0, ended.err
        (written,) = (tmp_path / "out").glob("[!.]*.json")
        assert all(each in written.read_text("utf-8") for each in ("One", "Two"))
        # And without leave nobody is reached, whatever the surroundings say.
        before = host.connections, web.connections
        places = ("--out", tmp_path / "no", "--cache", tmp_path / "none", "--to", "jsonfeed")
        ended = command("export", *sources, *places, environment=surroundings)
        assert ended.code == 3, ended.err
        assert (host.connections, web.connections) == before
    assert came == []
