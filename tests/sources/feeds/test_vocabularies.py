"""What an entry says stands in its own elements; other vocabularies add to it."""

from __future__ import annotations

import email.utils
import html
import itertools
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.content import PrepareOptions, prepare
from convert.model import Enclosure, Feed, Link, Person, StoredEntry
from convert.sources.feeds import xml_feed
from convert.sources.feeds.document import BadFeed, Document, Received
from convert.sources.feeds.people import mailboxes

BY_PREFIX = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "gd": "http://schemas.google.com/g/2005",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}
SPACES = " ".join(f'xmlns:{prefix}="{address}"' for prefix, address in BY_PREFIX.items())


def document(text: str, address: str | None = None) -> Document:
    return xml_feed.read(
        Received(name="x.xml", content=text.encode(), max_body=10**6, address=address)
    )


def atom(entry: str, feed: str = "", attributes: str = "") -> Document:
    return document(
        f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACES} {attributes}>{feed}'
        f"<entry><id>urn:x:1</id>{entry}</entry></feed>"
    )


def rss(item: str, channel: str = "<link>https://a.example/</link>") -> Document:
    return document(
        f'<rss version="2.0" {SPACES}><channel>{channel}<item>{item}</item></channel></rss>'
    )


def entry_of(read: Document) -> StoredEntry:
    (entry,) = read.entries
    return entry


OWN = {
    "atom": ("<title>Own</title>", "<summary>Words</summary>", "<author><name>Ann</name></author>"),
    "rss": (
        "<title>Own</title>",
        "<description>Words</description>",
        "<dc:creator>Ann</dc:creator>",
    ),
}
FOREIGN = (
    "<media:title>Other</media:title>",
    "<media:description>Other</media:description>",
    "<media:group><media:title>Other</media:title></media:group>",
    "<media:group><media:description>Other</media:description></media:group>",
    "<media:content url='/p.png' type='image/png'><media:title>Other</media:title></media:content>",
    "<media:content url='/q.png'><media:description>Other</media:description></media:content>",
    "<itunes:title>Other</itunes:title>",
    "<itunes:summary>Other</itunes:summary>",
    "<itunes:subtitle>Other</itunes:subtitle>",
    "<itunes:author>Other</itunes:author>",
    "<itunes:owner><itunes:name>Other</itunes:name></itunes:owner>",
    "<dc:description>Other</dc:description>",
    "<dc:title>Other</dc:title>",
    "<dc:publisher>Other</dc:publisher>",
    "<title xmlns='urn:x'>Other</title>",
    "<x:summary xmlns:x='urn:x'>Other</x:summary>",
    "<content xmlns='urn:x'>Other</content>",
    "<author xmlns='urn:x'><name>Other</name></author>",
    "<updated xmlns='urn:x'>2001-01-01</updated>",
)


@given(st.data(), st.sampled_from(sorted(OWN)))
def test_no_other_vocabulary_overwrites_what_an_entry_says(data: st.DataObject, form: str) -> None:
    others = data.draw(st.lists(st.sampled_from(FOREIGN), unique=True))
    elements = "".join(data.draw(st.permutations([*OWN[form], *others])))
    entry = entry_of(atom(elements) if form == "atom" else rss(elements))
    assert (entry.title, entry.summary, entry.content) == ("Own", "Words", None)
    assert entry.authors == (Person(name="Ann"),)
    assert entry.updated.year == 1970


@pytest.mark.parametrize(
    ("prefix", "address"),
    [
        ("media", "https://search.yahoo.com/mrss"),
        ("M", "http://search.yahoo.com/mrss/"),
        ("media", ""),
        ("media", "https://nobody.example/"),
    ],
    ids=["spelled otherwise", "another prefix", "not declared", "nobody knows"],
)
def test_a_vocabulary_is_known_by_its_address_however_it_is_spelled(
    prefix: str, address: str
) -> None:
    declared = f'xmlns:{prefix}="{address}"' if address else ""
    entry = entry_of(
        document(
            f"<rss {declared}><channel><item><title>x</title>"
            f'<{prefix}:thumbnail url="https://a.example/t.png"/></item></channel></rss>'
        )
    )
    assert entry.image == "https://a.example/t.png"


def test_a_prefix_means_what_everybody_means_where_its_address_is_nobodys() -> None:
    fields = {"content": "encoded", "dc": "creator", "atom": "title", "x": "title"}
    elements = "".join(f"<{space}:{name}>{name}</{space}:{name}>" for space, name in fields.items())
    spaces = " ".join(f'xmlns:{space}="urn:{space}:1"' for space in fields)
    text = f"<rss {spaces}><channel><item>{elements}</item></channel></rss>"
    entry = entry_of(document(text))
    assert (entry.title, entry.content, entry.authors[0].name) == ("title", "encoded", "creator")
    page = '<wp:post_type xmlns:wp="https://w.example/1.9/">page</wp:post_type>'
    assert "1 of type page" in document(text.replace("<item>", f"<item>{page}")).problems[0].reason


TAGS = ("List<String>", "<b>", "</b>", "<em>x</em>", "&amp;", "&lt;i>", "<p>", "a < b", "AT&T", "é")


@given(st.lists(st.sampled_from(TAGS), min_size=1, max_size=6), st.sampled_from(["", "text"]))
def test_tags_are_text_in_what_atom_calls_text(pieces: list[str], stated: str) -> None:
    text = " ".join(pieces)
    kind = f' type="{stated}"' if stated else ""
    elements = "".join(
        f"<{name}{kind}>{html.escape(text)}</{name}>" for name in ("title", "summary")
    )
    read = atom(elements, f"<title{kind}>{html.escape(text)}</title>")
    prepared = prepare(entry_of(read), PrepareOptions())
    assert (prepared.entry.title, prepared.entry.summary, prepared.text) == (text, text, text)
    assert read.feed.title == text


