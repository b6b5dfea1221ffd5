"""Sizes of printed pages, and how many characters of code fit a line."""

from __future__ import annotations

import math

from convert.model import Value

MONO_ADVANCE = 0.602
"""Width of a character of DejaVu Sans Mono in em; the other faces we name are narrower."""


class Page(Value, frozen=True, kw_only=True):
    """A page in millimetres, and the body's type size in points.

    ``inner`` is the margin at the spine of a double-sided page, ``outer`` the other one; a
    single-sided page has their mean on both sides.  ``turned_side`` is on both sides of a page
    that lies on its side for a wide table.
    """

    width: float
    height: float
    top: float
    bottom: float
    inner: float
    outer: float
    size: float = 10.0
    code_size: float = 8.0
    turned_side: float = 15.0

    @property
    def text_width(self) -> float:
        """Width of the text block in millimetres."""
        return self.width - self.inner - self.outer

    @property
    def turned_width(self) -> float:
        """Width of the text block of a page that lies on its side, in millimetres."""
        return self.height - 2 * self.turned_side

    @property
    def em(self) -> float:
        """Millimetres in an em of the text."""
        return self.size * POINT

    @property
    def text_height(self) -> float:
        """Height of the text block in millimetres."""
        return self.height - self.top - self.bottom

    @property
    def side(self) -> float:
        """Both side margins of a single-sided page, in millimetres."""
        return (self.inner + self.outer) / 2

    @property
    def code_columns(self) -> int:
        """Characters of code that fit a line at ``code_size``, inside the block's padding."""
        available = self.text_width - 2 * CODE_PADDING
        return math.floor(available / (MONO_ADVANCE * self.code_size * POINT))


POINT = 25.4 / 72
"""Millimetres in a point."""
CODE_PADDING = 1.6
"""Millimetres between the frame of a code block and its text."""

# 10 pt sets 70 to 80 characters in 112 to 128 mm: wider pages get wider margins.
PAGES = {
    "a4": Page(width=210, height=297, top=27, bottom=30, inner=36, outer=44),
    "a5": Page(width=148, height=210, top=18, bottom=20, inner=17, outer=19, code_size=7.5),
    "letter": Page(width=215.9, height=279.4, top=25, bottom=28, inner=38, outer=47),
    "6x9in": Page(width=152.4, height=228.6, top=19, bottom=21, inner=19, outer=20, code_size=7.5),
}
