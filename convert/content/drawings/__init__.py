"""SVG as it stands in bodies: each a drawing of its own, which needs no style sheet."""

from convert.content.drawings.settle import mark

__all__ = ["mark"]
