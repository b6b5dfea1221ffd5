"""Views: neutral markup as each format shows it, judged by parsers of others."""

from __future__ import annotations

import re
import time
from pathlib import Path

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judges import epubcheck_messages, write_book
from lxml import etree
from pygments.lexers import get_lexer_by_name

from convert.content.views import Picture, View, element, highlight_css, render
from convert.content.views.math import MATHML
from convert.model import Content

REF = "0123456789abcdef01234567"
X = (
    '<math display="{}"><semantics><mrow><mfrac><mn>1</mn><mi>x</mi></mfrac></mrow>'
    '<annotation encoding="application/x-tex">\\frac1x</annotation></semantics></math>'
)
BODY = f"""<div><h2 id="top">Head</h2><p>See <a href="#top">above</a>, <a
href="entry:b/two#part" data-address="https://b.example/two#part">a citation</a>, <a
href="https://c.example/">a link</a>.<sup><a role="doc-noteref" id="fnref-1"
href="#fn-1">1</a></sup> And<sup><a role="doc-noteref" id="fnref-2" href="#fn-2">2</a></sup>
again<sup><a role="doc-noteref" id="fnref-1-2" href="#fn-1">1</a></sup> {X.format("inline")}.</p>
<figure><img src="image:{REF}" alt="A &lt;view&gt;" data-address="https://i.example/v.png"
/><figcaption>Caption</figcaption></figure>{X.format("block")}<p class="embed"><a
href="https://vimeo.com/1" data-embed="video"><img src="image:{REF}" alt=""
data-address="https://i.example/p.png"/>Film (Vimeo)</a></p><table><tbody><tr><td/><td>x</td></tr>
</tbody></table><pre data-language="ocaml"><code>let x = "a" (* b
  c *) in
    f x &lt; 1
</code></pre><h6>Low</h6><svg viewBox="0 0 2 2"><linearGradient id="g"/><rect width="2" height="2"
fill="url(#g)"/><use href="#g"/></svg><section role="doc-endnotes"><ol><li id="fn-1"><p>One
<em>note</em>.</p><ul><li>a</li><li>b</li></ul></li><li id="fn-2"><p>Two<sup><a role="doc-noteref"
id="fnref-3" href="#fn-3">3</a></sup></p></li><li id="fn-3"><p>Three.</p></li></ol></section>
</div>"""
CONTENT = Content(xhtml=BODY, text="")
VIEWS = [
    View(),
    View(math="svg", code="highlighted", notes="footnotes", prefix="e1-", headings=2),
    View(math="tex", notes="popup", images="link", citation=lambda key, part: "e0.xhtml#top"),
    View(images="drop", picture=lambda ref, address: Picture(src="p.png", width=3)),
    View(notes="popup", code="highlighted", picture=lambda ref, address: Picture(src="p.png")),
]


def shown(body: str, **choices: object) -> etree._Element:
    """A view of a body, parsed again; ``epub`` and the SVG and MathML spaces are left out."""
    text = render(Content(xhtml=f"<div>{body}</div>", text=""), View(**choices))  # type: ignore[arg-type]
    return etree.fromstring(f"<div>{text}</div>")


def spoken(tree: etree._Element) -> str:
    return " ".join("".join(map(str, tree.itertext())).split())


# --- both kinds of parser --------------------------------------------------------------


def _plain(tree: object) -> list[object]:
    """A tree as names, attributes and text, without namespaces."""
    found: list[object] = []
    for each in tree.iter():  # type: ignore[attr-defined]
        name = str(each.tag).rpartition("}")[2].lower()
        attributes = {
            str(key).rpartition("}")[2].rpartition(":")[2].lower(): value
            for key, value in each.attrib.items()
            if "xmlns" not in str(key)
        }
        found.append((name, attributes, each.text or "", each.tail or ""))
    return found


@pytest.mark.parametrize("view", VIEWS)
def test_xml_and_html_parsers_read_the_same(view: View) -> None:
    text = render(CONTENT, view)
    as_xml = etree.fromstring(f"<div>{text}</div>")
    as_html = html5lib.parseFragment(f"<div>{text}</div>", treebuilder="etree")[0]
    assert _plain(as_html) == _plain(as_xml)


