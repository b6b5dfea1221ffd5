"""The printed book, set by WeasyPrint."""

from convert.exporters.pdf.exporter import EXPORTER

__all__ = ["EXPORTER"]
