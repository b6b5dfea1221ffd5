"""Which paths an output may use: one set of rules, for the run and for the judge of exporters."""

from __future__ import annotations

import re

from convert.errors import ContractError
from convert.text.paths import check_path, same_place


class UnitPaths:
    """The paths that one unit gives, each checked as it comes.

    ``path`` and ``folder`` are those of the export context: a file may be ``path`` or lie
    below ``folder``, "" for anywhere in the output folder.
    """

    def __init__(self, path: str, folder: str) -> None:
        self._path = path
        self._folder = folder
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def check(self, path: str) -> None:
        """Take one path.  Raises ContractError where the unit may not write it."""
        check_path(path)
        fault = ""
        place = same_place(path)
        above = {place[: slash.start()] for slash in re.finditer("/", place)}
        if self._folder and path != self._path and not path.startswith(f"{self._folder}/"):
            fault = f"is neither {self._path!r} nor below {self._folder!r}/"
        elif place in self._files:
            fault = "is given twice (case does not count)"
        elif place in self._folders or above & self._files:
            fault = "would be a file and a folder at once"
        if fault:
            raise ContractError(f"output path {path!r}: {fault}")
        self._files.add(place)
        self._folders |= above
