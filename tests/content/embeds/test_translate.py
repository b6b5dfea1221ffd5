"""What only a script would show: its address, its words or its formula stay, or a warning."""

from __future__ import annotations

import html
import json

import pytest
from entries import body, prepared
from hypothesis import given
from hypothesis import strategies as st

WATCH = "https://www.youtube.com/watch?v=abcdefghijk"
A = "https://a.example/x"
MAPPED = '<img src="https://b.example/a.png" usemap="#m">'

ADDRESSES = {
    '<lite-youtube videoid="abcdefghijk"></lite-youtube>': WATCH,
    '<lite-youtube videoid="abcdefghijk" playlabel="Play: T"><button>▶</button></lite-youtube>': (
        WATCH
    ),
    '<youtube-video src="https://www.youtube.com/embed/abcdefghijk"></youtube-video>': WATCH,
    '<amp-youtube data-videoid="abcdefghijk" layout="responsive"></amp-youtube>': WATCH,
    '<div class="embed-youtube" data-id="abcdefghijk"></div>': WATCH,
    '<div data-plyr-provider="youtube" data-plyr-embed-id="abcdefghijk"></div>': WATCH,
    '<div data-youtube-id="abcdefghijk"></div>': WATCH,
    "<div class=\"youtube-wrap\" data-attrs='{\"videoId\":\"abcdefghijk\"}'></div>": WATCH,
    "<div data-settings='{\"youtube_url\":\"https://youtu.be/abcdefghijk\"}'></div>": WATCH,
    '<lite-vimeo videoid="364402896"></lite-vimeo>': "https://vimeo.com/364402896",
    '<amp-vimeo data-videoid="364402896"></amp-vimeo>': "https://vimeo.com/364402896",
    '<amp-twitter data-tweetid="123456"></amp-twitter>': "https://twitter.com/i/status/123456",
    '<div class="tweet" data-tweet-id="123456"></div>': "https://twitter.com/i/status/123456",
    '<amp-instagram data-shortcode="fBwFP"></amp-instagram>': "https://www.instagram.com/p/fBwFP/",
    '<amp-gist data-gistid="b9bb35bc68df68259af94430f012425f"></amp-gist>': (
        "https://gist.github.com/b9bb35bc68df68259af94430f012425f"
    ),
    '<div data-gist-id="abc123def"></div>': "https://gist.github.com/abc123def",
    '<script src="https://gist.github.com/ann/abc123.js"></script>': (
        "https://gist.github.com/ann/abc123"
    ),
    '<script src="https://gist.github.com/ann/abc123.js?file=a.ml"></script>': (
        "https://gist.github.com/ann/abc123"
    ),
    '<script src="https://asciinema.org/a/14.js" id="asciicast-14" async></script>': (
        "https://asciinema.org/a/14"
    ),
    '<script async src="//jsfiddle.net/ann/q1w2/embed/js,result/"></script>': (
        "https://jsfiddle.net/ann/q1w2/"
    ),
    '<script src="https://speakerdeck.com/assets/embed.js" data-id="feedcafe"></script>': (
        "https://speakerdeck.com/player/feedcafe"
    ),
    '<script src="https://gitlab.com/-/snippets/12.js"></script>': (
        "https://gitlab.com/-/snippets/12"
    ),
    '<script src="https://emgithub.com/embed.js?target=https%3A%2F%2Fgithub.com%2Fa"></script>': (
        "https://github.com/a"
    ),
    '<script src="https://telegram.org/js/telegram-widget.js" data-telegram-post="a/1"></script>': (
        "https://t.me/a/1"
    ),
    '<p class="codepen" data-slug-hash="abcDEF" data-user="ann"></p>': (
        "https://codepen.io/ann/pen/abcDEF"
    ),
    '<div class="fb-post" data-href="https://www.facebook.com/ann/posts/1"></div>': (
        "https://www.facebook.com/ann/posts/1"
    ),
    f'<figure class="media"><oembed url="{A}"></oembed></figure>': A,
    f'<div data-oembed-url="{A}"></div>': A,
    '<blockquote class="bluesky-embed" data-bluesky-uri="at://did:plc:x/app.bsky.feed.post/1">'
    "<p>x</p></blockquote>": "https://bsky.app/profile/did:plc:x/post/1",
    f'<blockquote class="instagram-media" data-instgrm-permalink="{A}">words</blockquote>': A,
    '<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@ann/video/123" data-video-id='
    '"123"><section><a href="https://www.tiktok.com/@ann?refer=embed">@ann</a> words <a href='
    '"https://www.tiktok.com/tag/sea">#sea</a></section></blockquote>': (
        "https://www.tiktok.com/@ann/video/123"
    ),
    '<blockquote class="bluesky-embed" data-bluesky-uri="at://did:plc:x/app.bsky.feed.post/1"><p>x'
    ' <a href="https://bsky.app/profile/ann.example/post/1">May 1</a></p></blockquote>': (
        "https://bsky.app/profile/ann.example/post/1"
    ),
    '<a data-pin-do="embedPin" href="https://www.pinterest.com/pin/99360735/"></a>': (
        "https://www.pinterest.com/pin/99360735/"
    ),
    '<div class="infogram-embed" data-id="abc-def-ghi" data-type="interactive" data-title="T">'
    '</div><script src="https://e.infogram.com/js/dist/embed.js"></script>': (
        "https://infogram.com/abc-def-ghi"
    ),
    '<div class="flourish-embed flourish-chart" data-src="visualisation/123"><script src='
    '"https://public.flourish.studio/resources/embed.js"></script></div>': (
        "https://public.flourish.studio/visualisation/123/"
    ),
    f'<blockquote class="tiktok-embed" cite="{A}" data-video-id="1"><p>x</p></blockquote>': A,
    f'<amp-iframe src="{A}" width="5"><p>x</p></amp-iframe>': A,
    f'<amp-video src="{A}.mp4"></amp-video>': f"{A}.mp4",
    f'<video-js><source src="{A}.mp4"></video-js>': f"{A}.mp4",
    f'<video-js id="v" data-setup="{{}}"><source src="{A}.mp4"></video-js>': f"{A}.mp4",
    f'<model-viewer src="{A}.glb" alt="A model"></model-viewer>': f"{A}.glb",
    f'<portal src="{A}"></portal>': A,
    f'<asciinema-player src="{A}.cast"></asciinema-player>': f"{A}.cast",
    f'<my-card href="{A}">words</my-card>': A,
    f'<my-card data-link="{A}"></my-card>': A,
    f'<iframe data-src="{A}"></iframe>': A,
    f'<video data-url="{A}"></video>': A,
    f'<p>x <a href="{A}" aria-label="Name"></a> y</p>': A,
    f'<p>x <a href="{A}" title="Name"><i class="icon"></i></a> y</p>': A,
    f'<p>x <a data-href="{A}">words</a> y</p>': A,
    f'<p>x <span href="{A}">words</span> y</p>': A,
    f'<div src="{A}"></div>': A,
    f'<track src="{A}.vtt">': f"{A}.vtt",
    f'<video src="{A}.mp4"><track src="{A}.vtt" label="English"></video>': f"{A}.vtt",
    f'<video><source src="https://b.example/y.mp4"><source src="{A}.mp4"></video>': f"{A}.mp4",
    f'<video src="{A}.mp4"><source src="{A}.mp4"><source src="{A}.webm"></video>': f"{A}.mp4",
    f'<frame src="{A}">': A,
    f'{MAPPED}<map name="m"><area href="{A}" alt="Place"></map>': A,
    f'<map name="m"><area href="{A}" alt="Place"></map><p>x</p>{MAPPED}': A,
    f"<div class=\"file-embed\" data-attrs='{{\"filename\":\"f\",\"url\":\"{A}\"}}'></div>": A,
    f"<div data-attrs='{{\"title\":\"T\",\"canonical_url\":\"{A}\",\"cover_image\":"
    f"\"https://b.example/c.png\"}}'></div>": A,
}  # fmt: skip


