"""A drawing inside of an entry is a drawing of its own: it needs no sheet and no other one."""

from __future__ import annotations

import time

import pytest
from browsing import faults, twice
from entries import body, prepared
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from convert.content.views import View, render
from convert.model import Content

BOX = '<rect class="a b" id="r" width="4" height="5"/>'


def drawn(markup: str, kind: str = "html", **fields: object) -> list[etree._Element]:
    """The drawings of a prepared body, which holds once and again the same."""
    once, again = twice(markup, kind, **fields)
    assert once == again
    assert faults(once) == []
    return [each for each in etree.fromstring(once).iter("svg") if each.getparent().tag != "svg"]  # type: ignore[union-attr]


def box(sheet: str, shape: str = BOX, around: str = "<svg viewBox='0 0 9 9'>{}</svg>") -> object:
    """The attributes of a rectangle, less those that it has anyway."""
    (svg,) = drawn(around.format(f"<style>{sheet}</style><g class='o'>{shape}</g>"))
    (rect,) = svg.iter("rect")
    return {name: value for name, value in rect.items() if name not in {"width", "height"}}


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        (".a{fill:red}", {"fill": "red"}),
        ("<![CDATA[ .a{fill:red} ]]>", {"fill": "red"}),
        ("/* x */ .a{/* y */fill:red/* z */}", {"fill": "red"}),
        ("rect{fill:red} .a{fill:blue} #r{fill:lime}", {"fill": "lime"}),
        ("#r{fill:lime} .a{fill:blue} rect{fill:red}", {"fill": "lime"}),
        (".a{fill:red} .a{fill:blue}", {"fill": "blue"}),
        (".a{fill:red !important} #r{fill:blue}", {"fill": "red"}),
        (".o .a{fill:red}", {"fill": "red"}),
        (".o > .a{fill:red}", {"fill": "red"}),
        (".o &gt; .a{fill:red}", {"fill": "red"}),
        ("svg > .a{fill:red}", {}),
        ("svg g rect.a.b{fill:red}", {"fill": "red"}),
        ("circle, .a, line {fill:red}", {"fill": "red"}),
        ("*{fill:red}", {"fill": "red"}),
        ("[class~=b]{fill:red}", {"fill": "red"}),
        ("rect:not(.c){fill:red} rect:not(.a){fill:blue}", {"fill": "red"}),
        (":is(.z, .a){fill:red}", {"fill": "red"}),
        (".a:hover{fill:red}", {}),
        ("@media (prefers-color-scheme: dark){.a{fill:red}} .a{stroke:red}", {"stroke": "red"}),
        ("@import url(https://e.example/x.css); .a{fill:red}", {"fill": "red"}),
        (":root{--c:red} .a{fill:var(--c)}", {"fill": "red"}),
        (".o{--c:red} .a{fill:var(--c, blue); stroke:var(--d, blue)}", {
            "fill": "red", "stroke": "blue"}),
        (".a{--x:var(--y);--y:var(--x);fill:var(--x)}", {}),
        ("body .a{fill:red} body{fill:blue}", {"fill": "red"}),
        (".a{fill:url(#g)}", {"fill": "none"}),
        (".a{fill:url(https://e.example/x.svg#g)}", {}),
        (".a{fill:url(javascript:x)}", {}),
        (".a{fill:#fff;stroke-width:2px;opacity:50%}", {
            "fill": "#fff", "stroke-width": "2", "opacity": "0.5"}),
        (".a{fill:rgb(0 128 255 / 50%)}", {"fill": "rgba(0, 128, 255, 0.5)"}),
        (".a{fill:hsl(120deg 100% 50%)}", {"fill": "#00ff00"}),
        (".a{fill:light-dark(rgb(1, 2, 3), #fff)}", {"fill": "#010203"}),
        (".a{fill:transparent;stroke:currentcolor}", {"fill": "none", "stroke": "currentColor"}),
        (".a{fill:nonsense(1);fill:red;stroke:expression(alert(1))}", {"fill": "red"}),
        (".a{rx:3px;transform:translateX(5px) rotate(0.5turn)}", {
            "rx": "3", "transform": "translate(5 0) rotate(180)"}),
        (".a{behavior:url(x);position:fixed;background:url(https://e.example/x)}", {}),
    ],
)  # fmt: skip
def test_rules_become_attributes(sheet: str, expected: dict[str, str]) -> None:
    assert box(sheet) == expected


