"""The version of this package, as its distribution states it."""

from importlib.metadata import version

__version__ = version("thicket-convert")
