"""The text of WordPress as its authors wrote it, as its readers see it: shortcodes, addresses
that stand alone, then paragraphs and lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape, unescape
from typing import NamedTuple

from convert.content.embeds.hosts import recognise
from convert.sources.feeds import paragraphs

_NAMES = (
    *("caption", "wp_caption", "gallery", "embed", "audio", "video", "code", "sourcecode"),
    *("youtube", "vimeo", "dailymotion", "soundcloud", "spotify"),
)
_PIECE = re.compile(
    rf"(?P<markup>{paragraphs.MARKUP})"
    # [[name]] is how authors write [name] itself.
    rf"|\[(?P<escaped>\[)?(?P<name>{'|'.join(_NAMES)})(?![\w-])"
    r"(?P<attributes>(?:[^\[\]\"']++|\"[^\"]*+\"|'[^']*+')*+)(?P<end>\]\]?)"
    r"|(?:(?m:^)|(?<=<p>))[ \t]*(?P<address>https?://[^\s<>\"\[\]]++)"
    r"(?=[ \t]*(?:\n|\Z|</p>))",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTE = re.compile(
    r"(?:([\w-]{1,40})\s*=\s*)?(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"']++))", re.ASCII
)
_PICTURE = re.compile(r"\s*(?:<a\b[^<>]*+>\s*)?<img\b[^<>]*+>(?:\s*</a>)?", re.IGNORECASE)
_SOURCES = {
    "audio": ("src", "mp3", "m4a", "ogg", "wav", "wma", "flac"),
    "video": ("src", "mp4", "m4v", "webm", "ogv", "flv", "wmv", "mov"),
}
_PAGES = {
    "youtube": "https://www.youtube.com/watch?v=",
    "vimeo": "https://vimeo.com/",
    "dailymotion": "https://www.dailymotion.com/video/",
}
"""Where the films are that stand in the text by their numbers."""
_LONGEST_CAPTION = 5_000
_PART = re.compile(r"<!--\s*(?:more\b.*|nextpage\s*)-->", re.IGNORECASE | re.DOTALL)
"""Parts an entry from its beginning, or in pages."""
_BLOCKS = "<!-- wp:"
"""With such a comment a text was written in blocks, which are whole markup."""


class Picture(NamedTuple):
    """A picture that the site holds."""

    address: str
    alt: str = ""
    caption: str = ""

    @property
    def figure(self) -> str:
        """The picture with its caption."""
        below = self.caption[:_LONGEST_CAPTION]
        below = f"<figcaption>{below}</figcaption>" if below else ""
        alt = escape(self.alt[:_LONGEST_CAPTION])
        return f'<figure><img src="{escape(self.address)}" alt="{alt}">{below}</figure>'


class _Gallery:
    """The pictures that an entry shows by their numbers, each once: an entry cannot grow past what
    the site holds."""

    def __init__(self, pictures: Mapping[str, Picture], attached: Sequence[str]) -> None:
        self._pictures = pictures
        self._attached = attached
        self._shown: set[str] = set()

    def show(self, shortcode: _Shortcode) -> str:
        """Return the pictures of a gallery; "" where none is known."""
        if shortcode.inside and shortcode.inside.strip():
            return ""
        stated = shortcode.attributes.get("ids") or shortcode.attributes.get("include")
        self._shown |= {*re.findall(r"\d+", shortcode.attributes.get("exclude", ""))}
        numbers = dict.fromkeys(re.findall(r"\d+", stated) if stated else self._attached)
        self._attached = self._attached if stated else ()
        figures = [
            self._pictures[each].figure
            for each in numbers
            if each in self._pictures and each not in self._shown
        ]
        self._shown |= {*numbers}
        return f"<figure>{''.join(figures)}</figure>" if figures else ""


class _Shortcode(NamedTuple):
    """``[name key="value" word]``; ``inside`` is what stands before ``[/name]``, None where it is
    not closed, ``end`` where the text goes on."""

    name: str
    attributes: Mapping[str, str]
    words: Sequence[str]
    inside: str | None
    end: int

    @classmethod
    def begun(cls, piece: re.Match[str], text: str, at: int) -> _Shortcode:
        """Return what begins at a piece of a text, which goes on at ``at``."""
        name, attributes, words = piece["name"].lower(), {}, []
        for key, *values in _ATTRIBUTE.findall(piece["attributes"]):
            value = next(filter(None, values), "")
            if key:
                attributes[key.lower()] = value
            else:
                words.append(value)
        # The next of its name closes it, or is another one.
        name_again = re.compile(rf"\[(?:(/){name}\s*\]|{name}\b)", re.IGNORECASE)
        following = name_again.search(text, at)
        if following is None or not following[1]:
            return cls(name, attributes, words, None, at)
        return cls(name, attributes, words, text[at : following.start()], following.end())

    def markup(self, gallery: _Gallery) -> str:
        """Return what it shows; "" where that is not known."""
        match self.name:
            case "caption" | "wp_caption":
                return self.captioned()
            case "gallery":
                return gallery.show(self)
            case "code" | "sourcecode":
                return self.code()
            case "audio" | "video" as kind:
                address = self.address(*_SOURCES[kind])
                poster = self.attributes.get("poster", "")
                shown = f' poster="{escape(_unescaped(poster))}"' if poster else ""
                fallback = (self.inside or "").strip()
                player = f'<{kind} src="{escape(address)}"{shown}>{fallback}</{kind}>'
                return f"<div>{player}</div>" if address else ""
            case _:
                address = self.address("url", "src", "id")
                return _embed(address) if address else ""

    def captioned(self) -> str:
        """Return a picture, or what else there is, with its caption."""
        inside = (self.inside or "").strip()
        picture = _PICTURE.match(inside)
        caption = inside[picture.end() :].strip() if picture else ""
        caption = caption or unescape(self.attributes.get("caption", ""))
        below = f"<figcaption>{caption}</figcaption>" if caption else ""
        shown = picture[0] if picture else inside
        return f"<figure>{shown}{below}</figure>" if shown else ""

    def code(self) -> str:
        """Return code as it was written."""
        if self.inside is None:
            return ""
        stated = (self.attributes.get(name, "") for name in ("language", "lang"))
        language = next(filter(None, stated), "text")
        # Some versions of the plug-in store it escaped.
        code = self.inside.strip("\n")
        code = code if not re.search("[<>]", code) and "&" in code else escape(code, quote=False)
        return f'<pre><code class="language-{escape(language)}">{code}</code></pre>'

    def address(self, *names: str) -> str:
        """Return the first address of the web that it names; "" for none."""
        stated = (*(self.attributes.get(name, "") for name in names), *self.words)
        # Older ways: [youtube=https://…], [audio:https://…|titles=…], [vimeo 12].
        written = [_unescaped(each).strip().lstrip("=:") for each in (*stated, self.inside or "")]
        addresses = (re.match(r"https?://[^\s<>\"|]+(?=\||$)", each) for each in written)
        address = next((each[0] for each in addresses if each), "")
        if not address and (page := _PAGES.get(self.name)):
            number = next((each for each in written if re.fullmatch(r"[\w-]{2,20}", each)), "")
            address = page + number if number else ""
        return address


def shown(body: str, pictures: Mapping[str, Picture], attached: Sequence[str]) -> str:
    """Return a body as its readers see it.

    ``pictures`` are those of the site by number, ``attached`` the numbers of those that belong to
    the entry.  A shortcode that nothing is known of stays as it is written.
    """
    text = body.replace("\r\n", "\n").replace("\r", "\n")
    gallery = _Gallery(pictures, attached)
    seen: list[str] = []
    at = 0
    while piece := _PIECE.search(text, at):
        seen.append(text[at : piece.start()])
        at = piece.end()
        if piece["markup"]:
            seen.append("\n\n" if _PART.fullmatch(piece[0]) else piece[0])
        elif piece["address"]:
            seen.append(_embed(_unescaped(piece["address"]), bare=True))
        elif piece["escaped"]:
            # [[name]…[/name]] is [name]…[/name] as well.
            following = re.compile(rf"\[/?{piece['name']}\b(?:\]\])?", re.IGNORECASE).search(
                text, at
            )
            if piece["end"] == "]" and following and following[0].endswith("]]"):
                seen.append(text[piece.start() + 1 : following.end() - 1])
                at = following.end()
            else:
                seen.append(piece[0][1:-1] if piece["end"] == "]]" else piece[0])
        else:
            at -= len(piece["end"]) - 1
            shortcode = _Shortcode.begun(piece, text, at)
            markup = shortcode.markup(gallery)
            seen.append(f"\n\n{markup}\n\n" if markup else text[piece.start() : at])
            at = shortcode.end if markup else at
    whole = "".join((*seen, text[at:]))
    return whole if _BLOCKS in text else paragraphs.of_lines(whole)


def _unescaped(address: str) -> str:
    """Return an address without character references; ``&copy=1`` is none (HTML 13.2.5.73)."""
    return re.sub(r"&#?\w{1,31};", lambda each: unescape(each[0]), address)


def _embed(address: str, *, bare: bool = False) -> str:
    """Return what a page with a player looks like in its place; a link to any other page."""
    if recognise(address)[0] is not None:
        return f'<div><iframe src="{escape(address)}"></iframe></div>'
    link = f'<a href="{escape(address)}">{escape(address)}</a>'
    return link if bare else f"<p>{link}</p>"
