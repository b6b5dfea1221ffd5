"""JSON Feed: whatever one field holds, the item, its other fields and the feed are read."""

from __future__ import annotations

import contextlib
import copy
import html
import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convert.content import PrepareOptions, prepare
from convert.model import Category, Enclosure, Link, Person, StoredEntry
from convert.sources.feeds import json_shapes
from convert.sources.feeds.document import BadFeed, Document, Received
from convert.sources.feeds.json_feed import read as read_json
from convert.sources.feeds.xml_feed import read as read_xml_feed

Objects = dict[str, Any]
VALUES: list[object] = [
    *(None, True, False, 0, 7, -1.5, 12345678901234567890123, "", " ", "odd"),
    *([], [None], ["x"], [[]], [3], [{}], {}, {"x": 1}, {"name": {"url": []}}, [True, "y"]),
]
FEED: Objects = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Ann",
    "home_page_url": "https://a.example/",
    "feed_url": "https://a.example/feed.json",
    "items": [
        {
            "id": "one",
            "url": "https://a.example/1",
            "external_url": "https://b.example/1",
            "title": "One",
            "content_html": "<p>One</p>",
            "summary": "Short",
            "image": "https://a.example/1.jpg",
            "date_published": "2024-05-05T00:00:00Z",
            "date_modified": "2024-05-06T00:00:00Z",
            "tags": ["a"],
            "attachments": [
                {"url": "https://a.example/1.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 9}
            ],
            "authors": [{"name": "Ann", "url": "https://a.example/ann"}],
            "_thicket": {
                "user": "ann",
                "source": {"id": "urn:s", "authors": [{"name": "Dee"}]},
                "contributors": [{"name": "Cy", "_thicket": {"email": "cy@c.example"}}],
                "links": [{"rel": "via", "url": "https://c.example/"}],
                "rights": "CC BY",
                "categories": [{"term": "a", "label": "A"}],
                "in_reply_to": [{"id": "urn:r"}],
            },
        },
        {"id": "two", "content_text": "Two"},
    ],
}
# What a field may change beside what it is called.
CHANGES = {
    "url": {"link", "base", "links", "authors", "enclosures", "in_reply_to"},
    "external_url": {"links", "link", "base"},
    "content_html": {"content", "content_type"},
    "content_text": {"content", "content_type"},
    "date_published": {"published", "updated"},
    "date_modified": {"updated"},
    "banner_image": {"image"},
    "author": {"authors"},
    "tags": {"categories"},
    "attachments": {"enclosures"},
    "_thicket": {
        *("user", "source", "contributors", "links", "rights", "categories", "in_reply_to"),
        *("summary", "summary_type", "content", "title"),
    },
    "summary_only": {"summary", "summary_type", "content"},
    "home_page_url": {"base", "link", "links", "enclosures"},
    "feed_url": {"source", "base"},
    "name": {"authors", "contributors"},
    "avatar": {"authors", "contributors"},
}
PARTS: dict[str, type[msgspec.Struct]] = {
    "items[0]": json_shapes.ItemFile,
    "items[0].authors[0]": json_shapes.AuthorFile,
    "items[0].attachments[0]": json_shapes.AttachmentFile,
    "items[0]._thicket": json_shapes.ExtensionFile,
    "items[0]._thicket.source": json_shapes.SourceFile,
    "items[0]._thicket.source.authors[0]": json_shapes.AuthorFile,
    "items[0]._thicket.contributors[0]": json_shapes.AuthorFile,
    "items[0]._thicket.contributors[0]._thicket": json_shapes.EmailFile,
    "items[0]._thicket.links[0]": json_shapes.LinkFile,
    "items[0]._thicket.categories[0]": json_shapes.CategoryFile,
    "items[0]._thicket.in_reply_to[0]": json_shapes.ReferenceFile,
}
FIELDS = [
    (place, field.encode_name)
    for place, kind in PARTS.items()
    for field in msgspec.structs.fields(kind)
]
NAMES = sorted({name for _, name in FIELDS} | {"description", "icon", "expired", "next_url"})