class TestMedia:
    @pytest.mark.parametrize("size", ['width="90" height="20"', 'width="90"', 'height="90"'])
    def test_the_largest_thumbnail_stands_for_an_entry(self, size: str) -> None:
        sides = re.sub("[0-9]+", "9", size)
        small, large = (
            f'<media:thumbnail url="/{n}.png" {each}/>' for n, each in enumerate((sides, size))
        )
        for order in (small + large, large + small):
            assert entry_of(rss(order)).image == "https://a.example/1.png"

    def test_a_film_without_text_says_what_is_said_of_it(self) -> None:
        lines = "First line.\nSecond: https://a.example/shop\n\nThird &lt;not a tag>."
        group = f"""<media:group><media:title>Other</media:title>
            <media:content url="https://a.example/v" type="application/x-shockwave-flash"/>
            <media:thumbnail url="/small.png" width="10" height="10"/>
            <media:thumbnail url="/large.png" width="90" height="20"/>
            <media:description>{lines}</media:description></media:group>"""
        entry = entry_of(atom(f"<title>T</title>{group}", '<link href="https://a.example/"/>'))
        assert (entry.title, entry.enclosures) == ("T", ())
        assert entry.image == "https://a.example/large.png"
        prepared = prepare(entry, PrepareOptions())
        assert prepared.text == ("First line.\nSecond: https://a.example/shop\nThird <not a tag>.")
        assert prepared.links == ("https://a.example/shop",)
        html = group.replace("media:description>First", 'media:description type="html">&lt;b>First')
        assert entry_of(atom(html)).summary_type == "html"

    def test_pictures_of_a_text_stay_with_what_is_said_for_them(self) -> None:
        def picture(name: str, inside: str = "", attributes: str = 'type="image/png"') -> str:
            url = f"https://a.example/{name}.png"
            return f'<media:content url="{url}" {attributes}>{inside}</media:content>'

        shown = '&lt;img src="https://a.example/shown.png?w=300"&gt;'
        entry = entry_of(
            rss(
                f"<description>Text {shown}</description>"
                + picture("one", "<media:description>Alt of one</media:description>")
                + picture("two", "<media:title>Title of two</media:title>", 'medium="image"')
                + picture("shown")
                + "<media:group>"
                + picture("s", attributes='type="image/png" width="9" height="9"')
                + picture("l", attributes='type="image/png" width="99" height="9" fileSize="1,234"')
                + "</media:group>"
                + "<itunes:duration>1:02</itunes:duration>"
                + '<enclosure url="https://a.example/a.mp3" type="audio/mpeg" length="0"/>'
            )
        )
        assert entry.enclosures == (
            Enclosure(href="https://a.example/a.mp3", type="audio/mpeg", length=0, duration=62),
            Enclosure(href="https://a.example/one.png", type="image/png", title="Alt of one"),
            Enclosure(href="https://a.example/two.png", type="image/png", title="Title of two"),
            Enclosure(href="https://a.example/l.png", type="image/png", length=1234),
        )
        assert entry.image == "https://a.example/l.png"

    @pytest.mark.parametrize(
        ("attributes", "kind"),
        [
            ('url="/a.mp3" type=""', "audio/mpeg"),
            ('url="/a.MP4?x=1"', "video/mp4"),
            ('url="/a" medium="image"', "image/jpeg"),
            ('url="/a.webp" medium="image"', "image/webp"),
            ('url="/a.mp3" type="Audio/X"', "audio/x"),
            ('url="/a"', None),
        ],
    )
    def test_what_a_file_is_its_address_may_say(self, attributes: str, kind: str | None) -> None:
        (file,) = entry_of(rss(f"<media:content {attributes}/>")).enclosures
        assert file.type == kind
        assert entry_of(rss('<enclosure url="/player.swf"/>')).enclosures == ()

    def test_a_face_among_the_media_is_the_authors(self) -> None:
        face = "https://1.gravatar.com/avatar/0ab?s=96"
        entry = entry_of(
            rss(f'<dc:creator>Ann</dc:creator><media:content url="{face}" medium="image"/>')
        )
        assert entry.authors == (Person(name="Ann", icon=face),)
        assert (entry.image, entry.enclosures) == (None, ())
        face = "https://avatars.githubusercontent.com/u/1?v=4"
        entry = entry_of(atom(f'<author><name>Ann</name></author><media:thumbnail url="{face}"/>'))
        assert (entry.authors[0].icon, entry.image) == (face, None)

    def test_an_episode(self) -> None:
        entry = entry_of(
            rss(
                '<itunes:image href="https://a.example/1.jpg"/><itunes:duration>90</itunes:duration>'
                "<itunes:title>Short</itunes:title><itunes:subtitle>Sub</itunes:subtitle>"
                "<itunes:summary>Notes</itunes:summary><itunes:keywords>one, two</itunes:keywords>"
                "<itunes:author>Host</itunes:author>"
                '<enclosure url="/1.mp3" type="audio/mpeg" length="7"/>'
            )
        )
        assert (entry.title, entry.summary, entry.content) == ("Short", "Notes", None)
        assert entry.image == "https://a.example/1.jpg"
        assert [each.term for each in entry.categories] == ["one", "two"]
        assert entry.authors == (Person(name="Host"),)
        assert entry.enclosures == (
            Enclosure(href="https://a.example/1.mp3", type="audio/mpeg", length=7, duration=90),
        )


