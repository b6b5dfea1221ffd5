"""Formulas on one line, for readers who have nothing but characters: (a + b)/c, x^2, √(x)."""

from __future__ import annotations

from lxml import etree

from convert.content.tree import text_of
from convert.content.vocabulary import MATHML_TOKENS

_BETWEEN = {"mfrac": "/", "msup": "^", "mover": "^", "msub": "_", "munder": "_"}
_ANNOTATIONS = frozenset({"annotation", "annotation-xml"})
_SPACED = frozenset("=<>≤≥≠≈≡∼→←↔⇒⇐⇔∈∉⊂⊆∪∩+−±×∧∨⊢⊨↦:")
"""Operators that stand between spaces."""


def linear(formula: etree._Element) -> str:
    """Return what a formula says, on one line."""
    return " ".join(_said(formula).split())


def _said(each: etree._Element) -> str:
    tag = str(each.tag)
    if tag in MATHML_TOKENS:
        text = text_of(each).strip()
        return f" {text} " if tag == "mo" and text in _SPACED else text
    parts = [_said(child) for child in each if child.tag not in _ANNOTATIONS]
    if tag in _BETWEEN and len(parts) == 2:
        return _BETWEEN[tag].join(map(_grouped, parts))
    if tag in {"msubsup", "munderover"} and len(parts) == 3:
        base, low, high = map(_grouped, parts)
        return f"{base}_{low}^{high}"
    if tag in {"msqrt", "mroot"}:
        root = _grouped(parts.pop()) if tag == "mroot" and len(parts) == 2 else ""
        return f"{root}√({''.join(parts).strip()})"
    return {"mtable": "; ", "mtr": ", "}.get(tag, "").join(parts)


def _grouped(text: str) -> str:
    """Return a part of a fraction or script, in brackets where it is more than one sign or word."""
    plain = text.strip()
    return plain if plain.isalnum() or len(plain) == 1 else f"({plain})"
