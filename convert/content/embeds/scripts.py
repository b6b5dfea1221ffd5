"""Scripts that write what they show: where the same is to be seen, and which show nothing."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml import etree

from convert.content.embeds.hosts import parameter

_DRESSING = re.compile(
    r"(?:platform\.(?:twitter|x|instagram|linkedin)\.com|(?:www\.)?instagram\.com"
    r"|(?:www\.)?tiktok\.com|embed\.bsky\.app|assets\.pinterest\.com|connect\.facebook\.net"
    r"|(?:embed|www)\.redditmedia\.com|embed\.reddit\.com|s\.imgur\.com|cdn\.ampproject\.org"
    r"|(?:static|cpwebassets|production-assets)\.codepen\.io|cdn\.embedly\.com|www\.threads\.(?:net"
    r"|com)|player\.vimeo\.com|www\.youtube\.com|embedr\.flickr\.com|cdn\.iframe\.ly"
    r"|cdnjs\.cloudflare\.com|cdn\.jsdelivr\.net|unpkg\.com|ajax\.googleapis\.com|cdn\.mathjax\.org"
    r"|polyfill\.io|code\.jquery\.com|utteranc\.es|giscus\.app|[\w-]+\.disqus\.com"
    r"|static\.cloudflareinsights\.com|www\.google-?[\w-]*\.(?:com|net)|(?:apis|maps)\.google\.com"
    r"|(?:[\w-]+\.)?google(?:syndication|tagmanager|adservices)\.com|stats\.wp\.com|s\d?\.wp\.com"
    r"|public\.flourish\.studio|e\.infogram\.com|embed\.typeform\.com|plausible\.io|fonts\.googleapis\.com|static\.addtoany\.com|s7\.addthis\.com)",
    re.IGNORECASE,
)
"""Hosts of scripts that only dress what stands in the markup, count readers or take comments."""
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), page)
    for pattern, page in (
        (r"https?://gist\.github\.com/([^?#]+?)\.js.*", r"https://gist.github.com/\1"),
        (r"https?://asciinema\.org/a/(\w+)\.js.*", r"https://asciinema.org/a/\1"),
        (r"https?://jsfiddle\.net/([^?#]+?)/embed(?:/.*)?", r"https://jsfiddle.net/\1/"),
        (r"https?://pastebin\.com/embed_js/(\w+).*", r"https://pastebin.com/\1"),
        (
            r"https?://fast\.wistia\.(?:com|net)/embed/medias/(\w+)\.js.*",
            r"https://fast.wistia.net/embed/iframe/\1",
        ),
        (r"https?://(?:static|secure)\.polldaddy\.com/p/(\d+)\.js.*", r"https://poll.fm/\1"),
        (r"(https?://[^/]+/(?:.*/)?snippets/\d+)\.js.*", r"\1"),
        (r"(https?://(?:www\.)?buzzsprout\.com/[^?#]+?)\.js.*", r"\1"),
        (r"(https?://[^?#]+/embed/[^?#]+)\.js(?:\?.*)?", r"\1"),
    )
)


def only_dresses(address: str) -> bool:
    """Tell whether a script shows nothing that is not in the markup beside it."""
    host = urlsplit(address).hostname or ""
    file = urlsplit(address).path.rpartition("/")[2]
    known = _DRESSING.fullmatch(host) is not None
    return (
        known
        or re.fullmatch(r"(?:katex|mathjax|jquery|prism|highlight)[\w.-]*", file, re.I) is not None
    )


def page_of(source: str, script: etree._Element) -> str | None:
    """Return the page that shows what a script writes; None where that is not known."""
    for pattern, page in _RULES:
        if match := pattern.fullmatch(source):
            return match.expand(page)
    parts = urlsplit(source)
    host = (parts.hostname or "").removeprefix("www.")
    identity = script.get("data-id") or ""
    if host == "speakerdeck.com" and re.fullmatch(r"\w+", identity):
        return f"https://speakerdeck.com/player/{identity}"
    if host == "telegram.org" and (shown := script.get("data-telegram-post")):
        return f"https://t.me/{shown}"
    target = parameter(parts, "target") or parameter(parts, "url")
    return target if re.match(r"https?://[^/]", target) else None
