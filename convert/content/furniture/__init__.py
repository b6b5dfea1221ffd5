"""Furniture: what a page shows only because it is a web page, and no reader calls text."""

from convert.content.furniture.step import mark

__all__ = ["mark"]
