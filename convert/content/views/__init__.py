"""A prepared body rendered for a format: the one thing that exporters call."""

from convert.content.views.highlight import highlight_css
from convert.content.views.render import element, render
from convert.content.views.view import Picture, View

__all__ = ["Picture", "View", "element", "highlight_css", "render"]
