"""Footnotes: found in the dialects of blogs, marked in one form."""

from convert.content.footnotes.find import mark

__all__ = ["mark"]
