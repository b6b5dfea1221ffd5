"""Documents that are not well-formed, made so."""

from __future__ import annotations

import re

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from convert.sources import xml_text, xml_tree
from convert.sources.feeds import xml_feed
from convert.sources.feeds.document import Received

PIECES = (
    *(
        "<p>",
        "</p>",
        "<br>",
        "</br>",
        "<a href=x y>",
        "<a b='c\" d>",
        '<a b="1" b="2">',
    ),
    *("<![CDATA[x]]>", "<!-- x -->", "<?x y?>", "<!x>", "<item>", "</item>", "<entry>", "</entry>"),
    *(
        "<feed>",
        "</feed>",
        "<x:y>",
        "</x:y>",
        "word",
        "é",
        " ",
        "&amp;",
        "]]>",
        "<ann@a.example>",
        "<1>",
    ),
)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_anything_becomes_well_formed_and_keeps_its_words(pieces: str) -> None:
    text = xml_text.read(pieces.encode()).text
    mended = xml_tree.mended(text)
    # lxml is asked for no tolerance but that of prefixes that nothing declares.
    root = etree.fromstring(re.sub(r"(?<=[</])x:", "x", mended).encode())
    read = "".join(map(str, root.itertext()))
    assert read.count("word") == text.count("word")
    assert read.count("é") == text.count("é")


@given(st.lists(st.sampled_from(["<a>", "<b c='d'>", "</a>", "</b>", "x"]), max_size=20))
def test_what_is_well_formed_stays(pieces: list[str]) -> None:
    document = f"<r>{''.join(pieces)}</r>"
    try:
        expected = etree.fromstring(document)
    except etree.XMLSyntaxError:
        return
    mended = etree.fromstring(xml_tree.mended(document))
    assert etree.tostring(mended[0], method="c14n") == etree.tostring(expected, method="c14n")


@pytest.mark.parametrize("depth", [100, 240, 241, 300, 2_000, 3_000, 20_000])
@pytest.mark.parametrize("closed", [True, False])
def test_a_nest_of_any_depth_keeps_its_text_and_what_follows(depth: int, closed: bool) -> None:
    nest = "<b>" * depth + "deep" + "</b>" * (depth if closed else 0)
    items = f"<item><description>{nest}</description></item><item>after</item>"
    document = f"<rss><channel>{items}</channel></rss>"
    tree = xml_tree.parse(document)
    assert tree is not None
    first, second = tree.root.iter("item")
    assert ["".join(map(str, each.itertext())) for each in (first, second)] == ["deep", "after"]
    assert max(len([*each.iterancestors()]) for each in tree.root.iter()) < 256


ITEMS = "".join(
    f"<item><title>T{at}</title><link>https://b.example/{at}</link><guid>g{at}</guid>"
    f"<description><p>A{at} <b>x</b></p> & <br> B{at}</description></item>\n"
    for at in range(3)
)
RSS = f"<rss version='2.0'><channel><title>Bob</title><link>/</link>{ITEMS}</channel></rss>"
TAGS = [*re.finditer(r"<[^>]*>", RSS)]


@pytest.mark.parametrize("change", ["", "{0}{0}", "{0}<", "<{0}", "{0}</x>"])
def test_one_tag_that_is_wrong_costs_no_more_than_it_costs_feedparser(change: str) -> None:
    for tag in TAGS:
        text = RSS[: tag.start()] + change.replace("{0}", tag[0]) + RSS[tag.end() :]
        entries = xml_feed.read(Received(name="x", content=text.encode(), max_body=1_000)).entries
        ours = {(entry.title, entry.id) for entry in entries}
        theirs = feedparser.parse(text, sanitize_html=False).entries
        whole = {
            (each.title, each.id)
            for each in theirs
            if "title" in each and "id" in each and "<" not in each.title + each.id
        }
        assert whole <= ours, text


@given(st.lists(st.sampled_from(["]]>", "]] >", "]]", ""]), min_size=1, max_size=6), st.booleans())
def test_a_section_without_an_end_costs_no_entry(ends: list[str], titles: bool) -> None:
    name = "title" if titles else "description"
    items = "".join(
        f"<item><{name}><![CDATA[<b>A{at}</b>{end}</{name}><guid>g{at}</guid>"
        f"<author><![CDATA[B{at}]]></author></item>\n"
        for at, end in enumerate(ends)
    )
    document = f"<rss><channel>{items}</channel></rss>"
    feed = xml_feed.read(Received(name="x", content=document.encode(), max_body=1_000))
    read = [((each.title or each.summary), each.authors[0].name) for each in feed.entries]
    assert read == [(f"<b>A{at}</b>", f"B{at}") for at, _ in enumerate(ends)]
    line = next((at for at, end in enumerate(ends, 1) if end != "]]>"), None)
    assert [str(each) for each in feed.problems] == [
        f"x: is not well-formed (line {line}: a CDATA section without an end); what can be read is"
    ] * (line is not None)
    # Of one that is cut nobody knows what follows.
    start, _, rest = document.rpartition("<![CDATA[")
    cut = xml_feed.read(
        Received(name="x", content=f"{start}<![CDATA[{rest[:1]}".encode(), max_body=99)
    )
    assert (len(cut.entries), cut.cut[:14]) == (len(ends) - 1, "ends too early")


@pytest.mark.parametrize(
    "inside",
    [
        "<description><![CDATA[x]]]]><![CDATA[></description>",
        "</description> is an end, <![CDATA[ a begin",
        "</description>\n<p>",
    ],
)
def test_a_section_that_speaks_of_sections_stays(inside: str) -> None:
    document = f"<rss><item><description><![CDATA[{inside}]]></description></item></rss>"
    assert xml_tree.with_sections_ended(document) == (document, None)


@pytest.mark.parametrize("rest", ["", " title=x", " title='x'"])
def test_the_slash_behind_an_address_without_quotes_is_of_it(rest: str) -> None:
    address = "https://a.example/b/"
    mended = etree.fromstring(xml_tree.mended(f"<x><a href={address}{rest}>c</a><br>d</x>"))
    (link,) = mended.iter("a")
    assert (link.get("href"), link.text) == (address, "c")
    (picture,) = etree.fromstring(xml_tree.mended(f"<x><img src=/a.png{rest}/>b</x>")).iter("img")
    assert (picture.get("src"), picture.tail) == ("/a.png", "b")
    (link,) = etree.fromstring(xml_tree.mended(f"<x><link href=/a{rest}/>b</x>")).iter("link")
    assert (link.get("href"), link.tail) == ("/a", "b")
