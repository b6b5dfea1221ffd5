"""What malformed and legacy markup becomes: valid, and its meaning kept."""

from __future__ import annotations

import pytest
from entries import body

CASES = {
    "text before the first element": ("Hello <p>there</p>", "<p>Hello</p><p>there</p>"),
    "inline run": ("a <b>b</b> c", "<p>a <b>b</b> c</p>"),
    "bare div": ("<div>one<div>two</div>three</div>", "<p>one</p><p>two</p><p>three</p>"),
    "two breaks": ("one<br><br>two<br>three<br>", "<p>one</p><p>two<br/>three</p>"),
    "empty paragraphs": ("<p>a</p><p>&nbsp;</p><p></p>", "<p>a</p>"),
    "font": ('<font color="red">a</font>', "<p>a</p>"),
    "font face": ('<font face="Courier New">a</font>', "<p><code>a</code></p>"),
    "tt": ("<tt>a</tt>", "<p><code>a</code></p>"),
    "center": ("<center>a</center>", '<p class="align-center">a</p>'),
    "align": ('<p align="right">a</p>', '<p class="align-right">a</p>'),
    "style": ('<p style="text-align: justify">a</p>', '<p class="align-justify">a</p>'),
    "bgcolor": ('<p bgcolor="#fff">a</p>', "<p>a</p>"),
    "bold by style": ('<span style="font-weight:700">a</span>', "<p><b>a</b></p>"),
    "not bold by style": ('<b style="font-weight:normal">a</b>', "<p>a</p>"),
    "office": ("<p>a<o:p>b</o:p></p>", "<p>ab</p>"),
    "strike": ("<strike>a</strike>", "<p><s>a</s></p>"),
    "acronym": ('<acronym title="x">a</acronym>', '<p><abbr title="x">a</abbr></p>'),
    "item without a list": ("<li>a<li>b", "<ul><li>a</li><li>b</li></ul>"),
    "list in a list": (
        "<ul><li>a</li><ul><li>b</li></ul></ul>",
        "<ul><li>a<ul><li>b</li></ul></li></ul>",
    ),
    "text in a list": ("<ul>x<li>a</li></ul>", "<ul><li>x</li><li>a</li></ul>"),
    "ends of lines and spaces between items": (
        "<ul>&nbsp;<br><li>a</li><br>&nbsp;<li>b</li><br>x<br>y</ul>",
        "<ul><li>a</li><li>b</li><li>x<br/>y</li></ul>",
    ),
    "term without a definition": (
        "<dl><dt>a</dt></dl>",
        "<dl><dt>a</dt><dd/></dl>",
    ),
    "groups of terms": (
        "<dl><div><dt>a</dt><dd>b</dd></div><div><dt>c</dt><dd>d</dd><dd>e</dd></div></dl>",
        "<dl><dt>a</dt><dd>b</dd><dt>c</dt><dd>d</dd><dd>e</dd></dl>",
    ),
    "boxes around terms": (
        "<dl><div><div><dt>a</dt></div><div><dd>b</dd></div></div></dl>",
        "<dl><dt>a</dt><dd>b</dd></dl>",
    ),
    "boxes around items": (
        "<ol><div><li>a</li><li>b</li></div><div><p>c</p></div></ol>",
        "<ol><li>a</li><li>b</li><li><p>c</p></li></ol>",
    ),
    "list by its roles": (
        (
            '<div role="list"><div role="listitem"><p>a</p></div><div><span role="listitem">b'
            "</span></div></div>"
        ),
        "<ul><li><p>a</p></li><li>b</li></ul>",
    ),
    "list by its role alone": ('<div role="list"><div>cell</div></div>', "<p>cell</p>"),
    "item by its role alone": ('<p role="listitem">a</p>', "<p>a</p>"),
    "table by its roles": (
        (
            '<div role="table"><div role="rowgroup"><div role="row"><span role="columnheader">a'
            '</span><span role="columnheader">b</span></div></div><div role="rowgroup"><div><div '
            'role="row"><div role="cell">c</div><div role="cell"><p>d</p></div></div></div></div>'
            "</div>"
        ),
        (
            "<table><tbody><tr><th>a</th><th>b</th></tr></tbody><tbody><tr><td>c</td><td><p>d</p>"
            "</td></tr></tbody></table>"
        ),
    ),
    "cells by their roles alone": (
        '<div role="row"><div role="cell">a</div><div role="cell">b</div></div>',
        "<p>a</p><p>b</p>",
    ),
    "indented by dd": ("<dl><dd>a</dd></dl>", "<blockquote><p>a</p></blockquote>"),
    "table without rows": ("<table></table>x", "<p>x</p>"),
    "row without cells": (
        "<table><tr></tr><tr><th>a</th></tr></table>",
        "<table><tbody><tr><th>a</th></tr></tbody></table>",
    ),
    "spans that do not fit": (
        '<table><tr><th colspan="9" rowspan="9">a</th></tr></table>',
        "<table><tbody><tr><th>a</th></tr></tbody></table>",
    ),
    "spans that fit": (
        '<table><tr><td colspan="2">a</td></tr><tr><td>b</td><td>c</td></tr></table>',
        (
            '<table><tbody><tr><td colspan="2">a</td></tr><tr><td>b</td><td>c</td></tr></tbody>'
            "</table>"
        ),
    ),
    "block in inline": ("<b>x<p>y</p>z</b>", "<p><b>x</b></p><p><b>y</b></p><p><b>z</b></p>"),
    "block in a link": (
        '<a href="https://x.y/"><h2>t</h2>u</a>',
        '<h2><a href="https://x.y/">t</a></h2><p><a href="https://x.y/">u</a></p>',
    ),
    "links in a link": (
        '<a href="https://x.y/">a<table><tr><th><a href="https://z.y/">b</a></th></tr></table></a>',
        (
            '<p><a href="https://x.y/">a</a></p><table><tbody><tr><th><a href="https://z.y/">b</a>'
            "</th></tr></tbody></table>"
        ),
    ),
    "caption in a link": (
        (
            '<figure><a href="https://x.y/"><table><tr><td>a</td></tr></table>'
            "<figcaption>c</figcaption></a></figure>"
        ),
        (
            '<figure><table><tbody><tr><td><a href="https://x.y/">a</a></td></tr></tbody></table>'
            '<figcaption><a href="https://x.y/">c</a></figcaption></figure>'
        ),
    ),
    "span to the end of the group": (
        '<table><tr><td rowspan="0">a</td><td colspan="0">b</td></tr><tr><td>c</td></tr></table>',
        (
            '<table><tbody><tr><td rowspan="2">a</td><td>b</td></tr><tr><td>c</td></tr></tbody>'
            "</table>"
        ),
    ),
    "span with a fraction": (
        '<table><tr><td rowspan=" 2.5">a</td><td>b</td></tr><tr><td>c</td></tr></table>',
        (
            '<table><tbody><tr><td rowspan="2">a</td><td>b</td></tr><tr><td>c</td></tr></tbody>'
            "</table>"
        ),
    ),
    "foot before the head": (
        "<table><tfoot><tr><td>f</tfoot><thead><tr><th>h</thead><tr><td>b</table>",
        (
            "<table><thead><tr><th>h</th></tr></thead><tbody><tr><td>b</td></tr></tbody>"
            "<tfoot><tr><td>f</td></tr></tfoot></table>"
        ),
    ),
    "one cell a row": (
        '<table id="t" dir="rtl"><tr><td>a</td><td>&nbsp;</td></tr><tr><td></td><td>b</td></table>',
        '<p dir="rtl">a</p><p dir="rtl">b</p><p id="t"/>',
    ),
    "table that says that it is none": (
        '<table role="presentation"><tr><th>a</th><td align="right">b</td></tr></table>',
        '<p>a</p><p class="align-right">b</p>',
    ),
    "tables of a newsletter": (
        (
            '<table width="100%" bgcolor="#eee"><tr><td align="center"><table width="600"><tr><td>'
            "<p>a</p></td></tr><tr><td><img src='https://x.y/i.gif' alt=''></td><td><h2>b</h2></td>"
            '</tr></table></td></tr><tr><td align="center">c</td></tr></table>'
        ),
        (
            "<table><tbody><tr><td><p>a</p></td></tr><tr><td>"
            '<img src="image:f41420263c132dcfd9562154" alt="" data-address="https://x.y/i.gif"/>'
            '</td><td><h2>b</h2></td></tr></tbody></table><p class="align-center">c</p>'
        ),
    ),
    "table of data in one of layout": (
        (
            "<table><tr><td><table><tr><th>a</th></tr><tr><td>b</td></tr></table></td>"
            "<td><ul><li>c</ul></td></tr></table>"
        ),
        ("<table><tbody><tr><th>a</th></tr><tr><td>b</td></tr></tbody></table><ul><li>c</li></ul>"),
    ),
    "one row of words": (
        "<table><tr><td>a</td><td>b</td></tr></table>",
        "<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>",
    ),
    "one column with a caption": (
        "<table><caption>c</caption><tr><td>a</td></tr></table>",
        "<table><caption>c</caption><tbody><tr><td>a</td></tr></tbody></table>",
    ),
    "card of a page, as Ghost makes it": (
        '<figure><a href="tel:1"><div>T</div><div>W</div></a><pre>p</pre></figure>',
        '<figure><p><a href="tel:1">T</a></p><p><a href="tel:1">W</a></p><pre>p</pre></figure>',
    ),
    "one column in a figure": (
        '<figure class="wp-block-table"><table><tr><td>a</td></tr></table></figure>',
        "<figure><table><tbody><tr><td>a</td></tr></tbody></table></figure>",
    ),
    "heading by its role": (
        '<h2>x</h2><div role="heading" aria-level="3">a</div><p role="heading">b</p>',
        "<h2>x</h2><h3>a</h3><h2>b</h2>",
    ),
    "role of a heading around blocks": (
        '<div role="heading"><ul><li>a</ul></div>',
        "<ul><li>a</li></ul>",
    ),
    "letters of a list": (
        '<ol style="list-style-type: lower-alpha"><li>a</ol><ol class="upperroman x"><li>b</ol>',
        '<ol type="a"><li>a</li></ol><ol type="I"><li>b</li></ol>',
    ),
    "numbers of a list": (
        '<ol start="+5x"><li value=" 07 ">a<li value="-2">b<li value="z">c</ol>',
        '<ol start="5"><li value="7">a</li><li value="-2">b</li><li>c</li></ol>',
    ),
    "times of edits": (
        (
            '<p><ins datetime="2020">a</ins><del datetime="2020-01-31T10:00">b</del>'
            '<ins datetime="2020-01-31">c</ins><del datetime="2020-01-31T10:00Z">d</del></p>'
        ),
        (
            '<p><ins>a</ins><del>b</del><ins datetime="2020-01-31">c</ins>'
            '<del datetime="2020-01-31T10:00Z">d</del></p>'
        ),
    ),
    "details without summary": ("<details>a</details>", "<p>a</p>"),
    "details": (
        "<details open><summary><h2>s</h2></summary>a</details>",
        '<details open="open"><summary>s</summary><p>a</p></details>',
    ),
    "ruby": (
        "<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>",
        "<p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby></p>",
    ),
    "annotation without ruby": ("a<rt>b</rt>", "<p>ab</p>"),
    "time": (
        '<time datetime="2024-02-30">a</time> <time datetime="2024-02-03">b</time>',
        '<p>a <time datetime="2024-02-03">b</time></p>',
    ),
    "check box": ('<li><input type="checkbox" checked> a', "<ul><li>☑ a</li></ul>"),
    "noscript": ("<noscript><p>a</p></noscript>", "<p>a</p>"),
    "select": ("<select><option>a<option>b</select>", "<p>a b</p>"),
    "spaces of pre": ("<pre>\n\n  a\n   b\n</pre>", "<pre>\n  a\n   b\n</pre>"),
    "case of SVG": (
        '<svg viewBox="0 0 1 1"><linearGradient id="g"/><path fill="url(#g)" d="M0"/></svg>',
        (
            '<p><svg viewBox="0 0 1 1"><linearGradient id="g"/><path d="M0" fill="url(#g)"/></svg>'
            "</p>"
        ),
    ),
    "style of SVG": (
        '<svg><path style="fill:red;behavior:url(x)" d="M0 0"/></svg>',
        '<p><svg><path d="M0 0" fill="red"/></svg></p>',
    ),
    "malformed formula": (
        "<math><mfrac><mi>a</mi></mfrac>b</math>",
        (
            '<p><math display="inline"><semantics><mrow><mrow><mi>a</mi></mrow><mtext>b</mtext>'
            '</mrow><annotation encoding="application/x-tex">a\\text{b}</annotation></semantics>'
            "</math></p>"
        ),
    ),
    "formula outside of math": ("<mi>x</mi>", "<p>x</p>"),
    "class": ('<p class="intro align-center">a</p>', '<p class="align-center">a</p>'),
    "unknown element": ("<fun>a</fun> <b>b", "<p>a <b>b</b></p>"),
}


