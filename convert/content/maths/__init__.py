"""Formulas: found in the dialects of blogs, marked as MathML with their TeX."""

from convert.content.maths.find import mark

__all__ = ["mark"]
