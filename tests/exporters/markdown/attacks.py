"""Signs that begin something in some program, each in every place of an entry.

What would act is called ``evil``: no name or value of an attribute in a rendered page may be."""

from __future__ import annotations

from html import escape

from convert.entryset import EntrySet
from convert.model import Category, Person
from convert.testing import entry_set, prepared

SIGNS = (
    # attributes: pandoc, kramdown, Python-Markdown, Hugo, MyST
    '{onclick="evil()"}', '{ onclick="evil()" }', '{: onclick="evil()"}', "{:.evil}",
    "{#evilid .evil onclick=evil()}", "{.evil}", "{@onclick=evil()}", "{evil}", "{::options evil/}",
    'word{onclick="evil()"}', '[evil]{onclick="evil()"}', '*evil*{onclick="evil()"}',
    # raw HTML and other formats
    "`<script>evil()</script>`{=html}", "{=html}", "<script>evil()</script>",
    "<img src=x onerror=evil()>", "<svg/onload=evil()>", "<!-- evil -->", "<?evil ?>", "</div>",
    "&lt;script>evil()&lt;/script>", "&#60;img src=x onerror=evil()>", "&evil;",
    '"><img src=x onerror=evil()>', "'onclick='evil()", '"onclick="evil()', "--><script>evil()",
    # links, pictures, notes, citations
    "[evil](javascript:evil())", "![evil](javascript:evil())", "<javascript:evil()>",
    "[evil]: javascript:evil()", "[evil][evil]", "[^evil]: evil", "[^1]", "^[evil]", "[@evil]",
    "@evil", "[[evil]]", "![[evil]]", "[TOC]", "*[evil]: evil", "[ ] evil",
    "https://example.org/~evil?a=b&copy;c^d", "www.example.org",
    # templates
    "{{evil}}", "{{< evil >}}", "{{% evil %}}", "{% evil %}", "{# evil #}", "{! evil !}",
    "{evil()}", "${evil}", "<% evil %>", "<%* evil %>", "<%= evil %>", "%% evil %%", "#{evil}",
    '--8<-- "evil"', "!include evil",
    # blocks
    ":::{evil}", "::: evil", "::: {.evil}", "::evil", ":evil:", ":evil[x]{onclick=evil()}",
    ":evil: x", ": evil", "!!! evil", '!!! evil "x"', "??? evil", "/// html | div[onclick=evil()]",
    "(evil)=", "+++", "% evil", "---", "===", "```{=html}", "~~~ {=html}", "```{raw} html",
    "~~~ {.evil}", "# evil {#evil onclick=evil()}", "| a | {onclick=evil()} |", "^", "> [!NOTE]",
    "1. evil", "(@evil) evil", "a) evil", "iv. evil", "- evil", "+ evil", "* evil",
    'import evil from "evil"', "export const evil = 1", "Save_as: evil", "---js",
    "2022-12-01", "0.42",
    # roles
    "{download}`evil`", '{raw-html}`<script>evil()</script>`', "{evil}`evil`", "`= evil`",
    "`r evil`",
    # formulas
    r"$\href{javascript:evil()}{x}$", r"$$\href{javascript:evil()}{x}$$",
    r"\(\href{javascript:evil()}{x}\)",
    r"\[\href{javascript:evil()}{x}\]", r"\begin{evil} x \end{evil}", r"\input{evil}", "$evil$",
    # formatting
    "==evil==", "++evil++", "~~evil~~", "^evil^", "~evil~", "__evil__", "**evil**", "||evil||",
    "C:\\evil\\", "\\", "evil\\",
)  # fmt: skip

BEFORE = (
    "<em>q</em>", "<strong>q</strong>", "<code>q</code>", "<del>q</del>", "<sub>q</sub>",
    '<a href="https://example.org/">q</a>', '<img src="https://example.org/q.png" alt="q"/>',
    '<code class="tex" data-math-style="inline">q_{i}</code>', "<code>{{q}}</code>", "x", "x<br/>",
)  # fmt: skip
"""What an attack may follow."""

