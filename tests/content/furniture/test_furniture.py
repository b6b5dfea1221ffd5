"""Furniture goes, by one list of rules; what a reader calls text stays."""

from __future__ import annotations

import json
import re

import pytest
from entries import LINK, OPTIONS, body, stored
from running import ROOT

from convert.content import stages
from convert.content.furniture.rules import RULES
from convert.content.views import View, element
from convert.content.views.view import Picture
from convert.model import Content

SVG = '<svg viewBox="0 0 16 16"><path d="M0 0h16v16H0z"/></svg>'
HEADINGS = {
    "Sphinx": '<h2>Low tide<a class="headerlink" href="#x" title="Link to this heading">¶</a></h2>',
    "Sphinx, icon font": '<h2>Low tide<a class="headerlink" href="#x"><i class="fa"></i></a></h2>',
    "Docusaurus": '<h2 class="anchor" id="x">Low tide<a href="#x" class="hash-link"'
    ' aria-label="Direct link to Low tide" title="Direct link to Low tide">\u200b</a></h2>',
    "GitHub": '<h2><a id="user-content-x" class="anchor" aria-hidden="true" href="#x">'
    '<span aria-hidden="true" class="octicon octicon-link"></span></a>Low tide</h2>',
    "GitHub of 2024": '<div class="markdown-heading"><h2 class="heading-element">Low tide</h2>'
    f'<a id="user-content-x" class="anchor" aria-label="Permalink: Low tide" href="#x">{SVG}</a>'
    "</div>",
    "markdown-it-anchor, hidden": '<h2 id="x">Low tide <a class="header-anchor" href="#x">'
    '<span class="visually-hidden">Permalink to “Low tide”</span> <span aria-hidden="true">#</span>'
    "</a></h2>",
    "markdown-it-anchor, after": '<div class="wrapper"><h2 id="x">Low tide</h2>'
    '<a class="header-anchor" href="#x"><span aria-hidden="true">#</span></a></div>',
    "VitePress": '<h2 id="x" tabindex="-1">Low tide <a class="header-anchor" href="#x"'
    ' aria-label="Permalink to &quot;Low tide&quot;">\u200b</a></h2>',
    "VuePress": '<h2 id="x"><a href="#x" class="header-anchor">#</a> Low tide</h2>',
    "Hugo": '<h2 id="x">Low tide <a href="#x" class="anchor" aria-hidden="true">#</a></h2>',
    "Hugo, before": '<h2 id="x"><a href="#x">🔗</a> Low tide</h2>',
    "Hugo, PaperMod": '<h2 id="x">Low tide<a hidden class="anchor" aria-hidden="true" href="#x">#'
    "</a></h2>",
    "Zola": '<h2 id="x"><a class="zola-anchor" href="#x" aria-label="Anchor link for: x">🔗</a>'
    "Low tide</h2>",
    "Jekyll": '<h2 id="x">Low tide <a href="#x" class="anchor-heading" aria-label="Permalink">'
    f"{SVG}</a></h2>",
    "Chirpy": '<h2 id="x"><span class="me-2">Low tide</span><a href="#x" class="anchor text-muted">'
    '<i class="fas fa-hashtag"></i></a></h2>',
    "rehype, prepended": '<h2 id="x"><a aria-hidden="true" tabindex="-1" href="#x">'
    '<span class="icon icon-link"></span></a>Low tide</h2>',
    "rehype, around": '<h2 id="x"><a href="#x">Low tide</a></h2>',
    "Gatsby": '<h2 id="x" style="position:relative;"><a href="#x" aria-label="low tide permalink"'
    f' class="anchor before">{SVG}</a>Low tide</h2>',
    "Starlight": '<div class="sl-heading-wrapper level-h2"><h2 id="x">Low tide</h2>'
    '<a class="sl-anchor-link" href="#x"><span aria-hidden="true" class="sl-anchor-icon">'
    f'{SVG}</span><span class="sr-only">Section titled “Low tide”</span></a></div>',
    "mdBook": '<h2 id="x"><a class="header" href="#x">Low tide</a></h2>',
    "Asciidoctor": '<h2 id="x"><a class="anchor" href="#x"></a><a class="link" href="#x">Low tide'
    "</a></h2>",
    "Org": '<h2><a id="x"></a>Low tide<a href="#x">¶</a></h2>',
    "ocaml.org": f'<h2><a class="anchor"></a><a href="{LINK}#x" class="anchor-link">Low tide</a>'
    "</h2>",
    "ocamlpro": '<h2>Low tide<a href="https://blog.example/feed#x">&#9875;</a></h2>',
    "a picture": '<h2 id="x">Low tide<a class="anchor" href="#x"><img src="/link.svg"'
    ' alt="link icon"></a></h2>',
    "a picture of the feed": f'<h2 id="x">Low tide <a href="{LINK}#x"><img src="/link.svg"'
    ' alt="🔗"></a></h2>',
    "Slate": '<h2 id="x">Low tide<a href="#x"><svg><title>Permalink</title><path d="M0 0"/></svg>'
    "</a></h2>",
    "Notion": '<h2 id="x"><span id="y" class="notion-header-anchor"></span><a href="#x"'
    f' class="notion-hash-link" title="Low tide">{SVG}</a>Low tide</h2>',
    "Quarto": '<h2 class="anchored" data-anchor-id="x">Low tide<a class="anchorjs-link" '
    'aria-label="Anchor" data-anchorjs-icon="" href="#x"></a></h2>',
    "pkgdown": '<h2 id="x">Low tide<a class="anchor" aria-label="anchor" href="#x"></a></h2>',
    "section": '<section id="x"><h2>Low tide<a href="#x">§</a></h2></section>',
    "WordPress": '<h2 class="wp-block-heading"><span id="x">Low tide</span><a href="#x"'
    ' class="anchor-link"><span class="screen-reader-text">Copy link</span></a></h2>',
}
"""Links of headings to themselves, by who writes them so."""