def read(feed: Objects) -> Document:
    return read_bytes(json.dumps(feed).encode())


def read_bytes(content: bytes) -> Document:
    return read_json(Received(name="a.json", content=content, max_body=1_000_000))


def read_xml(text: str) -> Document:
    return read_xml_feed(Received(name="a.xml", content=text.encode(), max_body=1_000_000))


def one(**fields: object) -> Document:
    return read(FEED | {"items": [{"id": "one"} | fields]})


def entry(**fields: object) -> StoredEntry:
    return one(**fields).entries[0]


def with_value(place: str, field: str, value: object) -> Objects:
    feed = copy.deepcopy(FEED)
    at: Any = feed
    for step in re.findall(r"[a-z_]+|\d+", place):
        at = at[int(step) if step.isdigit() else step]
    at[field] = value
    return feed


def changed(entry: StoredEntry, before: StoredEntry) -> set[str]:
    return {
        name for name in entry.__struct_fields__ if getattr(entry, name) != getattr(before, name)
    }


@pytest.mark.parametrize(("place", "field"), FIELDS)
def test_an_odd_value_costs_its_own_field_alone(place: str, field: str) -> None:
    before = read(with_value(place, field, None)).entries
    around = re.findall(r"\.([a-z_]+)", place)[:1]
    may = {field, *CHANGES.get(field, ()), *(c for a in around for c in {a, *CHANGES.get(a, ())})}
    for value in VALUES:
        document = read(with_value(place, field, value))
        assert len(document.entries) == 2
        assert document.entries[1] == before[1]
        assert changed(document.entries[0], before[0]) <= may, value
        if value == [True, "y"] or (value is True and field != "summary_only"):
            named = [each.field for each in document.problems]
            assert any(each.startswith(f"{place}.{field}") for each in named), (value, named)


@pytest.mark.parametrize(
    "field",
    [*(each.encode_name for each in msgspec.structs.fields(json_shapes.FeedFile)), "hubs", "x"],
)
def test_an_odd_value_of_the_feed_costs_no_item(field: str) -> None:
    before = read(FEED | {field: None})
    for value in VALUES:
        document = read(FEED | {field: value})
        assert len(document.entries) == 2
        may = {field, *CHANGES.get(field, ()), "source"}
        for number in (0, 1):
            entry = document.entries[number]
            assert changed(entry, before.entries[number]) <= may, value
        assert document.feed.title == ("Ann" if field != "title" else document.feed.title)


def test_what_is_meant_is_read() -> None:
    assert entry(author="Ann").authors == (Person(name="Ann"),)
    assert entry(authors={"name": "Ann"}).authors == (Person(name="Ann"),)
    assert entry(authors=[None, "Ann", {"name": 3}]).authors == (
        Person(name="Ann"),
        Person(name="3"),
    )
    assert entry(authors=[{}], author={"name": "Bo"}).authors == (Person(name="Bo"),)
    assert entry(authors=[{"url": "https://b.example/ann/"}]).authors == (
        Person(name="b.example/ann", uri="https://b.example/ann/"),
    )
    assert entry(authors=[{"name": "Ann", "avatar": "/ann.png"}]).authors[0].icon == (
        "https://a.example/ann.png"
    )
    assert entry(authors=["Ann", {"name": "Ann"}]).authors == (Person(name="Ann"),)
    assert entry(tags=["a", " a"]).categories == (Category(term="a"),)
    assert entry(tags="a, b").categories == (Category(term="a"), Category(term="b"))
    assert entry(tags=[None, 2024, "", "x"]).categories == (
        Category(term="2024"),
        Category(term="x"),
    )
    assert entry(attachments={"url": "/e.mp3", "size_in_bytes": "123"}).enclosures == (
        Enclosure(href="https://a.example/e.mp3", length=123),
    )
    assert entry(title=2024).title == "2024"
    assert entry(id=12345678901234567890123, title="x").id == "12345678901234567890123"
    assert entry(id=1.5, title="x").id == "1.5"
    assert entry(id=True, url="/2").id == "https://a.example/2"
    assert entry(url="https://ann:secret@a.example/2").link == "https://a.example/2"
    assert entry(image=None, banner_image="/b.png").image == "https://a.example/b.png"


