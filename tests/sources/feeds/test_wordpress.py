"""What authors of WordPress wrote, as its readers see it."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.sources.feeds import paragraphs, wordpress
from convert.sources.feeds.wordpress import Picture

PICTURES = {
    "7": Picture("https://w.example/7.jpg", alt='A "b"', caption="Seven <b>x</b>"),
    "8": Picture("https://w.example/8.jpg"),
}
SEVEN = (
    '<figure><img src="https://w.example/7.jpg" alt="A &quot;b&quot;">'
    "<figcaption>Seven <b>x</b></figcaption></figure>"
)
ADDRESS = "https://x.example/?a=1&amp;copy=2&amp;b=3"
FILM = '<video src="https://w.example/a.mp4" poster="https://w.example/p.jpg">'


def shown(text: str) -> str:
    return wordpress.shown(text, PICTURES, ("8",))


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("a\nb\n\nc", "<p>a<br>\nb</p>\n<p>c</p>"),
        ("a\r\n\r\n \r\nb", "<p>a</p>\n<p>b</p>"),
        ("a<br />\nb", "<p>a<br>\nb</p>"),
        ("a<br><BR/>b", "<p>a</p>\n<p>b</p>"),
        ("a\n<h2>b\nc</h2>\nd", "<p>a</p>\n<h2>b<br>\nc</h2><p>d</p>"),
        ("<div>a\nb</div>", "<div>a<br>\nb</div>"),
        ("<div>a\n\nb</div>", "<div><p>a</p>\n<p>b</p>\n</div>"),
        (
            "<ul>\n<li>a\nb</li>\n<li>c</li>\n</ul>\nd",
            "<ul><li>a<br>\nb</li><li>c</li></ul><p>d</p>",
        ),
        ("<blockquote>a</blockquote>", "<blockquote><p>a</p>\n</blockquote>"),
        ("<p class='x'>a\n\nb</p>\nc", "<p class='x'>a</p>\n<p>b</p><p>c</p>"),
        ("<pre>a\n\n  b</pre>", "<pre>a\n\n  b</pre>"),
        ("<table>\n<tr>\n<td>a</td>\n</tr>\n</table>", "<table><tr><td>a</td></tr></table>"),
        ('<img\nalt="a\n\nb">\nc', '<p><img\nalt="a\n\nb"><br>\nc</p>'),
        ("a <!-- b\n\nc -->\nd", "<p>a <!-- b\n\nc --><br>\nd</p>"),
        ("a\n\n<!--more-->\n\nb", "<p>a</p>\n<p>b</p>"),
        ("a<!--more-->b<!--nextpage-->c", "<p>a</p>\n<p>b</p>\n<p>c</p>"),
        ("<p>a<!--more And so on-->b</p>", "<p>a</p>\n<p>b</p>"),
        (
            "a<!-- moreover -->b <pre><!--more--></pre>",
            "<p>a<!-- moreover -->b</p>\n<pre><!--more--></pre>",
        ),
        ("<script>a\n\nb</script>c", "<script>a\n\nb</script><p>c</p>"),
        ("1 < 2\n3 > 2", "<p>1 < 2<br>\n3 > 2</p>"),
        # Written in blocks: whole markup.
        ("<!-- wp:paragraph -->\n<p>a\nb</p>\n", "<!-- wp:paragraph -->\n<p>a\nb</p>\n"),
    ],
)
def test_lines_become_paragraphs_and_breaks(written: str, seen: str) -> None:
    assert shown(written) == seen


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        (
            '[caption id="x" width="3"]<a href="b"><img src="a" /></a> A <i>b</i>[/caption]',
            '<figure><a href="b"><img src="a" /></a><figcaption>A <i>b</i></figcaption></figure>',
        ),
        (
            '[caption caption="A &amp; b"]<img src="a">[/caption]',
            '<figure><img src="a"><figcaption>A & b</figcaption></figure>',
        ),
        ("[caption]<iframe src=a></iframe>[/caption]", "<figure><iframe src=a></iframe></figure>"),
        (
            '[gallery ids="7,9"]',
            f"<figure>{SEVEN}</figure>",
        ),
        (
            "[gallery link=file]",
            '<figure><figure><img src="https://w.example/8.jpg" alt=""></figure></figure>',
        ),
        (
            '[audio mp3="https://w.example/a.mp3"][/audio]',
            '<div><audio src="https://w.example/a.mp3"></audio></div>',
        ),
        (
            "[video width=3 mp4='https://w.example/a.mp4' poster='https://w.example/p.jpg' /]",
            f"<div>{FILM}</video></div>",
        ),
        (
            "[embed width=3]https://vimeo.com/12[/embed]",
            '<div><iframe src="https://vimeo.com/12"></iframe></div>',
        ),
        (
            "[embed]https://x.example/?a=1&amp;b=2[/embed]",
            '<p><a href="https://x.example/?a=1&amp;b=2">https://x.example/?a=1&amp;b=2</a></p>',
        ),
        (
            "[youtube https://www.youtube.com/watch?v=abcdef]",
            '<div><iframe src="https://www.youtube.com/watch?v=abcdef"></iframe></div>',
        ),
        *(
            (
                f"[{written}]",
                f'<div><iframe src="{page}"></iframe></div>',
            )
            for written, page in (
                (
                    "youtube=http://www.youtube.com/watch?v=ab&amp;w=6",
                    "http://www.youtube.com/watch?v=ab&amp;w=6",
                ),
                ("youtube abcdefghijk", "https://www.youtube.com/watch?v=abcdefghijk"),
                ('vimeo id="12345" w=6', "https://vimeo.com/12345"),
                ("vimeo=https://vimeo.com/12", "https://vimeo.com/12"),
                ("dailymotion x5uq2c", "https://www.dailymotion.com/video/x5uq2c"),
            )
        ),
        *(
            (written, '<div><audio src="https://w.example/a.mp3"></audio></div>')
            for written in (
                "[audio https://w.example/a.mp3|titles=A B]",
                "[audio:https://w.example/a.mp3]",
            )
        ),
        (
            "https://www.youtube.com/watch?v=abcdef",
            '<div><iframe src="https://www.youtube.com/watch?v=abcdef"></iframe></div>',
        ),
        (
            "<p>https://vimeo.com/12</p>",
            '<p><div><iframe src="https://vimeo.com/12"></iframe></div></p>',
        ),
        (
            "see\nhttps://x.example/a\nnow",
            '<p>see<br>\n<a href="https://x.example/a">https://x.example/a</a><br>\nnow</p>',
        ),
        (
            "https://x.example/?a=1&copy=2&amp;b=3",
            f'<p><a href="{ADDRESS}">{ADDRESS}</a></p>',
        ),
        ("see https://vimeo.com/12\nnow", "<p>see https://vimeo.com/12<br>\nnow</p>"),
        (
            '[code lang="c"]\nif (a < b)\n\n  c;\n[/code]',
            '<pre><code class="language-c">if (a &lt; b)\n\n  c;</code></pre>',
        ),
        ("[code]a &lt; b[/code]", '<pre><code class="language-text">a &lt; b</code></pre>'),
        # An entry cannot grow past what the site holds.
        (
            '[gallery ids="7,7"]\n[gallery ids="7"]',
            f'<figure>{SEVEN}</figure><p>[gallery ids="7"]</p>',
        ),
        ("[gallery exclude=8]", "<p>[gallery exclude=8]</p>"),
        # What stays as it is written.
        ("[gallery ids=9]", "<p>[gallery ids=9]</p>"),
        ("[[caption]] and [[gallery ids=7]]", "<p>[caption] and [gallery ids=7]</p>"),
        ("[[code]a[/code]] [[code]b", "<p>[code]a[/code] [[code]b</p>"),
        (
            "a[0] [contact-form a=b]c[/contact-form]",
            "<p>a[0] [contact-form a=b]c[/contact-form]</p>",
        ),
        ("[audio] a [embed]b[/embed]", "<p>[audio] a [embed]b[/embed]</p>"),
        ("<a title='[gallery]'>a</a>", "<p><a title='[gallery]'>a</a></p>"),
        ("<pre>[gallery]\nhttps://vimeo.com/12\n</pre>",) * 2,
    ],
)
def test_shortcodes_and_addresses_that_stand_alone(written: str, seen: str) -> None:
    def plain(markup: str) -> str:
        return re.sub(r"^<p>(?=<div>)|(?<=</div>)</p>$", "", markup)

    assert plain(shown(written)) == plain(seen)


_WORDS = st.lists(
    st.sampled_from(["tide", "<b>reed</b>", "5 < 6", "&amp;", "<i>a b</i>"]), min_size=1
)
_LINE = _WORDS.map(" ".join)
_PARAGRAPH = st.lists(_LINE, min_size=1, max_size=3)
_BLOCK = st.one_of(
    st.tuples(st.just("p"), _PARAGRAPH),
    st.tuples(st.just("h3"), _PARAGRAPH),
    st.tuples(st.just("pre"), _PARAGRAPH),
    st.tuples(st.just("li"), _PARAGRAPH),
    st.tuples(st.just("blockquote"), _PARAGRAPH),
)
_BREAK = "<br>"
_WRITTEN = {
    "p": "{}",
    "h3": "<h3>{}</h3>",
    "pre": "<pre>{}</pre>",
    "li": "<ul>\n<li>{}</li>\n</ul>",
    "blockquote": "<blockquote>\n{}\n</blockquote>",
}
_SEEN = _WRITTEN | {
    "p": "<p>{}</p>",
    "li": "<ul><li>{}</li></ul>",
    "blockquote": "<blockquote><p>{}</p></blockquote>",
}


@given(st.lists(_BLOCK, min_size=1, max_size=5), st.sampled_from(["\n\n", "\n \n\n", "\n\t\n"]))
def test_a_text_written_in_lines_is_the_one_with_markup(
    blocks: list[tuple[str, list[str]]], between: str
) -> None:
    written = between.join(_WRITTEN[name].format("\n".join(lines)) for name, lines in blocks)
    seen = "".join(
        _SEEN[name].format(("\n" if name == "pre" else _BREAK).join(lines))
        for name, lines in blocks
    )
    assert _tree(paragraphs.of_lines(written)) == _tree(seen)


@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "<p>",
                    "</p>",
                    "<div>",
                    "</div>",
                    "<li>",
                    "<b>",
                    "</b>",
                    "<br>",
                    "<pre>",
                    "</pre>",
                ),
                *(
                    "<!--",
                    "-->",
                    "\n",
                    "\n\n",
                    " ",
                    "a",
                    "[embed]",
                    "[/embed]",
                    "[caption]",
                    "<img>",
                ),
                *("[/caption]", "[gallery]", "https://vimeo.com/1", "<h2>", "</h2>", '"', "=", "<"),
            ]
        )
    ).map("".join)
)
def test_no_word_is_lost(written: str) -> None:
    assert paragraphs.of_lines(written).count("a") == written.count("a")
    assert shown(written).count("vimeo.com/1") >= written.count("vimeo.com/1")


def _tree(markup: str) -> object:
    """What an HTML parser makes of it: elements and words, with the blanks of what is
    preformatted."""

    def inside(element: Element) -> object:
        parts: list[object] = [element.tag]
        for text, child in ((element.text, None), *((each.tail, each) for each in element)):
            parts += [] if child is None else [inside(child)]
            words = (text or "").strip("\n") if element.tag == "pre" else (text or "").split()
            parts += [words] if isinstance(words, str) else words
        return parts

    return inside(html5lib.parseFragment(markup, namespaceHTMLElements=False))
