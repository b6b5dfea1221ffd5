"""Embeds become titled links; nothing that stood inside them is lost."""

from __future__ import annotations

import pytest
from entries import body
from hypothesis import given
from hypothesis import strategies as st
from marking import inner, marked, said

from convert.content.embeds import find
from convert.content.embeds.hosts import recognise


def _link(href: str, kind: str, words: str) -> str:
    return f'<p class="embed"><a href="{href}" data-embed="{kind}">{words}</a></p>'


@pytest.mark.parametrize(
    ("player", "page", "name"),
    [
        ("https://www.youtube-nocookie.com/embed/DSzvFwIVm5s?start=9",
         "https://www.youtube.com/watch?v=DSzvFwIVm5s&t=9s", "YouTube"),
        ("https://www.youtube.com/embed/videoseries?list=PLgjW",
         "https://www.youtube.com/playlist?list=PLgjW", "YouTube"),
        ("http://www.youtube.com/v/PhlN_o2CrA0?fs=1", "https://www.youtube.com/watch?v=PhlN_o2CrA0",
         "YouTube"),
        ("https://youtu.be/PhlN_o2CrA0", "https://www.youtube.com/watch?v=PhlN_o2CrA0", "YouTube"),
        ("https://player.vimeo.com/video/12345?h=abc", "https://vimeo.com/12345/abc", "Vimeo"),
        ("https://www.dailymotion.com/embed/video/x8abc", "https://www.dailymotion.com/video/x8abc",
         "Dailymotion"),
        ("https://watch.ocaml.org/videos/embed/f3aa-87",
         "https://watch.ocaml.org/videos/watch/f3aa-87", "PeerTube"),
        ("https://asciinema.org/a/abc/iframe?autoplay=1", "https://asciinema.org/a/abc",
         "asciinema"),
        ("https://codepen.io/ada/embed/preview/xYz?height=300", "https://codepen.io/ada/pen/xYz",
         "CodePen"),
        ("https://gist.github.com/ada/0123.pibb", "https://gist.github.com/ada/0123", "Gist"),
        ("https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/1",
         "https://api.soundcloud.com/tracks/1", "SoundCloud"),
        ("https://open.spotify.com/embed/track/1", "https://open.spotify.com/track/1", "Spotify"),
        ("https://archive.org/embed/x", "https://archive.org/details/x", "Internet Archive"),
        ("https://notyoutube.com/embed/DSzvFwIVm5s", "https://notyoutube.com/embed/DSzvFwIVm5s",
         None),
        ("https://www.youtube.com/embed/%22%3E", "https://www.youtube.com/embed/%22%3E", "YouTube"),
    ],
)  # fmt: skip
def test_players_and_pages(player: str, page: str, name: str | None) -> None:
    host, found = recognise(player)
    assert (host.name if host else None, found) == (name, page)
    assert recognise(page)[1] == page


def test_title_and_host() -> None:
    markup = '<iframe src="//player.vimeo.com/video/12" title="A  talk"></iframe>'
    assert inner(find.mark, markup) == _link("https://vimeo.com/12", "video", "A talk (Vimeo)")


def test_a_title_that_says_nothing_gives_way_to_the_address() -> None:
    markup = '<iframe src="https://example.org/map" title="Embedded content"></iframe>'
    assert inner(find.mark, markup) == _link("https://example.org/map", "frame", "example.org/map")


def test_it_leaves_the_paragraph_it_cannot_stand_in() -> None:
    markup = '<p>a <em>b <iframe src="https://example.org/x"></iframe> c</em> d</p>'
    link = _link("https://example.org/x", "frame", "example.org/x")
    assert inner(find.mark, markup) == f"<p>a <em>b </em></p>{link}<p><em> c</em> d</p>"


def test_a_video_with_poster_sources_and_fallback() -> None:
    markup = (
        '<video poster="/p.png"><source src="../v/film.mp4" type="video/mp4"><track src="x.vtt">'
        "Get <b>the film</b></video>after"
    )
    assert inner(find.mark, markup) == (
        '<p class="embed"><a href="https://blog.example/v/film.mp4" data-embed="video">'
        '<img src="https://blog.example/p.png" alt=""/>film.mp4 (blog.example)</a></p>'
        f"{_link('https://blog.example/2024/x.vtt', 'object', 'x.vtt (blog.example)')}"
        "<p>Get <b>the film</b></p>after"
    )


