"""The rules of furniture, in the order in which they are applied."""

from __future__ import annotations

from convert.content.furniture import boxes, controls, headings, hidden, icons, sources
from convert.content.furniture.rule import Rule

RULES: tuple[Rule, ...] = (
    *boxes.RULES,
    *headings.RULES,
    *icons.RULES,
    *hidden.RULES,
    *sources.RULES,  # before fields: these hold text
    *controls.RULES,
)
