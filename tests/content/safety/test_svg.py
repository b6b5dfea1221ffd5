"""Stand-alone SVG: nothing in it acts, loads or leads elsewhere."""

from __future__ import annotations

import contextlib
import re
import time
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from convert.content.safety.allowlist import SVG
from convert.content.safety.svg import UnsafeSvg, looks_like_svg, sanitise

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def cleaned(inside: str, attributes: str = "") -> str:
    return sanitise(f"{HEAD} {attributes}>{inside}</svg>".encode()).content.decode()


HOSTILE = [
    "<script>alert(1)</script>",
    "<script xlink:href='https://evil.example/x.js'/>",
    "<SCRIPT>alert(1)</SCRIPT>",
    "<g onclick='alert(1)'><path d='M0 0'/></g>",
    "<path d='M0 0' onload='alert(1)' OnMouseOver='alert(1)'/>",
    "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml' onload='alert(1)'/></foreignObject>",
    "<a xlink:href='javascript:alert(1)'><text>Press</text></a>",
    "<a href='https://evil.example/'><text>Press</text></a>",
    "<image xlink:href='https://evil.example/track.png' width='1' height='1'/>",
    "<image href='data:image/svg+xml;base64,PHN2Zz48L3N2Zz4='/>",
    "<use xlink:href='https://evil.example/x.svg#a'/>",
    "<use href='data:image/svg+xml,x#a'/>",
    "<animate attributeName='href' values='javascript:alert(1)'/>",
    "<set attributeName='onload' to='alert(1)'/>",
    "<handler xmlns='http://www.w3.org/2001/xml-events' type='text/javascript'>alert(1)</handler>",
    "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "<iframe xmlns='http://www.w3.org/1999/xhtml' src='https://evil.example/'/>",
    "<path d='M0 0' fill='url(https://evil.example/x.svg#a)'/>",
    "<path d='M0 0' style='fill:url(https://evil.example/x.svg#a)'/>",
    "<path d='M0 0' style='fill:u\\72l(//evil.example/x)'/>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<style>@\\69mport 'https://evil.example/x.css';</style>",
    "<style>path { fill: url( 'https://evil.example/x' ) }</style>",
    "<style>@font-face { font-family: x; src: url(https://evil.example/x) }</style>",
    "<style><![CDATA[</style><script>alert(1)</script>]]></style>",
    "<metadata><rdf:RDF xmlns:rdf='x'>https://evil.example/</rdf:RDF></metadata>",
    "<feImage xlink:href='https://evil.example/x.png'/>",
    "<cursor xlink:href='https://evil.example/x.cur'/>",
    "<?xml-stylesheet href='https://evil.example/x.css'?>",
    "<!-- <script>alert(1)</script> -->",
    "<path d='M0 0' xml:base='https://evil.example/'/>",
    "<text>x</text><tref xlink:href='file:///etc/passwd'/>",
]


@pytest.mark.parametrize("inside", HOSTILE)
def test_nothing_acts_or_loads(inside: str) -> None:
    written = cleaned(f"{inside}<rect width='5' height='5'/>")
    assert "rect" in written
    assert not re.search(r"alert|evil|javascript|script|data:|file:|import", written, re.IGNORECASE)
    for element in etree.fromstring(written.encode()).iter():
        name = etree.QName(element)
        assert name.namespace == "http://www.w3.org/2000/svg"
        assert name.localname in SVG or name.localname == "style"
        for attribute in map(str, element.attrib):
            assert not attribute.lower().startswith("on")


def test_drawings_stay_as_they_were() -> None:
    inside = (
        "<title>A circle</title><style>.a { fill: url(#g) }</style>"
        '<defs><linearGradient id="g"><stop offset="0" stop-color="#f00"/></linearGradient></defs>'
        '<circle class="a" cx="5" cy="5" r="4" style="stroke: red"/>'
        '<use xlink:href="#g" x="2"/><text x="1" y="2">One <tspan>two</tspan> three</text>'
    )
    root = etree.fromstring(cleaned(inside, 'viewBox="0 0 10 20"').encode())
    kept = [etree.QName(each).localname for each in root.iter()]
    assert " ".join(kept) == ("svg title style defs linearGradient stop circle use text tspan")
    assert root.get("viewBox") == "0 0 10 20"
    assert "".join(map(str, root[-1].itertext())) == "One two three"
    assert root.find(".//{*}circle").attrib == {  # type: ignore[union-attr]
        "class": "a", "cx": "5", "cy": "5", "r": "4", "style": "stroke: red",
    }  # fmt: skip
    assert root.find(".//{*}use").get("{http://www.w3.org/1999/xlink}href") == "#g"  # type: ignore[union-attr]


def test_sheets_that_draw_patterns_are_left_out() -> None:
    inside = "<style>.a { fill: url(#%s) }</style><pattern id='p'/><linearGradient id='g'/>"
    assert "<style>" in cleaned(inside % "g")
    assert "<style>" not in cleaned(inside % "p")


def test_a_drawing_without_a_namespace_is_given_one() -> None:
    written = sanitise(b"<svg><path d='M0 0'/></svg>").content
    assert etree.QName(etree.fromstring(written)).namespace == "http://www.w3.org/2000/svg"


