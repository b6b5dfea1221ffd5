"""Atom of very many entries, in a process of its own: prints seconds and megabytes as JSON."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from feed_sets import context

from convert.collection.volumes import cut
from convert.contract import OutputFile
from convert.entryset import EntrySet
from convert.exporters.feeds.atom import EXPORTER
from convert.model import Entry
from convert.testing import entry_set, prepared

BODY = "<div>" + "<p>Some words of an entry.</p>" * 40 + "</div>"


def many(count: int) -> EntrySet:
    """So many entries, one an hour, the newest first."""
    one = prepared("anil/x", BODY)
    start = dt.datetime(2005, 1, 1, tzinfo=dt.UTC)
    entries = tuple(
        Entry(
            id=f"https://anil.example/{at}",
            user="anil",
            key=f"anil/{at}",
            title=f"Entry {at}",
            updated=start + dt.timedelta(hours=at),
            link=f"https://anil.example/{at}",
            digest=one.entry.digest,
        )
        for at in reversed(range(count))
    )
    return dataclasses.replace(entry_set([one]), entries=entries)


def written(files: Iterable[OutputFile]) -> int:
    """Bytes of the files; each is gone once it is counted."""
    size = 0
    for file in files:
        assert isinstance(file.content, Path)
        size += file.content.stat().st_size
        file.content.unlink()
    return size


def main(count: int) -> None:
    """The live feed in pages, then all of it again as archives and the feed that leads there."""
    entries = many(count)
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        paged = EXPORTER.Options(page_size=1000)
        pages = written(EXPORTER.export(entries, context(paged, Path(folder))))
        by_number = EXPORTER.Options(volumes="5000")
        archives = 0
        for volume in cut(entries, "5000", stem="eeg"):
            assert volume.volume is not None
            name = volume.volume.name
            archives += written(
                EXPORTER.export(volume, context(by_number, Path(folder), f"{name}.atom", name))
            )
        whole = dataclasses.replace(entries, volumes=volume.volumes)
        live = written(EXPORTER.list_volumes(whole, context(by_number, Path(folder))))
    seconds = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    sys.stdout.write(
        json.dumps(
            {
                "seconds": seconds,
                "megabytes": memory,
                "pages": pages,
                "archives": archives,
                "live": live,
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