@pytest.mark.parametrize(
    "text",
    [
        "ann@a.example (Ann)",
        "Ann <ann@a.example>",
        "mailto:ann@a.example",
        "Ann <ann@a.example>, bob@b.example (Bob)",
        "@ann@social.example",
        "Ann and Bob",
    ],
)
def test_people_are_who_they_are_in_xml(text: str) -> None:
    """One that a text names is called as in RSS, wherever JSON has it, and so in Atom's name."""
    rss = read_xml(
        f"<rss><channel><item><guid>1</guid><author>{html.escape(text)}</author></item>"
        "</channel></rss>"
    )
    atom = read_xml(
        f"<feed><entry><id>1</id><author><name>{html.escape(text)}</name></author></entry></feed>"
    )
    people = rss.entries[0].authors
    assert people == atom.entries[0].authors
    fields: list[Objects] = [
        {"author": text},
        {"author": {"name": text}},
        {"authors": text},
        {"authors": [{"name": text}, text]},
    ]
    for each in fields:
        assert entry(**each).authors == people
        (of_feed,) = read(FEED | {"items": [{"id": "one"}]} | each).entries
        assert of_feed.authors == people
    page = "https://a.example/ann"
    named = entry(authors=[{"name": text, "url": page, "avatar": "/ann.png"}]).authors
    assert [(each.name, each.email) for each in named] == [(e.name, e.email) for e in people]
    assert {each.uri for each in named} == {page}


def test_what_no_list_can_be_made_of_is_named_as_that() -> None:
    for field in ("authors", "tags", "attachments"):
        document = one(title="t", **{field: True})
        (problem,) = document.problems
        assert str(problem) == (
            f"a.json: items[0].{field}: ignored: expected a list, found true or false"
        )


def test_an_address_that_is_none_is_named() -> None:
    bad = "javascript:alert(1)"
    fields = {"url": bad, "external_url": "http://[::1", "image": bad, "attachments": [bad]}
    document = one(**fields, authors=[{"name": "Ann", "url": "mailto:ann@a.example"}])
    assert {each.field.rpartition(".")[2] for each in document.problems} == set(fields)
    (entry,) = document.entries
    assert (entry.link, entry.links, entry.image, entry.enclosures) == (None, (), None, ())
    assert entry.authors == (Person(name="Ann", email="ann@a.example"),)


def test_the_content_is_the_one_that_says_something() -> None:
    both = {"content_text": "a\nb <b>c</b>"}
    nothings: list[object] = [
        "",
        " \n",
        None,
        3,
        [],
        "<p>&nbsp;</p>",
        "<!-- a b -->",
        "<p><br></p>",
    ]
    for nothing in nothings:
        text = entry(content_html=nothing, **both)
        assert (text.content, text.content_type) == ("a\nb <b>c</b>", "text"), nothing
    for markup in ("<p>a b c</p>", "<p>a</p> b c d", '<img src="/x.png">'):
        document = one(content_html=markup, content_text=" a\nb c " if "a" in markup[:4] else "")
        assert not document.problems
        (stored,) = document.entries
        assert (stored.content, stored.content_type) == (markup, "html")


@pytest.mark.parametrize(
    ("text", "shown", "of_ours"),
    [
        ("The <em>em</em> tag", "The <em>em</em> tag", "The <em>em</em> tag"),
        ("Fish &amp; Chips&#8217;", "Fish & Chips’", "Fish &amp; Chips&#8217;"),
        ("&lt;b&gt;a&lt;/b&gt; &amp;amp;", "<b>a</b> &amp;", "&lt;b&gt;a&lt;/b&gt; &amp;amp;"),
    ],
)
def test_titles_and_the_like_are_plain_text(text: str, shown: str, of_ours: str) -> None:
    for further, expected in (({}, shown), ({"_thicket": {"user": "ann"}}, of_ours)):
        made = prepare(
            entry(title=text, summary=text, tags=[text], content_html="x", **further),
            PrepareOptions(),
        ).entry
        assert (made.title, made.summary) == (expected, expected)
        assert [each.term for each in made.categories] == [expected]