def removed(markup: str) -> dict[str, list[str]]:
    """What went of a body, by rule."""
    read: dict[str, list[str]] = json.loads(dict(stages(stored(markup), OPTIONS))["removed"])
    return read


@pytest.mark.parametrize("name", HEADINGS)
def test_a_heading_has_no_link_to_itself_and_is_found_by_its_id(name: str) -> None:
    prepared = body(f'{HEADINGS[name]}<p>See <a href="#x">above</a>.</p>')
    for plain in ("y", "x", "user-content-x"):  # as the page calls the place
        prepared = prepared.replace(f' id="{plain}"', "").replace(f"#{plain}", "#")
    prepared = prepared.replace("<span/>", "").replace("<span>Low tide</span>", "Low tide")
    prepared = prepared.replace(f"{LINK}#", "#")
    prepared = prepared.replace("<div><h2>Low tide</h2></div>", "<h2>Low tide</h2>")
    assert prepared == '<h2>Low tide</h2><p>See <a href="#">above</a>.</p>'
    inside = name not in {"ocamlpro", "ocaml.org"}
    whole = body(f'{HEADINGS[name]}<p>See <a href="#x">above</a>.</p>')
    assert not inside or 'href="#x"' in whole or 'href="#user-content-x"' in whole


@pytest.mark.parametrize(
    "heading",
    [
        '<h2>Low <a href="https://tides.example/#low">#</a> tide</h2>',
        '<h2><a href="https://blog.example/2023/low#tide">Low tide</a></h2>',
        '<h2>Low <a href="#other">tide</a></h2>',
        '<h2><a href="#other">Low tide</a></h2>',
        '<h2>Low tide <a href="#other">#</a></h2>',
        '<h2>Linked: <a href="#unknown">anchor chains</a></h2>',
        '<h2>The <a href="#copy">copy</a> of the chain</h2>',
        '<h2>Low tide<sup><a href="#other">#</a></sup></h2>',
    ],
)
def test_a_heading_keeps_a_link_that_leads_elsewhere(heading: str) -> None:
    prepared = body(f'{heading}<p id="other">x</p>')
    assert "</a>" in prepared
    assert removed(f'{heading}<p id="other">x</p>') == {}