@pytest.mark.parametrize(
    "markup",
    [
        "<style>{0}</style><svg viewBox='0 0 9 9'>{1}</svg>",
        "<svg viewBox='0 0 9 9'>{1}</svg><style>{0}</style>",
        "<svg viewBox='0 0 9 9'><defs><style type='text/css'>{0}</style></defs>{1}</svg>",
        "<svg><style>{0}</style><path d='M0h1'/></svg><p><svg>{1}</svg></p>",
        "<div class='o'><svg viewBox='0 0 9 9'>{1}</svg></div><style>.o{0}</style>",
    ],
)
@pytest.mark.parametrize("kind", ["html", "xhtml"])
def test_a_rule_counts_wherever_its_sheet_stands(markup: str, kind: str) -> None:
    svg = drawn(markup.format(" .a{fill:red}", BOX), kind)[-1]
    assert [each.get("fill") for each in svg.iter("rect")] == ["red"]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ('<rect fill="blue" class="a" width="4" height="5"/>', "red"),
        ('<rect style="fill:lime" class="a" width="4" height="5"/>', "lime"),
        ('<rect style="fill:var(--no)" fill="blue" width="4" height="5"/>', "blue"),
    ],
)
def test_the_nearest_style_counts(shape: str, expected: str) -> None:
    assert box(".a{fill:red}", shape) == {"fill": expected}


def test_a_font_is_taken_apart() -> None:
    (svg,) = drawn("<svg style=\"font: bold 10px/1.2 'Open Sans', serif\"><text>x</text></svg>")
    assert dict(svg.items()) == {
        "font-family": "Open Sans, serif", "font-size": "10", "font-weight": "bold",
        "font-style": "normal",
    }  # fmt: skip


def test_a_page_that_shows_no_drawing_loses_its_sheets() -> None:
    assert body("<style>p{color:red}</style><p>a &lt;svg&gt;") == "<p>a &lt;svg&gt;</p>"
    assert body("<style>p{color:red}</style><p>a<svg></svg>") == "<p>a</p>"


GRADIENT = (
    '<svg viewBox="0 0 9 9"><defs><linearGradient id="g"><stop stop-color="%s"/></linearGradient>'
    '<clipPath id="c"><path d="M0 0h9"/></clipPath></defs>'
    '<rect width="9" height="9" fill="url(#g)" clip-path="url(&quot;#c&quot;)"/></svg>'
)


def test_two_drawings_keep_their_own() -> None:
    markup = '<h2 id="g">g</h2>' + "".join(GRADIENT % name for name in ("red", "lime", "blue"))
    drawings = drawn(f'{markup}<p><a href="#g">x</a> <a href="#c">y</a></p>')
    assert len(drawings) == 3
    ids: list[str] = []
    for svg, fill in zip(drawings, ("red", "lime", "blue"), strict=True):
        by_id = {each.get("id"): each for each in svg.iter() if each.get("id")}
        ids += map(str, by_id)
        rect = svg.find("rect")
        assert rect is not None
        gradient = by_id[str(rect.get("fill"))[5:-1]]
        assert [each.get("stop-color") for each in gradient] == [fill]
        assert by_id[str(rect.get("clip-path"))[5:-1]].tag == "clipPath"
    assert len({*ids, "g"}) == 7
    assert '<h2 id="g">' in body(markup)


SPRITE = (
    '<svg style="display:none"><defs><path id="p" d="M0 0h9"/></defs>'
    '<symbol id="s" viewBox="0 0 9 9"><use href="#p" fill="url(#g)"/></symbol>'
    '<linearGradient id="g"><stop stop-color="red"/></linearGradient></svg>'
)


USER = '<p>a <svg viewBox="0 0 9 9"><use {}="#s"></use></svg></p>'


