"""What an author wrote is what each reader shows, letter by letter and sign by sign."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from html import escape

import html5lib
import pytest
from engines import python_markdown, read_each, tool
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pypandoc import get_pandoc_path

from convert.exporters.markdown.body import Body

pytestmark = pytest.mark.judge

SIGNS = (
    *("@user", "(@)", "(@x) b", "@", "a) b", "(1) b", "#. b", "i. b", "A.  b", "(iv) b", "1) b"),
    *("^caret^", "~x~", "x^2", "^", "~", "!!! note", "???+ q", '=== "Tab"', "::: x", ":::", "{x}"),
    *("{.x}", "{x=1}", "[[wiki]]", "![[x]]", "==m==", "%%c%%", "#tag", "x #a/b", "x ^block-id"),
    *("*[abbr]: y", "[^1]: n", "[^1]", "+++", "---", "***", "___", "- x", "* x", "+ x", "> x"),
    *("| a | b |", "Table: x", "~~~", "```", "[x]", "[ ] x", "[x](y)", "[x]: y", "[x][y]", "<x>"),
    *("&amp;", r"\x", r"\(x\)", "$x$", "$$x$$", "_x_", "__x__", "*x*", "**x**", "++x++", "^^x^^"),
    *("~~x~~", "||x||", ">! x", ":smile:", "++ctrl+alt++", '--8<-- "x"', "/// note", "[TOC]"),
    *("[[_TOC_]]", "{==x==}", "{++x++}", "{>>x<<}", "{{x}}", "1986. x", "- [ ] x", "(x)=", "% x"),
    *(": x", "http://a.b/c_d_e", "a@b.c", "`x`", "'x'", "--", "#", "x #", "!", "??", "[@x]", "\\"),
    *(
        "x:: y",
        "[!NOTE]",
        "> [!NOTE] x",
        "☐ x",
        "• x",
        "`",
        '"',
        "]",
        "{",
        "<",
        "$5 and $6",
        "https://a.b/@c and http://a.b/c==",
        "www.a.b/@c, www.a.b/c_",
        "www.a.b/_c/~d",
        "http://a.b/c_",
        "2. x",
    ),
)
PLACES = (
    *("<p>{}</p>", "<p>q {}</p>", "<p>x{}y</p>", "<ul><li>{}</li><li><p>q</p></li></ul>"),
    *("<ol><li>{}</li></ol>", "<h2>{}</h2>", "<blockquote><p>{}</p></blockquote>"),
    *("<p><em>{}</em></p>", "<dl><dt>{}</dt><dd>{}</dd></dl>"),
    "<table><tr><th>q</th><th>{}</th></tr><tr><td>{}</td><td>q</td></tr></table>",
    '<ol start="3"><li value="9">{}</li></ol><ol type="a"><li>{}</li></ol>',
    "<table><tr><th>q</th><td><code>{} | q</code></td></tr></table>",
    '<aside class="callout-tip"><p class="callout-title"><strong>{}</strong></p><p>{}</p></aside>',
)
AFTER_BREAK = "<p>q<br/>{}</p>"

_MATERIAL = (
    *("abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "toc", "tables"),
    *(
        f"pymdownx.{name}"
        for name in (
            *("arithmatex", "betterem", "caret", "mark", "tilde", "critic", "details", "emoji"),
            *("inlinehilite", "keys", "superfences", "tabbed", "tasklist", "snippets"),
            *("blocks.admonition", "blocks.details", "blocks.tab", "magiclink"),
        )
    ),
)
"""What Material for MkDocs tells to turn on."""


def material(text: str) -> str:
    (page,) = python_markdown([text], _MATERIAL)
    return page


_PANDOC = (
    *("markdown-smart", "alerts", "emoji", "mark", "wikilinks_title_after_pipe", "abbreviations"),
    *("autolink_bare_uris", "tex_math_single_backslash", "mmd_header_identifiers"),
    *("mmd_link_attributes", "four_space_rule", "angle_brackets_escapable"),
    "short_subsuperscripts",
)
"""All extensions, but those that set quotes, dashes or lines otherwise."""


def pandoc(text: str) -> str:
    (page,) = read_each([get_pandoc_path(), "-t", "html", "-f", "+".join(_PANDOC)], [text])
    return page


def cmark_gfm(text: str) -> str:
    extensions = ("table", "strikethrough", "autolink", "tasklist", "footnotes")
    options = [option for each in extensions for option in ("-e", each)]
    (page,) = read_each([tool("cmark-gfm"), "--unsafe", *options], [text])
    return page


def written(markup: str) -> str:
    root = etree.fromstring(f"<div>{markup}</div>")
    return Body(root, frozenset(), lambda svg: "drawing.svg").markdown()


def shown(page: str) -> str:
    """The text of a page without white space; a callout's own title and a box as they are shown."""
    tree = html5lib.parse(page, treebuilder="lxml", namespaceHTMLElements=False)
    for box in tree.iter("input"):
        box.tail = "☐" + (box.tail or "")
    return re.sub(r"\s+", "", "".join(tree.find(".//body").itertext()))


def assert_the_same(reader: Callable[[str], str], markups: Iterable[str]) -> None:
    """One page of all, so that a sign may also act on what follows."""
    listed = list(markups)
    parts = (f"{written(markup)}\n\nZZ{at}ZZ" for at, markup in enumerate(listed))
    rest = shown(reader("\n\n".join(parts)))
    for at, markup in enumerate(listed):
        text, _, rest = rest.partition(f"ZZ{at}ZZ")
        # The sign of a callout is text to who knows none, and the letter of an item to all.
        lettered = re.sub('(<ol type="a"><li>)', r"\1a. ", markup)
        text = re.sub(r"\A(?:\[!TIP\]|Tip)" if "callout" in markup else r"\A(?!)", "", text)
        assert text == shown(lettered), written(markup)


def table(places: Iterable[str]) -> list[str]:
    return [place.replace("{}", escape(sign)) for place, sign in itertools.product(places, SIGNS)]


@pytest.mark.parametrize("reader", [material, pandoc, cmark_gfm])
def test_a_sign_is_shown_as_it_was_written(reader: Callable[[str], str]) -> None:
    # Python-Markdown breaks no line at a backslash.
    places = PLACES if reader is material else (*PLACES, AFTER_BREAK)
    assert_the_same(reader, table(places))


WORDS = st.lists(st.sampled_from([*SIGNS, "q", "x y"]), min_size=1, max_size=4).map(" ".join)


@given(WORDS, st.sampled_from(PLACES), WORDS)
@settings(max_examples=150, derandomize=True, deadline=None)
def test_signs_beside_signs_are_shown_as_they_were_written(
    first: str, place: str, second: str
) -> None:
    assert_the_same(material, [place.replace("{}", escape(one)) for one in (first, second)])


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("a #tag", r"a \#tag"),
        ("(#a-b/c1)", r"(\#a-b/c1)"),
        ("#1 C# a#b x/#y #2024", "#1 C# a#b x/#y #2024"),
        ("a #2024-x", r"a \#2024-x"),
    ],
)
def test_what_obsidian_takes_for_a_tag_is_none(text: str, markdown: str) -> None:
    assert written(f"<p>q {escape(text)}</p>") == f"q {markdown}"
