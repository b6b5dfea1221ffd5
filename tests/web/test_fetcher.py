"""Fetching: the faults of the network, played by a real server."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server import (
    LOOPBACK,
    Answer,
    Server,
    certificate,
    conditional,
    cut_short,
    drip,
    drip_headers,
    endless,
    hang,
    raw,
    redirect,
    reply,
)

from convert.contract import Fetched
from convert.errors import FetchError, ForbiddenAddress, Unreachable, UsageError
from convert.web.credentials import from_environment
from convert.web.fetcher import HttpFetcher

Opening = Callable[..., HttpFetcher]


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opening]:
    """Opens fetchers that may reach the server, over one cache, with a short deadline."""
    with contextlib.ExitStack() as stack:

        def open_one(**options: object) -> HttpFetcher:
            known: dict[str, object] = {
                "cache": tmp_path / "cache",
                "allow_network": LOOPBACK,
                "seconds": 10,
                "limit": 100_000,
            }
            return stack.enter_context(HttpFetcher(**(known | options)))  # type: ignore[arg-type]

        yield open_one


def test_plain(web: Server, opened: Opening) -> None:
    web["/a"] = reply(b"hello", "text/x-test; charset=latin-1")
    got = opened().get(web.address("/a#part"))
    assert (got.address, got.media_type, got.content, got.failure) == (
        web.address("/a"),
        "text/x-test; charset=latin-1",
        b"hello",
        "",
    )
    headers = web.seen[0].headers
    assert headers["user-agent"].startswith("thicket-convert/")
    assert "cookie" not in headers
    assert "authorization" not in headers


def test_no_byte_to_loopback_unless_allowed(web: Server, opened: Opening) -> None:
    web["/a"] = reply(b"secret")
    fetcher = opened(allow_network=())
    for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "[::ffff:127.0.0.1]"):
        with pytest.raises((ForbiddenAddress, Unreachable)):
            fetcher.get(web.address("/a", host=host))
    assert web.connections == 0


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://[::1]:{port}/secret"],
)
def test_redirect_to_a_network_that_is_not_public(
    target: str, web: Server, opened: Opening
) -> None:
    web["/a"] = redirect(target.format(port=web.port))
    web["/secret"] = reply(b"secret")
    with pytest.raises(ForbiddenAddress, match=r"redirects to .*no public address"):
        opened(allow_network=("127.0.0.0/8",)).get(web.address("/a"))
    assert [seen.path for seen in web.seen] == ["/a"]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/", "gopher://x/"])
def test_redirect_to_another_scheme(target: str, web: Server, opened: Opening) -> None:
    web["/a"] = redirect(target)
    with pytest.raises(FetchError, match="not an http"):
        opened().get(web.address("/a"))


def test_redirects_are_followed_and_counted(web: Server, opened: Opening) -> None:
    web["/old"] = redirect("new?x=1", status=301)
    web["/new?x=1"] = reply(b"here")
    web["/round"] = redirect("/round")
    got = opened().get(web.address("/old"))
    assert (got.content, got.address) == (b"here", web.address("/new?x=1"))
    with pytest.raises(FetchError, match="redirects more than 8 times"):
        opened().get(web.address("/round"))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (hang(5), "no whole answer within 0.6 s"),
        (drip(b"x" * 1000), "no whole answer within 0.6 s"),
        (drip_headers(), "no whole answer within 0.6 s"),
        (endless(b"x" * 10_000), "larger than 100,000"),
        (reply(b"x" * 100_001), "larger than 100,000"),
        (cut_short(b"x" * 10, 20), "connection failed"),
        (raw(b"not http at all\r\n\r\n"), "connection failed"),
        (raw(b""), "connection failed"),
        (reply(b"x", status=500), "500 Internal Server Error"),
        (reply(b"x", status=404), "404 Not Found"),
        (reply(b"", status=304), "304 Not Modified"),
        (reply(b"", status=204), "204 No Content"),
        (reply(b"", status=302), "302 Found"),
        (reply(b"", status=799), "799 .no known status"),
        (reply(b"x", Content_Encoding="br"), "compressed as 'br'"),
        (reply(b"not gzip" * 9, Content_Encoding="gzip"), "damaged"),
        (reply(gzip.compress(b"x" * 1000)[:-5], Content_Encoding="gzip"), "ends in the middle"),
    ],
)
def test_faults(answer: Answer, message: str, web: Server, opened: Opening) -> None:
    web["/a"] = answer
    start = time.monotonic()
    with pytest.raises(FetchError, match=message) as caught:
        opened(seconds=0.6 if "0.6 s" in message else 10).get(web.address("/a"))
    assert time.monotonic() - start < 3
    assert caught.value.address == web.address("/a")
    assert "\n" not in str(caught.value)


def test_gzip_is_counted_unpacked(web: Server, opened: Opening) -> None:
    web["/fits"] = reply(gzip.compress(b"x" * 100_000), Content_Encoding="gzip")
    web["/bomb"] = reply(gzip.compress(bytes(10_000_000)), Content_Encoding="gzip")
    web["/empty-members"] = endless(gzip.compress(b"") * 100, Content_Encoding="gzip")
    web["/members"] = reply(gzip.compress(b"a") + gzip.compress(b"b"), Content_Encoding="gzip")
    fetcher = opened()
    assert fetcher.get(web.address("/fits")).content == b"x" * 100_000
    assert fetcher.get(web.address("/members")).content == b"ab"
    for bomb in ("/bomb", "/empty-members"):
        with pytest.raises(FetchError, match="larger than"):
            fetcher.get(web.address(bomb))


def test_what_is_packed_twice_is_not_unpacked(web: Server, opened: Opening) -> None:
    bomb = gzip.compress(gzip.compress(bytes(10_000_000)))
    web["/twice"] = reply(bomb, Content_Encoding="gzip, gzip")
    with pytest.raises(FetchError, match="which nobody asked for"):
        opened().get(web.address("/twice"))


def test_no_cookie_is_kept_between_hops_or_requests(web: Server, opened: Opening) -> None:
    web["/login"] = reply(b"", status=302, Location="/in", Set_Cookie="session=1")
    web["/in"] = reply(b"in")
    fetcher = opened()
    for _ in range(2):
        assert fetcher.get(web.address("/login")).content == b"in"
    assert not any("cookie" in seen.headers for seen in web.seen)


def test_environment_proxies_are_not_used(
    web: Server, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    web["/a"] = reply(b"direct")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert opened().get(web.address("/a")).content == b"direct"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "no address",
        "//host/x",
        "/x",
        "file:///etc/passwd",
        "data:,x",
        "http://",
        "http://[::1",
        "http://a:99999/",
        "http://ex\x00ample.org/",
        "http://xn--a/\n",
        "javascript:alert(1)",
        "http://" + "a" * 300 + ".example/",
        "http://%/",
        "http://" + "é" * 80,
    ],
)
def test_addresses_that_are_none(address: str, opened: Opening) -> None:
    with pytest.raises(FetchError) as caught:
        opened().get(address)
    assert len(str(caught.value).splitlines()) == 1


def test_unchanged_is_not_sent_again(web: Server, opened: Opening) -> None:
    web["/a"] = conditional(b"once", "text/plain", '"v1"')
    assert [opened().get(web.address("/a")).content for _ in range(2)] == [b"once", b"once"]
    assert [seen.headers.get("if-none-match") for seen in web.seen] == [None, '"v1"']
    web["/a"] = conditional(b"twice", "text/plain", '"v2"')
    assert opened().get(web.address("/a")).content == b"twice"


def test_last_modified_is_asked_for(web: Server, opened: Opening) -> None:
    then = "Wed, 01 May 2024 10:00:00 GMT"
    web["/a"] = reply(b"x", Last_Modified=then)
    opened().get(web.address("/a"))
    opened().get(web.address("/a"))
    assert web.seen[1].headers["if-modified-since"] == then


def test_fresh_is_not_asked_for(web: Server, opened: Opening) -> None:
    web["/a"] = reply(b"x", Cache_Control="public, max-age=600")
    web["/b"] = reply(b"x", Cache_Control="no-cache, max-age=600")
    for _ in range(2):
        for path in ("/a", "/b"):
            opened().get(web.address(path))
    assert sorted(seen.path for seen in web.seen) == ["/a", "/b", "/b"]


def test_offline_reads_the_cache_and_opens_nothing(web: Server, opened: Opening) -> None:
    web["/a"] = reply(b"x")
    opened().get(web.address("/a"))
    before = web.connections
    got = opened(offline=True).get(web.address("/a"))
    assert (got.content, got.stale_since) == (b"x", None)
    with pytest.raises(FetchError, match="offline"):
        opened(offline=True).get(web.address("/b"))
    assert web.connections == before


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        (reply(b"", status=503), "503 Service Unavailable"),
        (hang(5), "no whole answer within 0.6 s"),
        (cut_short(b"x", 9), "the connection failed"),
    ],
)
def test_a_copy_stands_in_for_a_host_that_fails(
    fault: Answer, failure: str, web: Server, opened: Opening
) -> None:
    web["/a"] = reply(b"good")
    opened().get(web.address("/a"))
    web["/a"] = fault
    got = opened(seconds=0.6).get(web.address("/a"))
    assert got.content == b"good"
    assert got.failure.startswith(failure)
    assert got.stale_since is not None
    assert abs(dt.datetime.now(dt.UTC) - got.stale_since) < dt.timedelta(minutes=1)
    web["/a"] = reply(b"better")
    assert opened().get(web.address("/a")).stale_since is None


def test_many_side_by_side(web: Server, opened: Opening) -> None:
    slow = [f"/slow{number}" for number in range(4)]
    for path in slow:
        web[path] = drip(path.encode(), 0.1)
    web["/bad"] = reply(b"", status=410)
    wanted = [web.address(path) for path in (*slow, "/bad", slow[0])] + ["nonsense"]
    start = time.monotonic()
    got = opened(seconds=5).get_all(wanted)
    assert time.monotonic() - start < 2
    assert list(got) == list(dict.fromkeys(wanted))
    for path in slow:
        found = got[web.address(path)]
        assert isinstance(found, Fetched)
        assert found.content == path.encode()
    assert "410 Gone" in str(got[web.address("/bad")])
    assert isinstance(got["nonsense"], FetchError)
    assert len(web.seen) == 5


def test_a_host_is_not_crowded(web: Server, opened: Opening) -> None:
    active, most = [0], [0]

    def answer(asked: object) -> None:
        active[0] += 1
        most[0] = max(most[0], active[0])
        time.sleep(0.03)
        active[0] -= 1
        reply(b"x")(asked)  # type: ignore[arg-type]

    for number in range(20):
        web[f"/{number}"] = answer
    opened(seconds=5).get_all(web.address(f"/{number}") for number in range(20))
    assert 2 <= most[0] <= 4


def test_a_silent_host_costs_a_few_deadlines_not_hundreds(web: Server, opened: Opening) -> None:
    for number in range(200):
        web[f"/{number}"] = hang(5)
    start = time.monotonic()
    got = opened(seconds=0.2).get_all(web.address(f"/{number}") for number in range(200))
    assert time.monotonic() - start < 2
    assert all(isinstance(answer, Unreachable) for answer in got.values())


def test_without_a_cache_folder(web: Server) -> None:
    web["/a"] = reply(b"x")
    with HttpFetcher(None, False, LOOPBACK) as fetcher:
        assert fetcher.get(web.address("/a")).content == b"x"


def test_damaged_cache_is_fetched_again(web: Server, opened: Opening, tmp_path: Path) -> None:
    web["/a"] = conditional(b"good", "text/plain", '"v1"')
    opened().get(web.address("/a"))
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file():
            path.write_bytes(b"\xc1 damaged")
    assert opened().get(web.address("/a")).content == b"good"
    assert opened(offline=True).get(web.address("/a")).content == b"good"


def test_credentials_go_to_their_host_only(web: Server, opened: Opening) -> None:
    with Server() as other:
        web["/feed"] = reply(b"private")
        web["/away"] = redirect(other.address("/x"))
        other["/x"] = reply(b"public")
        known = from_environment(
            {"THICKET_CONVERT_CREDENTIALS": f"http://127.0.0.1:{web.port}=alice:open%20sesame"}
        )
        fetcher = opened(credentials=known)
        assert fetcher.get(web.address("/feed")).content == b"private"
        assert fetcher.get(web.address("/away")).content == b"public"
        assert web.seen[0].headers["authorization"] == "Basic YWxpY2U6b3BlbiBzZXNhbWU="
        assert "authorization" not in other.seen[0].headers
        with pytest.raises(FetchError, match="offline"):
            opened(offline=True).get(web.address("/feed"))
        assert opened(offline=True, credentials=known).get(web.address("/feed"))


def test_nobody_else_has_the_credentials_used(web: Server, opened: Opening) -> None:
    """Neither a redirect nor an address in an answer has anything read with them."""
    with Server() as stranger:
        web["/private"] = reply(b"private")
        inside = web.address("/private", host="localhost")
        pair = f"http://localhost:{web.port}=alice:secret"
        known = from_environment({"THICKET_CONVERT_CREDENTIALS": pair})
        fetcher = opened(credentials=known)
        stranger["/feed"] = redirect(inside)
        fetcher.get(stranger.address("/feed"))
        fetcher.get(inside, named_by=stranger.address("/feed"))
        assert all("authorization" not in seen.headers for seen in web.seen)
        fetcher.get(inside, named_by=web.address("/list", host="localhost"))
        assert "authorization" in web.seen[-1].headers
        count = len(web.seen)
        fetcher.get_all([inside], named_by=stranger.address("/feed"))
        assert "authorization" not in web.seen[count].headers


def test_password_in_an_address_is_used_and_never_shown(web: Server, opened: Opening) -> None:
    web["/feed"] = reply(b"x")
    address = f"http://bob:hush@127.0.0.1:{web.port}/feed"
    got = opened(credentials=from_environment({})).get(address)
    assert got.address == web.address("/feed")
    assert web.seen[0].headers["authorization"] == "Basic Ym9iOmh1c2g="
    with pytest.raises(FetchError) as caught:
        opened().get(address.replace("/feed", "/nothing"))
    assert "hush" not in str(caught.value)
    assert "authorization" not in web.seen[1].headers


def test_a_library_of_its_own_connections_asks_for_the_credentials(opened: Opening) -> None:
    pair = "git.example=alice:secret feeds.example:8443=token"
    fetcher = opened(credentials=from_environment({"THICKET_CONVERT_CREDENTIALS": pair}))
    assert fetcher.authorization("https://git.example/store.git") == "Basic YWxpY2U6c2VjcmV0"
    assert fetcher.authorization("https://feeds.example:8443/x") == "Bearer token"
    assert fetcher.authorization("https://bob:hush@other.example/") == "Basic Ym9iOmh1c2g="
    for address in ("http://git.example/", "https://feeds.example/", "https://x.git.example/"):
        assert fetcher.authorization(address) is None
    assert opened().authorization("https://bob:hush@git.example/") is None
    with pytest.raises(FetchError, match="not an http"):
        fetcher.authorization("ssh://git.example/")


def test_credentials_in_the_environment() -> None:
    found = from_environment(
        {"THICKET_CONVERT_CREDENTIALS": "a.example=x:y\nb.example:8443=tok%3Aen http://c=t"}
    )
    assert found.by_origin == {
        "https://a.example": "Basic eDp5",
        "https://b.example:8443": "Bearer tok:en",
        "http://c": "Bearer t",
    }
    for wrong in ("a.example", "=x:y", "a.example=", "a.example=t%0Aoken"):
        with pytest.raises(UsageError, match="pair 1"):
            from_environment({"THICKET_CONVERT_CREDENTIALS": wrong})


def test_https_is_verified_by_name_at_the_judged_address(tmp_path: Path, opened: Opening) -> None:
    try:
        ours = certificate(tmp_path)
    except OSError:
        pytest.skip("OpenSSL is not installed")
    with Server(tls=ours.server) as web:
        web["/a"] = reply(b"secure")
        trusting = {"ssl_context": ours.client, "resolver": lambda *_: ["127.0.0.1"]}
        address = web.address("/a", host="localhost")
        assert opened(**trusting).get(address).content == b"secure"
        for host, options, reason in (
            ("other.example", trusting, "TLS: Hostname mismatch"),
            ("localhost", {"cache": None}, "TLS: self.signed certificate"),
        ):
            with pytest.raises(FetchError, match=reason):
                opened(**options).get(web.address("/a", host=host))


@given(st.text())
def test_any_text_is_fetched_or_refused(address: str) -> None:
    with HttpFetcher(None, True) as fetcher:
        for each in (address, f"http://{address}", f"https://example.org/{address}"):
            with pytest.raises(FetchError) as caught:
                fetcher.get(each)
            assert len(str(caught.value).splitlines()) == 1


def test_an_interrupt_stops_at_once(web: Server, opened: Opening) -> None:
    for number in range(9):
        web[f"/{number}"] = hang(20)
    fetcher = opened(seconds=20)
    start = time.monotonic()
    # A shell that starts us in the background has us ignore interrupts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            fetcher.get_all(web.address(f"/{number}") for number in range(9))
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - start < 3
