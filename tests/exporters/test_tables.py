"""Tables that are wider than a page: what is decided, and where they are cut."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as some
from lxml import etree

from convert.exporters import tables
from convert.exporters.tables import Room, choose, cut
from convert.exporters.widths import Column, beginning, cells_of, measure_all, total

PAPER = Room(upright=41.0, turned=80.0)
COLUMNS = some.lists(
    some.builds(
        lambda least, more: Column(least, least + more),
        some.floats(1, 60),
        some.floats(0, 300),
    ),
    min_size=1,
    max_size=200,
)


def _even(count: int, least: float, most: float) -> Sequence[Column]:
    return [Column(least, most)] * count


@pytest.mark.parametrize(
    ("columns", "size", "turned", "groups"),
    [
        (_even(6, 5, 9), 1.0, False, 1),  # lines are broken, no word is
        (_even(10, 5, 9), 0.8, False, 1),  # smaller
        (_even(3, 50, 50), 1.0, False, 1),  # words are broken, columns stay legible
        (_even(16, 5, 9), 0.8, True, 1),  # turned
        (_even(23, 5, 9), 2 / 3, True, 1),  # turned and smaller
        (_even(27, 5, 9), 0.8, False, 3),  # cut
        (_even(200, 5, 9), 0.8, False, 23),
    ],
)
def test_the_gentlest_way_that_fits(
    columns: Sequence[Column], size: float, turned: bool, groups: int
) -> None:
    fit = choose(columns, PAPER)
    assert fit is not None
    assert (fit.size, fit.turned, len(fit.groups)) == (size, turned, groups)


def test_what_fits_is_left_alone() -> None:
    assert choose(_even(8, 2, 4), PAPER) is None


def test_in_a_cell_nothing_is_turned_or_cut() -> None:
    fit = choose(_even(40, 5, 9), Room(upright=20.0, inner=True))
    assert fit is not None
    assert fit.groups == ()


@given(COLUMNS, some.floats(14, 60), some.floats(0, 120))
def test_each_column_is_somewhere_and_nothing_is_wider_than_the_room(
    columns: list[Column], upright: float, turned: float
) -> None:
    fit = choose(columns, Room(upright=upright, turned=turned))
    if fit is None:
        assert total(columns).most <= upright
        return
    assert fit.size in tables.SIZES
    assert [at for group in fit.groups for at in group.columns[1:]] == [*range(1, len(columns))]
    room = (turned if fit.turned else upright) / fit.size
    for group in fit.groups:
        assert group.columns[0] == 0
        assert sum(group.widths) <= 1.01
        for at, part in zip(group.columns, group.widths, strict=True):
            # No word is broken that has fewer than eight letters or so, where two columns fit.
            assert part * room >= min(columns[at].least, 4.0) - 0.1


def test_groups_are_about_equally_wide() -> None:
    fit = choose(_even(14, 10, 20), PAPER)
    assert fit is not None
    assert [len(group.columns) for group in fit.groups] == [4, 4, 5, 4]


WIDE = """<table id="all"><caption id="c">All<span data-number="1">a note</span></caption>
<thead><tr><th scope="col">Key</th><th scope="colgroup" colspan="3">B to D</th><th>E</th></tr>
</thead>
<tbody><tr><th scope="row" rowspan="2" id="r">a</th><td id="b">b<span data-number="2">n</span></td>
<td>c</td><td>d</td><td>e</td></tr><tr><td colspan="4">b2 to e2</td></tr></tbody></table>"""


def test_a_part_has_the_first_column_its_own_and_what_spans_them() -> None:
    table = etree.fromstring(WIDE)
    parts = cut(table, [(0, 1, 2), (0, 3, 4)])
    assert parts is not None
    first, second = parts
    spoken = [
        [[(cell.element.text, *cell[1:]) for cell in cells] for _, cells in cells_of(part)]
        for part in (first, second)
    ]
    assert spoken == [
        [
            [("Key", 0, 1), ("B to D", 1, 2)],
            [("a", 0, 1), ("b", 1, 1), ("c", 2, 1)],
            [("b2 to e2", 1, 2)],
        ],
        [
            [("Key", 0, 1), ("B to D", 1, 1), ("E", 2, 1)],
            [("a", 0, 1), ("d", 1, 1), ("e", 2, 1)],
            [("b2 to e2", 1, 2)],
        ],
    ]
    assert [part.findtext("caption") for part in (first, second)] == ["All", "All (2/2)"]
    # An id or a note twice would be an error of the page.
    assert [each.get("id") for each in first.iter() if each.get("id")] == ["all", "c", "r", "b"]
    assert [each for each in second.iter() if each.get("id") or each.get("data-number")] == []
    assert [len(part.findall(".//th[@scope]")) for part in (first, second)] == [3, 3]


def test_what_would_be_printed_a_thousand_times_is_not_cut() -> None:
    row = "<tr>" + "<td>x</td>" * 9_000 + "</tr>"
    table = etree.fromstring(f"<table>{row}{'<tr><td>y</td></tr>' * 1000}</table>")
    fit = choose(measure_all(table)[table], Room(upright=20.0))
    assert fit is not None
    assert len(fit.groups) > 300
    assert cut(table, [group.columns for group in fit.groups]) is None


def test_cells_on_which_a_higher_one_stands_are_where_they_were() -> None:
    table = etree.fromstring(
        "<table><tr><td rowspan='2'>a</td><td>b</td><td>c</td><td>d</td><td>e</td></tr>"
        "<tr><td>b2</td><td colspan='2'>c2</td><td>e2</td></tr></table>"
    )
    parts = cut(table, [(0, 1, 2), (0, 3, 4)])
    assert parts is not None
    assert ["".join(map(str, part.itertext())) for part in parts] == [
        "(1/2)abcb2c2",
        "(2/2)adec2e2",
    ]


@pytest.mark.parametrize(
    ("cell", "least", "most"),
    [
        ("short words", 2.5, 5.0),
        ("W" * 40, 35.0, 35.0),
        ("潮" * 40, 1.0, 42.0),
        ("ไม่เว้นวรรค" * 4, 0.6, 21.6),
        ("a-" * 20, 0.9, 17.0),
        ("<p>one</p><p>and two</p>", 1.5, 3.1),
        ("<code>iiiiiiiiii</code>", 5.2, 5.2),
        ("<img src='x' alt='' width='600'/>", 5.0, 50.0),
        ("<svg width='18em' height='1em'/>", 18.0, 18.0),
        ("<ul><li>one<ul><li>two</li></ul></li></ul>", 3.9, 3.9),
        ("<table><tr><td>one</td><td>two</td></tr></table>", 5.0, 5.0),
    ],
)
def test_a_cell_is_as_wide_as_its_longest_word_and_line(
    cell: str, least: float, most: float
) -> None:
    table = etree.fromstring(f"<table><tr><td>{cell}</td></tr></table>")
    (column,) = measure_all(table)[table]
    assert column == pytest.approx((least + 0.9, most + 0.9), abs=0.6, rel=0.1)


def test_the_beginning_of_a_title() -> None:
    assert beginning("short", 30) == "short"
    assert len(beginning("i" * 100, 30)) > 2 * len(beginning("W" * 100, 30))
    assert len(beginning("潮" * 100, 30)) == 28
