"""Feeds made for tests, and the reading of them."""

from __future__ import annotations

from pathlib import Path

from source_reading import Outcome, read_source

from convert.sources.opml.source import FEED as SOURCE

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"
      xml:lang="en">
  <id>tag:a.example,2024:feed</id><title type="html">Ann &amp;amp; &lt;b&gt;co&lt;/b&gt;</title>
  <subtitle>Notes</subtitle><updated>2024-05-06T07:08:09Z</updated><rights>CC BY</rights>
  <link href="https://a.example/"/><link rel="self" href="https://a.example/feed.atom"/>
  <author><name>Ann</name><uri>https://a.example</uri></author>
  <entry xml:base="https://a.example/blog/">
    <id>tag:a.example,2024:1</id><title>One &lt; two</title>
    <link href="one.html"/>
    <updated>2024-05-06T07:08:09+02:00</updated><published>2024-05-05T00:00:00Z</published>
    <summary>Short</summary>
    <content type="xhtml" xml:lang="fr"><h:div xmlns:h="http://www.w3.org/1999/xhtml"
      ><h:p>Un <h:i/><h:br/><h:a href="x" xml:base="https://b.example/y/">x</h:a></h:p><svg
      xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><linearGradient id="g"/></svg></h:div
    ></content>
    <category term="t" scheme="https://s.example" label="T"/>
    <contributor><name>Cy</name></contributor>
    <link rel="enclosure" href="https://a.example/e.mp3" length="9" type="audio/mpeg"/>
    <thr:in-reply-to ref="tag:b.example,2024:9" href="https://b.example/9"/>
    <thr:in-reply-to ref="tag:c.example,2024:9"/>
  </entry>
  <entry>
    <id>https://not.a.link/2</id><title>Two</title><updated>2024-05-01T00:00:00Z</updated>
    <source><id>https://d.example/feed</id><title>Dee</title>
      <link rel="self" href="https://d.example/feed"/><link href="https://d.example/"/>
      <author><name>Dee</name></author></source>
    <content type="html">&lt;p&gt;Two</content>
  </entry>
</feed>"""
RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Bob</title><link>https://b.example/</link><description>Words</description>
<lastBuildDate>Mon, 06 May 2024 07:08:09 GMT</lastBuildDate>
<item><title>One</title><link>https://b.example/one</link><guid isPermaLink="false">1</guid>
<pubDate>Sun, 05 May 2024 00:00:00 +0200</pubDate><dc:creator>Bob</dc:creator>
<description>Short</description><content:encoded><![CDATA[<p>Long &eacute;</p>]]></content:encoded>
<category domain="https://s.example">t</category></item>
<item><guid>https://b.example/two</guid><description>Only this</description></item>
<item><description>No id at all</description></item>
</channel></rss>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Cy",
    "home_page_url": "https://c.example/",
    "feed_url": "https://c.example/feed.json",
    "language": "de",
    "authors": [{"name": "Cy", "url": "https://c.example"}],
    "items": [
        {
            "id": 1,
            "url": "https://c.example/1",
            "title": "One",
            "content_html": "<p>x</p>",
            "summary": "s",
            "date_published": "2024-05-05T00:00:00Z",
            "date_modified": "2024-05-06T00:00:00+02:00",
            "tags": ["a", "b"],
            "attachments": [
                {"url": "https://c.example/e.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 9}
            ],
        },
        {"id": "2", "content_text": "plain", "date_published": "2024-05-04T00:00:00Z"},
        {"id": "3", "title": 3},
        "nothing",
    ],
}


def read(place: Path, content: str | bytes, **settings: object) -> Outcome:
    place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_source(SOURCE, place, **settings)