@pytest.mark.parametrize("tag", ["p", "li", "dd"])
def test_a_line_has_no_link_to_itself(tag: str) -> None:
    line = f'<{tag} id="x">Low tide.{{}}</{tag}>'
    sign = ' <a class="headerlink" href="#x" title="Link to this line">¶</a>'
    assert body(line.format(sign)) == body(line.format(""))
    assert "¶" in body(f'<{tag} id="x">See <a href="#x">¶</a></{tag}>')


def test_a_picture_that_a_button_is_around_to_enlarge_it_stays() -> None:
    button = '<p>x</p><button class="zoom"><img src="/x.png" alt="" width="{}"></button>'
    assert "<img" in body(button.format(600))
    assert "<img" not in body(button.format(24))


def test_what_can_only_be_read_is_code() -> None:
    markup = '<p>Run <input readonly value="opam install &lt;tide&gt;"> now.</p>'
    assert body(markup) == "<p>Run <code>opam install &lt;tide&gt;</code> now.</p>"


def test_what_goes_is_told_by_rule() -> None:
    markup = '<h2 id="a">Tides <a href="#a">¶</a></h2><p>x</p>'
    assert removed(markup) == {"heading sign": ["¶"]}
    assert body(markup) == '<h2 id="a">Tides</h2><p>x</p>'


