"""Exports of blogs read as feeds: what the public could read, and the rest counted."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from feed_samples import read

from convert.model import Category, Person

KINDS = "http://schemas.google.com/blogger/2008/kind#"
BLOGGER = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:app="http://purl.org/atom/app#"
xmlns:thr="http://purl.org/syndication/thread/1.0"><id>tag:blogger.com,1999:blog-1.archive</id>
<title>Ann</title><link rel="alternate" type="text/html" href="https://ann.example/"/>{}</feed>"""
TAKEOUT = """<feed xmlns="http://www.w3.org/2005/Atom"
xmlns:blogger="http://schemas.google.com/blogger/2018"><id>tag:blogger.com,1999:blog-1</id>
<title>Ann</title>{}</feed>"""
WXR = """<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
xmlns:content="http://purl.org/rss/1.0/modules/content/"
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>W</title><link>https://w.example</link><wp:wxr_version>1.2</wp:wxr_version>
<wp:author><wp:author_login>wanda</wp:author_login>
<wp:author_display_name>Wanda W.</wp:author_display_name></wp:author>{}</channel></rss>"""


def old(number: int, kind: str, more: str = "") -> str:
    return (
        f"<entry><id>tag:blogger.com,1999:blog-1.post-{number}</id><title>{kind}</title>"
        "<published>2012-01-03T00:00:00Z</published><updated>2012-01-04T00:00:00Z</updated>"
        f'<category scheme="http://schemas.google.com/g/2005#kind" term="{KINDS}{kind}"/>'
        f'<content type="html">{kind} {number}</content>{more}</entry>'
    )


def new(number: int, kind: str = "POST", status: str = "LIVE", more: str = "") -> str:
    return (
        f"<entry><id>tag:blogger.com,1999:blog-1.post-{number}</id><title>{kind}</title>"
        f"<blogger:type>{kind}</blogger:type><blogger:status>{status}</blogger:status>"
        "<author><name>Ann</name><uri/><blogger:type>BLOGGER</blogger:type></author>"
        "<blogger:created>2012-01-01T00:00:00Z</blogger:created>"
        "<published>2012-01-03T00:00:00Z</published><updated>2012-01-04T00:00:00Z</updated>"
        f'<content type="html">{kind} {number}</content>{more}</entry>'
    )


def item(name: str, more: str = "", *, date: str = "Mon, 06 May 2024 07:08:09 +0000") -> str:
    return (
        f"<item><title>{name}</title><link>https://w.example/{name}/</link>"
        f"<pubDate>{date}</pubDate><dc:creator>wanda</dc:creator><description></description>"
        f"<wp:status>publish</wp:status><wp:post_type>post</wp:post_type>{more}</item>"
    )


def test_bloggers_export_is_read_as_its_public_posts(tmp_path: Path) -> None:
    page = '<link rel="alternate" type="text/html" href="https://ann.example/2012/01/a.html"/>'
    label = '<category scheme="http://www.blogger.com/atom/ns#" term="birds"/>'
    draft = "<app:control><app:draft>yes</app:draft></app:control>"
    live = "<app:control><app:draft>no</app:draft></app:control>"
    entries = (
        *(old(number, "template") for number in range(2)),
        *(old(number, "settings") for number in range(2, 5)),
        old(5, "post", page + label + live),
        old(6, "post", draft),
        old(7, "comment", '<thr:in-reply-to ref="tag:blogger.com,1999:blog-1.post-5"/>'),
        old(8, "page"),
    )
    outcome = read(tmp_path / "a.xml", BLOGGER.format("".join(entries)))
    (entry,) = outcome.entries
    assert entry.content == "post 5"
    assert entry.link == "https://ann.example/2012/01/a.html"
    assert entry.categories == (Category(term="birds", scheme="http://www.blogger.com/atom/ns#"),)
    (problem,) = outcome.problems
    assert problem.reason == (
        "is a Blogger export; left out: 1 of status draft, 1 of type comment, 1 of type page, "
        "3 of type settings, 2 of type template"
    )