@pytest.mark.parametrize("markup", ADDRESSES)
def test_addresses_become_links(markup: str) -> None:
    found = prepared(f"<p>Before.</p>{markup}<p>After.</p>")
    assert found.body.count(f'href="{ADDRESSES[markup]}"') == 1, found.body
    assert found.problems == ()
    assert prepared(found.body, "xhtml").body == found.body


ALBUM = html.escape(json.dumps({"gallery": {"images": [{"src": A}], "alt": "words"}}))
PICTURES = (
    f'<amp-img src="{A}.jpg" width="100" height="50" alt="words"></amp-img>',
    f'<amp-img src="{A}" width="100" height="50" alt="words"></amp-img>',
    f'<my-image src="{A}.png" alt="words"></my-image>',
    f'<div style="background-image:url({A})" role="img" aria-label="words"></div>',
    f"<div style=\"color:red;background: #fff url('{A}') no-repeat\" title=\"words\"></div>",
    f'<div data-src="{A}.webp" title="words"></div>',
    f'<div class="cover" data-background-image="{A}.webp" title="words"></div>',
    f'<div data-attrs="{ALBUM}"></div>',
)  # fmt: skip


@pytest.mark.parametrize("markup", PICTURES)
def test_pictures_are_pictures(markup: str) -> None:
    found = prepared(f"<p>Before.</p>{markup}<p>After.</p>")
    assert 'alt="words"' in found.body, found.body
    assert [each.address.removeprefix(A) for each in found.images] in (
        [""],
        [".jpg"],
        [".png"],
        [".webp"],
    )
    assert found.problems == ()


