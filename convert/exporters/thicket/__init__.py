"""A Thicket repository, from entries as they are stored."""

from convert.exporters.thicket.exporter import EXPORTER

__all__ = ["EXPORTER"]
