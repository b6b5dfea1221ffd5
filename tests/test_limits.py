"""Every limit that docs/network.md lists: its number is the code's, and it is one."""

from __future__ import annotations

import re
from collections.abc import Callable

import entries
import pytest
from running import ROOT

from convert.cache import files, prepared
from convert.content import draft, tree
from convert.content.drawings import share, sheets
from convert.content.maths import dollars, plain, tex, written
from convert.content.parse import attributes, limits, scan
from convert.content.safety import svg
from convert.content.structure import paragraphs, tables
from convert.content.views import View, highlight, math, render
from convert.contract import MAX_BODY
from convert.model import Content
from convert.pictures import collect, renditions
from convert.run import examine, prepare
from convert.sources import clean, xml_tree
from convert.sources.thicket import bounded, fetch
from convert.text import characters
from convert.web import fetcher, guard, proxy

pytestmark = pytest.mark.judge

GIT = proxy.Limits()
_HOSTILE = "sources/thicket/test_source_clone_hostile.py"
_BOUNDED = "sources/thicket/test_source_bounded.py"
_GB = 1_000_000_000
NETWORK = {
    "one address, all in all": f"{fetcher.SECONDS:g} s",
    "connecting to one address": f"{guard.CONNECT_SECONDS:g} s",
    "one answer": f"{fetcher.LIMIT // 1_000_000} MB",
    "all pictures": f"{collect.TOTAL // _GB} GB",
    "a decoded picture": f"{renditions.MAX_PIXELS // 1_000_000} million pixels",
    "decoding one picture": f"{examine.SECONDS:g} s, and (on Linux) {examine.MEMORY // _GB} GB",
    "a Git repository: bytes": f"{GIT.size // _GB} GB",
    "a Git repository: all in all": f"{GIT.seconds:g} s",
    f"a connection of Git's that carries less than {GIT.least:,} bytes in {GIT.pause:g} s": "ended",
    "memory of libgit2": f"{fetch.MEMORY // 1_000_000} MB",
    "branches and tags": f"{fetch.MOST_REFERENCES:,}",
    "a repository, on disk too: entries": f"{bounded.MOST_ENTRIES:,}",
    "a repository, on disk too: files": f"{bounded.MOST_NAMES:,}",
    "a repository, on disk too: bytes": f"{bounded.MOST_BYTES // _GB} GB",
    "a repository, on disk too: folders": f"{bounded.DEEPEST}",
    "side by side": f"{fetcher.CONNECTIONS} addresses, {fetcher.PER_HOST} of one host",
    f"a host that gave no answer {['', 'once', 'twice', 'three times'][fetcher.GIVE_UP]}": "not",
}
ENTRY = {
    "a body": f"{MAX_BODY:,} characters",
    "preparing one entry": f"{prepare.SECONDS:g} s",
    "a title": f"{characters.LONGEST:,} characters",
    "an id": f"{clean.LONGEST:,} characters",
    "the address of an entry": f"{clean.LONGEST:,} characters",
    "elements of a feed inside one another": f"{xml_tree.DEEPEST}",
    "elements inside one another": f"{draft.MAX_DEPTH}, with",
    "tags": f"{scan.MAX_TAGS:,}",
    "`<b>`, `<i>`": f"{limits.MAX_FORMATTING}",
    "those that nothing closes": f"{limits.MAX_REOPENED:,} times",
    f"attributes of an element, where they have over {attributes.LONG:,}": (
        f"{attributes.MAX_ATTRIBUTES}"
    ),
    "`class`, `style`": f"{attributes.LONG:,} characters",
    "ampersands": f"{attributes.FEW:,}",
    "attributes of an inline element around blocks": f"{paragraphs.MOST_REPEATED:,} characters",
    "attributes of an inline element around a player": f"{tree.MOST_REPEATED:,} characters",
    "columns that a cell spans": f"{tables.MOST_SPANNED}",
    "columns, and places": f"{tables.MOST_COLUMNS:,}, and {tables.MOST_SLOTS:,}",
    "elements of a drawing": f"{svg.MAX_DRAWN:,}, and {svg.MAX_CHAIN}",
    "style sheets of the drawings": f"{sheets.MAX_SHEETS:,} characters, and {sheets.MAX_TRIED:,}",
    "what drawings of an entry use": (
        f"{share.MAX_COPIED:,} elements, and {share.MAX_CHARACTERS:,} characters"
    ),
    "TeX of one formula": f"{tex.MAX_TEX:,} characters, {tex.MAX_NESTING}, {tex.MAX_DEPTH}",
    "elements of a formula that came": f"{written.MOST_ELEMENTS:,}",
    "characters between single dollars": f"{dollars.MOST:,}",
    "a formula over several lines": f"{plain.MOST_LINES} lines",
    "a formula that is drawn": f"{math.MAX_COST:,} steps",
    "code with colours": f"{highlight.MAX_HIGHLIGHTED:,} characters",
}
CACHE = {
    "`prepared-1.sqlite`": f"{prepared.LIMIT // _GB} GB",
    "`fetched-1/`": f"{files.LIMIT // _GB} GB",
    "`originals-1/`": f"{files.LIMIT // _GB} GB",
    "`examined-1/`": f"{files.LIMIT // _GB} GB each",
}