def test_a_fallback_that_is_the_same_link_gives_the_title() -> None:
    markup = '<audio src="a.mp3"><a href="a.mp3">Hear it</a></audio>'
    link = _link("https://blog.example/2024/a.mp3", "audio", "Hear it (blog.example)")
    assert inner(find.mark, markup) == link


def test_an_object_with_parameters_and_an_embed_inside() -> None:
    markup = (
        '<object type="application/x-shockwave-flash"><param name="movie" '
        'value="http://www.youtube.com/v/PhlN_o2CrA0"><embed src="x"><p>No Flash</p></object>'
    )
    link = _link("https://www.youtube.com/watch?v=PhlN_o2CrA0", "video",
                 "youtube.com/watch?v=PhlN_o2CrA0 (YouTube)")  # fmt: skip
    assert inner(find.mark, markup) == f"{link}<div><p>No Flash</p></div>"


def test_embedly_names_the_host_it_frames() -> None:
    markup = (
        '<iframe src="https://cdn.embedly.com/widgets/media.html?url=https%3A%2F%2Fvimeo.com%2F12'
        '&image=https%3A%2F%2Fi.example%2Fp.jpg"></iframe>'
    )
    assert inner(find.mark, markup) == (
        '<p class="embed"><a href="https://vimeo.com/12" data-embed="video">'
        '<img src="https://i.example/p.jpg" alt=""/>vimeo.com/12 (Vimeo)</a></p>'
    )


@pytest.mark.parametrize(
    "attribute",
    [
        *("data-cookieblock-src", "data-src-cmplz", "data-cmplz-src", "data-litespeed-src"),
        *("data-rocket-src", "data-suppressedsrc", "data-iframe-src", "suppressedsrc"),
        *("consent-original-src-_", "data-consent-src"),
    ],
)
def test_a_player_that_waits_for_a_consent_is_a_link(attribute: str) -> None:
    for other in ("", ' src="about:blank"'):
        markup = f'<iframe{other} {attribute}="https://example.org/x" data-poster="/p"></iframe>'
        assert 'href="https://example.org/x"' in body(markup)


def test_a_lazy_player_and_its_twin_for_readers_without_scripts() -> None:
    markup = (
        '<iframe data-src="https://example.org/x"></iframe>'
        '<noscript><iframe src="https://example.org/x"></iframe></noscript>'
    )
    assert inner(find.mark, markup) == _link("https://example.org/x", "frame", "example.org/x")


@pytest.mark.parametrize(
    "markup",
    [
        '<iframe src="javascript:alert(1)"></iframe>',
        '<object data="data:text/html,<b>x"></object>',
        "<embed>",
        '<iframe src=""></iframe>',
        '<iframe src="about:blank"></iframe>',
    ],
)
def test_what_leads_nowhere_leaves_no_link(markup: str) -> None:
    assert inner(find.mark, f"<p>a{markup}b</p>") == "<p>ab</p>"


TAGS = st.sampled_from(
    ["<video src=a.mp4>", "</video>", "<audio>", "</audio>", "<object data=b>", "</object>",
     "<embed src=c>", "<source src=d.ogg>", "<p>", "</p>", "<a href=x>", "</a>", "<em>", "</em>",
     "<h2>", "</h2>", "<li>", "<figure>", "<noscript>", "</noscript>", "uno ", "due ", "tre ",
     "<iframe src=https://e.example></iframe>", "<table><tr><td>", "</table>"]
)  # fmt: skip


@given(pieces=st.lists(TAGS, max_size=25))
def test_no_word_is_lost_and_none_moves(pieces: list[str]) -> None:
    markup = "".join(pieces)
    before = said(marked(lambda tree, into: None, markup))
    tree = marked(find.mark, markup)
    for link in tree.iter("a"):
        if link.get("data-embed"):
            for each in link.iter():
                each.text = None
                if each is not link:
                    each.tail = None
    assert said(tree) == before
    assert not list(tree.iter("iframe", "video", "audio", "object", "embed"))
