"""Style sheets of drawings: what their rules say of an element, before they leave the entry.

Every sheet of an entry counts for each of its drawings, as in a browser; ``@media`` and the like
for none.  How much of it is tried is bounded, as rules times elements may be any number.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from lxml import etree

from convert.content.drawings import selectors
from convert.content.drawings.values import Stated, attributes, declared, stated, tinycss2

MAX_SHEETS = 200_000
"""Characters of all the sheets of one entry."""
MAX_TRIED = 300_000
"""The most times that a selector of one entry is held against an element."""
_SUBSTITUTIONS = 20
_VAR = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,([^()]*(?:\([^()]*\)[^()]*)*))?\)")


class Rule(NamedTuple):
    order: int
    selector: selectors.Selector
    declarations: tuple[Stated, ...]


@dataclasses.dataclass
class Styles:
    """The rules of one entry, by what they say of the element they are about."""

    rules: dict[str, list[Rule]] = dataclasses.field(default_factory=dict)
    """By "#id", ".class" or name, "" for all others."""
    tried: int = 0
    variables: dict[etree._Element, dict[str, str]] = dataclasses.field(default_factory=dict)

    def of(self, element: etree._Element, *, is_root: bool = False) -> Mapping[str, str]:
        """Return the attributes that an element's styles come to; call it for those above first.

        ``is_root``: it is a drawing, which stands for the page where a rule is about that.
        """
        style = element.get("style")
        if not self.rules and not style:
            return {}
        rules = self.rules_of(element, is_root=is_root) if self.rules else []
        weighed = [
            ((important, False, rule.selector.specificity, rule.order), name, value)
            for rule in rules
            for name, value, important in rule.declarations
        ]
        weighed += [
            ((important, True, (0, 0, 0), 0), name, value)
            for name, value, important in stated(style or "")
        ]
        weighed.sort(key=lambda each: each[0])
        own = {name: value for _, name, value in weighed if name.startswith("--")}
        if own:
            self.variables[element] = own
        settled: dict[str, str] = {}
        for _, name, value in weighed:
            known = self._substituted(value, element) if "var(" in value else value
            settled.update(attributes(name, known))
        return settled

    def rules_of(self, element: etree._Element, *, is_root: bool) -> list[Rule]:
        """Return the rules whose selectors an element fits."""
        keys = ["", selectors.name_of(element), f"#{element.get('id')}"]
        keys += [f".{each}" for each in (element.get("class") or "").split()]
        fitting: list[Rule] = [*self.rules.get(":root", ())] if is_root else []
        for key in keys:
            candidates = self.rules.get(key, ())
            self.tried += len(candidates)
            if self.tried <= MAX_TRIED:
                fitting += (each for each in candidates if each.selector.fits(element))
        return fitting

    def _substituted(self, value: str, element: etree._Element) -> str:
        """Return a value with its variables put in; "" where one has none (and is invalid)."""
        for _ in range(_SUBSTITUTIONS):
            variable = _VAR.search(value)
            if variable is None:
                return value
            known = (
                own[variable[1]]
                for each in (element, *element.iterancestors())
                if variable[1] in (own := self.variables.get(each, {}))
            )
            meant = next(known, variable[2])
            if meant is None:
                return ""
            value = (value[: variable.start()] + meant + value[variable.end() :]).strip()
        return ""


def read(sheets: Iterable[str]) -> Styles:
    """Return the rules of an entry's style sheets."""
    styles = Styles()
    order = 0
    for sheet in sheets:
        for rule in tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True):
            if rule.type != "qualified-rule":
                continue
            declarations = tuple(declared(tinycss2.parse_blocks_contents(rule.content)))
            for selector in selectors.read(rule.prelude) if declarations else ():
                order += 1
                subject = selector.subject
                if selector.is_page and subject.name != ":root":
                    declarations = tuple(one for one in declarations if one[0].startswith("--"))
                key = subject.name
                if subject.ids:
                    key = f"#{subject.ids[0]}"
                elif subject.classes:
                    key = f".{subject.classes[0]}"
                elif selector.is_page:
                    key = ":root"
                styles.rules.setdefault(key, []).append(Rule(order, selector, declarations))
    return styles
