"""Callouts of every platform are asides of one form; what only looks like one stays text."""

from __future__ import annotations

import pytest
from entries import body

TITLED = {
    "sphinx": (
        ('<div class="admonition note"><p class="admonition-title">Note</p><p>Body.</p></div>'),
        "note",
        "Note",
    ),
    "docutils": (
        (
            '<div class="warning"><p class="first admonition-title">Warning</p><p '
            'class="last">Body.</p></div>'
        ),
        "warning",
        "Warning",
    ),
    "docutils5": (
        (
            '<aside class="admonition caution"><p class="admonition-title">Caution!</p>'
            "<p>Body.</p></aside>"
        ),
        "caution",
        "Caution!",
    ),
    "mkdocs": (
        (
            '<div class="admonition tip"><p class="admonition-title">My <em>own</em> '
            "title</p><p>Body.</p></div>"
        ),
        "tip",
        "My <em>own</em> title",
    ),
    "docusaurus1": (
        (
            '<div class="admonition admonition-note alert alert--secondary"><div '
            'class="admonition-heading"><h5><span class="admonition-icon"><svg '
            'viewBox="0 0 14 16"><path d="M1 1"/></svg></span>note</h5></div><div '
            'class="admonition-content"><p>Body.</p></div></div>'
        ),
        "note",
        "note",
    ),
    "docusaurus3": (
        (
            '<div class="theme-admonition theme-admonition-danger admonition_xJq3 alert '
            'alert--danger"><div class="admonitionHeading_Gvgb"><span '
            'class="admonitionIcon_Rf37"><svg viewBox="0 0 12 16"><path d="M1 1"/></svg>'
            '</span>danger</div><div class="admonitionContent_BuS1"><p>Body.</p></div>'
            "</div>"
        ),
        "caution",
        "danger",
    ),
    "github": (
        (
            '<div class="markdown-alert markdown-alert-warning" dir="auto"><p '
            'class="markdown-alert-title" dir="auto"><svg class="octicon octicon-alert '
            'mr-2" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path '
            'd="M1 1"/></svg>Warning</p><p dir="auto">Body.</p></div>'
        ),
        "warning",
        "Warning",
    ),
    "raw": (
        "<blockquote>\n<p>[!NOTE]\nBody.</p>\n</blockquote>",
        "note",
        "Note",
    ),
    "rawbr": (
        "<blockquote><p>[!NOTE]<br>Body.</p></blockquote>",
        "note",
        "Note",
    ),
    "rawtitle": (
        ("<blockquote><p>[!tip]- My <b>bold</b> title<br>Body.</p><p>More.</p></blockquote>"),
        "tip",
        "My bold title",
    ),
    "rawonly": (
        "<blockquote><p>[!IMPORTANT]</p><p>Body.</p></blockquote>",
        "important",
        "Important",
    ),
    "rawself": (
        "<blockquote><p>[!tip] Only a title</p></blockquote>",
        "tip",
        "Only a title",
    ),
    "obsidian": (
        (
            '<div class="callout" data-callout="tip"><div class="callout-title"><div '
            'class="callout-icon"><svg class="svg-icon" width="24" height="24" '
            'viewBox="0 0 24 24"><path d="M2 2"/></svg></div><div '
            'class="callout-title-inner">Tip title</div></div><div '
            'class="callout-content"><p>Body.</p></div></div>'
        ),
        "tip",
        "Tip title",
    ),
    "quartz": (
        (
            '<blockquote class="callout warning" data-callout="warning"><div '
            'class="callout-title"><div class="callout-icon"></div><div '
            'class="callout-title-inner"><p>Warning</p></div></div><div '
            'class="callout-content"><p>Body.</p></div></blockquote>'
        ),
        "warning",
        "Warning",
    ),
    "quarto": (
        (
            '<div class="callout callout-style-default callout-note callout-titled"><div '
            'class="callout-header d-flex align-content-center"><div '
            'class="callout-icon-container"><i class="callout-icon"></i></div><div '
            'class="callout-title-container flex-fill"><span class="screen-reader-only">'
            'Note</span>Titled</div></div><div class="callout-body-container '
            'callout-body"><p>Body.</p></div></div>'
        ),
        "note",
        "Titled",
    ),
    "relearn": (
        (
            '<div class="box notices cstyle tip"><div class="box-label"><i class="fa-fw '
            'fas fa-lightbulb"></i> Tip</div><div class="box-content"><p>Body.</p></div>'
            "</div>"
        ),
        "tip",
        "Tip",
    ),
    "docsy": (
        (
            '<div class="alert alert-warning" role="alert"><h4 class="alert-heading">'
            "Warning</h4><p>Body.</p></div>"
        ),
        "warning",
        "Warning",
    ),
    "hugo-notice": (
        (
            '<div class="notice info"><div class="notice-title"><svg></svg>Info</div><p>'
            "Body.</p></div>"
        ),
        "note",
        "Info",
    ),
    "bscallout": (
        '<div class="bs-callout bs-callout-info"><h4>T</h4>Body.</div>',
        "note",
        "T",
    ),
    "asciidoctor": (
        (
            '<div class="admonitionblock important"><table><tbody><tr><td class="icon">'
            '<div class="title">Important</div></td><td class="content"><div '
            'class="paragraph"><p>Body.</p></div></td></tr></tbody></table></div>'
        ),
        "important",
        "Important",
    ),
    "asciidoctor-icons": (
        (
            '<div class="admonitionblock note"><table><tr><td class="icon"><i class="fa '
            'icon-note" title="Note"></i></td><td class="content">Body.</td></tr></table>'
            "</div>"
        ),
        "note",
        "Note",
    ),
    "asciidoctor-img": (
        (
            '<div class="admonitionblock tip"><table><tr><td class="icon"><img '
            'src="./images/icons/tip.png" alt="Tip"></td><td class="content">Body.</td>'
            "</tr></table></div>"
        ),
        "tip",
        "Tip",
    ),
    "vitepress": (
        (
            '<div class="warning custom-block"><p class="custom-block-title">WARNING</p>'
            "<p>Body.</p></div>"
        ),
        "warning",
        "WARNING",
    ),
    "vuepress": (
        (
            '<div class="custom-container tip"><p class="custom-container-title">TIP</p>'
            "<p>Body.</p></div>"
        ),
        "tip",
        "TIP",
    ),
    "starlight": (
        (
            '<aside aria-label="Note" class="starlight-aside starlight-aside--note"><p '
            'class="starlight-aside__title" aria-hidden="true"><svg viewBox="0 0 24 24">'
            '<path d="M1 1"/></svg>Note</p><div class="starlight-aside__content"><p>'
            "Body.</p></div></aside>"
        ),
        "note",
        "Note",
    ),
    "confluence": (
        (
            '<div class="confluence-information-macro '
            'confluence-information-macro-warning"><p class="title">Heads up</p><span '
            'class="aui-icon aui-icon-small"></span><div '
            'class="confluence-information-macro-body"><p>Body.</p></div></div>'
        ),
        "warning",
        "Heads up",
    ),
    "jekyll-div": (
        '<div class="notice--info"><h4>T</h4><p>Body.</p></div>',
        "note",
        "T",
    ),
    "mdbook": (
        (
            '<blockquote class="blockquote-tag blockquote-tag-tip"><p '
            'class="blockquote-tag-title"><svg viewBox="0 0 1 1"><path d="M1 1"/></svg>'
            "Tip</p><p>Body.</p></blockquote>"
        ),
        "tip",
        "Tip",
    ),
    "admonish": (
        (
            '<div class="admonition admonish-bug" role="note"><div '
            'class="admonition-title"><p>Bug</p><p><a class="admonition-anchor-link" '
            'href="#admonition-bug"></a></p></div><div><p>Body.</p></div></div>'
        ),
        "caution",
        "Bug",
    ),
    "pandoc": (
        '<div class="note"><div class="title"><p>Note</p></div><p>Body.</p></div>',
        "note",
        "Note",
    ),
    "docbook": (
        (
            '<div class="note" style="margin-left: 0.5in"><h3 class="title">Note</h3><p>'
            "Body.</p></div>"
        ),
        "note",
        "Note",
    ),
    "microsoft": (
        '<div class="NOTE"><p>Note</p><p>Body.</p></div>',
        "note",
        "Note",
    ),
    "dita": (
        ('<div class="note tip note_tip"><span class="note__title">Tip:</span> Body.</div>'),
        "tip",
        "Tip:",
    ),
    "congo": (
        (
            '<div class="admonition relative" data-type="tip"><div class="flex"><div><span '
            'class="icon"><svg viewBox="0 0 384 512"><path d="M1 1h9v9z"/></svg></span></div>'
            '<div class="grow">Tip</div></div><div class="admonition-content"><p>Body.</p></div>'
            "</div>"
        ),
        "tip",
        "Tip",
    ),
    "gitea": (
        (
            '<blockquote class="attention-header attention-caution"><p><svg width="16" '
            'class="attention-icon" height="16"><path d="M1 1h3"/></svg><strong '
            'class="attention-caution">Caution</strong></p><p>Body.</p></blockquote>'
        ),
        "caution",
        "Caution",
    ),
    "discourse": (
        (
            '<blockquote class="callout" data-callout-type="warning"><div class="callout-title">'
            '<span class="callout-title-inner">T</span></div><div class="callout-content"><p>'
            "Body.</p></div></blockquote>"
        ),
        "warning",
        "T",
    ),
    "loveit": (
        (
            '<div class="details admonition warning open"><div class="details-summary '
            'admonition-title"><i class="icon fas fa-fw"></i>Attention<i '
            'class="details-icon"></i></div><div class="details-content"><div '
            'class="admonition-content">Body.</div></div></div>'
        ),
        "warning",
        "Attention",
    ),
}
UNTITLED = {
    "ghost": (
        (
            '<div class="kg-card kg-callout-card kg-callout-card-yellow"><div '
            'class="kg-callout-emoji">💡</div><div class="kg-callout-text">Body.</div>'
            "</div>"
        ),
        "note",
    ),
    "hugo-learn": ('<div class="notices warning"><p>Body.</p></div>', "warning"),
    "hugo-book": ('<blockquote class="book-hint warning"><p>Body.</p></blockquote>', "warning"),
    "gitbook": ('<div class="hint hint-info"><p>Body.</p></div>', "note"),
    "bootstrap": ('<div class="alert alert-danger" role="alert">Body.</div>', "caution"),
    "notion": (
        (
            '<figure class="block-color-gray_background callout" '
            'style="white-space:pre-wrap;display:flex"><div style="font-size:1.5em">'
            '<span class="icon">💡</span></div><div style="width:100%">Body.</div>'
            "</figure>"
        ),
        "note",
    ),
    "notion-react": (
        (
            '<div class="notion-callout notion-gray"><div class="notion-page-icon"><span '
            'role="img" aria-label="💡">💡</span></div><div class="notion-callout-text">Body.'
            "</div></div>"
        ),
        "note",
    ),
    "mdn": ('<div class="notecard note"><p>Body.</p></div>', "note"),
    "nextra": ('<div class="nextra-callout" data-type="error"><p>Body.</p></div>', "caution"),
    "jekyll": ('<p class="notice--warning">Body.</p>', "warning"),
    "chirpy": ('<blockquote class="prompt-tip"><p>Body.</p></blockquote>', "tip"),
    "zenn": (
        (
            '<aside class="msg message"><span class="msg-symbol">!</span><div '
            'class="msg-content"><p>Body.</p></div></aside>'
        ),
        "note",
    ),
    "zenn-alert": (
        (
            '<aside class="msg alert"><span class="msg-symbol">!</span><div '
            'class="msg-content"><p>Body.</p></div></aside>'
        ),
        "warning",
    ),
    "qiita": (
        (
            '<div class="note warn"><span class="fa fa-fw fa-times-circle"></span><div>'
            "<p>Body.</p></div></div>"
        ),
        "warning",
    ),
    "org": ('<div class="warning"><p>Body.</p></div>', "warning"),
    "substack": ('<div class="callout-block" data-callout="true"><p>Body.</p></div>', "note"),
    "slate": ('<aside class="notice">Body.</aside>', "note"),
}