def test_takeout_is_read_as_its_public_posts(tmp_path: Path) -> None:
    path = "<blogger:filename>/2012/01/a.html</blogger:filename><link/>"
    label = '<category scheme="tag:blogger.com,1999:blog-1" term="birds"/>'
    more = "<blogger:metaDescription>Short</blogger:metaDescription>"
    entries = (
        new(1, more=path + label + more),
        new(2, status="DRAFT"),
        new(3, status="SCHEDULED"),
        new(4, more="<blogger:trashed>2013-01-01T00:00:00Z</blogger:trashed>"),
        new(
            5, "COMMENT", more="<blogger:parent>tag:blogger.com,1999:blog-1.post-1</blogger:parent>"
        ),
        new(6, "COMMENT", "SPAM"),
        new(7, "PAGE"),
    )
    home = '<link rel="alternate" href="https://ann.example/"/>'
    for before, link in (("", None), (home, "https://ann.example/2012/01/a.html")):
        text = TAKEOUT.format(before + "".join(entries))
        outcome = read(tmp_path / "feed.atom", text)
        (entry,) = outcome.entries
        assert (entry.content, entry.summary, entry.link) == ("POST 1", "Short", link)
        assert entry.authors == (Person(name="Ann"),)
        assert [each.term for each in entry.categories] == ["birds"]
        (problem,) = outcome.problems
        assert problem.reason == (
            "is a Blogger export; left out: 1 of status draft, 1 of status scheduled, "
            "1 of status trash, 2 of type comment, 1 of type page"
        )


def test_a_feed_of_comments_is_no_export(tmp_path: Path) -> None:
    outcome = read(tmp_path / "a.xml", BLOGGER.format(old(1, "comment") + old(2, "comment")))
    assert len(outcome.entries) == 2
    assert not outcome.problems


def test_a_draft_of_any_feed_is_none_of_its_entries(tmp_path: Path) -> None:
    draft = "<app:control><app:draft>yes</app:draft></app:control>"
    entries = f"<entry><id>urn:1</id>{draft}</entry><entry><id>urn:2</id></entry>"
    outcome = read(tmp_path / "a.xml", BLOGGER.format(entries))
    assert [each.id for each in outcome.entries] == ["urn:2"]
    assert outcome.problems[0].reason == "left out: 1 of status draft"


def test_a_wordpress_export_says_things_in_other_places(tmp_path: Path) -> None:
    post = (
        "<content:encoded><![CDATA[One\ntwo\n\n[gallery]]]></content:encoded>"
        "<excerpt:encoded><![CDATA[Short <i>x</i>]]></excerpt:encoded><wp:post_id>1</wp:post_id>"
        "<wp:post_modified_gmt>2024-06-01 00:00:00</wp:post_modified_gmt>"
        '<category domain="category" nicename="news"><![CDATA[News & Co]]></category>'
        '<category domain="post_tag" nicename="t">T</category>'
        '<category domain="post_format" nicename="post-format-aside">Aside</category>'
        "<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>9</wp:meta_value>"
        "</wp:postmeta>"
    )
    picture = (
        "<item><title>i</title><wp:post_type>attachment</wp:post_type><wp:status>inherit"
        "</wp:status><wp:post_id>9</wp:post_id><wp:post_parent>1</wp:post_parent>"
        "<wp:attachment_url>https://w.example/i.jpg</wp:attachment_url><wp:postmeta><wp:meta_key>"
        "_wp_attachment_image_alt</wp:meta_key><wp:meta_value>Reeds</wp:meta_value></wp:postmeta>"
        "</item>"
    )
    outcome = read(tmp_path / "w.xml", WXR.format(item("a", post) + picture))
    (entry,) = outcome.entries
    assert entry.content == (
        "<p>One<br>\ntwo</p>\n"
        '<figure><figure><img src="https://w.example/i.jpg" alt="Reeds"></figure></figure>'
    )
    assert (entry.summary, entry.summary_type) == ("Short <i>x</i>", "html")
    assert entry.image == "https://w.example/i.jpg"
    assert entry.published == dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC)
    assert entry.updated == dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
    assert entry.authors == (Person(name="Wanda W."),)
    assert [(each.term, each.scheme) for each in entry.categories] == [
        ("News & Co", "category"),
        ("T", "post_tag"),
    ]


