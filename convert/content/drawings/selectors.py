"""Selectors of style sheets, read by cssselect2 and tried in time that is bounded.

Its own matching goes back to every ancestor for each step of a selector (``g g g g g`` fifty
deep tries millions), and compiles what strangers wrote to Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from lxml import etree

from convert.content.vocabulary import DRAWN_LABEL
from convert.text.late import Late

_parser = Late("cssselect2.parser")
MAX_STEPS = 8
"""The most elements that a selector names one beside the other."""
_ATTRIBUTE_TESTS: dict[str | None, Callable[[str, str], bool]] = {
    "=": lambda value, wanted: value == wanted,
    "~=": lambda value, wanted: wanted in value.split(),
    "|=": lambda value, wanted: value == wanted or value.startswith(f"{wanted}-"),
    "^=": lambda value, wanted: bool(wanted) and value.startswith(wanted),
    "$=": lambda value, wanted: bool(wanted) and value.endswith(wanted),
    "*=": lambda value, wanted: bool(wanted) and wanted in value,
}


class Compound(NamedTuple):
    """What a selector says of one element."""

    name: str = ""
    ids: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str | None, str], ...] = ()
    """Names, operators and values."""
    is_first: bool = False
    is_last: bool = False
    but: tuple[Compound, ...] = ()
    one_of: tuple[tuple[Compound, ...], ...] = ()

    def fits(self, element: etree._Element) -> bool:
        """Tell whether an element is one of those that are meant."""
        if self.name and self.name != name_of(element):
            return False
        if any(each != element.get("id") for each in self.ids):
            return False
        if self.classes and not set(self.classes) <= set((element.get("class") or "").split()):
            return False
        for name, operator, wanted in self.attributes:
            value = element.get(name)
            if value is None or (operator and not _ATTRIBUTE_TESTS[operator](value, wanted)):
                return False
        return (
            not (self.is_first and element.getprevious() is not None)
            and not (self.is_last and element.getnext() is not None)
            and not any(each.fits(element) for each in self.but)
            and all(any(each.fits(element) for each in those) for those in self.one_of)
        )


class Selector(NamedTuple):
    """A selector, from right to left: runs of elements that stand directly beside or in one
    another (``>``, ``+``), each somewhere inside of what the next one fits."""

    specificity: tuple[int, int, int]
    runs: tuple[tuple[tuple[str, Compound], ...], ...]

    @property
    def subject(self) -> Compound:
        """What is said of the element itself."""
        return self.runs[0][0][1]

    @property
    def is_page(self) -> bool:
        """Whether it says something of the page, in which all drawings stand."""
        return self.runs == ((("", self.subject),),) and self.subject in _PAGES

    def fits(self, element: etree._Element) -> bool:
        """Tell whether an element is meant; its ancestors may be those of the whole entry."""
        top = _run(element, self.runs[0])
        for run in self.runs[1:]:
            # The nearest that fits leaves the most above it to the others.
            above = top.iterancestors() if top is not None else ()
            top = next((end for each in above if (end := _run(each, run)) is not None), None)
        return top is not None


def _run(element: etree._Element, run: tuple[tuple[str, Compound], ...]) -> etree._Element | None:
    """Return the element that the last of a run fits, if all do, beginning at this element."""
    at: etree._Element | None = element
    for combinator, compound in run:
        if at is not None and combinator:
            at = at.getparent() if combinator == ">" else at.getprevious()
        if at is None or not compound.fits(at):
            return None
    return at


def name_of(element: etree._Element) -> str:
    """Return what an element was called in the markup, in lower case."""
    return element.get(DRAWN_LABEL) or str(element.tag).lower()


def read(prelude: list[Any]) -> Iterator[Selector]:
    """Yield the selectors of a rule that may fit an element of a drawing; none where one of them
    is no selector."""
    try:
        parsed = list(_parser.parse(prelude))
    except (ValueError, RecursionError):  # SelectorError is one
        return
    for each in parsed:
        steps = _steps(each.parsed_tree) if each.pseudo_element is None else None
        if steps and len(steps) <= MAX_STEPS:
            while len(steps) > 1 and steps[-1][1] in _PAGES:  # every drawing stands in a page
                steps.pop()
            runs: list[list[tuple[str, Compound]]] = [[]]
            for combinator, compound in steps:
                if combinator == " ":
                    runs.append([])
                runs[-1].append((combinator.strip(), compound))
            yield Selector(each.specificity, tuple(map(tuple, runs)))


def _steps(tree: Any) -> list[tuple[str, Compound]] | None:
    """Return the elements of a selector from right to left, each with what stands between it and
    the one to its right; None where it cannot fit, or is not understood."""
    steps: list[tuple[str, Compound]] = []
    combinator = ""
    while True:
        is_last = not hasattr(tree, "combinator")
        compound = _compound((tree if is_last else tree.right).simple_selectors)
        if compound is None or combinator == "~" or len(steps) > MAX_STEPS:
            return None
        steps.append((combinator, compound))
        if is_last:
            return steps
        tree, combinator = tree.left, tree.combinator


def _compound(simple: list[Any]) -> Compound | None:
    read_: dict[str, Any] = {}

    def add(field: str, value: object) -> None:
        read_[field] = (*read_.get(field, ()), value)

    for each in simple:
        kind = type(each).__name__
        if kind == "LocalNameSelector":
            read_["name"] = each.lower_local_name
        elif kind == "IDSelector":
            add("ids", each.ident)
        elif kind == "ClassSelector":
            add("classes", each.class_name)
        elif kind == "AttributeSelector":
            add("attributes", (each.lower_name, each.operator, each.value or ""))
        elif kind == "PseudoClassSelector" and each.name in _PSEUDO_CLASSES:
            read_.update(_PSEUDO_CLASSES[each.name])
        elif kind in {"NegationSelector", "MatchesAnySelector", "SpecificityAdjustmentSelector"}:
            trees = [getattr(one, "parsed_tree", one) for one in each.selector_list]
            those = [
                None if hasattr(one, "combinator") else _compound(one.simple_selectors)
                for one in trees
            ]
            fitting = tuple(one for one in those if one is not None)
            if kind != "NegationSelector":
                add("one_of", fitting)
            elif len(fitting) < len(those):
                return None
            else:
                read_["but"] = (*read_.get("but", ()), *fitting)
        elif kind != "NamespaceSelector":
            return None
    return Compound(**read_)


ROOT = Compound(name=":root")
_PAGES = (ROOT, Compound(name="html"), Compound(name="body"))
_PSEUDO_CLASSES: dict[str, dict[str, object]] = {
    "root": {"name": ":root"},
    "link": {"name": "a"},
    "any-link": {"name": "a"},
    "first-child": {"is_first": True},
    "last-child": {"is_last": True},
    "only-child": {"is_first": True, "is_last": True},
}
