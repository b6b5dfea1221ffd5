"""What an exporter is handed, by what it says it needs: its call and its digests come from here."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

import msgspec

from convert import plugins
from convert.contract import ExportContext, ExporterOptions, show_nobody
from convert.entryset import EntrySet, Originals
from convert.model import Entry, Origin, Problem
from convert.needs import Needs
from convert.plugins import AnyExporter
from convert.run.plan import Unit
from convert.text.addresses import is_on_disk


@dataclasses.dataclass(frozen=True)
class _Traced:
    """The originals of entries that do not say where they came from; by their keys."""

    originals: Originals
    entries: Mapping[str, Entry]

    def read(self, entry: Entry) -> bytes | None:
        """Return the JSON that the entry was read from."""
        return self.originals.read(self.entries[entry.key])


def entries_of(unit: Unit, exporter: AnyExporter) -> EntrySet:
    """Return the entries that the unit's exporter is handed."""
    whole, needs = unit.entries, unit.needs
    originals = whole.originals if _options(unit, exporter).encloses_originals else None
    if needs is None:
        return dataclasses.replace(whole, originals=originals)
    # How a path to the source is spelled is nobody's business.
    nameless = partial(msgspec.structs.replace, origin="")
    return dataclasses.replace(
        whole,
        entries=tuple(map(nameless, whole)),
        elsewhere={
            key: msgspec.structs.replace(each, entry=nameless(each.entry))
            for key, each in whole.elsewhere.items()
        },
        originals=None if originals is None else _Traced(originals, whole.by_key),
        origins=tuple(public_origins(whole.origins, needs)),
    )


def context_of(
    unit: Unit, exporter: AnyExporter, folder: Path, warn: Callable[[Problem], None]
) -> ExportContext:
    """Return the context that the unit's exporter is handed; ``folder`` is its private one."""
    return ExportContext(
        now=unit.now,
        options=_options(unit, exporter),
        path=unit.path,
        folder=unit.folder,
        staging=folder,
        templates=unit.templates,
        images=unit.images,
        warn=partial(plugins.pass_on, unit.exporter, warn),
        outputs=tuple(
            each
            for each in unit.outputs
            if unit.needs is None or each.exporter in unit.needs.outputs
        ),
        version=unit.version,
        show=partial(unit.stages.show, unit.exporter) if unit.stages else show_nobody,
    )


def _options(unit: Unit, exporter: AnyExporter) -> ExporterOptions:
    return msgspec.json.decode(unit.options, type=exporter.Options)


def public_origins(origins: Iterable[Origin], needs: Needs) -> Iterator[Origin]:
    """Yield as much of where entries came from as is needed; no path on this machine."""
    if needs.origins == "nothing":
        return
    for origin in origins:
        public = msgspec.structs.replace(
            origin, address="" if is_on_disk(origin.address) else origin.address
        )
        if needs.origins == "addresses":
            public = msgspec.structs.replace(public, commit=None, committed=None)
        yield public
