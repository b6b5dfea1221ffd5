"""EPUB 3.3, also for Kobo and Kindle."""

from convert.exporters.epub.exporter import EXPORTER

__all__ = ["EXPORTER"]