def test_words_that_only_the_plain_text_has_are_read_or_named() -> None:
    stored = entry(content_html="<p>Alpha</p>", content_text="Alpha & quite <other> words")
    content = stored.content or ""
    assert stored.content_type == "html"
    assert content.startswith("<div><p>Alpha</p></div>")
    assert "quite &lt;other&gt; words" in content
    markup = '<p>one two <a href="https://b.example/#x">three four</a></p>'
    document = one(content_html=markup, content_text="one two three [four](https://b.example/#x)")
    assert document.entries[0].content == markup
    assert [str(each) for each in document.problems] == [
        "a.json: items[0].content_text: is there in two forms; one is read"
    ]


def test_what_an_item_speaks_of_is_its_page_or_a_further_link() -> None:
    page, subject = "https://a.example/1", "https://b.example/x"
    assert entry(url=page, external_url=subject).links == (Link(rel="related", href=subject),)
    alone = entry(external_url=subject)
    assert (alone.link, alone.links) == (subject, ())
    stated = [{"rel": "via", "url": subject}]
    both = entry(url=page, external_url=subject, _thicket={"links": stated})
    assert both.links == (Link(rel="via", href=subject),)


def test_an_item_without_a_page_has_none() -> None:
    """Its base, the home page, is not its page."""
    stored = entry(content_html='<a href="x">x</a>')
    assert (stored.link, stored.base) == (None, "https://a.example/")
    prepared = prepare(stored, PrepareOptions())
    assert prepared.entry.link is None
    assert 'href="https://a.example/x"' in prepared.body


def test_an_item_without_an_id_keeps_its_id_while_its_text_is_edited() -> None:
    items = [{"title": "T", "content_text": text} for text in ("a", "b")]
    ids = [read(FEED | {"items": [item]}).entries[0].id for item in items]
    assert ids[0] == ids[1] != ""


def test_what_is_no_item_is_named_or_counted() -> None:
    document = read(FEED | {"items": ["x", None, {}, {"id": 1}, [], {"id": "a" * 9, "title": "t"}]})
    assert [each.id for each in document.entries] == ["1", "aaaaaaaaa"]
    assert {(each.field, each.severity) for each in document.problems} == {
        ("items[0]", "warning"),
        ("items[1]", "warning"),
        ("items[2]", "warning"),
    }
    many = read(FEED | {"items": [*range(50), {"id": "one"}]})
    (line,) = many.problems
    assert str(line) == "a.json: items[]: 50 times: is no object, so no item"
    odd = read(FEED | {"items": [{"id": number, "language": []} for number in range(50)]})
    (line,) = odd.problems
    reason = "50 times: ignored: expected a string, found a list"
    assert str(line) == f"a.json: items[].language: {reason}"


@pytest.mark.parametrize("items", [{}, {"a": 1}, "x", 3, True])
def test_a_feed_without_a_list_of_items_is_none(items: object) -> None:
    with pytest.raises(BadFeed, match='"items" must be a list'):
        read(FEED | {"items": items})


