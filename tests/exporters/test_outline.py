"""How every format names, orders and lists the entries of a publication."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from convert.collection.volumes import cut
from convert.entryset import EntrySet
from convert.exporters import outline
from convert.model import Category, Citation, Feed, Origin, Person, User
from convert.testing import entry_set, prepared


def by(*names: str) -> tuple[Person, ...]:
    return tuple(Person(name=name) for name in names)


def tagged(*labels: str) -> tuple[Category, ...]:
    return tuple(Category(term=label.casefold(), label=label) for label in labels)


def sample(**fields: object) -> EntrySet:
    """Three entries of two years, the newest first."""
    entries = [
        prepared("bo/c", date="2024-03-01T00:00:00", title="C", categories=tagged("Birds")),
        prepared(
            "ada/b", date="2024-02-01T00:00:00", title="B", categories=tagged("maths", "birds")
        ),
        prepared(
            "ada/a", date="2023-12-31T23:59:59", title="A", categories=tagged("Uncategorized")
        ),
    ]
    users = {"ada": User(username="ada", display_name="Zoë"), "bo": User(username="bo")}
    return dataclasses.replace(entry_set(entries, users=users), **fields)  # type: ignore[arg-type]


def test_an_entry_without_author_is_its_feeds_before_it_is_its_members() -> None:
    users = {"blog": User(username="blog", display_name="Blog")}
    entry = prepared("blog/a", source="https://b.example/feed", user="blog", authors=())
    for feed, name in [
        (Feed(id="https://b.example/feed", title="Bob"), "Bob"),
        (Feed(id="https://b.example/feed", title="B", authors=(Person(name="Bo"),)), "Blog"),
        (Feed(id="https://b.example/feed"), "Blog"),
        (Feed(id="https://c.example/feed", title="Cy"), "Blog"),
    ]:
        entries = dataclasses.replace(entry_set([entry], users=users), feeds={feed.id: feed})
        assert outline.author_names(entries, entry.entry) == (name,)


def listed(groups: tuple[outline.Group, ...]) -> list[tuple[str, str, list[str]]]:
    return [(each.key, each.title, [entry.key for entry in each.entries]) for each in groups]


# --- titles -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "summary", "shown"),
    [
        (" Two\n lines\x00", None, "Two lines"),
        ("", "One two", "One two"),
        (
            " ",
            "one two three four five six seven eight nine",
            "one two three four five six seven eight…",
        ),
        ("", None, "Untitled, 6 May 2024"),
    ],
)
def test_an_entry_without_title_is_called_by_its_words_or_its_day(
    title: str, summary: str | None, shown: str
) -> None:
    entry = prepared("a/b", title=title, summary=summary)
    assert outline.title_of(entry_set([entry]), entry.entry) == shown


@pytest.mark.parametrize(
    ("full", "body", "link", "cut"),
    [
        (False, "<div><p>A few words</p></div>", "https://a.example/1", True),
        (False, "<div><p>A few words</p></div>", None, False),
        (False, "<div></div>", "https://a.example/1", False),
        (True, "<div><p>A few words</p></div>", "https://a.example/1", False),
    ],
)
def test_only_words_of_a_text_that_stands_elsewhere_are_cut_short(
    full: bool, body: str, link: str | None, cut: bool
) -> None:
    entry = prepared("a/b", body, full=full, link=link).entry
    assert outline.is_cut_short(entry) is cut


def test_titles_of_the_whole_and_of_volumes() -> None:
    whole = sample(title="The  group")
    assert outline.publication_title(whole) == outline.book_title(whole) == "The group"
    assert outline.volume_name(whole) == ""
    first, _ = cut(whole, "author")
    assert outline.book_title(first) == "The group, bo"
    assert outline.volume_name(first) == "bo"
    assert outline.publication_title(first) == "The group"
    assert outline.book_title(sample(title="")) == "eeg"


def test_the_period_and_the_newest_that_is_not_in_the_future() -> None:
    entries = sample()
    assert outline.period(entries, "en") == "2023–2024"
    assert outline.period((), "en") == ""
    now = dt.datetime(2024, 2, 2, tzinfo=dt.UTC)
    assert outline.updated(entries, now) == dt.datetime(2024, 2, 1, tzinfo=dt.UTC)
    assert outline.updated((), now) == now


# --- people and what they say of rights ---------------------------------------------------


def test_names_that_differ_in_case_or_space_are_one_person() -> None:
    page = "https://ada.example/"
    entries = entry_set(
        [
            prepared("a/one", authors=by("Ada  Lovelace", "Bo")),
            prepared("a/two", authors=(Person(name="ada lovelace", uri=page),)),
            prepared("a/three", authors=by(" ")),
        ]
    )
    people = outline.people(entries)
    assert listed(people) == [
        ("ada lovelace", "Ada Lovelace", ["a/one", "a/two"]),
        ("bo", "Bo", ["a/one"]),
    ]
    assert [person.link for person in people] == [page, None]
    assert outline.everyone(entries) == ("Ada Lovelace", "Bo")


def test_a_byline_joins_names_as_the_language_does() -> None:
    entry = prepared("a/b", authors=by("Ada", " Bo ", "Ada"))
    assert outline.author_names(entry_set([entry]), entry.entry) == ("Ada", "Bo")
    assert outline.byline(entry_set([entry]), entry.entry) == "Ada and Bo"
    assert outline.byline(entry_set([entry], language="de"), entry.entry) == "Ada und Bo"


def test_credit_names_those_who_wrote_most_and_counts_the_others() -> None:
    names = ["Eve", "Dan", "Cy", "Bo", "Ada"]
    entries = [
        prepared(f"x/{name}-{number}", authors=by(name))
        for at, name in enumerate(names)
        for number in range(at + 1)
    ]
    assert outline.credit(entry_set(entries)) == "Ada, Bo, Cy and 2 others"
    assert outline.credit(entry_set(entries), most=4) == "Ada, Bo, Cy, Dan and Eve"
    without = outline.credit(entry_set(entries), most=9, shown=lambda name: name != "Ada")
    assert without == "Bo, Cy, Dan, Eve and 1 other"


def test_rights_are_the_entries_or_their_feeds() -> None:
    entries = entry_set(
        [
            prepared("ada/one", rights="CC BY\n4.0"),
            prepared("ada/two", rights="CC BY 4.0"),
            prepared("bo/three", source="urn:bo"),
            prepared("cy/four"),
        ],
        feeds={"urn:bo": Feed(id="urn:bo", rights="© Bo")},
    )
    assert outline.owners(entries) == (
        outline.Owner(name="ada", rights=("CC BY 4.0",)),
        outline.Owner(name="bo", rights=("© Bo",)),
    )
    assert outline.rights(entries) == "Every entry remains its author’s."
    assert outline.rights(dataclasses.replace(entries, rights=" ©  all")) == "© all"


# --- relations ----------------------------------------------------------------------------


def test_each_relation_names_an_entry_once_and_never_itself() -> None:
    entries = entry_set(
        [prepared("a/one"), prepared("a/two"), prepared("a/three")],
        citations={
            "a/one": (
                Citation(address="1", key="a/three"),
                Citation(address="2", key="a/two", reply=True),
                Citation(address="3", key="a/two", fragment="x"),
                Citation(address="4", key="a/one"),
                Citation(address="5", key="a/nowhere"),
            ),
        },
    )
    one, two, _ = entries
    relations = outline.relations(entries, one)
    assert [each.key for each in relations.answers] == ["a/two"]
    assert [each.key for each in relations.cites] == ["a/three"]
    assert relations.cited_by == ()
    assert [each.key for each in outline.relations(entries, two).cited_by] == ["a/one"]


# --- parts and indexes --------------------------------------------------------------------


def test_parts_by_each_way() -> None:
    entries = sample()
    assert listed(outline.parts(entries, "none")) == [("", "", ["bo/c", "ada/b", "ada/a"])]
    assert listed(outline.parts(entries, "author")) == [
        ("bo", "bo", ["bo/c"]),
        ("ada", "Zoë", ["ada/b", "ada/a"]),
    ]
    assert listed(outline.parts(entries, "year")) == [
        ("2024", "2024", ["bo/c", "ada/b"]),
        ("2023", "2023", ["ada/a"]),
    ]
    assert listed(outline.parts(entries, "month")) == [
        ("2024-03", "March 2024", ["bo/c"]),
        ("2024-02", "February 2024", ["ada/b"]),
        ("2023-12", "December 2023", ["ada/a"]),
    ]
    assert listed(outline.parts(entries, "category")) == [
        ("birds", "Birds", ["bo/c"]),
        ("maths", "maths", ["ada/b"]),
        ("", "Uncategorised", ["ada/a"]),
    ]


def test_an_empty_set_has_no_groups() -> None:
    entries = entry_set([])
    for groups in (
        outline.parts(entries, "year"),
        outline.parts(entries, "author"),
        outline.parts(entries, "category"),
        outline.people(entries),
        outline.categories(entries),
        outline.chronology(entries),
    ):
        assert groups == ()


def test_categories_are_one_where_they_differ_only_in_case() -> None:
    assert listed(outline.categories(sample())) == [
        ("birds", "Birds", ["bo/c", "ada/b"]),
        ("maths", "maths", ["ada/b"]),
    ]
    entry = prepared("a/b", categories=tagged("OCaml", "ocaml", " ", "Uncategorised")).entry
    assert outline.categories_of(entry) == (("ocaml", "OCaml"),)


def test_the_chronology_begins_with_the_oldest() -> None:
    assert listed(outline.chronology(sample())) == [
        ("2023", "2023", ["ada/a"]),
        ("2024", "2024", ["ada/b", "bo/c"]),
    ]
    assert [year.title for year in outline.chronology(sample(language="ja"))] == [
        "2023年",
        "2024年",
    ]


# --- sources and addresses ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "remote", "title", "shown", "link"),
    [
        ("/home/ada/store", None, None, "store", None),
        ("/home/ada/store", None, "Ada’s store", "Ada’s store", None),
        ("/home/ada/store", "git@example.org:ada/store", None, "store", None),
        (
            "/home/ada/store",
            "https://example.org/s.git",
            None,
            "example.org/s.git",
            "https://example.org/s.git",
        ),
        ("https://example.org/feed", None, None, "example.org/feed", "https://example.org/feed"),
    ],
)
def test_a_source_is_an_address_on_the_web_or_a_name(
    address: str, remote: str | None, title: str | None, shown: str, link: str | None
) -> None:
    origin = Origin(address=address, remote=remote, kind="thicket", name="store", title=title)
    (source,) = outline.sources(entry_set([], origins=(origin,)))
    assert (source.title, source.address, source.commit) == (shown, link, "")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://www.example.org/", "www.example.org"),
        ("http://example.org/a/?b=1", "example.org/a/?b=1"),
        ("mailto:ada@example.org", "ada@example.org"),
        ("https://ja.example/wiki/%E6%BD%AE", "ja.example/wiki/潮"),
        ("https://example.org/%d7%A9/", "example.org/ש"),
        ("https://example.org/a%2Fb", "example.org/a%2Fb"),
        ("https://example.org/a%20b", "example.org/a%20b"),
        ("https://example.org/%E2%80%AEa", "example.org/%E2%80%AEa"),
        ("https://example.org/%FF", "example.org/%FF"),
        ("", ""),
    ],
)
def test_a_shown_address_can_be_typed(address: str, shown: str) -> None:
    assert outline.shown_address(address) == shown


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("HTTP://A.example", "HTTP://A.example"),
        (" https://a.example/\n", "https://a.example/"),
        ('https://a.example/i 1.png?a="é"', "https://a.example/i%201.png?a=%22é%22"),
        ("https://a b.example/", None),
        ("https:///no-host", None),
        ("http://[half", None),
        ("javascript:alert(1)", None),
        (None, None),
    ],
)
def test_only_web_addresses_are_links(address: str | None, link: str | None) -> None:
    assert outline.web_address(address) == link
