"""Entries of any size in which one thing comes again and again: what an attacker would send.

A shape is a name and a function from a number of characters to an entry of about that size.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Mapping

from convert.model import StoredEntry

Make = Callable[[int], StoredEntry]


def entry(content: str = "x", kind: str = "html", **fields: object) -> StoredEntry:
    """An entry of nothing but these fields."""
    known: dict[str, object] = {
        "path": "ann/entry.json",
        "user": "ann",
        "id": "urn:x:entry",
        "updated": dt.datetime(2024, 5, 6, tzinfo=dt.UTC),
        "link": "https://blog.example/2024/entry",
        "content": content,
        "content_type": kind,
    }
    return StoredEntry(**(known | fields))  # type: ignore[arg-type]  # fields are as they must be


def again(token: str, size: int) -> str:
    """The token as often as fits."""
    return token * max(1, size // len(token))


def counted(token: str, size: int) -> str:
    """The token as often as fits, each ``%`` its number."""
    return "".join(token.replace("%", str(at)) for at in range(max(1, size // len(token))))


TOKENS = """<a <|<|<!--|<![CDATA[|&|&#|&amp|&lt;|<p>|</p>|<b>|<b><p>|<div>|<table>
<table><tr><td>|<ul><li>
<li>|<dl><dt>|<svg>|<math>|<svg><g>|<math><mrow>|<img src=a>|<img srcset="a 1x,b 2x">
<a href=#a id=a>x</a>|<sup><a href="#fn1" id="fnref1">1</a></sup>|<a name=a></a>|<pre>
<pre><code>|<code>|<code>a</code>|<span class=a>|<span class=katex>|\\(x\\)|$x$|$$x^2$$|\\[
\\begin{a}|$$|\\(|{|}|[|](|![|*|_|`|#|- |1. |> |a |http://a.b/ |a@b.c |<h1>a</h1>|<h2>|<br>|<hr>
<details>|<details><summary>a|<figure>|<figure><figcaption>
<iframe src="https://youtube.com/embed/abcdefgh"></iframe>|<object>
<video src="https://a.b/c.mp4">|<noscript>|<noscript><img src=a></noscript>|<script>|<style>
<title>|<script type="math/tex">x</script>|<textarea>|<xmp>|<plaintext>|<blockquote>|<font>
<center>|<q>|<ruby><rt>|[1] |<p>[1] a</p>|<p>¹ a</p>|<a href="#fn:1">1</a>|<li id="fn:1">a</li>
{{|{%|é|😀|='"|"|'|<a href="|<p title=|<p a=b c=d |<tr>|<td>|<option>|<select>|<em><strong>|<del>
<small>|<object><param name=a value=b>|<picture><source srcset=a><img src=b></picture>
<span id=a>|<a href="https://a.b/">x</a>|<img alt="$x$" class="latex">|<div class=highlight><pre>
<o:p>|<x:y>|<span data-math-style=x>a</span>|<svg><use href="#a" id=a>|<math><mi>x</mi></math>
<section>|<aside>|<caption>|<col>|<input type=checkbox>|<input type=checkbox>x|<time>x</time>y
<bdo>x</bdo>|<big>x</big>|<a href="#q">x</a>y|<a href="javascript:x">y</a> |
<span lang=en>a</span>b|<font face=courier>x</font>y
$a<em>1$ b</em>2$ |$x_1<i>a</i>y$<br>|$x_1$ $x |$\\$
<span style="font-weight:bold;font-style:italic">x</span>y|<img alt="x y">z|<img alt=x>|<b>x</i>
<object data="https://a.b/c"></object>x|<embed src="https://a.b/c">|<dd>x</dd>|<ul>x</ul>
<ul></ul>|<noscript><iframe src="https://a.b/"></iframe></noscript>
<td colspan=100 rowspan=9>x</td>|<rt>x</rt>|<table><tr><td>x</table>y
<div class="alert alert-info">|<div class="note"><h4>x</h4>y</div>|<p class="notice--info">x
<div class=note><i class=icon>|<blockquote>[!NOTE] x<br>|<blockquote><p>[!a] x</p></blockquote>
<aside class=note>x|<li data-checked=true><span></span>x|<table role=none><tr><td>
<table><tr><td>x<td>|<ol><li value=9>x|<ol type=a><li>x</ol>|<div role=heading>|<div role=heading>x
<ruby>a<rp>(</rp><rt>b</rt><rp>)</rp></ruby>|<rp>x</rp>|<summary>a</summary>
<figcaption>x</figcaption>|<h2><p>a</p></h2>|<pre>a<br>|<code><span>a</span></code>x|<p><br>
x<br>|<pre class="language-python"><code>a = 1</code></pre>|<math><mfrac><mi>a</mi></mfrac>
<math><mtext>x|<svg><text>a</text>b</svg>|\\begin{align}x\\end{align} |\\[x<br>|$$<br>
<span class=sidenote>note</span>|x<span class=littlefoot></span>
<a href="http://a.b/"><div>x</div></a>|<b><div>x</div></b>|<p>a<br><br>b
<span class="math inline">\\(x\\)</span>|<a class=footnote-ref href=#x>1</a>|<hr>x|<table><b>
<p>&nbsp;|<blockquote class="twitter-tweet"><p>x</p></blockquote><script src=x></script>|</b>
</div>|</table>|[caption id="a"]<img src=a>b[/caption]
<!-- wp:paragraph --><p>x</p><!-- /wp:paragraph -->|中|word. |“x” |<a name=n%>x</a>|<p id=n%>x</p>
<a href="#n%">x</a><p id=n%>y</p>|<h2 id=h%>x%</h2>|\\(x_%\\) |<p lang=x%>
<sup><a href="#fn%" id="fnref%">%</a></sup>|<li id="fn%">n%</li>|<a href="https://a.b/%">x</a>
<svg><g id=g%><use href="#g%"/></g></svg>|<p><a name=fn%></a>[%] note words</p>
<svg><style>.a{fill:red}</style><path class=a d=M0>|<svg><foreignObject width=90><p>x y |
<foreignObject>x</foreignObject>|<svg><path style="fill:var(--a%)" d=M0>|<img src="%.png">
<button>x</button>|x<button>|<select><option>|<textarea>x</textarea>|<label>x<input></label>|<form>
<h2><a href="#x">#</a>|<h2>x</h2><a class=anchor href="#x"></a>|<a class=anchor href="#x">¶</a>
<p hidden>x</p>|<div style="display:none">|<a href="#x">y</a><p hidden id=x>|<b class=sr-only>x</b>
<i aria-hidden=true>x</i>|x<svg aria-hidden=true><path d=M0></svg>|<a href=b><svg></svg>|<dialog>
<div class=sharedaddy>|<div class="share"><a href=b>x</a>|<noscript>enable javascript </noscript>
<img class=emoji alt="☃">|<img width=1 height=1>|<b aria-hidden=true>x</b><i class=sr-only>x</i>
<x-y src="https://a.b/c">x|<x-y data-id=abcdefghijk>|<script src="https://a.b/%.js"></script>
<div data-url="https://a.b/c"></div>|<div data-a=b>|<p data-attrs='{"url":"https://a.b/%"}'></p>
<map name=m%><area href=a%></map>|<img usemap="#m" src="a"><map name=m><area href=b></map>|<map>
<area href=a%>|<iframe srcdoc="a">|<source src=a>|<i style="background:url(a)"></i>
<video-js><source src=a></video-js>|<a href="https:x y">x</a>|<a href="x%:y">z</a>
<a href="https://blog.example/feed#a">x</a>|<blockquote class=embed data-url="https://a.b/%">x
<div style="white-space:pre">a\n|<div class=mermaid>a<br>b</div>|<textarea name=code>a</textarea>
<div class=highlight><span class=lang>js</span><pre>a</pre></div>|<pre><span class=ln>1</span>
<pre><span style="user-select:none">1</span>a|<pre><code>a</code><code>b</code>
<tr><td class=blob-num>1</td><td class=blob-code><i data-code-marker=+>a</i></td></tr>
<mjx-container><mjx-math><mjx-mi><mjx-c class="mjx-c41"></mjx-c></mjx-mi></mjx-math></mjx-container>
<svg><g data-mml-node="math"><use data-c="41"/></g></svg>"""

BALANCED = (
    "<b> <div> <span> <ul><li> <table><tr><td> <blockquote> <svg><g> <details> <em><p> <p><b>"
)

ATTRIBUTES = {
    "a": ("href", "title", "class", "id", "style", "name", "lang", "rel"),
    "img": ("src", "srcset", "data-src", "alt"),
    "blockquote": ("cite",),
    "ol": ("type", "start"),
    "time": ("datetime",),
    "svg><path": ("d", "fill"),
    "math": ("alttext",),
    "video src=a": ("poster",),
    "iframe": ("src", "srcdoc"),
    "x-y": ("src", "data-attrs", "alt"),
    "p": ("data-url", "data-attrs"),
    "span class=katex": ("data-mathml",),
}
FILLERS = (
    " ", "/", "a", ".", "-", "%", "%20", "%0a", ",", "a,", "a 1x, ", "https://", "#", "?", "&", "=",
    "(", "url(", "rgb(", "\\", "{", "data:", "@", "://", "é", "\u00a0", "\t", "1", "../", "&quot;",
    "font-family:a", "text-decoration:", "a=b&", "utm_a=1&", "[", "a-",
)  # fmt: skip
MARKDOWN = """*|_|`|[|![|](|[a](|<|> |- |1. |#|\\||a\\||~~|[^a]|^[|&|"|[a]|**a|*a_|> > |a*b
:::note;|:::note a;b;:::;|!!! note;|!!! note;    a;|a;: b;|- [ ] a;|$|$$|$a |$a_$|::: ;|[!a]
[a][b]|- a;|> a;|# a;|[^a]: b;|[a]: b;|a===;|```;|    a;|[^%] |[^%]: a;;|x[^%];;[^%]: y;;
![a](b)|<b>a</b>"""


def _footnotes() -> Iterator[tuple[str, Callable[[int], str]]]:
    """Many references, many notes, many links to one of them."""
    references = '<sup><a href="#fn%" id="r%">%</a></sup> '
    many = {
        "list": '<ol class=footnotes>|<li id="fn%">note <a href="#r%">↩</a></li>|</ol>',
        "paragraphs": '|<p id="fn%">[%] note words <a href="#r%">↩</a></p>|',
        "run": '<p>|<a name="fn%" href="#r%">%</a> note words<br>|</p>',
        "anchors": '<p>|<a name="fn%"></a>|</p>',
        "spans": '<ul><li>|<span id="fn%"></span>|a b</li></ul>',
        "loose": '|<a name="fn%"></a>a b<hr>|',
        "cells": '<table>|<tr><td id="fn%">%</td><td>a b</td></tr>|</table>',
        "boxes": '<div>words |<div><p id="fn%">% b</p></div>|</div>',
        "without ids": '<ol class=footnotes>|<li>note % <a href="#r%">↩</a></li>|</ol>',
    }
    for name, notes in many.items():
        start, note, end = notes.split("|")
        yield (
            f"notes: {name}",
            lambda size, start=start, note=note, end=end: (  # type: ignore[misc]
                counted(references, size // 2) + start + counted(note, size // 2) + end
            ),
        )
    one = '<sup><a href="#fn1">1</a></sup> '
    yield (
        "references to one note",
        lambda size: (
            again(one, size // 2)
            + f"<ol class=footnotes><li id=fn1>a {again('<a href=#r1>↩</a> ', size // 2)}</ol>"
        ),
    )
    for back in "bc":
        yield (
            f"links to one box with links ({back})",
            lambda size, back=back: (  # type: ignore[misc]
                counted('<a href="#one" id="b%">1</a> ', size // 2)
                + f'<div id=one>words {counted(f"""<a href="#{back}%">x</a> """, size // 2)}</div>'
            ),
        )
    yield (
        "references in one sup",
        lambda size: (
            f'<sup class="{again("a ", size // 4)}">'
            + counted("<a href=#fn%>%</a>", size // 2)
            + "</sup>"
            + counted("<p id=fn%>% b", size // 4)
        ),
    )


def _mixed() -> Iterator[tuple[str, Callable[[int], str]]]:
    """One thing, and then another that has to do with it."""

    def half(before: str, token: str, after: str = "") -> Callable[[int], str]:
        return lambda size: (
            before.replace("…", again("a ", size // 2))
            + again(token, size // 2)
            + after.replace("…", again("a ", size // 2))
        )

    yield "links in one heading", half("<h2 id=x>", "<a href=#x>#</a> ", "</h2>")
    yield "links with icons in one", half("<a href=b>", "<svg><path d=M0></svg>x", "</a>")
    yield "boxes in a box", half("<div class=sharedaddy>", "<p>x</p>", "</div>")
    yield "buttons in one line", half("<p>", "<button>x</button>", "</p>")
    yield "hidden with ids", lambda size: counted("<p hidden><a id=%></a><a href=#%>x</a>", size)
    yield "icons in a cell", half("<table><td>", '<i class="fa fa-check" title=x></i>')
    yield "class around code", half('<div class="highlight …">', "<pre>x</pre>", "</div>")
    yield "class around formulas", half('<div class="…">', "<b>$$x$$</b>", "</div>")
    yield "address around blocks", half('<a href="https://a.b/…">', "<div>x</div>", "</a>")
    yield "title around blocks", half('<a href="https://a.b/" title="…">', "<div>x</div>", "</a>")
    yield "title around paragraphs", half('<abbr title="…">', "<p>x</p>", "</abbr>")
    yield "title around players", half('<b title="…">', "x<iframe src=https://a.b/></iframe>")
    yield "title opened again", half('<p><b title="…">', "x<p>")
    yield "items in lists", half("<ul><li>x</li>", "<ul><li>y</li></ul>z")
    yield "words in a list", half("<ul>", "x<b>y</b>")
    yield "lines in code", half("<pre class=code>", "<div></div>")
    yield "players in a line", half("<p>", 'x<video src="https://a.b/c"></video>')
    yield "formulas in a line", half("<p>", "x \\[y\\] ")
    yield "one line of blanks", lambda size: f"<pre><code>{' ' * size}x</code></pre>"
    yield "one row", half("<table><tr>", "<td>x</td>")
    yield (
        "spans over all rows",
        lambda size: (
            f"<table><tr>{again('<td rowspan=9999>', size // 2)}</tr>"
            + again("<tr><td>x", size // 2)
        ),
    )
    yield (
        "one long row",
        lambda size: f"<table><tr>{again('<td>x', size // 2)}</tr>{again('<tr><td>x', size // 2)}",
    )
    for lead in ("<p>x</p>", "<hr>"):
        yield (
            f"{lead} and summaries",
            lambda size, lead=lead: (  # type: ignore[misc]
                f"<details>{again(lead, size // 2)}{again('<summary>x</summary>', size // 2)}"
            ),
        )
    yield (
        "drawings of one chain",
        lambda size: (
            f"<svg>{''.join(_link(at) for at in range(size // 80))}</svg>"
            + again('<svg><use href="#g0"/></svg>', size // 2)
        ),
    )
    sheets = {
        "rules and shapes": (".a{fill:red}", "<path class=a d=M0></path>"),
        "rules and groups": (".a .a .a .a .a{fill:red}", "<g class=a>"),
        "rules of all": ("*{fill:red}", "<path d=M0></path>"),
        "rules beside": (".a+.a{fill:red}", "<path class=a d=M0></path>"),
        "blocks in rules": ("a{(", "<g>"),
        "not": ("a:not(", "<g>"),
        "variables": (".a{--a%:var(--a%)var(--a%);fill:var(--a1)}", "<path class=a d=M0></path>"),
    }
    for name, (rule, shape) in sheets.items():
        yield (
            f"sheets: {name}",
            lambda size, rule=rule, shape=shape: (  # type: ignore[misc]
                f"<svg><style>{counted(rule, size // 2)}</style>{again(shape, size // 2)}</svg>"
            ),
        )
    yield (
        "drawings of one sprite",
        lambda size: (
            f"<svg><symbol id=a>{again('<path d=M0></path>', size // 2)}</symbol></svg>"
            + again('<svg><use href="#a"/></svg>', size // 2)
        ),
    )
    yield (
        "a long line in a drawing",
        lambda size: f"<svg><foreignObject width=90>{again('a ', size)}</foreignObject></svg>",
    )
    yield (
        "empty drawings in a link",
        lambda size: f'<a href="https://a.b/">{again("<svg><title>x</title></svg>", size)}</a>',
    )
    signs = "!@#$%^*()+=|~;:,?/{}[]"
    yield (
        "ids of one form",
        lambda size: "".join(
            f'<a id="a{"".join(three)}b">x</a>'
            for three in itertools.islice(itertools.product(signs, repeat=3), size // 20)
        ),
    )


def _link(at: int) -> str:
    return f'<g id=g{at}><use href="#g{at + 1}"/></g>'


def _fields() -> Iterator[tuple[str, Make]]:
    for field, token in itertools.product(
        ("title", "summary", "rights", "id", "user", "language"),
        ("<b>", "<", "&", "<b>a</b>", "<a ", " ", "é", "\u0301", "/", "a-"),
    ):
        yield (
            f"{field}: {token!r}",
            lambda size, field=field, token=token: entry(  # type: ignore[misc]
                **{field: "x" + again(token, size)}
            ),
        )
    for field, token in itertools.product(
        ("link", "base"), ("%20", " ", "/", "%", "#", "&", "../")
    ):
        yield (
            f"{field}: {token!r}",
            lambda size, field=field, token=token: entry(  # type: ignore[misc]
                **{field: "https://a.b/" + again(token, size) + "y"}
            ),
        )


def shapes() -> Mapping[str, Make]:
    """Return every shape by its name."""

    def html(write: Callable[[int], str]) -> Make:
        return lambda size: entry(write(size))

    table: dict[str, Make] = {}
    for token in filter(
        None, itertools.chain(*(row.split("|") for row in TOKENS.split("\n")), "\u0301\u202e")
    ):
        table[token] = html(lambda size, token=token: counted(token, size))  # type: ignore[misc]
        table[f"xhtml {token}"] = lambda size, token=token: entry(  # type: ignore[misc]
            counted(token, size), "xhtml"
        )
    for token in ("\n", "\n\n", " ", "\t", "\u00a0", "\u2028", "http://a ", "    a\n", "<"):
        table[f"text {token!r}"] = lambda size, token=token: entry(again(token, size), "text")  # type: ignore[misc]
    for token in BALANCED.split():
        end = token.replace("<", "</")
        table[f"{token} and its ends"] = html(
            lambda size, token=token, end=end: again(token, size // 2) + again(end, size // 2)  # type: ignore[misc]
        )
    for tag, names in ATTRIBUTES.items():
        for name, filler in itertools.product(names, FILLERS):
            table[f"<{tag} {name}> of {filler!r}"] = html(
                lambda size, tag=tag, name=name, filler=filler: (  # type: ignore[misc]
                    f'<{tag} {name}="x{again(filler, size)}y">z'
                )
            )
    for token in MARKDOWN.replace("\\|", "\0").replace("\n", "|").split("|"):
        plain = token.replace("\0", "|").replace(";", "\n")
        table[f"markdown {plain!r}"] = lambda size, plain=plain: entry(  # type: ignore[misc]
            counted(plain, size), "markdown"
        )
    table |= {name: html(write) for name, write in (*_footnotes(), *_mixed())}
    return table | dict(_fields())