@pytest.mark.parametrize("name", CASES)
def test_becomes(name: str) -> None:
    markup, expected = CASES[name]
    assert body(markup) == expected


@pytest.mark.parametrize("name", CASES)
def test_a_second_pass_changes_nothing(name: str) -> None:
    once = body(CASES[name][0])
    assert body(once, "xhtml") == once


HEADINGS = {
    "<h1>a</h1><h4>b</h4><h2>c</h2>": "<h2>a</h2><h3>b</h3><h3>c</h3>",
    "<h4>a</h4><h2>b</h2>": "<h2>a</h2><h2>b</h2>",
    "<h1>a</h1><h2>b</h2><h3>c</h3><h4>d</h4><h5>e</h5><h6>f</h6>": (
        "<h2>a</h2><h3>b</h3><h4>c</h4><h5>d</h5><h6>e</h6><h6>f</h6>"
    ),
    "<h2></h2><h3>a</h3>": "<h2>a</h2>",
    "<h2><br></h2><h3> <br>a<br>b<br></h3><h4><br> <br></h4>": "<h2>a<br/>b</h2>",
    "<h1>The  TITLE!</h1><p>x</p>": "<p>x</p>",
    "<div><h1>The Title</h1></div><h3>The title</h3><p>x</p>": "<p>x</p>",
    "<p>x</p><h1>The title</h1>": "<p>x</p><h2>The title</h2>",
    '<h1 id="t">The title</h1><p><a href="#t">x</a></p>': (
        '<p><a href="https://blog.example/2024/entry#t">x</a></p>'
    ),
}


@pytest.mark.parametrize("markup", HEADINGS)
def test_headings_stand_under_the_title(markup: str) -> None:
    once = body(markup, title="The title")
    assert once == HEADINGS[markup]
    assert body(once, "xhtml", title="The title") == once