@pytest.mark.parametrize("markup", [SPRITE + USER, USER + SPRITE, USER + SPRITE + USER])
@pytest.mark.parametrize("link", ["href", "xlink:href"])
def test_what_another_drawing_has_is_copied_in(markup: str, link: str) -> None:
    drawings = drawn(markup.replace("{}", link))
    assert len(drawings) == markup.count("<p>")
    for svg in drawings:
        by_id = {str(each.get("id")): each for each in svg.iter() if each.get("id")}
        first, second = (by_id[str(use.get("href"))[1:]] for use in svg.iter("use"))
        assert (first.tag, second.tag) == ("symbol", "path")
        (user,) = first.iter("use")
        assert by_id[str(user.get("fill"))[5:-1]][0].get("stop-color") == "red"


def test_what_repeats_itself_in_other_drawings_is_left_out() -> None:
    nested = "".join(
        f'<svg><g id="a{n + 1}">{f"""<use href="#a{n}"/>""" * 10}</g></svg>' for n in range(12)
    )
    start = time.process_time()
    made = prepared(f'<svg><path id="a0" d="M0 0"/></svg>{nested}')
    assert time.process_time() - start < 5
    assert any("more than 200,000 elements" in problem.reason for problem in made.problems)


MERMAID = (
    '<foreignObject width="80" height="24"><div xmlns="http://www.w3.org/1999/xhtml"'
    ' style="display: table-cell; white-space: nowrap; line-height: 1.5; text-align: center;">'
    '<span class="nodeLabel"><p>One<br/>two <b>three</b></p></span></div></foreignObject>'
)
DRAW_IO = (
    '<g transform="translate(-0.5 -0.5)"><switch><foreignObject pointer-events="none"'
    ' width="100%" height="100%" requiredFeatures="http://www.w3.org/TR/SVG11/feature#Extensibility"'
    ' style="overflow: visible; text-align: left;"><div xmlns="http://www.w3.org/1999/xhtml"'
    ' style="display: flex; align-items: unsafe center; justify-content: unsafe center;'
    ' width: 118px; height: 1px; padding-top: 30px; margin-left: 1px;"><div style="box-sizing:'
    ' border-box; font-size: 0px; text-align: center;"><div style="display: inline-block;'
    ' font-size: 12px; font-family: Helvetica; color: rgb(0, 0, 0); line-height: 1.2;">Whole'
    ' label</div></div></div></foreignObject><text x="60" y="34" font-family="Helvetica">Whole'
    " l...</text></switch></g>"
)


@pytest.mark.parametrize("kind", ["html", "xhtml"])
def test_labels_become_text_in_their_places(kind: str) -> None:
    markup = f'<svg viewBox="0 0 99 99">{MERMAID}{DRAW_IO}</svg>'
    (svg,) = drawn(markup, kind)
    texts = list(svg.iter("text"))
    assert ["".join(map(str, each.itertext())) for each in texts] == [
        "One", "two three", "Whole label",
    ]  # fmt: skip
    one, two, whole = texts
    assert one.get("text-anchor") == two.get("text-anchor") == whole.get("text-anchor") == "middle"
    assert (one.get("x"), whole.get("x")) == ("40", "60")
    assert float(two.get("y") or 0) - float(one.get("y") or 0) == pytest.approx(24)
    assert 30 < float(whole.get("y") or 0) < 36
    assert whole.get("font-size") == "12"
    assert two[1].get("font-weight") == "bold"


@pytest.mark.parametrize(
    "label",
    [
        "<p>alpha<p>beta",
        "<ul><li>alpha<li>beta</ul>",
        "<table><tr><td>alpha<td>beta</table>",
        "<pre>alpha\nbeta</pre>",
        "<svg><text>alpha</text></svg><textarea>beta</textarea>",
        "alpha<script>x</script><style>y</style> beta",
        "<body><a href=x>alpha</a> <custom-x>beta</custom-x></body>",
        "<div>alpha <foreignObject>beta</foreignObject></div>",
    ],
)
def test_no_word_of_a_label_is_lost(label: str) -> None:
    made = body(
        f'<svg viewBox="0 0 9 9"><g><foreignObject width="90" height="9">{label}</foreignObject>'
        '<path d="M0 0h9"/></g></svg><p>after</p>'
    )
    (svg,) = etree.fromstring(f"<div>{made}</div>").iter("svg")
    said = " ".join("".join(map(str, each.itertext())) for each in svg.iter("text"))
    assert said.replace("• ", "").split() == ["alpha", "beta"]
    assert svg.find(".//path") is not None
    assert made.endswith("<p>after</p>")