# The tests of what is not tried here.
HELD = {
    "one address, all in all": "pictures/test_pictures.py::test_a_picture_that_cannot_be_had_is",
    "connecting to one address": "web/test_guard.py::test_a_host_that_does_not_answer_is_given_up",
    "one answer": "web/test_fetcher.py::test_gzip_is_counted_unpacked",
    "all pictures": "pictures/test_pictures.py::test_the_pictures_of_a_run_have_a_limit_together",
    "a decoded picture": "pictures/test_pictures.py::test_a_picture_that_cannot_be_had_is",
    "decoding one picture": "run/test_examine.py::test_a_picture_that_its_decoder_does_not_survive",
    "a Git repository: bytes": "web/test_proxy.py::test_limits_hold_for_all_connections_together",
    "a Git repository: all in all": f"{_HOSTILE}::test_a_process_that_does_not_end_is_ended",
    "a connection of Git's": f"{_HOSTILE}::test_a_drip_ends",
    "memory of libgit2": f"{_HOSTILE}::test_memory_is_bounded",
    "branches and tags": f"{_HOSTILE}::test_branches_and_tags_have_a_limit",
    "a repository, on disk too": f"{_BOUNDED}::test_no_more_is_read_than_the_limit",
    "a repository, on disk too: folders": f"{_BOUNDED}::test_the_folder_of_a_member_lies_no_deeper",
    "side by side": "web/test_fetcher.py::test_a_host_is_not_crowded",
    "a host that gave no answer": "web/test_fetcher.py::test_a_silent_host_costs_a_few_deadlines",
    "a body": "run/test_prepare.py::test_in_order_with_bodies_in_the_store_and_what_is_too_large",
    "preparing one entry": "run/test_prepare.py::test_an_entry_that_kills_its_worker_or_hangs",
    "a title": "content/test_fields.py::test_titles_and_names_have_a_limit",
    "elements of a feed": "sources/test_xml_tree.py::test_a_nest_of_any_depth_keeps_its_text",
}


def rows(heading: str) -> list[list[str]]:
    """The rows of the table below a heading of docs/network.md."""
    page = (ROOT / "docs" / "network.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^\| ([^|\s-].*) \|$", section, re.MULTILINE)
    return [line.split(" | ") for line in lines]


@pytest.mark.parametrize(("heading", "table"), [("Limits", NETWORK), ("Limits of an entry", ENTRY)])
def test_every_number_of_the_table_is_the_one_in_the_code(
    heading: str, table: dict[str, str]
) -> None:
    written = rows(heading)
    assert len(written) == len(table)
    for (name, limit), row in zip(table.items(), written, strict=True):
        assert row[0].startswith(name), (name, row)
        assert row[1].startswith(limit), (limit, row)


def test_every_limit_of_the_network_is_held_by_a_test() -> None:
    assert all(any(row.startswith(name) for name in HELD) for row in NETWORK)
    for place in HELD.values():
        path, _, name = place.partition("::")
        assert f"\ndef {name}" in (ROOT / "tests" / path).read_text(encoding="utf-8"), place


def test_the_bounds_of_the_cache_are_those_in_the_code() -> None:
    written = {row[0].partition(",")[0]: row[2] for row in rows("The cache") if len(row) == 3}
    assert {name: written[name] for name in CACHE} == CACHE


def nest(name: str, number: int) -> str:
    """So many elements inside one another, around a word."""
    return f"<{name}>" * number + "word" + f"</{name}>" * number


def table(cells: int, columns: int, rows: int = 1) -> str:
    """A table whose cells span so many columns, above rows of so many cells."""
    claim = "".join(f"<td colspan={columns} rowspan={rows}>x</td>" for _ in range(cells))
    return f"<table>{f'<tr>{claim}</tr>' * rows}</table>"


def drawing(doublings: int) -> str:
    """A drawing of a few bytes that comes to 2 to the power of ``doublings`` elements."""
    groups = "".join(
        f'<g id="g{at + 1}"><use href="#g{at}"/><use href="#g{at}"/></g>' for at in range(doublings)
    )
    return f'<svg viewBox="0 0 1 1"><path id="g0" d="M0 0"/>{groups}</svg>'


def around(size: int) -> str:
    """Blocks inside a link whose copies have so many characters of attributes together."""
    address = f"https://a.example/{'x' * (size // 3 - 18)}"
    return f'<a href="{address}">a<p>b</p>c</a>'