PLACES = (
    "<p>{}</p>", "<p><em>{}</em></p>", "<p><strong>{}</strong></p>", "<h2>{}</h2>",
    "<ul><li>{}</li></ul>", "<ol><li><p>{}</p></li></ol>", "<blockquote><p>{}</p></blockquote>",
    '<p><a href="https://example.org/">{}</a></p>',
    "<table><tr><th>{}</th><td>{}</td></tr></table>",
    '<table><tr><td colspan="2">{}</td></tr></table>', "<dl><dt>{}</dt><dd>{}</dd></dl>",
    "<details><summary>{}</summary><p>{}</p></details>", "<p><kbd>{}</kbd></p>",
    "<figure><p>q</p><figcaption>{}</figcaption></figure>",
)  # fmt: skip
_SPANS = "<p><code>{}</code> q</p>"
_BLOCKS = "<pre><code>q\n\n{}\n\nq</code></pre>"
CODE = (
    _SPANS, _BLOCKS, "<pre>{}</pre>", f"<h2>{_SPANS[3:-4]}</h2>",
    *(
        around.replace("{}", code)
        for code in (_SPANS, _BLOCKS)
        for around in (
            "<ul><li>{}</li></ul>", "<ul><li><p>q</p>{}</li></ul>", "<blockquote>{}</blockquote>",
            "<ol><li><ul><li><p>q</p>{}</li></ul></li></ol>", "<dl><dt>q</dt><dd>{}</dd></dl>",
            "<details><summary>q</summary>{}</details>",
        )
    ),
    "<table><tr><th>q</th><td><code>{}</code></td></tr></table>",
)  # fmt: skip
QUOTED = (
    '<p><a href="https://example.org/" title="{}">q</a></p>',
    '<p><img src="https://example.org/q.png" alt="{}" title="{}"/></p>',
    '<p><abbr title="{}">q</abbr></p>',
    '<table><tr><td colspan="2"><img src="https://example.org/q.png" alt="{}"/></td></tr></table>',
)
ADDRESSES = (
    '<p><a href="https://example.org/{}">q</a></p>',
    '<p><img src="https://example.org/{}" alt="q"/></p>',
    '<table><tr><td colspan="2"><a href="https://example.org/{}">q</a></td></tr></table>',
)


FEW = (0, 3, 4, 6, 7, 8, 9, 11, 14, 15, 18, 26, 31, 32, 36)
"""Of all places, one of each kind."""


def bodies(*, every: bool) -> list[str]:
    """Prepared bodies, each a place with all signs one after another, the notes, and all signs
    after what they may follow; ``every`` place, or one of each kind."""
    places = [*PLACES, *CODE, *QUOTED, *ADDRESSES]
    before = [
        place.replace("{}", f"{before}{{}}")
        for before in BEFORE
        for place in ("<p>{}</p>", "<h3>{}</h3>", "<table><tr><th>{}</th></tr></table>")
    ]
    chosen = places + before if every else [places[at] for at in FEW] + before[::7]
    made = [
        f"<div>{''.join(place.replace('{}', escape(sign)) for sign in SIGNS)}</div>"
        for place in chosen
    ]
    return [*made, _notes()]


_ENDS = (
    "}",
    "a}",
    "{",
    "}{",
    r"\\{ }",
    r"\\} }",
    "a$",
    r"\\$",
    r"\\\$",
    "$$",
    r"\\\\$",
    r"\\% ",
    "%\n",
    "`",
)
"""What may end a formula too early in some program: then the rest of it is Markdown."""
_THEN = (
    ' word{onclick="evil()"}', "*b*{.evil}", "<img src=x onerror=evil()>", "`x`{=html}",
    "[evil](javascript:evil())", "{{evil}}", r" $\href{javascript:evil()}{x}$ ",
)  # fmt: skip


def formulas() -> list[str]:
    """Prepared bodies of formulas whose end a program may see too early, each in several places."""
    tex = [escape(f"a{end}{then}{after}") for end in _ENDS for then in _THEN for after in ("", "}")]
    code = '<code class="tex" data-math-style="{}">{}</code>'
    inline = [code.format("inline", each) for each in tex]
    block = [code.format("display", each) for each in tex]
    return [
        "<div>" + "".join(place.replace("{}", each) for each in written) + "</div>"
        for place, written in (
            ("<p>q {} q</p>", inline),
            ("<p>{}</p>", block),
            ("<h2>{}</h2>", inline),
            ("<table><tr><th>{}</th></tr></table>", inline),
            ("<ul><li>{}</li></ul>", inline),
        )
    ]


def _notes() -> str:
    """Each sign as a note: as its first words, and as code in it."""
    refer = '<sup><a role="doc-noteref" id="fnref-{0}" href="#fn-{0}">{0}</a></sup>'
    note = '<li id="fn-{}"><p>{}</p><pre><code>q\n\n{}</code></pre></li>'
    signs = [escape(sign) for sign in SIGNS]
    references = "".join(refer.format(at) for at in range(len(signs)))
    notes = "".join(note.format(at, sign, sign) for at, sign in enumerate(signs))
    return f'<div><p>q{references}</p><section role="doc-endnotes"><ol>{notes}</ol></section></div>'


def entries(*, every: bool) -> EntrySet:
    """An entry for each sign, or for some, in all the fields that are text; the first has all
    signs for authors."""
    names = tuple(Person(name=sign) for sign in SIGNS)
    return entry_set(
        [
            prepared(
                f"eve/{at}",
                "<div><p>q</p></div>",
                title=sign,
                summary=sign,
                rights=sign,
                id=sign,
                authors=names if at == 0 else (Person(name=sign),),
                categories=(Category(term=sign, label=sign),),
            )
            for at, sign in enumerate(SIGNS[:: 1 if every else 9])
        ],
        title=SIGNS[0],
        subtitle=SIGNS[11],
    )
