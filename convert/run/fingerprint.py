"""Digests of all that an exporter is handed: where they are equal, so are the files.

What it is handed is walked field by field, so that no field can be forgotten: what lies behind
one (templates, pictures, originals) counts by what is there, and a value that is not understood
is an error.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from convert.cache.digests import FileDigests
from convert.content import CODE_DIGITS
from convert.contract import CONTRACT_VERSION, PATH_OPTIONS, Images
from convert.entryset import EntrySet
from convert.model import Entry
from convert.needs import Needs
from convert.output.manifest import Digests
from convert.pictures import renditions
from convert.plugins import AnyExporter
from convert.run import code, handover
from convert.run.plan import Unit
from convert.text import files

_SECTIONS = {
    "entries": "entries",
    "bodies": "entries",
    "originals": "entries",
    "now": "clock",
    "templates": "templates",
    "images": "pictures",
}
"""Where fields of the entry set and the context count; others of the set are relations, of the
context options."""
_WAYS_OUT = frozenset({"staging", "warn", "show"})
"""Fields of the context through which things leave the exporter, and nothing comes in."""
_ENCODER = msgspec.msgpack.Encoder(order="deterministic")


def combined(parts: Iterable[object]) -> str:
    """Return the SHA-256 (hex) of values that msgspec can encode; mappings by their keys."""
    digest = hashlib.sha256()
    for part in parts:
        encoded = _ENCODER.encode(part)
        digest.update(f"{len(encoded)}\n".encode())
        digest.update(encoded)
    return digest.hexdigest()


def digests(unit: Unit, exporter: AnyExporter, remembered: FileDigests) -> Digests:
    """Return the digests of all that shapes the unit's files."""
    entries = without_code(handover.entries_of(unit, exporter))
    context = handover.context_of(unit, exporter, Path(), lambda _: None)
    sections: dict[str, list[object]] = {name: [] for name in Digests.__struct_fields__}
    for holder, section in ((entries, "relations"), (context, "options")):
        for field in dataclasses.fields(holder):
            if field.name not in _WAYS_OUT:
                stands = counted(field.name, getattr(holder, field.name), entries)
                sections[_SECTIONS.get(field.name, section)].append((field.name, stands))
    sections["options"].append((CONTRACT_VERSION, unit.exporter, unit.listing))
    needs = unit.needs or Needs()
    machine = (*needs.machine, dict(remembered.of(needs.files)))
    # Also where no picture could be had: what would only lack them stays as it is.
    decoders = renditions.CODE if context.options.images == "embed" else ()
    sections["code"] += [code.of_exporter(exporter), machine, decoders]
    return Digests(**{name: combined(parts) for name, parts in sections.items()})


def pictures_of(images: Images) -> Mapping[str, str]:
    """Return the SHA-256 of each picture that could be had, by its REF."""
    digests: Mapping[str, str] = getattr(images, "digests", {})
    return digests


def counted(name: str, value: Any, entries: EntrySet) -> object:
    """Return what stands for one field, as a value that can be encoded."""
    if name == "bodies":
        return None  # each by ``Entry.digest``
    if name == "originals":
        return [hashlib.sha256(value.read(entry) or b"").digest() for entry in entries if value]
    if name == "templates":
        return value.digest
    if name == "images":
        return pictures_of(value)
    if name == "options":
        named = msgspec.to_builtins(value, order="deterministic", enc_hook=str)
        paths = {each: Path(named[each]) for each in PATH_OPTIONS if named.get(each)}
        return named | {each: files.digest(path) for each, path in paths.items()}
    return value


def without_code(entries: EntrySet) -> EntrySet:
    """Return entries that do not tell by what code they were prepared: that counts as code."""

    def bare(entry: Entry) -> Entry:
        return msgspec.structs.replace(entry, digest=entry.digest[CODE_DIGITS:])

    return dataclasses.replace(
        entries,
        entries=tuple(map(bare, entries)),
        elsewhere={
            key: msgspec.structs.replace(each, entry=bare(each.entry))
            for key, each in entries.elsewhere.items()
        },
    )
