"""A folder of Markdown, a file an entry."""

from convert.exporters.markdown.exporter import EXPORTER

__all__ = ["EXPORTER"]
