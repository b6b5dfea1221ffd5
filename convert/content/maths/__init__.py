"""Formulas: found in the dialects of blogs, marked as MathML with their TeX."""

from convert.content.maths.find import mark
from convert.content.maths.mathjax import undraw

__all__ = ["mark", "undraw"]