SIGN = '<path d="M0 0h512v512H0z"/>'
HIDDEN_SVG = f'<svg class="icon" viewBox="0 0 512 512" aria-hidden="true">{SIGN}</svg>'
LARGE_SVG = f'<svg width="50px" height="50px" viewBox="0 0 60 60">{SIGN}</svg>'
PLAIN_SVG = f'<svg viewBox="0 0 512 256">{SIGN}</svg>'
GONE = {
    "Jetpack": '<div class="sharedaddy sd-sharing-enabled"><h3 class="sd-title">Share this:</h3>'
    '<ul><li><a href="https://b.example/?share=x"><span>Click to share on X</span></a></li></ul>'
    "</div>",
    "Jetpack, related": '<div id="jp-relatedposts" class="jp-relatedposts"><h3><em>Related</em>'
    "</h3></div>",
    "AddToAny": '<div class="addtoany_share_save_container addtoany_content"><div class="a2a_kit">'
    '<a href="https://www.addtoany.com/add_to/x"></a></div></div>',
    "a theme": '<div class="social-share"><span>Share</span>'
    '<a href="https://www.facebook.com/sharer/sharer.php?u=x">Facebook</a>'
    '<a href="https://twitter.com/intent/tweet?text=x">Twitter</a></div>',
    "a theme, many": '<div class="entry-share"><a href="mailto:?subject=x">Mail</a>'
    '<a href="https://mastodonshare.com/?text=x">Mastodon</a>'
    '<a href="https://bsky.app/intent/compose?text=x">Bluesky</a></div>',
    "a theme, related": '<div class="related-posts"><h3>Read on</h3><ul><li><a href="/a">Neap tides'
    "</a></li></ul></div>",
    "Substack": '<div class="subscription-widget-wrap-editor" data-component-name="SubscribeWidget'
    'ToDOM"><div class="subscription-widget"><div class="preamble"><p>Thanks for reading!</p></div>'
    '<form><input type="email" placeholder="Type your email…"><input type="submit"></form></div>'
    "</div>",
    "Substack, button": '<p class="button-wrapper" data-attrs="{}"><a class="button primary" '
    'href="https://x.substack.com/subscribe?"><span>Subscribe now</span></a></p>',
    "Ghost": '<div class="kg-card kg-signup-card" style="display:none"><h2>Sign up</h2><form>'
    "<input type=email><button>Subscribe</button></form></div>",
    "Mailchimp": '<div id="mc_embed_signup"><form><h2>Subscribe</h2><label for="e">Address</label>'
    '<input type="email" id="e"></form></div>',
    "a form": '<form><p>Get letters.</p><label>Name <input name="n"></label><select><option>A'
    "</option></select><textarea></textarea><button>Send</button></form>",
    "Disqus": '<div id="disqus_thread"></div><noscript>Please enable JavaScript to view the <a'
    ' href="https://disqus.com/?ref_noscript">comments powered by Disqus.</a></noscript>',
    "Disqus, link": '<a href="https://disqus.com" class="dsq-brlink">blog comments powered by'
    " <span>Disqus</span></a>",
    "a form for comments": '<div class="comment-form"><p>Say what you think.</p><textarea>'
    "</textarea></div>",
    "giscus": '<div class="giscus"><a href="https://giscus.app/">Comments</a></div>',
    "scripts": "<noscript>You need to enable JavaScript to run this app.</noscript>",
    "a counter": '<img src="https://pixel.wp.com/b.gif?host=x" alt="" width="1" height="1">',
    "FeedBurner": '<div class="feedflare"><a href="http://feeds.feedburner.com/~ff/x?a=b"><img src='
    '"http://feeds.feedburner.com/~ff/x?d=y"></a></div><img src="http://feeds.feedburner.com/~r/x"'
    ' height="1" width="1" alt="tides">',
    "a button": '<div class="toolbar"><button type="button"><svg><title>Copy</title></svg>Copy'
    "</button></div>",
    "hidden": "<p hidden>TODO</p><div style='display:none'>teaser</div><p style='visibility:"
    "hidden'>x</p><div style='mso-hide:all;max-height:0'>pre-header</div>",
    "edit link": '<span class="mw-editsection">[<a href="/edit">edit</a>]</span>',
    "a font of icons": '<span class="material-symbols-outlined">content_copy</span>',
}
"""What is furniture, by who writes it so."""
STAYING = {
    "a box too long": f'<div class="sharedaddy"><p>{"Low tide. " * 200}</p></div>',
    "a box that an author calls so": '<div class="share"><p>You may share this under CC-BY, see '
    '<a href="https://creativecommons.org/">the licence</a> for how and when.</p></div>',
    "a list that an author wrote": '<div class="related-posts"><p>Before this I wrote a series'
    ' on tides in the estuary, beginning with <a href="/a">Neap tides</a>.</p></div>',
    "an author's button": '<p class="button-wrapper"><a class="button" href="https://shop.example/">'
    "Buy the book</a></p>",
    "a button in a sentence": "<p>Press <button>OK</button> to go on.</p>",
    "a button in words": "<p>Press <b><button>OK</button></b>, then wait.</p>",
    "a link as a button": '<a href="https://a.example/"><button>Download</button></a>',
    "a button around a link": '<button><a href="https://a.example/">Download</a></button>',
    "an accordion": '<h3><button aria-expanded="false" aria-controls="a">Why tides?</button></h3>'
    '<div id="a" hidden><p>The moon.</p></div>',
    "tabs": '<div role="tablist"><button role="tab" aria-controls="t">opam</button></div>'
    '<div role="tabpanel" id="t" hidden><p>Run it.</p></div>',
    "a spoiler": '<div class="spoiler" style="display:none">The butler did it.</div>',
    "a fold": '<p><a href="#more-1">Read more</a></p><div id="more-1" hidden>Rest.</div>',
    "a fold by script": "<p><a href='javascript:s()'>Show</a></p><div hidden>42</div>",
    "until found": '<p hidden="until-found">The moon.</p>',
    "long and hidden": f'<div style="display:none"><p>{"The moon pulls. " * 40}</p></div>',
    "all hidden": "<div style='display:none'>All that there is.</div>",
    "faded in": '<p class="wow fadeIn" style="visibility: hidden">The moon.</p>',
    "read aloud only": '<p><span class="sr-only">Warning:</span> <i class="fa fa-bolt"'
    ' aria-hidden="true"></i></p>',
    "a quiz": "<form><p>Why?</p><label><input type=radio>The moon</label></form>",
    "a task": '<ul><li><label><input type="checkbox">Watch the moon</label></li></ul>',
    "a page in a form": f'<form id="a"><input type=hidden>{"<p>Low tide.</p>" * 100}</form>',
    "text in a field": f"<textarea readonly>{'let tide = moon in ' * 8}</textarea>",
    "noscript": '<noscript><p>See <a href="https://polls.example/1">the poll</a>.</p></noscript>',
    "about scripts": "<p>Please enable JavaScript in your browser.</p>",
    "a picture without scripts": "<noscript>This chart needs JavaScript."
    " <img src=x.png alt=''></noscript>",
    "a film without scripts": '<noscript>Enable JavaScript or <a href="https://v.example/1">watch'
    " it</a>.</noscript>",
    "headings about boxes": "".join(
        f'<h2 id="{word}">{word}</h2><p>How it works.</p>'
        for word in ("giscus", "utterances", "comment-form", "disqus_thread", "newsletter-form")
    ),
    "sections about boxes": '<section id="giscus"><h2>Giscus</h2><p>Why I left.</p></section>'
    '<div id="disqus_thread"><h2>disqus_thread</h2><p>What this id is for.</p></div>',
    "classes that are words": '<p class="comment-form">A form.</p><p class="tnp">A unit.</p>',
    "a heading on links": '<h2 id="a"><a href="#a">Permalinks in Jekyll</a></h2><h2 id="b">'
    '<a class="anchor" href="#b">Copy</a></h2><h2 id="c">3. <a href="#c">Permalinks, too</a></h2>',
    "a title and what it opens": '<h3 class="x">Why tides?</h3><div style="display:none">The moon.'
    '</div><div class="question">Why salt?</div><div class="a" style="display: none">Rock.</div>',
    "a button that shows": '<p>Why? <button class="btn">Show</button></p><div style="display:none">'
    "The moon.</div>",
    "moved into view": '<div data-aos="fade-up" style="visibility:hidden">The moon.</div>'
    '<p class="elementor-invisible" style="visibility:hidden">The sun.</p>',
    "shown after all": '<div style="display:none;display:block">The moon.</div>',
    "a cell that says the same": '<table><tr><td>Moon</td><td aria-hidden="true">Moon</td></tr>'
    "</table>",
    "questions as buttons": '<div class="q"><button class="b">Why tides?</button></div><p>Moon.</p>'
    '<div class="faq-item"><button class="b">Salt</button><div>The rocks.</div></div>',
    "buttons in tables": '<table><tr><td><button class="b">Play</button></td><td>begins</td></tr>'
    "</table>",
    "keys": "<p>x</p><p><kbd><button>Esc</button></kbd></p>",
    "tabs apart": '<div><button role="tab">opam</button><button role="tab">dune</button></div>',
    "answers apart": "<form><label><input type=radio>Moon</label><label><input type=radio>Sun"
    "</label></form>",
    "text that can only be read": "<textarea readonly>opam install tide</textarea>",
    "a text in a form": '<form><input type="hidden" name="s"><p>Low tide.</p></form>',
    "about Disqus": "<p>This blog has comments powered by Disqus, and I regret it.</p>",
    "a word": '<p><span class="material-light">Silk</span></p>',
}
"""What has the same names or signs, and is text."""


