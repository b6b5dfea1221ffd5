"""Players of the known hosts: what the host is called, and the page that shows the same.

A rule takes the address of a player, in parts, and returns the page for people; None leaves
the address as it is.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Literal
from urllib.parse import SplitResult, parse_qs, urlsplit

Kind = Literal["video", "audio", "frame", "object"]
Rule = Callable[[SplitResult], str | None]


@dataclasses.dataclass(frozen=True)
class Host:
    """A known host: its name, what it plays, and the way to the page of a player."""

    name: str
    kind: Kind
    page: Rule


def recognise(address: str) -> tuple[Host | None, str]:
    """Return the host of a player's address, where it is known, and the page to link to."""
    parts = urlsplit(address)
    name = (parts.hostname or "").removeprefix("www.")
    host = next(
        (host for suffix, host in HOSTS.items() if name == suffix or name.endswith(f".{suffix}")),
        None,
    )
    if host is None and re.fullmatch(r"/videos/embed/[\w-]+", parts.path):
        host = PEERTUBE
    if host is None:
        return None, address
    return host, host.page(parts) or address


def parameter(parts: SplitResult, name: str) -> str:
    """Return the first value of a parameter of an address, "" where it has none."""
    return parse_qs(parts.query).get(name, [""])[0]


def _youtube(parts: SplitResult) -> str | None:
    playlist = parameter(parts, "list")
    if parts.path.rstrip("/").endswith("/videoseries") and playlist:
        return f"https://www.youtube.com/playlist?list={playlist}"
    path = re.match(r"/(?:embed|v|e|shorts|live)/([\w-]{6,})", parts.path)
    video = path[1] if path else parameter(parts, "v")
    if not path and parts.hostname == "youtu.be":
        video = parts.path.strip("/")
    if not re.fullmatch(r"[\w-]{6,}", video):
        return None
    start = re.fullmatch(r"(\d+)s?", parameter(parts, "start") or parameter(parts, "t"))
    late = f"&t={start[1]}s" if start and int(start[1]) else ""
    return f"https://www.youtube.com/watch?v={video}{late}"


def _vimeo(parts: SplitResult) -> str | None:
    video = re.fullmatch(r"/(?:video/)?(\d+)/?", parts.path)
    secret = parameter(parts, "h")
    if not video:
        return None
    return f"https://vimeo.com/{video[1]}" + (f"/{secret}" if secret.isalnum() else "")


def _twitch(parts: SplitResult) -> str | None:
    video, channel = parameter(parts, "video").removeprefix("v"), parameter(parts, "channel")
    if video.isdigit():
        return f"https://www.twitch.tv/videos/{video}"
    return f"https://www.twitch.tv/{channel}" if re.fullmatch(r"\w+", channel) else None


def _linked(*names: str) -> Rule:
    """Make a rule: the page is a parameter of the player's address."""

    def rule(parts: SplitResult) -> str | None:
        page = next((value for name in names if (value := parameter(parts, name))), "")
        return page if page.startswith(("http://", "https://")) else None

    return rule


def _path(pattern: str, page: str) -> Rule:
    """Make a rule: the page is written from the groups of the player's path."""

    def rule(parts: SplitResult) -> str | None:
        path = re.fullmatch(pattern, parts.path)
        return path.expand(page) if path else None

    return rule


def _video(page: str, name: str, pattern: str = r"(?!)") -> Rule:
    """Make a rule: the page ends with an id, in the path of the player or in a parameter."""

    def rule(parts: SplitResult) -> str | None:
        path = re.match(pattern, parts.path)
        video = path[1] if path else parameter(parts, name)
        return f"{page}{video}" if video.isalnum() else None

    return rule


def _same(parts: SplitResult) -> str | None:
    return None


PEERTUBE = Host(
    "PeerTube",
    "video",
    lambda parts: f"https://{parts.netloc}{parts.path.replace('/embed/', '/watch/', 1)}",
)