def test_a_block_that_several_entries_share_is_in_each(tmp_path: Path) -> None:
    def text(words: str, number: int = 1) -> str:
        content = f"<content:encoded><![CDATA[{words}]]></content:encoded>"
        return f"{content}<wp:post_id>{number}</wp:post_id>"

    def block(number: int) -> str:
        return f'<!-- wp:block {{"ref":{number}}} /-->'

    paragraph = "<!-- wp:paragraph --><p>{}</p><!-- /wp:paragraph -->"
    # Blocks may show each other, and an entry may show one twice: it cannot grow for that.
    shared = {7: paragraph.format("Seven.") + block(8), 8: block(7) + paragraph.format("Eight.")}
    units = "".join(
        item(f"b{number}", text(words, number)).replace(">post<", ">wp_block<")
        for number, words in shared.items()
    )
    words = paragraph.format("One.") + block(7) * 2 + block(9) + "<!-- wp:block nothing -->"
    only = item("c", text(block(8), 2)) + item("d", text(block(9), 3))
    outcome = read(tmp_path / "w.xml", WXR.format(item("a", text(words)) + only + units))
    texts = [re.findall(r"<p>(\w+)", entry.content or "") for entry in outcome.entries]
    assert texts == [["One", "Seven", "Eight"], ["Seven", "Eight"], []]


def test_an_export_grows_no_further_by_what_entries_share(tmp_path: Path) -> None:
    content = "<content:encoded><![CDATA[{}]]></content:encoded><wp:post_id>{}</wp:post_id>"
    block = item("b", content.format("<p>" + "x " * 50_000, 1)).replace(">post<", ">wp_block<")
    entries = (
        item(f"e{number}", content.format('<!-- wp:block {"ref":1} /-->', number))
        for number in range(2, 62)
    )
    text = WXR.format("".join((block, *entries)))
    outcome = read(tmp_path / "w.xml", text)
    assert sum(len(each.content or "") for each in outcome.entries) < 11 * len(text)
    lost = [each.severity for each in outcome.problems if "entries share" in each.reason]
    assert set(lost) == {"entry"}
    assert len(lost) + len(outcome.entries) == 60


def test_what_programs_call_categories_is_none(tmp_path: Path) -> None:
    stated = {"category": "News", "birds": "Heron", "language": "English", "author": "wanda"}
    stated |= {"post_translations": "pll_5f", "post_format": "Aside"}
    categories = "".join(f'<category domain="{k}">{v}</category>' for k, v in stated.items())
    second = '<category domain="author" nicename="cap-bob">Bob</category>'
    (entry,) = read(tmp_path / "w.xml", WXR.format(item("a", categories + second))).entries
    assert [each.term for each in entry.categories] == ["News", "Heron"]
    assert [each.name for each in entry.authors] == ["Wanda W.", "Bob"]


def test_an_author_without_a_name_to_show_has_the_own(tmp_path: Path) -> None:
    own = "<wp:author_first_name>Wanda</wp:author_first_name>"
    own += "<wp:author_last_name>Reed</wp:author_last_name>"
    stated = "<wp:author_display_name>Wanda W.</wp:author_display_name>"
    for names, name in ((own, "Wanda Reed"), (stated, "Wanda W."), ("", "wanda")):
        text = WXR.replace(stated, names).format(item("a"))
        outcome = read(tmp_path / "w.xml", text)
        assert outcome.entries[0].authors == (Person(name=name),)


@pytest.mark.parametrize(
    "date", ["", "Thu, 01 Jan 1970 00:00:00 +0000", "Mon, 30 Nov -0001 00:00:00 +0000"]
)
def test_a_date_that_wordpress_does_not_know_stands_beside_it(tmp_path: Path, date: str) -> None:
    stated = "<wp:post_date_gmt>2024-05-06 07:08:09</wp:post_date_gmt>"
    outcome = read(tmp_path / "w.xml", WXR.format(item("a", stated, date=date)))
    assert outcome.entries[0].published == dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC)


@pytest.mark.parametrize("status", ["future", "private", "draft", "pending", "trash", "inherit"])
def test_what_wordpress_does_not_show_is_counted(tmp_path: Path, status: str) -> None:
    hidden = item("b").replace(">publish<", f">{status}<")
    outcome = read(tmp_path / "w.xml", WXR.format(item("a") + hidden * 2))
    assert [each.title for each in outcome.entries] == ["a"]
    reason = f"is a WordPress export; left out: 2 of status {status}"
    assert [each.reason for each in outcome.problems] == [reason]