@pytest.mark.parametrize("end", ["", "</svg>", "</div></svg>", "</g></svg>"])
def test_a_label_that_nothing_ends_ends_with_its_drawing(end: str) -> None:
    made = prepared(f"<svg><g><foreignObject><div>a{end}<p>after</p>").text
    assert made.split() == ["a", "after"] if end else ["aafter"]


@pytest.mark.parametrize(
    "blank",
    [
        "<svg></svg>",
        '<svg><use href="/img/icons.svg#x"></use></svg>',
        '<svg><use xlink:href="#x"></use></svg>',
        '<svg><defs><path id="x" d="M0 0h9"/></defs></svg>',
        '<svg style="display:none"><path d="M0 0h9"/></svg>',
        '<svg width="0" height="0"><path d="M0 0h9"/></svg>',
        "<svg><style>.a{fill:red}</style><g><g></g></g></svg>",
        '<svg><path d=""/><rect width="0" height="9"/><text> </text></svg>',
        '<svg><g style="display:none"><path d="M0 0h9"/></g></svg>',
    ],
)
def test_what_draws_nothing_leaves_no_box(blank: str) -> None:
    assert body(f"<p>a {blank}b</p>") == "<p>a b</p>"
    named = blank.replace("<svg", '<svg aria-label="Code"', 1)
    link = '<p><a href="https://a.example/">{}</a></p>'
    assert body(link.format(named)) == link.format("Code")
    assert body(link.format(f"Code {named}")) == link.format("Code ")
    titled = link.replace("<a", '<a aria-label="Code"').format(blank)
    assert body(titled) == link.format("Code")
    assert body(f"<p>a {named.replace('<svg', '<svg aria-hidden=true', 1)}b</p>") == "<p>a b</p>"


def test_the_words_that_stand_for_a_drawing_stay() -> None:
    (svg,) = drawn('<svg aria-label="Two  lines"><path d="M0 0h9"/></svg>')
    assert [each.text for each in svg.iter("title")] == ["Two lines"]
    (svg,) = drawn('<svg aria-label="no"><title>T</title><desc>D</desc><path d="M0 0h9"/></svg>')
    assert [each.text for each in svg.iter("title", "desc")] == ["T", "D"]


def test_words_of_a_drawing_stay_apart() -> None:
    made = prepared(
        "<p>See <svg><title>A title</title><text>one</text><g><text>two</text></g><text>"
        '<tspan x="0">three</tspan><tspan x="0" dy="1.2em">four</tspan>'
        '<tspan x="9">t</tspan><tspan x="12">o</tspan></text></svg></p>'
    )
    assert made.text == "See A title one two three fourto"
    picture = render(Content(xhtml=made.body, text=made.text), View(drawings="image"))
    assert 'alt="A title one two three fourto"' in picture


@pytest.mark.parametrize(
    "glyph",
    [
        '<use data-c="1D465" xlink:href="#MJX-1-TEX-I-1D465"></use>',
        '<use xlink:href="#MJX-12-TEX-I-1D465"></use>',
        '<use xlink:href="#E3-MJMATHI-78"></use>',
        '<use xlink:href="#MJMATHI-78"></use>',
        '<path data-c="1D465" d="M1 1"></path>',
    ],
)
def test_a_formula_that_mathjax_drew_says_its_signs(glyph: str) -> None:
    markup = f"<p>a <svg><g>{glyph}<use data-c='3D' href='#MJX-1-TEX-N-3D'></use></g></svg> b</p>"
    made = prepared(markup)
    assert made.text == "a x= b"
    assert ("<svg" in made.body) == ("<path" in markup)