HOSTS: dict[str, Host] = {
    "youtube.com": Host("YouTube", "video", _youtube),
    "youtube-nocookie.com": Host("YouTube", "video", _youtube),
    "youtu.be": Host("YouTube", "video", _youtube),
    "vimeo.com": Host("Vimeo", "video", _vimeo),
    "dailymotion.com": Host(
        "Dailymotion",
        "video",
        _video("https://www.dailymotion.com/video/", "video", r"/(?:embed/|swf/)?video/(\w+)"),
    ),
    "twitch.tv": Host("Twitch", "video", _twitch),
    "bilibili.com": Host("Bilibili", "video", _video("https://www.bilibili.com/video/", "bvid")),
    "ted.com": Host("TED", "video", _path(r"(/talks/.+)", r"https://www.ted.com\1")),
    "media.ccc.de": Host(
        "media.ccc.de", "video", _path(r"(/v/[^/]+)(?:/oembed)?/?", r"https://media.ccc.de\1")
    ),
    "archive.org": Host(
        "Internet Archive", "video", _path(r"/embed/(.+)", r"https://archive.org/details/\1")
    ),
    "loom.com": Host("Loom", "video", _path(r"/embed/(\w+)", r"https://www.loom.com/share/\1")),
    "streamable.com": Host(
        "Streamable", "video", _path(r"/[eos]/(\w+)", r"https://streamable.com/\1")
    ),
    "wistia.com": Host("Wistia", "video", _same),
    "wistia.net": Host("Wistia", "video", _same),
    "videopress.com": Host(
        "VideoPress", "video", _path(r"/embed/(\w+)", r"https://videopress.com/v/\1")
    ),
    "asciinema.org": Host(
        "asciinema",
        "video",
        _path(r"/a/(\w+)(?:/(?:iframe|embed))?/?", r"https://asciinema.org/a/\1"),
    ),
    "soundcloud.com": Host("SoundCloud", "audio", _linked("url")),
    "spotify.com": Host(
        "Spotify", "audio", _path(r"/embed(?:-podcast)?(/.+)", r"https://open.spotify.com\1")
    ),
    "bandcamp.com": Host("Bandcamp", "audio", _same),
    "mixcloud.com": Host("Mixcloud", "audio", _same),
    "podcasts.apple.com": Host("Apple Podcasts", "audio", _same),
    "codepen.io": Host(
        "CodePen",
        "frame",
        _path(r"/([\w-]+)/embed/(?:preview/)?(\w+)/?", r"https://codepen.io/\1/pen/\2"),
    ),
    "gist.github.com": Host(
        "Gist", "frame", _path(r"/(.+?)(?:\.js|\.pibb)?", r"https://gist.github.com/\1")
    ),
    "jsfiddle.net": Host("JSFiddle", "frame", _same),
    "codesandbox.io": Host(
        "CodeSandbox", "frame", _path(r"/embed/(.+)", r"https://codesandbox.io/s/\1")
    ),
    "stackblitz.com": Host("StackBlitz", "frame", _same),
    "replit.com": Host("Replit", "frame", _same),
    "observablehq.com": Host(
        "Observable", "frame", _path(r"/embed/(.+)", r"https://observablehq.com/\1")
    ),
    "speakerdeck.com": Host("Speaker Deck", "frame", _same),
    "slideshare.net": Host("SlideShare", "frame", _same),
    "docs.google.com": Host("Google Docs", "frame", _same),
    "maps.google.com": Host("Google Maps", "frame", _same),
    "openstreetmap.org": Host("OpenStreetMap", "frame", _same),
    "twitter.com": Host("Twitter", "frame", _same),
    "facebook.com": Host("Facebook", "frame", _linked("href")),
    "instagram.com": Host(
        "Instagram", "frame", _path(r"(/(?:p|reel|tv)/[\w-]+)/embed.*", r"https://instagram.com\1/")
    ),
    "tiktok.com": Host("TikTok", "video", _same),
    "godbolt.org": Host("Compiler Explorer", "frame", _same),
    "embedly.com": Host("Embedly", "frame", _linked("url", "src")),
}
"""By the last part of the host's name; the first that fits counts."""
