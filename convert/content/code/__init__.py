"""Code: found in the dialects of blogs, marked in one form with its language."""

from convert.content.code.find import mark

__all__ = ["mark"]