NAMES = (
    *("Ann", "Bob O'Hara", "Smith & Co", "Lee, Cy", "Zoë (Bird) Å", "Anders And", "Ann and Di"),
    *('Ann "Pen" A', '"Al" Y', "D'", 'Jo "Q"'),
)


class TestPeople:
    @pytest.mark.parametrize(
        ("text", "name", "email"),
        [
            ("ann@studio.photography (Ann A)", "Ann A", "ann@studio.photography"),
            ("Ann A (ann@a.example)", "Ann A", "ann@a.example"),
            ("Ann A &lt;ann@a.example&gt;", "Ann A", "ann@a.example"),
            ('"Ann A" &lt;ann@a.example&gt;', "Ann A", "ann@a.example"),
            ("mailto:ann@a.example (Ann)", "Ann", "ann@a.example"),
            ("mailto:ann@a.example", "ann", "ann@a.example"),
            ("ann.a+feed@bücher.example", "ann.a+feed", "ann.a+feed@bücher.example"),
            ("ann@a.museum ()", "ann", "ann@a.museum"),
            ("ann@a.example, Ann A", "Ann A", "ann@a.example"),
            ("ann@a.example (Ann (A))", "Ann (A)", "ann@a.example"),
            ("Ann and Bob", "Ann and Bob", None),
            ("Ann A, Bob B", "Ann A, Bob B", None),
            ("Ann (@ann)", "Ann (@ann)", None),
            ("@ann", "@ann", None),
            ("@ann@social.example", "@ann@social.example", None),
            ("Ann (@ann@social.example)", "Ann (@ann@social.example)", None),
            ("ann@localhost (Ann)", "Ann", "ann@localhost"),
            ("Ann &lt;root@host&gt;", "Ann", "root@host"),
            ("ann at a.example (Ann A)", "Ann A", None),
            ("ann[at]a.example (Ann A)", "Ann A", None),
            ("Ann at Sea (Kiel)", "Ann at Sea (Kiel)", None),
            ("Ann A - ann@a.example", "Ann A", "ann@a.example"),
            ("Ann A | ann@a.example", "Ann A", "ann@a.example"),
            ('"Ann A"', "Ann A", None),
            ('"Ann" A', '"Ann" A', None),
            ('Ann "Pen" &lt;ann@a.example&gt;', 'Ann "Pen"', "ann@a.example"),
            ("by ann@a.example (Ann A)", "Ann A", "ann@a.example"),
            ("ann@a.example (Ann A), Bob B", "Ann A, Bob B", "ann@a.example"),
            ("ann@a.example (Ann A)(Editor)", "Ann A (Editor)", "ann@a.example"),
            ("Ann A, ann@a.example, Bob B", "Ann A, Bob B", "ann@a.example"),
            ("ann@a.example (Ann A) &lt;ann@a.example&gt;", "Ann A", "ann@a.example"),
            ("ann@a.example — Ann A", "Ann A", "ann@a.example"),
            ("ann@a.example/Ann A", "Ann A", "ann@a.example"),
            ("{ann@a.example} Ann", "Ann", "ann@a.example"),
            ("by Ann A", "Ann A", None),
            ("By: ANN A &lt;ann@a.example&gt;", "ANN A", "ann@a.example"),
            ("Posted by Ann", "Ann", None),
            ("By", "By", None),
            ("Byron B", "Byron B", None),
            ("=?utf-8?q?=C3=85sa?= &lt;asa@a.example&gt;", "Åsa", "asa@a.example"),
            ("=?nowhere?q?x?=", "=?nowhere?q?x?=", None),
            ("Ann &lt;ann@a.example&gt;, Bob", "Ann, Bob", "ann@a.example"),
            ("Ann@Home", "Ann@Home", None),
            ("ann@a.example?subject=Feed", "ann", "ann@a.example"),
            ('&lt;a href="https://a.example/"&gt;Ann&lt;/a&gt;', "Ann", None),
            ("Ann &amp;amp; Bob", "Ann & Bob", None),
        ],
    )
    @pytest.mark.parametrize("element", ["author", "dc:creator", "itunes:author"])
    def test_names_and_addresses_in_one_text(
        self, element: str, text: str, name: str, email: str | None
    ) -> None:
        entry = entry_of(rss(f"<{element}>{text}</{element}>"))
        assert entry.authors == (Person(name=name, email=email),)

    def test_several_with_an_address_each_are_several(self) -> None:
        entry = entry_of(rss("<author>a@a.example (Ann A), b@b.example (Bob)</author>"))
        assert [each.name for each in entry.authors] == ["Ann A", "Bob"]
        entry = entry_of(rss("<dc:creator>Ann</dc:creator><dc:creator>Bob</dc:creator>"))
        assert [each.name for each in entry.authors] == ["Ann", "Bob"]

    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("Ann A &lt;a@a.example&gt;, Bob &lt;b@b.example&gt;", ["Ann A", "Bob"]),
            ("a@a.example; b@b.example", ["a", "b"]),
            ("a@a.example (A, B)", ["A, B"]),
            ("Ann, Bob &lt;b@b.example&gt;", ["Ann, Bob"]),
            (
                '"Roe, Ann" &lt;a@a.example&gt;, Poe, Bob &lt;b@b.example&gt;',
                ["Roe, Ann", "Poe, Bob"],
            ),
            ("Ann &lt;a@a.example&gt; Bob &lt;b@b.example&gt;", ["Ann", "Bob"]),
            ("a@a.example Ann, b@b.example Bob", ["Ann", "Bob"]),
        ],
    )
    def test_several_in_one_text(self, text: str, names: list[str]) -> None:
        entry = entry_of(rss(f"<author>{text}</author>"))
        assert [each.name for each in entry.authors] == names

    @given(st.data(), st.sampled_from([", ", "; ", ",", " and ", " & ", ", and ", " und ", " / "]))
    def test_whoever_is_written_with_an_address_is_one(
        self, data: st.DataObject, between: str
    ) -> None:
        forms = ("{} <{}>", "{1} ({0})", "{} ({})", "{} [{}]", "{} - {}")
        names = data.draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
        people = [(name, f"{number}.x@mail.example") for number, name in enumerate(names)]
        form = data.draw(st.sampled_from(forms))
        for write in (form.format, lambda *each: email.utils.formataddr(each)):
            text = between.join(write(*each) for each in people)
            assert [(each.name, each.email) for each in mailboxes(text)] == people, text

    def test_who_is_described_elsewhere_is_named_there(self) -> None:
        within = '<rdf:Description rdf:about="x"><name>Ann</name></rdf:Description>'
        agent = "<foaf:Agent><foaf:name>Ann</foaf:name></foaf:Agent>"
        for each in (within, agent):
            assert entry_of(rss(f"<dc:creator>{each}</dc:creator>")).authors[0].name == "Ann"
        assert entry_of(rss("<dcterms:creator>Ann</dcterms:creator>")).authors[0].name == "Ann"
        for kind in ("Seq", "Bag", "Alt"):
            two = f"<rdf:{kind}><rdf:li>Ann</rdf:li><rdf:li>Bo</rdf:li></rdf:{kind}>"
            listed = entry_of(rss(f"<dc:creator>{two}</dc:creator><dc:subject>{two}</dc:subject>"))
            assert [each.name for each in listed.authors] == ["Ann", "Bo"]
            assert [each.term for each in listed.categories] == ["Ann", "Bo"]
        for marked in ('<a href="/x">Ann A</a>', "<p>Ann <b>A</b></p>", "Ann\n <i>A</i>"):
            for element in ("author", "dc:creator"):
                entry = entry_of(rss(f"<{element}>{marked}</{element}>"))
                assert entry.authors == (Person(name="Ann A"),)
        assert entry_of(atom("<author><description>Life</description></author>")).authors == ()
        by_page = "<author><name>Ann</name><uri>mailto:ann@a.example</uri></author>"
        assert entry_of(atom(by_page)).authors == (Person(name="Ann", email="ann@a.example"),)

    def test_a_name_goes_before_an_address_alone(self) -> None:
        entry = entry_of(rss("<author>no@a.example</author><dc:creator>Ann</dc:creator>"))
        assert entry.authors == (Person(name="Ann"),)

    def test_who_has_no_name_has_that_of_the_address(self) -> None:
        entry = entry_of(
            atom(
                "<author><uri>https://a.example/ann/</uri></author>"
                "<author><email>bob@b.example</email></author><author/>"
                "<contributor><name>cy@c.example (Cy)</name></contributor>"
            )
        )
        assert entry.authors == (
            Person(name="a.example/ann", uri="https://a.example/ann/"),
            Person(name="bob", email="bob@b.example"),
        )
        assert entry.contributors == (Person(name="Cy", email="cy@c.example"),)

    def test_faces(self) -> None:
        entry = entry_of(
            atom(
                "<author><name>Ann</name><gd:image src='https://a.example/ann.png'"
                " rel='http://schemas.google.com/g/2005#thumbnail'/></author>"
                "<author><name>Bob</name><link rel='avatar' href='https://b.example/b.png'/>"
                "<link rel='alternate' href='https://b.example/'/></author>"
                "<author><name>Cy</name>"
                "<gd:image src='https://img1.blogblog.com/img/b16-rounded.gif'/></author>"
            )
        )
        icons = [each.icon for each in entry.authors]
        assert icons == ["https://a.example/ann.png", "https://b.example/b.png", None]