def test_a_feed_that_ends_too_early_keeps_its_complete_items() -> None:
    """Wherever it is cut: each item that is whole, nothing of the others, and why."""
    feed = FEED | {"items": [*FEED["items"], {"id": "three", "title": 'a ]},"}\\ — \U0001f600'}]}
    whole = read(feed).entries
    for indent, escaped in ((None, True), (1, False)):
        content = json.dumps(feed, indent=indent, ensure_ascii=escaped).encode()
        head = content.index(b'"items"')
        ends = [m.end() for m in re.finditer(rb"\}(?=,\s*\{\s*\"id\": \"t|\s*\]\s*\}$)", content)]
        assert len(ends) == len(whole)
        for length in range(head, len(content.rstrip(b"} \n"))):
            document = read_bytes(content[:length])
            complete = sum(end <= length for end in ends)
            assert document.entries == whole[:complete]
            assert document.cut.startswith("ends too early (line ")
            assert not document.problems
        for length in range(head):
            with contextlib.suppress(BadFeed):
                document = read_bytes(content[:length])
                assert not document.entries
                assert document.cut


def test_a_feed_that_breaks_off_holds_removals_by_the_alphabet_too() -> None:
    content = json.dumps(FEED, sort_keys=True).encode()
    document = read_bytes(content[: content.index(b'"title": "Ann"')])
    assert [each.id for each in document.entries] == ["one", "two"]
    assert document.cut
    other = json.dumps({"items": [{"id": "one"}, 1]}).encode()
    with pytest.raises(BadFeed, match="ends too early"):
        read_bytes(other[:-3])


@pytest.mark.parametrize(
    "broken", [b'{"id": "x" "y"}', b'{"id": "a "b" c"}', b"{id: 1}", b"<p>", b"{]"]
)
def test_a_feed_that_is_broken_keeps_the_items_before(broken: bytes) -> None:
    content = json.dumps(FEED).encode()
    at = content.index(b'{"id": "two"')
    document = read_bytes(content[:at] + broken + b", " + content[at:])
    assert [each.id for each in document.entries] == ["one"]
    assert document.cut.startswith("is broken (line 1, column ")
    at = content.index(b'{"id": "one"')
    for behind in (b", " + content[at:], b"]}"):
        with pytest.raises(BadFeed, match="is no JSON Feed: line 1, column "):
            read_bytes(content[:at] + broken + behind)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [(bytes((control,)), chr(control)) for control in range(1, 32)]
    + [(b"caf\xc3\xa9 \xff", "café �"), (b"NaN", "NaN")],
)
def test_what_is_no_json_in_one_string_costs_nothing(written: bytes, read_as: str) -> None:
    content = json.dumps(FEED).encode().replace(b"<p>One</p>", b"a " + written + b" b")
    if written == b"NaN":
        content = content.replace(b'"size_in_bytes": 9', b'"size_in_bytes": NaN')
    document = read_bytes(content)
    assert [each.id for each in document.entries] == ["one", "two"]
    assert document.entries[0].content == f"a {read_as} b"
    assert not document.cut
    (problem,) = document.problems
    assert re.search("what can be read is|replaced", str(problem))


@pytest.mark.parametrize("behind", [b"<!-- made by x -->", b"}", b'{"items": []}', b"\0"])
def test_what_stands_around_a_feed_costs_nothing(behind: bytes) -> None:
    content = json.dumps(FEED).encode()
    trailing = content[:-2] + b" , ]}"
    for each in (content + behind, trailing):
        document = read_bytes(each)
        assert [entry.id for entry in document.entries] == ["one", "two"]
        assert len(document.problems) == 1
        assert not document.cut


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (b"9" * 5_000, None),
        (b"-1e999", None),
        (b"[" * 50_000 + b"]" * 50_000, None),
        (b'[{"a": ' * 50_000 + b"1" + b"}]" * 50_000, None),
        (b'"a",', "a"),
        (b'"a" // ", \n', "a"),
        (b'/* { */ "a"', "a"),
        (b'"a" "x": 1', "a"),
        (b'"a\\\'b \\x41 \\u12"', "a'b \\x41 \\u12"),
        (b'"a\\\\", "x": "//", "y": "/*"', "a\\"),
    ],
)
def test_what_is_no_json_costs_neither_feed_nor_item(written: bytes, read_as: str | None) -> None:
    """Numbers out of range, nests, comments, commas too many or too few, and odd escapes."""
    content = json.dumps(FEED).encode()
    for name in (b'"language": ', b'"_x": '):
        document = read_bytes(content.replace(b'"id": "one"', b'"id": "one", ' + name + written))
        assert [each.id for each in document.entries] == ["one", "two"]
        assert not document.cut
        if read_as is not None:
            titled = read_bytes(content.replace(b'"title": "One"', b'"title": ' + written))
            assert titled.entries[0].title == read_as


