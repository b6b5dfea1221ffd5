"""The command line: commands, their flags, and what a person at a terminal sees."""

from convert.cli.commands import main

__all__ = ["main"]
