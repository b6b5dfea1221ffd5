"""Furniture goes, by one list of rules; what a reader calls text stays."""

from __future__ import annotations

import json

import pytest
from entries import LINK, OPTIONS, body, stored

from convert.content import stages

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


def test_what_goes_is_told_by_rule() -> None:
    markup = '<h2 id="a">Tides <a href="#a">¶</a></h2><p>x</p>'
    assert removed(markup) == {"heading sign": ["¶"]}
    assert body(markup) == '<h2 id="a">Tides</h2><p>x</p>'