PAGES = {
    "html": '<link rel="alternate" type="text/html" href="/html"/>',
    "none": '<link href="/none"/>',
    "json": '<link rel="alternate" type="application/json" href="/json"/>',
    "de": '<link rel="alternate" hreflang="de" href="/de"/>',
}


class TestLinks:
    def test_a_feed_of_rss_that_names_no_page_is_resolved_against_its_own_address(self) -> None:
        own = '<atom:link rel="self" href="https://a.example/x/feed.xml"/>'
        for channel, page in ((own, "https://a.example/x/1"), ("", None)):
            assert entry_of(rss("<link>1</link>", channel)).link == page

    def test_the_text_of_an_entry_without_a_page_is_read_on_that_of_its_feed(self) -> None:
        text = '<a href="b">x</a>'
        for read in (
            rss(
                f"<description>{html.escape(text)}</description>", "<link>https://a.example/</link>"
            ),
            atom(
                f'<summary type="html">{html.escape(text)}</summary>',
                '<link href="https://a.example/"/>',
            ),
        ):
            entry = entry_of(read)
            assert prepare(entry, PrepareOptions()).links == ("https://a.example/b",)
            assert entry.base == "https://a.example/"

    @pytest.mark.parametrize(
        ("names", "page"),
        [
            (("json", "html"), "html"),
            (("html", "json"), "html"),
            (("none", "html"), "none"),
            (("de", "none"), "none"),
            (("de", "json"), "de"),
            (("json",), "json"),
        ],
    )
    def test_the_page_is_the_best_of_the_alternates(self, names: Sequence[str], page: str) -> None:
        links = "".join(PAGES[name] for name in names)
        entry = entry_of(atom(links, '<link href="https://a.example/"/>', 'xml:lang="en-GB"'))
        assert entry.link == f"https://a.example/{page}"
        others = [f"https://a.example/{name}" for name in names if name != page]
        assert [(each.rel, each.href) for each in entry.links] == [
            ("alternate", each) for each in others
        ]

    @pytest.mark.parametrize(
        "rel",
        ["", "ALTERNATE", " alternate", "http://www.iana.org/assignments/relation/alternate"],
    )
    def test_relations_in_any_spelling(self, rel: str) -> None:
        assert entry_of(atom(f'<link rel="{rel}" href="https://a.example/1"/>')).link

    def test_further_links_are_kept_and_those_of_programs_are_not(self) -> None:
        rels = ("via", "related", "license", "replies", "self", "edit", "hub", "enclosure")
        links = "".join(
            f'<link rel="{rel}" title="T" href="https://a.example/{rel}"/>' for rel in rels
        )
        entry = entry_of(atom(links))
        assert entry.links == tuple(
            Link(rel=rel, href=f"https://a.example/{rel}", title="T") for rel in rels[:4]
        )
        assert entry.link is None
        entry = entry_of(rss("<comments>https://a.example/c</comments>"))
        assert entry.links == (Link(rel="replies", href="https://a.example/c", type="text/html"),)

    @pytest.mark.parametrize(
        ("written", "link"),
        [
            ("https://a.example/my post", "https://a.example/my%20post"),
            ('https://a.example/"1"', "https://a.example/%221%22"),
            ("https://a.example/#&lt;x>", "https://a.example/#%3Cx%3E"),
            ("\n https://a.example/a\nb \n", "https://a.example/ab"),
            ("https://a.example/?a=1&amp;amp;b=2", "https://a.example/?a=1&b=2"),
            ("https://ann:secret@a.example/1", "https://a.example/1"),
            ("/1", "https://a.example/1"),
            ("a.example/1", "https://a.example/1"),
            ("www.a.example/1", "https://www.a.example/1"),
            ("//b.example/1", "https://b.example/1"),
            ("https://bücher.example/straße", "https://bücher.example/straße"),
        ],
    )
    def test_no_sign_in_an_address_loses_it(self, written: str, link: str) -> None:
        entry = entry_of(rss(f"<link>{written}</link>"))
        assert (entry.link, entry.id) == (link, link)

    def test_ids_stay_as_they_are_stated_but_for_credentials(self) -> None:
        for id_ in ("post-1", "../1", "HTTPS://A.Example/1?", "https://a.example/a b"):
            text = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>{id_}</id></entry></feed>'
            assert entry_of(document(text, "https://a.example/feed")).id == id_
        assert entry_of(rss("<guid>https://u:p@a.example/1</guid>")).id == "https://a.example/1"
        assert entry_of(rss("<link>gemini://a.example/8</link>")).id == "gemini://a.example/8"

    def test_content_that_lies_elsewhere(self) -> None:
        src = "https://a.example/1"
        entry = entry_of(atom(f'<content src="{src}" type="text/html"/><summary>x</summary>'))
        assert (entry.link, entry.content, entry.summary) == (src, None, "x")
        page = f'<link href="https://a.example/"/><content src="{src}" type="text/html"/>'
        assert entry_of(atom(page)).links == (Link(rel="alternate", href=src, type="text/html"),)
        entry = entry_of(atom(f'<content src="{src}" type="video/mp4"/>'))
        assert (entry.link, entry.enclosures) == (None, (Enclosure(href=src, type="video/mp4"),))

    def test_bases_in_each_other(self) -> None:
        text = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/top/">
            <entry xml:base="in/"><id>1</id><link href="x" xml:base="deep/"/>
            <title type="html">&lt;b>T</title>
            <content type="xhtml" xml:base="c/"><div {XHTML}><a href="y">y</a>
            <p xml:base="p/"><a href="z">z</a></p></div></content></entry></feed>"""
        entry = entry_of(document(text, "https://a.example/feed"))
        assert entry.link == "https://a.example/top/in/deep/x"
        assert entry.base == "https://a.example/top/in/c/"
        assert entry.content is not None
        assert 'href="y"' in entry.content
        assert 'href="https://a.example/top/in/c/p/z"' in entry.content

    def test_a_body_that_names_its_base(self) -> None:
        body = "&lt;base href='/inner/'>&lt;a href='x'>x&lt;/a>"
        entry = entry_of(rss(f"<link>/1</link><description>{body}</description>"))
        assert prepare(entry, PrepareOptions()).links == ("https://a.example/inner/x",)


XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'


class TestTexts:
    @pytest.mark.parametrize("kind", ["text", "", "text/plain"])
    def test_plain_text_stays_text(self, kind: str) -> None:
        stated = f' type="{kind}"' if kind else ""
        entry = entry_of(atom(f"<content{stated}>one\ntwo\n\n&lt;b>three&lt;/b></content>"))
        assert (entry.content, entry.content_type) == ("one\ntwo\n\n<b>three</b>", "text")

    def test_a_type_that_readers_of_text_know_stays(self) -> None:
        entry = entry_of(atom('<content type="text/markdown; charset=utf-8"># H</content>'))
        assert (entry.content, entry.content_type) == ("# H", "text/markdown")

    @pytest.mark.parametrize("empty", ["", "&lt;p>&amp;nbsp;&lt;/p>", "&lt;br>&lt;!-- x -->"])
    def test_an_empty_content_is_none_beside_a_summary(self, empty: str) -> None:
        content = f"<content:encoded>{empty}</content:encoded>"
        for item in (
            f"{content}<description>x</description>",
            f"<description>x</description>{content}",
        ):
            entry = entry_of(rss(item))
            assert (entry.content, entry.summary) == (None, "x")

    def test_content_that_no_text_can_show_is_named(self) -> None:
        read = atom('<content type="image/png">iVBORw0KGgo=</content><summary>x</summary>')
        entry = entry_of(read)
        assert (entry.content, entry.summary) == (None, "x")
        assert [str(each) for each in read.problems] == [
            "x.xml: content of urn:x:1: is of the type image/png and no text: left out"
        ]

    def test_many_contents_that_no_text_can_show_are_one_line(self) -> None:
        content = '<content type="image/png">iVBORw0KGgo=</content>'
        entries = "".join(f"<entry><id>urn:x:{at}</id>{content}</entry>" for at in range(11))
        read = document(f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>')
        assert [str(each) for each in read.problems] == [
            "x.xml: content: 11 times: is of the type image/png and no text: left out"
        ]

    def test_of_several_contents_the_language_of_the_feed_comes_first(self) -> None:
        contents = {
            "de": '<content type="html" xml:lang="de">&lt;p>Hallo zusammen</content>',
            "en": '<content type="html" xml:lang="en">&lt;p>Hello all</content>',
        }
        for order in itertools.permutations(contents.values()):
            entry = entry_of(atom("".join(order), attributes='xml:lang="de"'))
            assert (entry.content, entry.language) == (
                '<div lang="de"><p>Hallo zusammen</div><div lang="en"><p>Hello all</div>',
                "de",
            )

    def test_of_summaries_in_several_languages_each_is_seen(self) -> None:
        entry = entry_of(
            atom("<summary xml:lang='en'>Hello</summary><summary xml:lang='de'>Hallo</summary>")
        )
        assert prepare(entry, PrepareOptions()).text == "Hello\nHallo"
        entry = entry_of(rss("<description>One</description><description>Two</description>"))
        assert (entry.summary, entry.content) == ("One", "Two")

    def test_what_says_again_what_another_says_is_not_repeated(self) -> None:
        forms = (
            '<content type="text">One two three</content>',
            '<content type="html">&lt;p>One two three, four</content>',
        )
        for order in itertools.permutations(forms):
            read = atom("".join(order))
            assert entry_of(read).content == "<p>One two three, four"
            assert read.problems == ()

    def test_a_title_that_is_a_picture_is_what_is_said_for_it(self) -> None:
        picture = '&lt;img src="/x.png" alt="Said for it"/>'
        assert entry_of(rss(f"<title>{picture}</title>")).title == "Said for it"
        assert entry_of(atom(f'<title type="html">{picture}</title>')).title == "Said for it"
        assert rss("", f"<title>{picture}</title>").feed.title == "Said for it"

    def test_what_is_text_in_xhtml_is_no_markup(self) -> None:
        text = "&lt;p>one&lt;/p>"
        for inside in (text, f"<p>{text}</p>", f"{text}<br/>"):
            entry = entry_of(atom(f'<content type="xhtml"><div {XHTML}>{inside}</div></content>'))
            assert prepare(entry, PrepareOptions()).text == "<p>one</p>"

    @pytest.mark.parametrize("name", ["plaintext", "xmp", "listing", "PLAINTEXT"])
    def test_elements_of_xhtml_without_markup_in_html_are_preformatted(self, name: str) -> None:
        for inside in (f"<{name}/>after", f"<{name}>a &lt; <b>b</b></{name}>after"):
            content = f'<content type="xhtml"><div {XHTML}>{inside}</div></content>'
            for further in ("", "<content>And other words</content>"):
                text = prepare(entry_of(atom(content + further)), PrepareOptions()).text
                words = "a < b after" if "b>" in inside else "after"
                assert text.split() == [*words.split(), *(further and ["And", "other", "words"])]

    @pytest.mark.parametrize(
        ("written", "text", "problems"),
        [
            ("&lt;ann@a.example>", "<ann@a.example>", 0),
            ("See &lt;https://a.example/>", "See <https://a.example/>", 0),
            ("Use the &lt;script> tag", "Use the <script> tag", 0),
            ("&lt;!-- Words", "", 1),
            ("&lt;p>&lt;o:p>&amp;nbsp;&lt;/o:p>&lt;/p>&lt;!-- Words -->", "", 0),
        ],
    )
    def test_what_markup_would_hide_is_text_or_named(
        self, written: str, text: str, problems: int
    ) -> None:
        prepared = prepare(entry_of(rss(f"<description>{written}</description>")), PrepareOptions())
        assert (prepared.text, len(prepared.problems)) == (text, problems)

    def test_a_text_that_is_part_of_a_word_is_said_nowhere_else(self) -> None:
        one, other = "<content:encoded>A concatenation", "<content:encoded>cat"
        entry = entry_of(rss(f"{one}</content:encoded>{other}</content:encoded>"))
        assert prepare(entry, PrepareOptions()).text == "A concatenation\ncat"

    def test_of_several_titles_the_first_is_read_and_a_line_says_so(self) -> None:
        read = rss("<title>One</title><atom:title>Two</atom:title><title>One</title>")
        assert entry_of(read).title == "One"
        assert [each.reason for each in read.problems] == ["there are several: the first is read"]
        said = rss("", "<title>One</title><title>Two</title>").problems
        assert [(each.field, each.reason) for each in said] == [
            ("title", "there are several: the first is read")
        ]

    @pytest.mark.parametrize(
        ("written", "title"),
        [
            ("&lt;b>Bold&lt;/b> words", "Bold words"),
            ("&lt;p>In a paragraph&lt;/p>", "In a paragraph"),
            ("One&lt;br/>two", "One two"),
            ("Ann &amp;amp; Bob", "Ann & Bob"),
            ("List&lt;T> and List&lt;/T>", "List<T> and List</T>"),
            ("a &lt;b and c&amp;gt; d", "a <b and c> d"),
            ("x &lt;y> z", "x <y> z"),
            ("List&lt;String> in &lt;b>Java&lt;/b>", "List<String> in Java"),
            ("The &lt;script> tag", "The <script> tag"),
        ],
    )
    def test_titles_of_rss_are_html_where_all_tags_are(self, written: str, title: str) -> None:
        entry = entry_of(rss(f"<title>{written}</title>"))
        assert prepare(entry, PrepareOptions()).entry.title == title

    @pytest.mark.parametrize(
        ("files", "lasting"),
        [
            (("a.pdf", "b.mp3", "c.jpg"), ["b.mp3"]),
            (("a.mp3", "b.ogg"), ["a.mp3", "b.ogg"]),
            (("a", "b.jpg"), ["a"]),
            (("a.pdf",), ["a.pdf"]),
        ],
    )
    def test_how_long_an_episode_lasts_is_said_of_recordings(
        self, files: tuple[str, ...], lasting: list[str]
    ) -> None:
        stated = "".join(f"<enclosure url='https://a.example/{each}'/>" for each in files)
        entry = entry_of(rss(f"{stated}<itunes:duration>61</itunes:duration>"))
        names = [each.href.rpartition("/")[2] for each in entry.enclosures if each.duration == 61]
        assert names == lasting

    def test_names_and_labels_of_atom_are_text(self) -> None:
        text = "&lt;b>R&lt;/b> &amp;amp;amp; D"
        read = atom(
            f"<author><name>{text}</name></author><category term='{text}' label='{text}'/>"
            f"<link rel='via' href='https://b.example/' title='{text}'/>"
        )
        made = prepare(entry_of(read), PrepareOptions()).entry
        (author, category, link) = (made.authors[0], made.categories[0], made.links[0])
        said = {author.name, category.term, category.label, link.title}
        assert said == {"<b>R</b> &amp;amp; D"}

    def test_a_division_that_says_which_way_it_runs_stays(self) -> None:
        entry = entry_of(atom(f'<content type="xhtml"><div {XHTML} dir="rtl">x</div></content>'))
        assert entry.content == '<div dir="rtl">x</div>'


class TestFeeds:
    @pytest.mark.parametrize("name", ["rss", "RSS", "feed"])
    def test_the_vocabulary_of_the_first_element_is_that_of_feeds(self, name: str) -> None:
        read = document(
            f"<{name} xmlns='urn:x:own' xmlns:o='urn:x:other'><title>x</title>"
            f"<item><o:title>no</o:title><title>y</title></item></{name}>"
        )
        assert (read.feed.title, entry_of(read).title) == ("x", "y")

    @pytest.mark.parametrize("at", ["rss", "channel"])
    @pytest.mark.parametrize(
        "address", [*("urn:x", "http://www.w3.org/1999/xhtml"), *BY_PREFIX.values()]
    )
    def test_a_feed_may_state_any_vocabulary_for_its_own(self, at: str, address: str) -> None:
        stated = {"rss": "", "channel": "", at: f' xmlns="{address}"'}
        read = document(
            f"<rss{stated['rss']} {SPACES}><channel{stated['channel']}><title>x</title><item>"
            "<title>y</title><description>w</description><dc:creator>Ann</dc:creator>"
            "<media:thumbnail url='https://a.example/t.png'/></item></channel></rss>"
        )
        entry = entry_of(read)
        assert (read.feed.title, entry.title, entry.summary) == ("x", "y", "w")
        assert (entry.authors[0].name, entry.image) == ("Ann", "https://a.example/t.png")

    def test_rdf(self) -> None:
        read = document(
            """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
            xmlns="http://purl.org/rss/1.0/" xmlns:cc="http://web.resource.org/cc/">
            <channel rdf:about="https://a.example/rdf"><title>R</title>
            <image rdf:resource="https://a.example/r.png"/><link>https://a.example/</link>
            <items><rdf:Seq><rdf:li resource="https://a.example/1"/></rdf:Seq></items></channel>
            <item rdf:about="https://a.example/1"><title>I</title>
            <cc:license rdf:resource="https://l.example/"/></item></rdf:RDF>"""
        )
        assert (read.feed.title, read.feed.logo) == ("R", "https://a.example/r.png")
        entry = entry_of(read)
        assert (entry.title, entry.id) == ("I", "https://a.example/1")
        assert entry.links == (Link(rel="license", href="https://l.example/"),)

    def test_channels_of_cdf(self) -> None:
        read = document(
            """<CHANNEL HREF="https://a.example/" LASTMOD="2024-05-06T07:08:09Z">
            <TITLE>C</TITLE><ABSTRACT>About</ABSTRACT>
            <ITEM HREF="/1" LASTMOD="2024-05-05"><TITLE>I</TITLE><ABSTRACT>Words</ABSTRACT></ITEM>
            <CHANNEL><ITEM HREF="https://b.example/2"/></CHANNEL></CHANNEL>"""
        )
        assert (read.feed.title, read.feed.subtitle) == ("C", "About")
        assert (read.feed.link, str(read.feed.updated)[:10]) == ("https://a.example/", "2024-05-06")
        one, two = read.entries
        assert (one.title, one.summary, one.link) == ("I", "Words", "https://a.example/1")
        assert (str(one.updated)[:10], two.link) == ("2024-05-05", "https://b.example/2")

    def test_a_feed_in_something_else(self) -> None:
        feed = "<rss><channel><title>x</title><item><title>y</title></item></channel></rss>"
        read = document(f"<s:Envelope xmlns:s='urn:s'><s:Body>{feed}</s:Body></s:Envelope>")
        assert (read.feed.title, entry_of(read).title) == ("x", "y")
        with pytest.raises(BadFeed):
            document("<tv><channel><title>x</title></channel></tv>")
        for name in ("entry", "item"):
            read = document(f"<{name}><title>y</title></{name}>")
            assert (read.feed.title, entry_of(read).title) == ("", "y")

    @pytest.mark.parametrize(
        ("stated", "language"), [("en_US", "en-US"), ("EN-us", "en-US"), ("de_AT.UTF-8", "de-AT")]
    )
    def test_languages_in_any_spelling(self, stated: str, language: str) -> None:
        read = rss("<title>x</title>", f"<language>{stated}</language>")
        assert (read.feed.language, entry_of(read).language) == (language, language)

    def test_an_empty_language_takes_back_what_is_said_further_out(self) -> None:
        read = atom('<content xml:lang="">x</content>', attributes='xml:lang="de"')
        assert (read.feed.language, entry_of(read).language) == ("de", None)

    def test_a_channel_whose_link_is_no_page(self) -> None:
        link = "<link>urn:uuid:7c0e0f3a-0000-4000-8000-000000000000</link>"
        read = rss("", f"<title>x</title>{link}<atom:link href='https://a.example/'/>")
        assert read.feed.link == "https://a.example/"

    @pytest.mark.parametrize(
        ("source", "known"),
        [
            ("<subtitle>S</subtitle>", {"subtitle": "S"}),
            ("<author><email>ann@a.example</email></author>", {"subtitle": None}),
            ("<title>T</title>", {"title": "T", "language": None}),
            ("<link rel='self' href='https://b.example/f'/>", {"id": "https://b.example/f"}),
        ],
    )
    def test_a_source_that_says_little_is_one(self, source: str, known: dict[str, str]) -> None:
        about = "<id>urn:x:feed</id><author><name>F</name></author>"
        read = atom(f"<source>{source}</source>", about, 'xml:lang="de"')
        entry = entry_of(read)
        assert entry.source is not None
        feed = read.sources[entry.source]
        assert feed.id != "urn:x:feed"
        assert {name: getattr(feed, name) for name in known} == known
        assert entry.authors == (feed.authors or read.feed.authors)
        assert isinstance(feed, Feed)


SHORT, LONG = (
    "Herons nest.",
    "<p>Herons nest in the old wood behind the weir, and in May they fish.</p>",
)


@pytest.mark.parametrize("long_first", [True, False])
@pytest.mark.parametrize("name", ["description", "atom:summary"])
def test_of_two_summaries_the_fuller_is_the_content(name: str, long_first: bool) -> None:
    texts = [
        f"<{name}>{html.escape(SHORT)}</{name}>",
        f"<description>{html.escape(LONG)}</description>",
    ]
    entry = entry_of(rss("".join(texts[::-1] if long_first else texts)))
    assert (entry.summary, entry.content) == (SHORT, LONG)


@pytest.mark.parametrize(
    "nothing",
    [
        *("<p>\u200b\ufeff</p>", "\u00ad\u2060", "<p>&#8203;</p>"),
        "<img src='https://t.example/p.gif' width='1' height='1'>",
        '<p><img height="0" width=1 alt="" src="https://t.example/p.gif"/></p>',
    ],
)
def test_what_nobody_sees_is_no_content(nothing: str) -> None:
    hidden = f"<content:encoded>{html.escape(nothing)}</content:encoded>"
    entry = entry_of(rss(f"{hidden}<description>{SHORT}</description>"))
    assert (entry.summary, entry.content) == (SHORT, None)
    line = nothing.replace("1", "40")
    entry = entry_of(rss(f"<content:encoded>{html.escape(line)}x</content:encoded>"))
    assert entry.content


@pytest.mark.parametrize("rounds", [1, 2])
def test_a_section_that_was_escaped_is_what_is_in_it(rounds: int) -> None:
    def section(text: str) -> str:
        for _ in range(rounds):
            text = f"<![CDATA[{text}]]>"
        return html.escape(text)

    fields = f"<title>{section('Tom & Jerry')}</title><description>{section(LONG)}</description>"
    entry = entry_of(rss(fields))
    assert (entry.title, entry.summary) == ("Tom & Jerry", LONG)
    entry = entry_of(atom(f"<title>{section('List<T>')}</title>"))
    assert entry.title == "List<T>"
    # What begins or ends otherwise speaks of sections.
    entry = entry_of(rss(f"<title>{html.escape('Of <![CDATA[x]]> and others')}</title>"))
    assert "CDATA" in entry.title
