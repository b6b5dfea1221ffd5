"""Repositories at https addresses: cloned, brought up to date, and only from where it may be."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pygit2
import pytest
from git_server import INFO, commit, git_backend, repository
from running import Ended, command
from server import Asked, Server, certificate, redirect, reply

pytestmark = pytest.mark.judge

Run = Callable[..., Ended]


def entry(number: int) -> bytes:
    return json.dumps(
        {
            "id": f"https://ann.example/{number}",
            "title": f"Entry {number}",
            "link": f"https://ann.example/{number}",
            "updated": f"2024-01-0{number}T00:00:00",
            "content": "<p>Hello.</p>",
        }
    ).encode()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Server]:
    if shutil.which("git") is None:
        pytest.skip("Git is not installed")
    try:
        ours = certificate(tmp_path)
    except OSError:
        pytest.skip("OpenSSL is not installed")
    with Server(tls=ours.server) as server:
        yield server


@pytest.fixture
def export(tmp_path: Path) -> Run:
    """Runs the command in a process that trusts the server's certificate."""

    def run(*arguments: str, out: str = "out", **environment: str) -> Ended:
        places = ("--out", tmp_path / out, "--cache", tmp_path / "cache")
        trust = {"SSL_CERT_FILE": str(tmp_path / "certificate.pem")}
        return command(
            "export", *arguments, "--to", "atom", *places, environment=trust | environment
        )

    return run


def feed(tmp_path: Path) -> str:
    return (tmp_path / "out" / "store.atom").read_text(encoding="utf-8")


def test_cloned_then_brought_up_to_date(web: Server, export: Run, tmp_path: Path) -> None:
    store = repository(tmp_path / "store.git")
    first = commit(store, {"ann/1.json": entry(1)})
    web[f"/store.git{INFO}"] = web["/store.git/git-upload-pack"] = git_backend(tmp_path)
    address = web.address("/store.git", host="localhost")
    allowed = ("--allow-network", "127.0.0.0/8", "--allow-network", "::1/128")

    done = export(address, *allowed)
    assert done.code == 0, done.err
    assert "Entry 1" in feed(tmp_path)
    assert str(tmp_path) not in feed(tmp_path)

    commit(store, {"ann/1.json": entry(1), "ann/2.json": entry(2)})
    assert export(address, *allowed).code == 0
    assert "Entry 2" in feed(tmp_path)
    assert export(address, *allowed, "--rev", first).code == 0
    assert "Entry 2" not in feed(tmp_path)

    before = web.connections
    assert export(address, "--offline").code == 0
    assert "Entry 2" in feed(tmp_path)
    assert web.connections == before

    web[f"/store.git{INFO}"] = reply(b"", status=500)
    failed = export(address, *allowed)
    assert failed.code == 0
    assert f"{address}: 500 Internal Server Error; the copy that was fetched before" in failed.err
    assert "Entry 2" in feed(tmp_path)


def test_a_cache_that_takes_no_copy_costs_the_cache(
    web: Server, export: Run, tmp_path: Path
) -> None:
    commit(repository(tmp_path / "store.git"), {"ann/1.json": entry(1)})
    web[f"/store.git{INFO}"] = web["/store.git/git-upload-pack"] = git_backend(tmp_path)
    allowed = ("--allow-network", "127.0.0.0/8", "--allow-network", "::1/128")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "git-2").touch()
    done = export(web.address("/store.git", host="localhost"), *allowed)
    assert done.code == 0, done.err
    assert "Entry 1" in feed(tmp_path)
    assert done.err.count(f"{tmp_path / 'cache'}: cache: ") == 1


def test_credentials_are_those_of_the_run(web: Server, export: Run, tmp_path: Path) -> None:
    commit(repository(tmp_path / "store.git"), {"ann/1.json": entry(1)})
    backend = git_backend(tmp_path)
    secret = "Basic " + base64.b64encode(b"alice:secret").decode()

    def guarded(asked: Asked) -> None:
        known = asked.headers.get("Authorization") == secret
        (backend if known else reply(b"", status=401, WWW_Authenticate='Basic realm="x"'))(asked)

    web[f"/store.git{INFO}"] = web["/store.git/git-upload-pack"] = guarded
    address = web.address("/store.git", host="localhost")
    allowed = ("--allow-network", "127.0.0.0/8", "--allow-network", "::1/128")
    refused = export(address, *allowed)
    assert refused.code == 3
    assert "401 Unauthorized" in refused.err
    pair = f"localhost:{web.port}=alice:secret"
    done = export(address, *allowed, THICKET_CONVERT_CREDENTIALS=pair)
    assert done.code == 0, done.err
    assert "Entry 1" in feed(tmp_path)


