"""What sources gave is kept for runs in which they fail."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path

import msgspec

from convert.collection.marks import is_part
from convert.contract import PartedReading, PlacedReading
from convert.copied import Again, KeptPicture, SourceHead
from convert.errors import OutputError
from convert.model import Problem, StoredEntry, User
from convert.output.copies import CopyFolders, note_answer, state_of
from convert.output.kept_pictures import KeptPictures
from convert.output.manifest import load_manifest
from convert.pictures.collect import ImageStore, originals
from convert.plugins import Registry
from convert.run.assemble import Assembly
from convert.run.emails import entry_without, feed_without, user_without
from convert.run.sources import Sources
from convert.run.standin import StandIn, is_store
from convert.settings.job import Job
from convert.text.addresses import is_on_disk
from convert.text.characters import fold
from convert.text.names import picture_ref


@dataclasses.dataclass(frozen=True)
class _Shown:
    """The pictures that entries show: those of this run, and what earlier runs kept of others."""

    assembly: Assembly
    images: ImageStore
    beside: KeptPictures

    def of(self, at: int, paths: Iterable[str], users: Iterable[User]) -> tuple[KeptPicture, ...]:
        """Return those of the entries of a reading, by their paths, and the icons of users."""
        if not self.images.digests and not self.beside.named:
            return ()
        refs = {picture_ref(user.icon) for user in users if user.icon}
        for path in paths:
            refs |= self._refs.get((at, path), set())
        pictures = (self._picture(ref) for ref in sorted(refs))
        return tuple(each for each in pictures if each is not None)

    def _picture(self, ref: str) -> KeptPicture | None:
        digest = self.images.digests.get(ref)
        if digest is None:
            return self.beside.named.get(ref)
        return KeptPicture(ref=ref, digest=digest, day=self.images.days[ref])

    @cached_property
    def _refs(self) -> Mapping[tuple[int, str], set[str]]:
        """REFs by the index of the reading and the path of the entry."""
        refs: dict[tuple[int, str], set[str]] = {}
        for entry, at, references in self.assembly.pictures():
            # A data: address holds its picture itself.
            shown = (each.ref for each in references if not each.address.startswith("data:"))
            refs.setdefault((at, entry.path), set()).update(shown)
        return refs


def keep(
    copies: CopyFolders,
    sources: Sources,
    assembly: Assembly,
    job: Job,
    registry: Registry,
    *,
    images: ImageStore,
) -> None:
    """Keep what was published from each source, with its pictures: what was read of it, and what
    stood in for the rest, so that the next failure costs neither."""
    readings = sources.readings
    alone = len(readings) == 1 and readings[0].origin.kind not in {"opml", "config"}
    if alone and is_on_disk(readings[0].origin.address):
        # Beside a file that was named no folder is made for what lies on this machine.
        beside = tuple(each for each in copies.folders if each == job.out)
        copies = dataclasses.replace(copies, folders=beside)
    shown = _Shown(assembly, images, KeptPictures(copies))
    selected: list[dict[tuple[str, str], str]] = [{} for _ in readings]
    for at, entry in assembly.let_through():
        key = entry.path, entry.id
        selected[at][key] = selected[at].get(key, "") + entry.digest
    stored = any(is_store(request, registry) for request in job.outputs)
    clean = _Cleaner(emails=job.emails or stored, stored=stored)
    today = dt.datetime.now(dt.UTC).date()
    try:
        for at, (chosen, reading) in enumerate(zip(selected, readings, strict=True)):
            if isinstance(reading, PlacedReading):
                # What files of a repository lent to its entries.
                for lent in map(clean.head, reading.lent()):
                    copies.keep(lent, state_of(lent, ()), _answered(lent, job, today), ())
            parts = tuple(reading.parts()) if isinstance(reading, PartedReading) else ()
            for part in parts:
                if part.folder is not None:
                    note_answer(part.folder)
                if part.read:
                    entries = tuple(clean.entries(part.entries, chosen))
                    paths = {entry.path for entry in entries}
                    head = msgspec.structs.replace(
                        clean.head(part.head), pictures=shown.of(at, paths, part.head.users)
                    )
                    answered = None
                    if part.whole:
                        answered = part.answered.date() if part.answered else today
                    copies.keep(head, state_of(head, entries), answered, entries)
            # The copy of a single feed is its only part's; a list's leads to those of its feeds.
            # Of what was lost as a whole there is nothing new to keep.
            whole_lost = reading.origin.address in reading.lost
            if whole_lost or any(part.head.origin for part in parts):
                continue
            head = SourceHead(
                address=reading.origin.address,
                origin=reading.origin,
                users=() if parts else tuple(reading.users.values()),
                feeds=() if parts else tuple(reading.feeds.values()),
                duplicates=tuple(sorted(reading.duplicates.items())),
                parts=tuple(part.head.address for part in parts),
                pictures=()
                if parts
                else shown.of(at, {path for path, _ in chosen}, reading.users.values()),
            )
            head = clean.head(head)
            copies.keep(
                head,
                state_of(head, () if parts else chosen.values()),
                None
                if isinstance(reading, StandIn) and reading.stood_in
                else _answered(head, job, today),
                ()
                if parts
                # Read again: only where a copy is to be written.
                else Again(partial(clean.entries, Again(reading.entries), chosen)),
            )
        if not sources.lost:
            # What is named no more has left every output of the job.
            tops = (each.origin.address for each in readings if each.origin.kind == "thicket")
            copies.forget_others(sources.places, tops, _recorded)
        shown.beside.keep(originals(images.cache))
    except (OSError, OutputError, UnicodeError) as error:
        reason = f"what the sources gave is not kept for runs in which they fail: {error}"
        copies.warn(Problem(path=str(copies.folders[0]), reason=reason))


def _recorded(folder: Path, key: str) -> bool:
    """Return whether an output of a folder has entries of a source, by its key."""
    outputs = load_manifest(folder).outputs
    return is_part((part for output in outputs for part in output.parts), key)


def _answered(head: SourceHead, job: Job, today: dt.date) -> dt.date | None:
    """Return when a source was read: nobody knows of one on the web, where nobody was asked."""
    return None if job.offline and "://" in head.address else today


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Cleaner:
    """Takes out what is not published: e-mail addresses, and the text of the files where no
    output holds it."""

    emails: bool
    stored: bool

    def head(self, head: SourceHead) -> SourceHead:
        """Return the head of a copy."""
        if self.emails:
            return head
        return msgspec.structs.replace(
            head,
            users=tuple(map(user_without, head.users)),
            feeds=tuple(map(feed_without, head.feeds)),
        )

    def entries(
        self, entries: Iterable[StoredEntry], chosen: Container[tuple[str, str]]
    ) -> Iterator[StoredEntry]:
        """Yield those entries that were chosen, by path and id."""
        for entry in entries:
            if (entry.path, fold(entry.id)) in chosen:
                cleaned = entry if self.emails else entry_without(entry)
                stored = entry.stored if self.stored else b""
                yield msgspec.structs.replace(cleaned, origin="", stored=stored)