def test_formulas_of_substack_are_formulas() -> None:
    attributes = html.escape(json.dumps({"persistentExpression": "E = mc^2", "id": "A"}))
    markup = f'<div class="latex-rendered" data-attrs="{attributes}"></div>'
    assert '<annotation encoding="application/x-tex">E = mc^2</annotation>' in body(markup)
    assert body(markup).startswith('<math display="block">')


@pytest.mark.parametrize(
    "markup",
    [
        "<amp-mathml layout='container' data-formula='\\[ x^2 \\]'></amp-mathml>",
        "<p>in <amp-mathml inline data-formula='\\(x^2\\)'></amp-mathml> line</p>",
        "<p>in <x-math data-tex='x^2'></x-math> line</p>",
        "<p data-latex='x^2'></p>",
    ],
)
def test_formulas_in_attributes_are_formulas(markup: str) -> None:
    found = prepared(f"<p>Before.</p>{markup}")
    assert '<annotation encoding="application/x-tex">x^2</annotation>' in found.body
    assert found.problems == ()
    assert f'display="{"inline" if markup.startswith("<p>in") else "block"}"' in found.body


def test_messages_of_substack_are_quotations() -> None:
    said = {"url": A, "full_text": "Some words", "username": "ann", "name": "Ann"}
    markup = f'<div class="tweet" data-attrs="{html.escape(json.dumps(said))}"></div>'
    assert body(markup) == (
        f'<blockquote><p>Some words</p><p><a href="{A}">— Ann (@ann)</a></p></blockquote>'
    )


def test_frames_show_the_page_that_they_hold() -> None:
    page = html.escape("<p>Words <b>in</b> it</p><script>x</script><p>\\(x^2\\)</p>")
    found = body(f'<p>Before.</p><iframe srcdoc="{page}"></iframe><p>After.</p>')
    assert "<p>Words <b>in</b> it</p>" in found
    assert "x^2</annotation>" in found
    assert found.startswith("<p>Before.</p>")
    assert found.endswith("<p>After.</p>")


WARNED = {
    '<div data-thumbnail-url="https://b.example/t.png"></div>': "'https://b.example/t.png' in an",
    f'<hr data-url="{A}">': f"'{A}' in an empty <hr>",
    '<div data-expr="\\frac{1}{2}"></div>': "'\\\\frac{1}{2}' in an empty <div>",
    f'<div src="{A}">words</div>': f"'{A}' in <div> is left out",
    f'<p><a href="{A}"><i class="icon"></i></a></p>': f"a link to '{A}' shows nothing",
    f'<p><a href="{A}" aria-hidden="true"></a></p>': f"a link to '{A}' shows nothing",
    '<script src="https://a.example/widget.js"></script>': "a script of https://a.example/",
    '<my-widget kind="a"></my-widget>': "<my-widget> shows nothing",
    '<ion-icon name="logo-a"></ion-icon>': "<ion-icon> shows nothing",
    '<canvas id="a"></canvas>': "<canvas> shows nothing",
    '<div class="poll-embed" data-attrs=\'{"id":1}\'></div>': "'poll-embed'> shows nothing",
    '<div data-tf-live="01ABC"></div>': "<div data-tf-live> shows nothing",
    '<div class="foo-embed" data-key="1" data-title="T"></div>': "class='foo-embed'> shows nothing",
    '<p>See <mention user="b">Bob</mention> there</p>': "<mention> is no element of HTML",
    "<p>See <mention>Bob</mention> there</p>": "<mention> is no element of HTML",
    "<p>See <mention>Bob</mention></p>": "<mention> is no element of HTML",
    "<pre><code><x-el>words</x-el></code></pre>": "<x-el> is no element of HTML",
    "<pre><code><x-el a='1'>words</x-el></code></pre>": "<x-el> is no element of HTML",
    "<template><p>words</p></template>": "<template> is shown by no browser",
    f"<template><img src='{A}'></template>": "<template> is shown by no browser",
}