@pytest.mark.parametrize("name", GONE)
def test_furniture_goes(name: str) -> None:
    assert body(f"<p>Low tide.</p>{GONE[name]}<p>High tide.</p>") == (
        "<p>Low tide.</p><p>High tide.</p>"
    )
    assert removed(f"<p>Low tide.</p>{GONE[name]}")


@pytest.mark.parametrize("name", STAYING)
def test_what_only_looks_like_furniture_stays(name: str) -> None:
    beside = "" if name == "all hidden" else "<p>High tide.</p>"
    read = body(STAYING[name] + beside)
    words = re.findall(r"\w+", re.sub(r"<[^<>]*>", " ", STAYING[name] + beside))
    assert re.findall(r"\w+", re.sub(r"<[^<>]*>", " ", read)) == words
    links = re.findall(r'href="(https:[^"]*)"', STAYING[name])
    assert [each for each in links if each not in read] == []


ICONS = {
    f'<p><a href="/i">{HIDDEN_SVG} Tides</a></p>': '<p><a href="I">Tides</a></p>',
    f'<p><a href="/i">Tides {PLAIN_SVG}</a></p>': '<p><a href="I">Tides</a></p>',
    f"<h3>{HIDDEN_SVG}Tides</h3>": "<h2>Tides</h2>",
    f"<p>Low {HIDDEN_SVG} tide</p>": "<p>Low  tide</p>",
    f'<p>Low <span aria-hidden="true">{PLAIN_SVG}</span> tide</p>': "<p>Low  tide</p>",
    f'<p><a href="/i" aria-label="Tides">{HIDDEN_SVG}</a></p>': '<p><a href="I">Tides</a></p>',
    f'<p><a href="/i" title="Tides"><span>{PLAIN_SVG}</span></a></p>': "Tides",
    f"<p>Low {PLAIN_SVG} tide</p>": 'height="1em" viewBox="0 0 512 256" width="2em"',
    f'<p><a href="/i">{PLAIN_SVG}</a></p>': 'height="1em" viewBox="0 0 512 256" width="2em"',
    f'<blockquote class="instagram-media"><a href="/i"><div>{LARGE_SVG}</div>View</a>': (
        '<blockquote><p><a href="I">View</a></p></blockquote>'
    ),
    f"<figure>{PLAIN_SVG}<figcaption>Low tide</figcaption></figure>": '<svg viewBox="0 0 512 256">',
    f"<div>{PLAIN_SVG.replace('<svg', '<svg class=size-5')}<div>Low</div></div>": 'height="1em"',
    f"<div><i class='relative icon'>{PLAIN_SVG}</i><p>Low</p></div>": 'height="1em"',
    f"<div><span>{PLAIN_SVG}</span><span>Low tide</span></div>": 'height="1em"',
    f"<div><div>{PLAIN_SVG}</div><p>Low</p></div>": '<svg viewBox="0 0 512 256">',
    f"<div>{PLAIN_SVG.replace('<svg', '<svg class=w-96')}</div>": '<svg viewBox="0 0 512 256">',
    f"<p>{PLAIN_SVG}</p>": '<svg viewBox="0 0 512 256">',
    f"<p>{PLAIN_SVG.replace('<svg', '<svg width=600 height=300')} Tide</p>": 'width="600"',
    f"<p>Tide: {PLAIN_SVG.replace(SIGN, SIGN + '<text>low</text>')}</p>": (
        '<svg viewBox="0 0 512 256">'
    ),
    '<p><a href="/i"><img class="icon" src="/a.svg" alt=""> Tides</a></p>': (
        '<p><a href="I">Tides</a></p>'
    ),
    '<p><a href="/i"><img src="/moon.jpg" alt=""> Tides</a></p>': "<img",
    '<p>The moon <img src="/moon.svg"></p>': "<img",
    '<p>Low <img class="icon" src="/a.svg" alt="moon"> tide</p>': 'width="16"',
    '<p>Hi <img class="emoji" alt="😀" src="/1f600.png">!</p>': "<p>Hi 😀!</p>",
    '<p>Hi <img class="emoji" alt=":tada:" src="https://g.example/unicode/1f389.png?v8">!</p>': (
        "<p>Hi 🎉!</p>"
    ),
    '<p>Hi <img class="wp-smiley" alt=";-)" src="/icon_wink.gif">!</p>': "<p>Hi ;-)!</p>",
    '<p>Hi <img alt="🧡" src="https://static.x.example/images/emoji.php/v9/1f9e1.png">!</p>': (
        "<p>Hi 🧡!</p>"
    ),
    '<p>Press <i class="fa fa-save" title="Save"></i> to go on.</p>': "<p>Press Save to go on.</p>",
    '<p><i class="fa fa-save" title="Save"></i> Save it.</p>': "<p>Save it.</p>",
    '<table><tr><td>a</td><td><i class="fas fa-check-circle"></i></td></tr></table>': "<td>✓</td>",
    '<table><tr><td>a</td><td><span class="bi bi-x-lg"></span></td></tr></table>': "<td>✗</td>",
    '<table><tr><td>a<td>b<tr><td>c<td><i class="fa fa-cross-fade"></i></table>': "<td/>",
    '<table><tr><td>a</td><td><i class="fa fa-check"></i>yes</td></tr></table>': "<td>yes</td>",
    '<table><tr><td>a</td><td><i class="material-icons">done</i></td></tr></table>': ">done<",
    '<p><a href="https://b.example/"><img src="/icons/tides.png" alt="Tides by month"></a></p>': (
        'alt="Tides by month" data-address'
    ),
    '<p>Hi <img class="emoji" alt="a face" src="https://a.example/face.png">!</p>': 'alt="a face"',
}