@pytest.mark.parametrize("view", VIEWS)
def test_ids_are_unique_and_references_lead_to_them(view: View) -> None:
    root = element(CONTENT, view)
    ids = [str(each.get("id")) for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    assert all(each.startswith(view.prefix) for each in ids)
    for each in root.iter():
        href = each.get("href") or ""
        if href.startswith("#"):
            assert href[1:] in ids
        assert all(name in ids for name in re.findall(r"url\(#([^)]+)\)", each.get("fill") or ""))
        assert not href.startswith("entry:")
        assert not (each.get("src") or "").startswith("image:")


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_but_what_a_view_replaces_loses_words(view: View) -> None:
    root = element(CONTENT, view)
    words = spoken(root)
    for word in ("Head", "a citation", "Caption", "Film (Vimeo)", "note", "Three.", "Low", "let x"):
        assert word in words


def test_a_body_that_nothing_concerns_is_handed_through() -> None:
    text = '<p>a<br/>b <em title="/&gt;">c</em></p>'
    assert render(Content(xhtml=f"<div>{text}</div>", text=""), View(prefix="x")) == text
    assert render(Content(xhtml="<div/>", text=""), View()) == ""
    assert render(Content(xhtml="<div><td/></div>", text=""), View()) == "<td></td>"


# --- links, pictures, headings ---------------------------------------------------------


def test_citations() -> None:
    cited = '<p><a href="entry:b/two#part" data-address="https://b.example/">x</a></p>'
    assert shown(cited)[0][0].items() == [("href", "https://b.example/")]
    inside = shown(cited, citation=lambda key, part: f"#{key}|{part}", prefix="p-")[0][0]
    assert inside.items() == [("href", "#b/two|part")]


@pytest.mark.parametrize(
    ("choices", "markup"),
    [
        ({"picture": lambda ref, address: Picture(src=f"{ref[:4]}.png", width=3, height=4)},
         '<img src="0123.png" alt="Alt" title="t" width="3" height="4"/>'),
        ({}, '<a href="https://i.example/v.png" class="picture">Alt</a>'),
        ({"images": "link"}, '<img src="https://i.example/v.png" alt="Alt" title="t"/>'),
        ({"images": "drop"}, "Alt"),
    ],
)  # fmt: skip
def test_pictures(choices: dict[str, object], markup: str) -> None:
    image = f'<img src="image:{REF}" alt="Alt" title="t" data-address="https://i.example/v.png"/>'
    root = shown(f"<p>a {image} b</p>", **choices)
    assert etree.tostring(root[0], encoding="unicode") == f"<p>a {markup} b</p>"


def test_a_missing_picture_in_a_link_is_words() -> None:
    image = f'<img src="image:{REF}" alt="{{}}" data-address="https://i.example/v.png"/>'
    link = f'<p><a href="https://x.example/">{image.format("Alt")}</a></p>'
    assert spoken(shown(link)) == "Alt"
    assert len(list(shown(link).iter("a"))) == 1
    poster = f'<p><a href="https://x.example/">{image.format("")}Film</a></p>'
    assert spoken(shown(poster)) == "Film"
    nameless = f'<p><a href="https://x.example/">{image.format("")}</a></p>'
    assert spoken(shown(nameless, language="fr")) == "Image"


def test_headings_have_a_floor() -> None:
    assert [each.tag for each in shown("<h2>a</h2><h4>b</h4><h6>c</h6>", headings=3)] == [
        "h5", "h6", "h6",
    ]  # fmt: skip


# --- notes -----------------------------------------------------------------------------


def test_endnotes_have_a_way_back_for_each_reference() -> None:
    root = element(CONTENT, View(language="de"))
    backs = [each for each in root.iter("a") if each.get("role") == "doc-backlink"]
    assert [each.get("href") for each in backs] == [
        "#fnref-1", "#fnref-1-2", "#fnref-2", "#fnref-3",
    ]  # fmt: skip
    assert {each.get("aria-label") for each in backs} == {"Zurück zum Text"}
    reference = next(each for each in root.iter("a") if each.get("id") == "fnref-1")
    assert reference.get("aria-label") == "Anmerkung 1"


def test_popup_notes_follow_epub() -> None:
    root = etree.fromstring(f"<div>{render(CONTENT, View(notes='popup', prefix='p-'))}</div>")
    kind = "{http://www.idpf.org/2007/ops}type"
    references = [each for each in root.iter("a") if each.get(kind) == "noteref"]
    asides = [each for each in root.iter("aside") if each.get(kind) == "footnote"]
    assert [each.get("href") for each in references] == ["#p-fn-1", "#p-fn-2", "#p-fn-1", "#p-fn-3"]
    assert [each.get("id") for each in asides] == ["p-fn-1", "p-fn-2", "p-fn-3"]
    assert spoken(asides[0]).startswith("1. One note.")
    assert not list(root.iter("section"))


def test_printed_notes_stand_in_the_text_as_inline_content() -> None:
    root = element(CONTENT, View(notes="footnotes"))
    placed = [each for each in root.iter("span") if each.get("class") == "footnote"]
    assert [(each.get("id"), each.get("data-number")) for each in placed] == [
        ("fn-1", "1"), ("fn-2", "2"),
    ]  # fmt: skip
    assert etree.tostring(placed[0], encoding="unicode", with_tail=False) == (
        '<span class="footnote" id="fn-1" data-number="1">One\n<em>note</em>.<br/>• a<br/>'
        "• b</span>"
    )
    again = next(each for each in root.iter("a") if each.get("class") == "footnote-again")
    assert again.get("href") == "#fn-1"
    # A note that only another note refers to stays a list, with its way back.
    (rest,) = root.iter("section")
    assert [each.get("id") for each in rest.iter("li")] == ["fn-3"]
    assert spoken(rest).startswith("Three.")


def test_a_heading_over_no_notes_goes() -> None:
    body = (
        '<p>a<sup><a role="doc-noteref" id="fnref-1" href="#fn-1">1</a></sup></p><h2>Notes</h2>'
        '<section role="doc-endnotes"><ol><li id="fn-1"><p>One</p></li></ol></section>'
    )
    assert [each.tag for each in shown(body, notes="footnotes")] == ["p"]
    assert [each.tag for each in shown(body)] == ["p", "h2", "section"]


BLOCKS = st.recursive(
    st.sampled_from(["<p>uno</p>", "<hr/>", "<pre><code>a\n  b</code></pre>", "<h3>due</h3>"]),
    lambda inner: st.builds(
        lambda parts, tag: f"<{tag}>{''.join(parts)}</{tag.split()[0]}>",
        st.lists(inner, max_size=3),
        st.sampled_from(["blockquote", "ul><li", "table><tbody><tr><td", "dl><dd", "div"]),
    ).map(lambda text: re.sub(r"</(\w+)((?:><\w+)+)>$", _closed, text)),
    max_leaves=5,
)


def _closed(found: re.Match[str]) -> str:
    names = [found[1], *re.findall(r"<(\w+)", found[2])]
    return "".join(f"</{name}>" for name in reversed(names))


@given(blocks=st.lists(BLOCKS, min_size=1, max_size=4))
def test_any_note_becomes_inline_with_all_its_words(blocks: list[str]) -> None:
    body = (
        '<p>a<sup><a role="doc-noteref" id="fnref-1" href="#fn-1">1</a></sup>z</p>'
        f'<section role="doc-endnotes"><ol><li id="fn-1">{"".join(blocks)}</li></ol></section>'
    )
    root = shown(body, notes="footnotes")
    (paragraph,) = root
    assert paragraph.tag == "p"
    allowed = {"p", "span", "br", "code", "strong"}
    assert {str(each.tag) for each in paragraph.iter()} <= allowed
    words = re.findall(r"uno|due|[ab]", spoken(paragraph)[1:-1])
    assert words == re.findall(
        r"uno|due|\b[ab]\b", " ".join(re.findall(r">([^<]+)", "".join(blocks)))
    )


# --- code ------------------------------------------------------------------------------


@given(
    source=st.text(alphabet="let x=1(*\"'#) \n\tdef:/", max_size=60),
    language=st.sampled_from(["ocaml", "python", "bash", "diff", "html", "no-such"]),
)
def test_highlighting_changes_no_text_and_no_span_crosses_a_line(
    source: str, language: str
) -> None:
    block = etree.Element("pre", {"data-language": language})
    etree.SubElement(block, "code").text = source
    root = shown(etree.tostring(block, encoding="unicode"), code="highlighted")
    code = root[0][0]
    assert "".join(map(str, code.itertext())) == source
    for span in code:
        assert span.tag == "span"
        assert f".{span.get('class')} " in highlight_css()
        assert "\n" not in (span.text or "")


def test_few_spans() -> None:
    source = "let rec f x = (* a b c *) match x with 1 -> 2 | _ -> f x\n" * 20
    tokens = sum(1 for _ in get_lexer_by_name("ocaml").get_tokens(source))
    body = f'<pre data-language="ocaml"><code>{source.replace(">", "&gt;")}</code></pre>'
    spans = list(shown(body, code="highlighted").iter("span"))
    assert 0 < len(spans) < tokens / 4


def test_colours_are_legible_on_white_and_on_black() -> None:
    """WCAG 2.2 §1.4.3: 4.5 to 1 for text; and no information by colour alone, no background."""
    css = highlight_css()
    assert "background" not in css
    colours = re.findall(r"color: #([0-9a-f]{6})", css)
    assert colours
    for colour in colours:
        light = _luminance(colour)
        assert 1.05 / (light + 0.05) >= 4.5, colour
        assert (light + 0.05) / 0.05 >= 3, colour


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# --- maths -----------------------------------------------------------------------------


def test_tex_in_an_attribute_is_on_one_line_and_its_comments_swallow_nothing() -> None:
    tex = "a % so\n + b\\% \\\\% and\n c"
    row = "<mrow><mrow><mi>a</mi></mrow></mrow>"
    body = (
        f"<math><semantics>{row}<annotation encoding='application/x-tex'>{tex}</annotation>"
        "</semantics></math>"
    )
    for math in ("mathml", "presentation"):
        (formula,) = shown(body, math=math).iter(f"{{{MATHML}}}math")
        assert formula.get("alttext") == "a + b\\% \\\\ c"
    assert [each.tag for each in formula] == [f"{{{MATHML}}}mi"]
    (image,) = shown(body, math="image").iter("img")
    assert image.get("alt") == "a + b\\% \\\\ c"


def test_mathml_has_a_fallback() -> None:
    (formula, _) = element(CONTENT, View()).iter("math")
    assert formula.get("alttext") == "\\frac1x"
    assert 'xmlns="http://www.w3.org/1998/Math/MathML"' in render(CONTENT, View())


def test_drawn_formulas() -> None:
    text = render(CONTENT, View(math="svg"))
    assert text == render(CONTENT, View(math="svg"))
    root = etree.fromstring(f"<div>{text}</div>")
    drawings = [each for each in root.iter("{*}svg") if each.get("role") == "img"]
    assert [each.get("aria-label") for each in drawings] == ["\\frac1x"] * 2
    for drawing in drawings:
        shapes = [etree.QName(each).localname for each in drawing]
        assert shapes.count("path") == 2, "one shape for 1, one for x"
        assert shapes.count("rect") == 1, "the bar"
        assert not any(each.get("id") for each in drawing.iter())
        sizes = [float(str(drawing.get(name)).removesuffix("em")) for name in ("width", "height")]
        assert 0.3 < sizes[0] < 2 < 2.5 > sizes[1] > 0.8
        assert re.fullmatch(r"vertical-align: -0\.\d+em", str(drawing.get("style")))


def test_a_formula_that_would_take_long_is_tex() -> None:
    deep = "<mfrac><mn>1</mn><mrow><mn>1</mn>" * 20 + "<mi>x</mi>" + "</mrow></mfrac>" * 20
    body = (
        f"<p><math><semantics><mrow>{deep}</mrow>"
        '<annotation encoding="application/x-tex">deep</annotation></semantics></math></p>'
    )
    started = time.process_time()
    root = shown(body, math="svg")
    assert time.process_time() - started < 2
    assert root.findtext("p/code") == "deep"


def test_many_brackets_are_drawn_in_little_time() -> None:
    opened = '<mrow><mo stretchy="true" fence="true" form="prefix">(</mo><mi>x</mi>'
    closed = '<mo stretchy="true" fence="true" form="postfix">)</mo></mrow>'
    body = f"<p><math><mrow>{opened * 14}{closed * 14}</mrow></math></p>"
    started = time.process_time()
    assert next(shown(body, math="svg").iter("{*}svg"), None) is not None
    assert time.process_time() - started < 2


def test_tex_for_markdown() -> None:
    root = element(CONTENT, View(math="tex"))
    codes = [
        (each.get("data-math-style"), each.text) for each in root.iter("code") if each.get("class")
    ]
    assert codes == [("inline", "\\frac1x"), ("display", "\\frac1x")]
    block = next(each for each in root.iter("code") if each.get("data-math-style") == "display")
    above = block.getparent()
    assert above is not None
    assert (above.tag, len(above), above.getparent()) == ("p", 1, root)
    loose = shown('<p><code class="tex">\\foo</code></p>', math="tex")
    assert loose[0][0].get("data-math-style") == "inline"


# --- the whole -------------------------------------------------------------------------


@pytest.mark.judge
def test_epubcheck_finds_nothing(tmp_path: Path) -> None:
    bodies = [
        (f"View {number}", f"<div>{render(CONTENT, view)}</div>")
        for number, view in enumerate(VIEWS)
    ]
    write_book(tmp_path / "views.epub", bodies)
    assert epubcheck_messages(tmp_path / "views.epub") == []
