"""What became of units, and what that means for the folder that they go to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import NamedTuple

import msgspec

from convert.model import Problem
from convert.output.manifest import (
    Digests,
    FolderState,
    Manifest,
    OpenedFile,
    WrittenOutput,
    WrittenPart,
    WrittenUnit,
)
from convert.output.publish import SUMS_KEY, OutputFolder, OutputUpdate
from convert.output.staging import StagedFile
from convert.run.fingerprint import pictures_of
from convert.run.make import UnitResult
from convert.run.plan import Unit
from convert.text.characters import several, shortened

_MARK = 4
"""Bytes that stand for a picture among those of its unit."""


class Outcome(NamedTuple):
    """A unit with the digests of what shapes it, and what became of it: ``result`` is None where
    the files of an earlier run are kept, ``why`` says why they are not; ``opened`` is what a
    plug-in's code read to make it."""

    unit: Unit
    digests: Digests = Digests()
    result: UnitResult | None = None
    why: str = ""
    opened: tuple[OpenedFile, ...] = ()


def judged(unit: Unit, digests: Digests, before: WrittenUnit | None, state: FolderState) -> Outcome:
    """Return the unit with why it has to be made, before it is.

    One that would only lack pictures that cannot be had now is kept.
    """
    if unit.stages is not None:
        why = "its stages are shown"
    elif before is None:
        why = "new"
    elif before.digests == Digests():
        why = "recorded by an earlier version"
    else:
        changed = digests.differing(before.digests)
        now, had = (
            {marks[at : at + _MARK] for at in range(0, len(marks), _MARK)}
            for marks in (pictures_had(unit), before.pictures)
        )
        poorer = changed == ("pictures",) and now < had
        why = f"{', '.join(changed)} changed" if changed and not poorer else state.change_of(before)
    return Outcome(unit, digests, why=why)


def pictures_had(unit: Unit) -> bytes:
    """Return what stands for each picture that the unit could have, by its REF and its bytes."""
    had = pictures_of(unit.images)
    marks = (hashlib.sha256(f"{ref} {had[ref]}".encode()).digest() for ref in had)
    return b"".join(sorted(mark[:_MARK] for mark in marks))


def to_publish(
    outcomes: Iterable[Outcome],
    manifest: Manifest,
    *,
    lost: Sequence[str] = (),
    sources: tuple[int, ...] = (),
    parts: Mapping[tuple[str, str], tuple[WrittenPart, ...]],
) -> tuple[OutputUpdate, ...]:
    """Return what ``OutputFolder.publish`` takes, by output.

    A unit that failed keeps the files and the record of the last run.  ``lost`` is what could not
    be read: then nothing is removed.  ``sources`` are what the sources are known
    again by, ``parts``, by output, what tells which of them are gone.
    """
    by_output: dict[tuple[str, str], list[Outcome]] = {}
    for each in outcomes:
        by_output.setdefault(each.unit.output, []).append(each)
    updates = []
    for (exporter, name), units in by_output.items():
        records: list[WrittenUnit] = []
        staged: list[StagedFile] = []
        failed = False
        for each in units:
            path, result = each.unit.path, each.result
            if result is None or result.failure is not None:
                failed = failed or result is not None
                before = manifest.unit(exporter, name, path)
                records += [before] if before is not None else []
            else:
                files = tuple(file.record for file in result.staged)
                records.append(
                    WrittenUnit(
                        path=path,
                        files=files,
                        digests=each.digests,
                        pictures=pictures_had(each.unit),
                        problems=result.problems,
                        opened=each.opened,
                    )
                )
                staged += result.staged
        before_this = manifest.find(exporter, name)
        record = WrittenOutput(
            exporter=exporter,
            name=name,
            units=tuple(records),
            selection=units[0].unit.selection,
            called_after=units[0].unit.called_after,
            sources=sources or (before_this.sources if before_this else ()),
            # What failed has what it had.
            parts=before_this.parts if failed and before_this else parts.get((exporter, name), ()),
        )
        stays = ""
        if failed:
            stays = "until it can be made"
        elif lost:
            stays = f"until {several([*map(shortened, lost)])} can be read; --prune removes them"
        updates.append(OutputUpdate(record=record, staged=tuple(staged), stays=stays))
    return tuple(updates)


def named_no_more(
    named: Set[tuple[str, str]], out: OutputFolder, *, prune: bool, warn: Callable[[Problem], None]
) -> tuple[OutputUpdate, ...]:
    """Return what removes the outputs of the folder that are not ``named``, where that is asked
    for; else tell which they are."""
    others = [each for each in out.manifest.outputs if each.key not in {SUMS_KEY, *named}]
    if prune:
        records = [msgspec.structs.replace(each, units=(), left=()) for each in others]
        return tuple(OutputUpdate(record=each) for each in records)
    if others:
        paths = [unit.path for each in others for unit in each.units]
        paths += [file.path for each in others for file in each.left]
        paths = [*dict.fromkeys(paths)]
        reason = f"holds what the config file names no more: {several(paths)}; --prune removes it"
        warn(Problem(path=str(out.folder), reason=reason))
    return ()