def test_a_private_copy_is_not_for_a_run_without_credentials(
    web: Server, export: Run, tmp_path: Path
) -> None:
    commit(repository(tmp_path / "store.git"), {"ann/1.json": entry(1)})
    backend = git_backend(tmp_path)
    secret = "Basic " + base64.b64encode(b"alice:secret").decode()

    def guarded(asked: Asked) -> None:
        known = asked.headers.get("Authorization") == secret
        (backend if known else reply(b"", status=401, WWW_Authenticate='Basic realm="x"'))(asked)

    web[f"/store.git{INFO}"] = web["/store.git/git-upload-pack"] = guarded
    address = web.address("/store.git", host="localhost")
    inside = address.replace("localhost", "alice:secret@localhost")
    allowed = ("--allow-network", "127.0.0.0/8", "--allow-network", "::1/128")
    known = {"THICKET_CONVERT_CREDENTIALS": f"localhost:{web.port}=alice:secret"}
    assert export(inside, *allowed).code == 0
    (tmp_path / "out" / "store.atom").unlink()

    for arguments in ((address, "--offline"), (address, *allowed)):
        refused = export(*arguments, out="other")  # beside the first, what it published is kept
        assert refused.code == 3, refused.err
        assert not (tmp_path / "other" / "store.atom").exists()
    for arguments in ((inside, "--offline"), (address, "--offline")):
        again = export(*arguments, **known)
        assert again.code == 0, again.err
        assert "Entry 1" in feed(tmp_path)
    assert "secret" not in feed(tmp_path)
    assert all(b"secret" not in path.read_bytes() for path in (tmp_path / "cache").rglob("config"))


def test_a_private_copy_is_not_for_other_credentials_nor_for_those_that_hold_no_more(
    web: Server, export: Run, tmp_path: Path
) -> None:
    """Alice and Bob use one cache; each sees what the host gave to them."""
    backends = {}
    for number, user in enumerate(("alice", "bob"), start=1):
        (tmp_path / user).mkdir()
        commit(repository(tmp_path / user / "store.git"), {"ann/1.json": entry(number)})
        secret = "Basic " + base64.b64encode(f"{user}:secret".encode()).decode()
        backends[secret] = git_backend(tmp_path / user)

    def guarded(asked: Asked) -> None:
        locked = reply(b"", status=401, WWW_Authenticate='Basic realm="x"')
        backends.get(asked.headers.get("Authorization", ""), locked)(asked)

    web[f"/store.git{INFO}"] = web["/store.git/git-upload-pack"] = guarded
    address = web.address("/store.git", host="localhost")
    allowed = ("--allow-network", "127.0.0.0/8", "--allow-network", "::1/128")

    def known(user: str) -> dict[str, str]:
        return {"THICKET_CONVERT_CREDENTIALS": f"localhost:{web.port}={user}:secret"}

    assert export(address, *allowed, **known("alice")).code == 0
    assert "Entry 1" in feed(tmp_path)
    for user in ("bob", "carol"):
        refused = export(address, "--offline", out=user, **known(user))
        assert refused.code == 3, refused.err
        assert not (tmp_path / user / "store.atom").exists()
        assert "is not in the cache, and the run is offline" in refused.err
    assert export(address, *allowed, **known("bob")).code == 0
    assert "Entry 2" in feed(tmp_path)
    assert export(address, "--offline", **known("alice")).code == 0
    assert "Entry 1" in feed(tmp_path)

    backends.clear()
    refused = export(address, *allowed, out="other", **known("alice"))
    assert refused.code == 3
    assert "cannot be cloned: 401 Unauthorized" in refused.err
    assert "the copy that was fetched before" not in refused.err


def test_a_public_copy_is_for_everybody(web: Server, export: Run, tmp_path: Path) -> None:
    commit(repository(tmp_path / "store.git"), {"ann/1.json": entry(1)})
    web[f"/store.git{INFO}"] = web["/store.git/git-upload-pack"] = git_backend(tmp_path)
    address = web.address("/store.git", host="localhost")
    assert export(address, "--allow-network", "127.0.0.0/8").code == 0
    known = f"localhost:{web.port}=alice:secret"
    assert export(address, "--offline", THICKET_CONVERT_CREDENTIALS=known).code == 0


def grow(store: pygit2.Repository, number: int) -> pygit2.Oid:
    """So many commits, each with another entry and a picture; the first one's id."""
    who = pygit2.Signature("Ann", "ann@example.org", 1_700_000_000, 0)
    inside, top = store.TreeBuilder(), store.TreeBuilder()
    made: list[pygit2.Oid] = []
    for each in range(number):
        text = entry(1).replace(b"/1", f"/{each}".encode())
        for name, content in ((f"{each}.json", text), (f"{each}.png", os.urandom(20_000))):
            inside.insert(name, store.create_blob(content), pygit2.enums.FileMode.BLOB)
        top.insert("ann", inside.write(), pygit2.enums.FileMode.TREE)
        made.append(store.create_commit("HEAD", who, who, "x", top.write(), made[-1:]))
    return made[0]