def test_cleaning_twice_changes_nothing() -> None:
    once = sanitise(f"{HEAD}><g><a><path d='M0 0'/></a> x</g></svg>".encode()).content
    assert sanitise(once).content == once


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="20" height="10"', (20, 10)),
        ('width="20px" height="1in"', (20, 96)),
        ('width="100%" height="100%" viewBox="0 0 30.4 40"', (30, 40)),
        ('viewBox="0,0,30,40"', (30, 40)),
        ("", (0, 0)),
        ('width="1e9" height="nonsense"', (0, 0)),
    ],
)
def test_size(attributes: str, size: tuple[int, int]) -> None:
    found = sanitise(f"{HEAD} {attributes}/>".encode())
    assert (found.width, found.height) == size


def laughs() -> str:
    uses = "".join(
        f'<g id="a{number + 1}">' + f'<use xlink:href="#a{number}"/>' * 10 + "</g>"
        for number in range(12)
    )
    return f'{HEAD}><g id="a0"><path d="M0 0"/></g>{uses}</svg>'


def patterns() -> str:
    nested = "".join(
        f'<pattern id="p{number + 1}">'
        + f'<path d="M0 0" fill="url(#p{number})"/>' * 10
        + "</pattern>"
        for number in range(12)
    )
    return f'{HEAD}><pattern id="p0"/>{nested}<rect style="fill: url(#p12)"/></svg>'


BILLION = (
    "<!DOCTYPE svg [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n + 1} '" + f"&a{n};" * 10 + "'>" for n in range(12))
    + f"]>{HEAD} id='&a12;'>&a12;</svg>"
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (BILLION, "defines entities"),
        (BILLION.encode("utf-16"), "defines entities"),
        (
            '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + HEAD + ">&x;</svg>",
            "entities",
        ),
        (laughs(), "without end"),
        (patterns(), "without end"),
        (
            HEAD
            + '><use href="#a0"/>'
            + "".join(f'<g id="a{n}"><use href="#a{n + 1}"/></g>' for n in range(3000))
            + "</svg>",
            "without end",
        ),
        (HEAD + '><g id="a"><use xlink:href="#a"/></g></svg>', "without end"),
        (HEAD + ">" + "<g>" * 100_000, "not well-formed"),
        (HEAD + ">" + "<g>" * 1_000 + "</g>" * 1_000 + "</svg>", "not well-formed"),
        (HEAD + "><path", "not well-formed"),
        ("<html><svg/></html>", "not an SVG"),
        (HEAD + ">" + " " * 8_000_000 + "</svg>", "more than"),
    ],
)
def test_attacks_are_refused_quickly(content: str | bytes, reason: str) -> None:
    start = time.process_time()
    with pytest.raises(UnsafeSvg, match=reason):
        sanitise(content if isinstance(content, bytes) else content.encode())
    assert time.process_time() - start < 2


def test_xinclude_and_external_dtd_are_not_followed() -> None:
    written = sanitise(
        (
            '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://127.0.0.1:9/svg11.dtd">'
            + HEAD
            + ' xmlns:xi="http://www.w3.org/2001/XInclude">'
            '<xi:include href="file:///etc/hostname" parse="text"/><path d="M0 0"/></svg>'
        ).encode()
    ).content
    assert b"include" not in written
    assert b"path" in written


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"<svg/>", True),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- made by <svg> -->\n<svg xmlns='x'>", True),
        (b"<!DOCTYPE svg PUBLIC 'a' 'b' [\n<!ENTITY x 'y'>\n]>\n<svg>", True),
        (b"<svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>", True),
        ("<svg/>".encode("utf-16"), True),
        (b"<!doctype html><svg/>", False),
        (b"<html><svg/></html>", False),
        (b"<svgx/>", False),
        (b"\x89PNG <svg/>", False),
        (b"", False),
    ],
)
def test_recognised_by_its_root(content: bytes, expected: bool) -> None:
    assert looks_like_svg(content) is expected


NAMES = st.sampled_from(
    ["svg", "g", "use", "path", "text", "script", "a", "style", "image", "title", "x:y", "set"]
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["id", "href", "xlink:href", "style", "onload", "fill", "class", "d", "x:z"]),
    st.one_of(st.text(max_size=9), st.sampled_from(["#a", "a", "javascript:x()", "url(//e)"])),
    max_size=3,
)


@st.composite
def markup(draw: st.DrawFn, depth: int = 3) -> str:
    name = draw(NAMES)
    given_ = "".join(f" {n}={quoteattr(v)}" for n, v in draw(ATTRIBUTES).items())
    inside = draw(st.lists(markup(depth - 1) if depth else st.just("t"), max_size=3))
    return f"<{name}{given_}>{escape(draw(st.text(max_size=5)))}{''.join(inside)}</{name}>"


@given(markup())
def test_any_markup_is_clean_or_refused(inside: str) -> None:
    try:
        written = sanitise(f"{HEAD} xmlns:x='urn:x'>{inside}</svg>".encode()).content
    except UnsafeSvg:
        return
    for element in etree.fromstring(written).iter():
        assert etree.QName(element).localname in {*SVG, "style"} - {"script", "image", "set", "a"}
        for name, value in element.items():
            assert etree.QName(str(name)).localname not in {"onload", "z"}
            assert "javascript" not in value
            assert "//" not in value or name == "class"
    assert sanitise(written).content == written


@given(st.binary())
def test_any_bytes_are_clean_or_refused(content: bytes) -> None:
    for each in (content, b"<svg>" + content + b"</svg>", b"\xff\xfe" + content):
        looks_like_svg(each)
        with contextlib.suppress(UnsafeSvg):
            assert etree.fromstring(sanitise(each).content).tag.endswith("svg")
