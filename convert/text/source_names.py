"""What a source is called, by its address alone: the same whether it can be read or not."""

from __future__ import annotations

import urllib.parse
from pathlib import PurePosixPath

from convert.text.addresses import is_on_disk, named_path

_OF_FILES = {".atom", ".cdf", ".json", ".opml", ".rdf", ".rss", ".xml"}
"""How the names of files that are sources end: what is not there may have been a folder."""


def source_name(address: str, kind: str) -> str:
    """Return a short name for the source of a kind ("feed", "opml", "thicket", "config") at an
    address without credentials; "" where that holds none."""
    if kind == "config":
        name = PurePosixPath(address).stem
        return "planet" if name == "thicket-convert" else name
    if is_on_disk(address):
        path = named_path(address)  # so that "." has a name
        is_file = not path.is_dir() if path.exists() else path.suffix.lower() in _OF_FILES
        return path.stem if is_file else path.name.removesuffix(".git")
    if kind == "feed":
        try:
            host = urllib.parse.urlsplit(address).hostname or ""
        except ValueError:  # a bracket that nothing closes
            host = ""
        return host.removeprefix("www.")
    last = address.rstrip("/").rpartition("/")[2]
    return PurePosixPath(last).stem if kind == "opml" else last.removesuffix(".git")