def test_a_repository_of_real_size(web: Server, export: Run, tmp_path: Path) -> None:
    store = repository(tmp_path / "store.git")
    made = grow(store, 250)
    store.references.create("refs/tags/first", made)
    web[f"/store.git{INFO}"] = web["/store.git/git-upload-pack"] = git_backend(tmp_path)
    address = web.address("/store.git", host="localhost")
    done = export(address, "--allow-network", "127.0.0.0/8")
    assert done.code == 0, done.err
    assert feed(tmp_path).count("<entry>") == 250
    assert export(address, "--offline", "--rev", "first").code == 0
    assert feed(tmp_path).count("<entry>") == 1


def test_more_references_than_files_may_be(web: Server, export: Run, tmp_path: Path) -> None:
    store = repository(tmp_path / "store.git")
    made = commit(store, {"ann/1.json": entry(1)})
    lines = [f"{made} refs/tags/v{number}\n" for number in range(20_001)]
    (tmp_path / "store.git" / "packed-refs").write_text("".join(sorted(lines)))
    web[f"/store.git{INFO}"] = web["/store.git/git-upload-pack"] = git_backend(tmp_path)
    address = web.address("/store.git", host="localhost")
    done = export(address, "--allow-network", "127.0.0.0/8")
    assert done.code == 3
    assert "has more than 20,000 branches and tags; clone it with Git" in done.err


def test_no_byte_to_a_network_that_is_not_public(web: Server, export: Run) -> None:
    address = web.address("/store.git", host="localhost")
    done = export(address)
    assert done.code == 3
    assert f"{address}: cannot be cloned: leads to no public address" in done.err
    assert "Traceback" not in done.err
    assert web.connections == 0


def test_redirects_are_followed_and_judged(web: Server, export: Run, tmp_path: Path) -> None:
    commit(repository(tmp_path / "store.git"), {"ann/1.json": entry(1)})
    web[f"/store.git{INFO}"] = web["/store.git/git-upload-pack"] = git_backend(tmp_path)
    here = web.address("/store.git", host="localhost")
    web[f"/old.git{INFO}"] = redirect(here + INFO)
    allowed = ("--allow-network", "127.0.0.0/8", "--allow-network", "::1/128")
    moved = export(web.address("/old.git", host="localhost"), *allowed)
    assert moved.code == 0, moved.err
    assert "Entry 1" in (tmp_path / "out" / "old.atom").read_text(encoding="utf-8")
    web[f"/inside.git{INFO}"] = redirect(f"https://10.0.0.1/store.git{INFO}")
    inside = export(web.address("/inside.git", host="localhost"), *allowed)
    assert inside.code == 3
    assert "no public address" in inside.err


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/store.git",
        "git://example.org/store.git",
        "ssh://git@example.org/store.git",
        "git@example.org:group/store.git",
        "file:///store.git",
    ],
)
def test_only_https(address: str, export: Run) -> None:
    done = export(address)
    assert done.code == 2
    assert "cannot be cloned; name its https address" in done.err


def test_a_page_is_no_repository(web: Server, export: Run) -> None:
    web[f"/store.git{INFO}"] = reply(b"<html>", "text/html")
    done = export(web.address("/store.git", host="localhost"), "--allow-network", "127.0.0.0/8")
    assert done.code == 3
    assert "knows no Git repository" in done.err


def _each(copy: Path, pattern: str) -> list[Path]:
    return [path for path in copy.rglob(pattern) if path.is_file()]


@pytest.mark.parametrize(
    ("pattern", "content"),
    [
        ("config", b""),
        *(
            pytest.param(pattern, content, marks=pytest.mark.slow)
            for pattern, content in (
                ("*.pack", b""),
                ("*.idx", bytes(300)),
                ("HEAD", b"ref: refs/heads/other\n"),
                ("trunk", b"nonsense\n" * 99),
                ("*", b""),
            )
        ),
    ],
)
def test_a_damaged_copy_is_fetched_anew(
    content: bytes, pattern: str, web: Server, export: Run, tmp_path: Path
) -> None:
    commit(repository(tmp_path / "store.git"), {"ann/1.json": entry(1)})
    web[f"/store.git{INFO}"] = web["/store.git/git-upload-pack"] = git_backend(tmp_path)
    address = web.address("/store.git", host="localhost")
    allowed = ("--allow-network", "127.0.0.0/8", "--allow-network", "::1/128")
    assert export(address, *allowed).code == 0
    cold = feed(tmp_path)
    (tmp_path / "out" / "store.atom").unlink()
    for path in _each(tmp_path / "cache" / "git-2", pattern):
        path.chmod(0o644)
        path.write_bytes(content)
    done = export(address, *allowed)
    assert done.code == 0, done.err
    assert feed(tmp_path) == cold
    assert "Traceback" not in done.err
