"""What entries are after each stage, in files for those who look for the step that is to blame."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from convert.model import Entry
from convert.output.staging import writing_failed


@dataclasses.dataclass(frozen=True)
class StageFolder:
    """The folder of ``--debug-pipeline``: below it a folder an entry, named by the entry's key.

    ``wanted`` are pieces of ids, paths or keys; an entry that has one of them is written, and
    where there are none, every entry is.  Pickles: formats are made in other processes.
    """

    folder: Path
    wanted: tuple[str, ...] = ()
    formats: int = 0
    """The number of the stage at which formats show what they make of an entry."""

    def wants(self, *names: str) -> bool:
        """Return whether the entry that bears these names is to be written."""
        return not self.wanted or any(piece in name for piece in self.wanted for name in names)

    def write(self, key: str, number: int, name: str, text: str) -> None:
        """Write what an entry is after one stage: "ada/2024-05-01-tides/07-links.xhtml".

        Raises OutputError where the disk does not take it.
        """
        path = self.folder / key / f"{number:02}-{name}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise writing_failed(path, error) from error

    def show(self, exporter: str, entry: Entry, ending: str, text: Callable[[], str]) -> None:
        """Write what a format makes of an entry: "23-epub.xhtml"."""
        if self.wants(entry.key, entry.id, entry.path):
            self.write(entry.key, self.formats, f"{exporter}.{ending}", text())