@pytest.mark.parametrize(
    ("markup", "read"),
    [
        ("Low<select><option>x</option></select>tide", "Low tide"),
        ('<input type="radio">Low<input type="radio">tide', "Low tide"),
        (
            '<label><input type="radio">Low</label><label><input type="radio">tide</label>',
            "Low tide",
        ),
        ('Low<input type="hidden">tide <input name="a">', "Lowtide"),
        ("Low <input> tide", "Low  tide"),
    ],
)
def test_words_around_a_field_stay_two(markup: str, read: str) -> None:
    assert body(f"<p>{markup}</p>") == f"<p>{read}</p>"


@pytest.mark.parametrize("markup", ICONS)
def test_an_icon_goes_or_is_as_high_as_a_letter(markup: str) -> None:
    read = body(markup)
    expected = ICONS[markup].replace('"I"', '"https://blog.example/i"')
    assert read == expected if expected.startswith("<p>") else expected in read
    assert body(read) == read


@pytest.mark.parametrize(
    ("markup", "read"),
    [
        ('<span aria-hidden="true">O</span><span class="sr-only">O</span>nce', "Once"),
        ('<span class="sr-only">Once</span><span aria-hidden="true">O</span>nce', "Once"),
        (
            '<b class="sr-only">Once</b><i aria-hidden="true">O</i><i aria-hidden="true">nce</i>',
            "<i>O</i><i>nce</i>",
        ),
        (
            '<span aria-hidden="true">O</span><span class="screen-reader-text">Once</span> upon',
            "Once upon",
        ),
        ('<span aria-hidden="true">★★</span><span class="visually-hidden">two</span>', "★★"),
        ('<span class="visually-hidden">two</span>', "two"),
        ('<b>Once</b><span aria-hidden="true">Once</span>', "<b>Once</b>"),
        ('<span aria-hidden="true">Once</span>', "Once"),
    ],
)
def test_what_is_said_twice_is_said_once(markup: str, read: str) -> None:
    assert body(f"<p>{markup}</p>") == f"<p>{read}</p>"


def test_the_documentation_names_every_rule() -> None:
    page = (ROOT / "docs" / "prepared-markup.md").read_text(encoding="utf-8")
    assert [rule.name for rule in RULES if f"`{rule.name}`" not in page] == []


def test_small_pictures_keep_their_size_in_every_view() -> None:
    shown = Picture(src="a.png", width=512, height=256)
    view = View(images="embed", picture=lambda reference, address: shown)
    for width, expected in (("16", ("16", "8")), ("600", ("512", "256")), (None, ("512", "256"))):
        stated = f' width="{width}"' if width else ""
        markup = f'<div><p>a <img src="image:{"0" * 24}" alt=""{stated}/></p></div>'
        image = next(element(Content(xhtml=markup, text="a"), view).iter("img"))
        assert (image.get("width"), image.get("height")) == expected
