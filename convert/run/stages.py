"""``--debug-pipeline``: each entry as it is after each stage, from stored to related.

What formats make of it they show themselves, through ``ExportContext.show``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from convert import content
from convert.content.draft import PrepareOptions
from convert.entryset import EntrySet
from convert.errors import ConvertError, UsageError
from convert.model import Entry, Problem, StoredEntry
from convert.output.stages import StageFolder
from convert.run.emails import entry_without
from convert.run.prepare import digest, shaping_of
from convert.run.sources import Sources, stored_entries
from convert.settings.job import Job
from convert.text import names

FORMATS = len(content.STEPS) + 7
"""The number of the stage after the last one here: what a format makes of an entry."""


def folder_of(job: Job) -> StageFolder | None:
    """Return where the job wants to see its stages; None where it does not."""
    if job.debug_pipeline is None:
        if job.debug_entry:
            raise UsageError("--debug-entry says of which entries: give --debug-pipeline DIR too")
        return None
    return StageFolder(job.debug_pipeline, job.debug_entry, FORMATS)


def write_stages(
    folder: StageFolder,
    job: Job,
    sources: Sources,
    whole: EntrySet,
    warn: Callable[[Problem], None],
) -> None:
    """Write the stages of every selected entry, and of those that were left out on the way.

    The sources are read and the entries prepared once more: a run that shows nothing must not
    pay for it.  Raises OutputError.
    """
    options = PrepareOptions(dollar_math=job.dollar_math, max_body=job.max_body)
    published = {entry.digest: entry for entry in whole}
    shown = False
    wanted = sources.wanted(job)
    for _, each in stored_entries(sources, job, warn):
        if not wanted.sift(each):
            continue
        # As it was prepared.
        stored = each if job.emails else entry_without(each)
        entry = published.get(digest(shaping_of(stored, sources.known_as), options))
        if entry is not None:
            key = entry.key
        else:
            day = stored.published.date() if stored.published else None
            plain = names.key(stored.user, day, stored.id, stored.link, stored.title or "")
            key = f"left-out/{plain}"
        if folder.wants(key, stored.id, stored.path):
            shown = True
            for number, (name, text) in enumerate(stages_of(stored, options, entry, whole)):
                folder.write(key, number, name, text)
    if not shown:
        texts = " or ".join(map(repr, folder.wanted)) or "anything"
        reason = f"no selected entry has {texts} in its id, path or key; nothing is shown"
        warn(Problem(path=str(folder.folder), field="debug_entry", reason=reason))


def stages_of(
    stored: StoredEntry, options: PrepareOptions, entry: Entry | None, whole: EntrySet
) -> Iterator[tuple[str, str]]:
    """Yield the file name and the text of each stage; a stage that fails says why."""
    yield "stored.json", _json(msgspec.structs.replace(stored, stored=b""))
    stage = "chosen"
    try:
        for stage, text in content.stages(stored, options):
            ending = {"chosen": "html", "removed": "json", "prepared": "json"}.get(stage, "xhtml")
            yield f"{stage}.{ending}", text
    except Exception as error:  # what is looked for may be just this
        kind = "" if isinstance(error, ConvertError) else f"{type(error).__name__}: "
        yield "failed.txt", f"after {stage}: {kind}{error}\n"
        return
    if entry is not None:
        cites, cited_by = whole.citations.get(entry.key, ()), whole.cited_by.get(entry.key, ())
        yield "relations.json", _json({"entry": entry, "cites": cites, "cited_by": cited_by})
        yield "related.xhtml", whole.content(entry).xhtml


def _json(value: object) -> str:
    try:
        return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    except UnicodeEncodeError:  # a lone surrogate somewhere
        return repr(value)