@pytest.mark.parametrize("markup", WARNED)
def test_what_leads_nowhere_is_named(markup: str) -> None:
    (problem,) = prepared(f"<p>Before.</p>{markup}<p>After.</p>").problems
    assert WARNED[markup] in problem.reason


def test_each_of_several_players_beside_each_other_is_shown() -> None:
    ids = ("abcdefghijk", "bcdefghijkl", "cdefghijklm")
    shown = body("".join(f'<lite-youtube videoid="{each}"></lite-youtube>' for each in ids))
    assert [each for each in ids if f'v={each}"' not in shown] == []


def test_the_name_of_an_icon_is_no_word_of_the_text() -> None:
    icons = '<sl-icon name="info"></sl-icon><sl-icon name="x" label="Shut"></sl-icon>'
    assert body(f"<p>See {icons} a</p>") == "<p>See  Shut a</p>"


def test_a_film_that_is_nowhere_leaves_its_poster_and_a_warning() -> None:
    found = prepared(f'<video src="blob:https://b.example/1" poster="{A}.jpg"></video>')
    assert [each.address for each in found.images] == [f"{A}.jpg"]
    assert [each.reason for each in found.problems] == [
        "'blob:https://b.example/1' in <video> cannot be linked to; left out"
    ]


SILENT = (
    '<script src="https://platform.twitter.com/widgets.js" async></script>',
    '<script type="application/ld+json">{"a": "b"}</script>',
    '<amp-ad type="a" data-ad="1"></amp-ad>',
    '<amp-social-share type="a"></amp-social-share>',
    '<div data-line="1"></div>',
    '<span data-url="not an address"></span>',
    '<div data-avatar-url="https://b.example/t.png" data-api="https://b.example/"></div>',
    f'<p><a href="{A}" hidden=""></a></p>',
    '<p><a href="https://blog.example/2024/entry#x"></a></p>',
    '<o:p w:x="1"></o:p>',
    "<mjx-math><mjx-mi><mjx-c></mjx-c></mjx-mi></mjx-math>",
    '<iframe src="about:blank"></iframe>',
)


@pytest.mark.parametrize("markup", SILENT)
def test_what_shows_nothing_goes(markup: str) -> None:
    found = prepared(f"<p>Before.</p>{markup}<p>After.</p>")
    assert found.body == "<div><p>Before.</p><p>After.</p></div>"
    assert found.problems == ()


STAY = (
    f'<div data-url="{A}"><p>words</p></div>',
    f'<p data-permalink="{A}">words</p>',
    f'<p><span data-href="{A}">words</span></p>',
    f'<p style="background-image:url({A})">words</p>',
)


@pytest.mark.parametrize("markup", STAY)
def test_elements_with_words_are_what_they_were(markup: str) -> None:
    assert body(markup).replace("<div>", "").replace("</div>", "") == "<p>words</p>"


NAMES = st.from_regex(r"[a-z]{1,6}-[a-z]{1,6}", fullmatch=True)
KEYS = st.sampled_from(
    ["src", "href", "url", "data-src", "data-href", "data-url", "data-permalink"]
)
WORDS = st.from_regex(r"[A-Za-z]{3,8}", fullmatch=True)


@given(NAMES, KEYS, WORDS, st.booleans(), st.booleans())
def test_no_address_of_an_element_of_ones_own_is_lost(
    name: str, key: str, word: str, has_words: bool, is_inline: bool
) -> None:
    address = f"https://{word.lower()}.example/{word}"
    inside = f"words {word}" if has_words else ""
    own = f'<{name} {key}="{address}" title="T{word}">{inside}</{name}>'
    found = prepared(f"<p>Before. {own} After.</p>" if is_inline else f"<p>Before.</p>{own}")
    assert f'="{address}"' in found.body or any(name in each.reason for each in found.problems)
    assert inside in found.body
    assert prepared(found.body, "xhtml").body == found.body
