"""The rules of furniture, in the order in which they are applied."""

from __future__ import annotations

from convert.content.furniture import headings
from convert.content.furniture.rule import Rule

RULES: tuple[Rule, ...] = (*headings.RULES,)