LEFT_OUT: dict[str, tuple[Callable[[int], str], int, str]] = {
    "depth": (lambda n: nest("blockquote", n), draft.MAX_DEPTH - 4, "deeper than 40 are only"),
    "tags": (lambda n: "<x>" * n + "<p>word</p>", scan.MAX_TAGS - 2, "more than 400,000 tags"),
    "formatting": (
        lambda n: nest("b", n),
        limits.MAX_FORMATTING,
        "more than 12 elements such as <b>",
    ),
    "reopened": (
        lambda n: "<b><i><u><s>" + "<p>x" * (n // 4) + "<p>y" * (n % 4),
        limits.MAX_REOPENED,
        "that nothing closes would open again",
    ),
    "attributes": (
        lambda n: f"<p title='{'t' * 4_000}' {' '.join(f'a{at}=1' for at in range(n - 1))}>x</p>",
        attributes.MAX_ATTRIBUTES,
        "an element has more than 60 attributes",
    ),
    "long words": (
        lambda n: f'<p title="{"t" * 4_000}" class="{"c" * n}">x</p>',
        attributes.LONG,
        "class has more than 4,000 characters",
    ),
    "ampersands": (
        lambda n: f'<a href="https://a.example/?{"x" * 4_000}{"&amp;" * n}">x</a>',
        attributes.FEW,
        "href has more than 1,000 ampersands",
    ),
    "copies": (around, paragraphs.MOST_REPEATED, "goes around too many blocks"),
    "player": (
        lambda n: f'<b title="{"t" * n}">a<iframe src="https://v.example/1"></iframe>b</b>',
        tree.MOST_REPEATED,
        "<b> has more than 2,000 characters of attributes",
    ),
    "columns": (
        lambda n: f"<table><tr><td colspan={n}>x</td></tr><tr>{'<td>y</td>' * n}</tr></table>",
        tables.MOST_SPANNED,
        "spans more than 200 columns",
    ),
    "claimed columns": (
        lambda n: table(n, tables.MOST_SPANNED),
        tables.MOST_COLUMNS // tables.MOST_SPANNED,
        "claim more than 100,000 columns",
    ),
    "claimed places": (
        lambda n: table(n, tables.MOST_SPANNED, rows=10),
        tables.MOST_SLOTS // tables.MOST_SPANNED // 100,
        "or 1,000,000 places",
    ),
    "drawing": (drawing, 14, "a drawing that comes to more than 200,000 elements"),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_left_out_is_named_once_and_only_beyond_the_limit(name: str) -> None:
    make, limit, reason = LEFT_OUT[name]
    assert [str(each) for each in entries.prepared(make(limit)).problems] == []
    (problem,) = entries.prepared(make(limit + 1)).problems
    assert (problem.path, problem.field, problem.severity) == (
        "ann/entry.json", "content", "warning",
    )  # fmt: skip
    assert reason in problem.reason


def test_the_field_is_that_of_the_body() -> None:
    deep = nest("blockquote", draft.MAX_DEPTH)
    (problem,) = entries.prepared(None, summary=deep, summary_type="html").problems
    assert problem.field == "summary"


def content(body: str) -> Content:
    return Content(xhtml=body, text="")


def tex_script(formula: str) -> str:
    return f'<p>a <script type="math/tex">{formula}</script> b</p>'


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        ("x" * tex.MAX_TEX, "x" * (tex.MAX_TEX + 1)),
        (r"\sqrt{" * 15 + "x" + "}" * 15, r"\sqrt{" * 25 + "x" + "}" * 25),
        ("{" * 30 + "x" + "}" * 30, "{" * 61 + "x" + "}" * 61),
    ],
)
def test_a_formula_beyond_the_limit_stays_tex(within: str, beyond: str) -> None:
    assert "<math" in entries.body(tex_script(within))
    assert f'<code class="tex">{beyond}</code>' in entries.body(tex_script(beyond))


def test_a_formula_over_too_many_lines_stays_text() -> None:
    lines = [f"{{x_{{{number}}}}} + " for number in range(plain.MOST_LINES + 1)]
    assert "<math" in entries.body(f"<p>$${'<br>'.join(lines)} 1$$</p>")
    beyond = entries.prepared(f"<p>$${'<br>'.join([*lines, *lines])} 1$$</p>")
    assert "<math" not in beyond.body
    assert beyond.text.count("{x_{40}}") == 2


def test_a_formula_that_would_cost_too_much_is_shown_as_tex() -> None:
    view = View(math="svg")
    for number, shown in ((10, "<svg"), (math.MAX_COST // 2 - 2, 'class="tex"')):
        body = entries.prepared(tex_script("x+" * number + "y")).body
        assert "<math" in body
        assert shown in render(content(body), view)


def test_code_beyond_the_limit_is_shown_without_colours() -> None:
    view = View(code="highlighted")
    line = "x = 1\n"
    for length, coloured in ((60, True), (highlight.MAX_HIGHLIGHTED + 1, False)):
        body = (
            f'<div><pre data-language="python"><code>{line * (length // 6 + 1)}</code></pre></div>'
        )
        shown = render(content(body), view)
        assert ("<span" in shown) is coloured
        assert shown.count("= ") == length // 6 + 1