def test_a_drawing_in_a_block_of_code_is_none() -> None:
    drawing = '<svg viewBox="0 0 9 9"><path d="M0 0h9"/></svg>'
    assert body(f'<pre class="mermaid">\n{drawing}\n</pre>') == f"<p>{drawing}</p>"
    assert body(f"<pre><code class=language-mermaid>{drawing}</code></pre>") == f"<p>{drawing}</p>"
    assert "<pre" in body(f"<pre>a {drawing} b</pre>")


def test_what_stands_behind_is_drawn() -> None:
    (svg,) = drawn(
        '<svg style="background:#222" viewBox="-1 -2 9 8"><style>.l{background-color:red}</style>'
        '<foreignObject x="1" y="2" width="30" height="20"><p class="l">x</p></foreignObject></svg>'
    )
    assert [dict(each.items()) for each in svg.iter("rect")] == [
        {"fill": "#222", "stroke": "none", "x": "-1", "y": "-2", "width": "9", "height": "8"},
        {"fill": "red", "stroke": "none", "x": "1", "y": "2", "width": "30", "height": "20"},
    ]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('width="30" height="20"', {"width": "30", "height": "20", "viewBox": "0 0 30 20"}),
        ('width="30pt" height="20pt"', {"width": "30pt", "height": "20pt"}),
        ('style="width:1.5em;height:1em"', {"width": "1.5em", "height": "1em"}),
        ('viewBox="0 0 30 20" width="100%" style="max-width: 60px"', {
            "viewBox": "0 0 30 20", "width": "60", "height": "40"}),
        ('viewBox="0 0 30 20" width="100%" height="100%"', {
            "viewBox": "0 0 30 20", "width": "100%"}),
        ('viewBox="0 0 30 20" width="30" height="20" style="width:100%;height:auto"', {
            "viewBox": "0 0 30 20", "width": "100%"}),
    ],
)  # fmt: skip
def test_sizes(attributes: str, expected: dict[str, str]) -> None:
    (svg,) = drawn(f'<svg {attributes}><path d="M0 0h9"/></svg>')
    assert dict(svg.items()) == expected


def test_a_picture_in_a_drawing_stands_after_it() -> None:
    made = prepared(
        '<p><svg viewBox="0 0 9 9"><path d="M0 0h9"/><image xlink:href="/a.png" width="9"'
        ' height="8"><title>A cat</title></image></svg> words</p>'
        '<p><svg><image href="data:image/png;base64,AAAA"/></svg></p>'
    )
    assert [each.address for each in made.images] == [
        "https://blog.example/a.png", "data:image/png;base64,AAAA",
    ]  # fmt: skip
    assert made.images[0].alt == "A cat"
    assert made.body.count("<svg") == 1


def test_the_links_of_a_drawing_stand_after_it() -> None:
    drawing = (
        '<svg viewBox="0 0 9 9"><a xlink:href="/x"><path d="M0 0h9"/><text>To</text><text>x</text>'
        '</a><a href="#g"><text>no</text></a><a href="/x"><text>again</text></a>'
        '<a href="https://y.example/"><path d="M0 0h9"/></a>'
        '<text>a <a href="/z">last <tspan>one</tspan></a></text>'
        '<a href="javascript:alert(1)"><path d="M0 0h9"/></a></svg>'
    )
    (svg,) = drawn(f"<p>a {drawing} b</p>")
    links = svg.itersiblings("a")
    assert [(each.text, each.get("href"), each.tail) for each in links] == [
        ("To x", "https://blog.example/x", " "),
        ("https://y.example/", "https://y.example/", " "),
        ("last one", "https://blog.example/z", " b"),
    ]
    assert body(f'<p><a href="/z">{drawing}</a></p>').count("<a ") == 1


SHEETS = st.text(st.sampled_from(list(".#a:{};*>+~ ()[]'\"\\@-=,!/r")), max_size=60)


@given(SHEETS, SHEETS)
def test_any_sheet_is_read_or_left(sheet: str, style: str) -> None:
    markup = f"<svg><style>{sheet}</style><rect style='{style.replace(chr(39), '')}' class=a></svg>"
    once, again = twice(markup)
    assert once == again
    assert faults(once) == []
