"""Nothing that could act is in a prepared entry, once a browser has parsed it."""

from __future__ import annotations

import datetime as dt

import pytest
from browsing import faults, twice
from entries import OPTIONS, stored
from lxml import etree

from convert.content import prepare
from convert.model import Category, Enclosure, Person

OWN = (
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//x.y/z.js></SCRIPT>",
    '<p onclick="alert(1)">x',
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='vbscript:x'>x</a>",
    '<meta http-equiv="refresh" content="0;url=https://x.y/">x',
    '<base href="https://x.y/">x',
    '<link rel="stylesheet" href="https://x.y/">x',
    "<style>@import 'https://x.y/';</style>x",
    '<p style="background:url(https://x.y/)">x',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<iframe src="javascript:alert(1)"></iframe>',
    '<object data="data:text/html,x"></object>',
    '<embed src="javascript:alert(1)">',
    '<form action="https://x.y/"><input name="a"><button formaction="javascript:x">b</form>',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '<svg><a href="javascript:alert(1)"><text>x</text></a></svg>',
    '<svg><use href="data:image/svg+xml,x#y"/></svg>',
    '<svg><image href="https://x.y/"/></svg>',
    '<svg><set attributeName="href" to="javascript:x"/><animate onbegin="alert(1)"/></svg>',
    '<svg><foreignObject><iframe src="javascript:x"></iframe></foreignObject></svg>',
    '<svg><path style="fill:url(https://x.y/#a)" fill="url(javascript:x)" d="M0 0"/></svg>',
    '<math href="javascript:alert(1)"><mi xlink:href="javascript:x">x</mi></math>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea></textarea><script>alert(1)</script>",
    "<xmp></xmp><img src=x onerror=alert(1)>",
    "<title><img src=x onerror=alert(1)></title>",
    "<template><script>alert(1)</script></template>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    '<blockquote cite="javascript:x">x</blockquote>',
    '<img src="image:000000000000000000000000" srcset="javascript:x 2x">',
    '<a href="https://x.y/" target="_blank" ping="https://z.y/" download>x</a>',
    '<div data-x="1" is="x-y" slot="z" contenteditable autofocus tabindex=1 accesskey=a>x</div>',
    '<p class="embed evil" id="constructor" name="x">x',
    "<plaintext><script>alert(1)</script>",
    "<svg></p><style><a title='</style><img src=x onerror=alert(1)>'>",
    "<a <b href=javascript:alert(1)>x",
    "<a\x00href='javascript:alert(1)'>x</a>",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "&lt;p&gt;&lt;img src=x onerror=alert(1)&gt;&lt;/p&gt;",
)


@pytest.mark.parametrize("kind", ["html", "xhtml", "markdown", "text", "odd"])
def test_nothing_acts(kind: str) -> None:
    for vector in OWN:
        once, again = twice(vector, kind)
        assert faults(once) == [], vector
        assert etree.fromstring(once).tag == "div"
        assert again == once, vector


@pytest.mark.corpus
def test_nothing_acts_in_what_other_sanitisers_are_tested_with(
    xss_vectors: tuple[str, ...],
) -> None:
    for vector in xss_vectors:
        once, again = twice(vector)
        assert faults(once) == [], vector
        assert again == once, vector


def test_every_field_is_plain_and_every_address_a_web_address() -> None:
    evil = "<img src=x onerror=alert(1)>\x00\x0b\ud800 a"
    address = "javascript:alert(1)"
    made = prepare(
        stored(
            None,
            summary="<script>x</script><b onclick=x>y</b>",
            title=evil,
            title_type="html",
            link=address,
            rights=evil,
            published=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
            authors=(Person(name=evil, uri=address, email="x\n@y"),),
            contributors=(Person(name="", uri="data:,x"),),
            categories=(Category(term=evil, scheme=address, label=evil), Category(term=" ")),
            enclosures=(Enclosure(href=address), Enclosure(href="https://x.y/z", type="a b")),
            in_reply_to=(address,),
        ),
        OPTIONS,
    )
    entry = made.entry
    assert entry.title == "a"
    assert entry.link is None
    assert entry.summary == "y"
    assert made.body == "<div><p><b>y</b></p></div>"
    assert not entry.full
    assert entry.authors == (Person(name="<img src=x onerror=alert(1)> a"),)
    assert entry.contributors == ()
    assert [category.scheme for category in entry.categories] == [None]
    assert entry.enclosures == (Enclosure(href="https://x.y/z"),)
    assert entry.rights == "<img src=x onerror=alert(1)> a"
    assert made.answers == ()