def around(markup: str) -> str:
    """What a box becomes between two paragraphs."""
    return body(f"<p>1</p>{markup}<p>2</p>").removeprefix("<p>1</p>").removesuffix("<p>2</p>")


@pytest.mark.parametrize("platform", TITLED)
def test_a_callout_has_its_kind_and_its_title(platform: str) -> None:
    markup, kind, title = TITLED[platform]
    made = around(markup).replace(' dir="auto"', "")
    assert made.startswith(
        f'<aside class="callout-{kind}"><p class="callout-title"><strong>{title}</strong></p>'
    )
    assert made.endswith("</aside>")
    assert made.count("<p>Body.</p>") == markup.count("Body.")
    assert around(made) == made


@pytest.mark.parametrize("platform", UNTITLED)
def test_a_callout_without_title_has_its_kind(platform: str) -> None:
    markup, kind = UNTITLED[platform]
    made = around(markup)
    sign = "💡 " if "💡" in markup else "! " if ">!<" in markup else ""
    assert made == f'<aside class="callout-{kind}"><p>{sign}Body.</p></aside>'
    assert around(made) == made


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<div class="message outgoing">a</div>', "<p>a</p>"),
        ('<div class="note" id="fn3">a</div>', '<p id="fn3">a</p>'),
        ('<p class="note">a</p>', "<p>a</p>"),
        ('<div class="callout">a pull quote</div>', "<p>a pull quote</p>"),
        ('<div class="alert">a</div>', "<p>a</p>"),
        ('<div class="info">by Ann</div>', "<p>by Ann</p>"),
        ('<div class="paper-info note-list">a</div>', "<p>a</p>"),
        ('<p><span class="alert alert-info">a</span></p>', "<p>a</p>"),
        ("<blockquote><p>[!] a</p></blockquote>", "<blockquote><p>[!] a</p></blockquote>"),
        ("<blockquote><p>[!x](y) a</p></blockquote>", "<blockquote><p>[!x](y) a</p></blockquote>"),
        ("<p>[!NOTE] a</p>", "<p>[!NOTE] a</p>"),
        (
            "<blockquote><p>Write <code>[!NOTE]</code></p></blockquote>",
            "<blockquote><p>Write <code>[!NOTE]</code></p></blockquote>",
        ),
        ("<aside>a</aside>", "<aside><p>a</p></aside>"),
        (
            '<details class="note"><summary>s</summary>a</details>',
            "<details><summary>s</summary><p>a</p></details>",
        ),
    ],
)
def test_what_is_no_callout_stays_what_it_is(markup: str, expected: str) -> None:
    assert around(markup) == expected


def test_the_box_around_a_whole_text_is_no_callout() -> None:
    assert body('<div class="note"><p>a</p><p>b</p></div>') == "<p>a</p><p>b</p>"


def test_titles_keep_what_they_say() -> None:
    made = around(
        '<div class="callout callout-tip"><h4 class="callout-title" id="t"><svg><title>Tip</title>'
        '<path d="M0 0"/></svg> <a href="https://x.y/">Own</a> <code>x</code></h4>'
        '<p>a <svg width="9" height="9"><path d="M0 0"/></svg></p></div>'
    )
    assert made == (
        '<aside class="callout-tip"><p id="t" class="callout-title"><strong>'
        '<a href="https://x.y/">Own</a> <code>x</code></strong></p>'
        '<p>a <svg height="9" viewBox="0 0 9 9" width="9"><path d="M0 0"/></svg></p></aside>'
    )