@pytest.mark.parametrize("value", [b"[" * 200_000, b"9" * 5_000])
def test_what_breaks_off_in_what_is_too_deep_or_large_keeps_the_items_before(value: bytes) -> None:
    document = read_bytes(json.dumps(FEED).encode()[:-2] + b', {"id": ' + value)
    assert [each.id for each in document.entries] == ["one", "two"]
    assert document.cut.startswith("ends too early")


def test_of_a_key_stated_twice_the_last_that_says_something_is_read() -> None:
    content = json.dumps(FEED).encode()
    once = b'"content_html": "<p>One</p>"'
    for nothing in (b'""', b"null", b"[]", b"{}"):
        document = read_bytes(content.replace(once, once + b', "content_html": ' + nothing))
        assert document.entries[0].content == "<p>One</p>"
        (problem,) = document.problems
        assert "more than once in one object: content_html" in problem.reason
    both = read_bytes(content.replace(once, once + b', "content_html": "<p>Two</p>"'))
    assert both.entries[0].content == "<p>Two</p>"
    emptied = read_bytes(content[:-1] + b', "items": []}')
    assert len(emptied.entries) == 2
    assert "more than once in one object: items" in emptied.problems[0].reason


@pytest.mark.parametrize("version", ["1.1", 1.1, None, "https://a.example/", True, []])
def test_a_feed_is_known_by_other_names_where_its_version_is_odd(version: object) -> None:
    document = read(FEED | {"version": version})
    assert len(document.entries) == 2
    assert [each.field for each in document.problems] == ["version"]
    nameless = {key: FEED[key] for key in ("title", "items")} | {"version": version}
    with pytest.raises(BadFeed, match='"version" must be'):
        read(nameless)


def test_a_list_in_a_list_or_of_one_or_with_numbers_for_keys_is_what_is_meant() -> None:
    plain = FEED["items"][0]
    expected = read(FEED).entries
    for field, value in plain.items():
        forms: list[object] = [[value]]
        if isinstance(value, list):
            forms = [[value], [[], value], {str(at): each for at, each in enumerate(value)}]
        for form in forms:
            document = read(FEED | {"items": [plain | {field: form}, FEED["items"][1]]})
            assert (document.entries, document.problems) == (expected, ()), (field, form)
    ann, bob = {"name": "Ann"}, {"name": "Bob"}
    for written in ([ann, bob], [[ann], bob], ["Ann", "Bob"], {"0": ann, "4": bob}):
        people = one(title="t", author=written).entries[0].authors
        assert [each.name for each in people] == ["Ann", "Bob"]
    for items in ([FEED["items"]], {"3": plain, "7": FEED["items"][1]}):
        assert read(FEED | {"items": items}).entries == expected
    assert read(FEED | {"items": None}).entries == ()


def test_a_file_is_enclosed_once() -> None:
    twice = [{"url": "/e.mp3", "mime_type": "audio/mpeg"}, {"url": "/e.mp3"}]
    assert entry(attachments=twice).enclosures == (
        Enclosure(href="https://a.example/e.mp3", type="audio/mpeg"),
    )


def test_a_feed_that_has_expired_says_so() -> None:
    assert [each.field for each in read(FEED | {"expired": True}).problems] == ["expired"]
    assert not read(FEED | {"expired": False}).problems


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=8,
)


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from(NAMES), _JSON), st.lists(_JSON, max_size=3))
def test_any_json_is_read(feed: Objects, items: list[object]) -> None:
    document = read(feed | {"version": FEED["version"], "items": [*items, {"id": "one"}]})
    assert document.entries[-1].id == "one"
