"""What outputs are called and by what they are known: by source, name and selection.

Two books of one source by two selections are two books: each has a file name, an identity and
a title of its own.  Nothing here depends on the day: "30d" stays "30d".
"""

from __future__ import annotations

import dataclasses
import re
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

from convert.collection.select import exact, words
from convert.entryset import EntrySet
from convert.model import User
from convert.run.sources import Sources
from convert.settings.job import Job, OutputRequest, Publication, Selection
from convert.text.characters import fold
from convert.text.languages import language_tag
from convert.text.names import extended, safe_name
from convert.text.paths import stem_of

_RELATIVE = re.compile(r"\d+d", re.ASCII)


def publication(job: Job, sources: Sources) -> Publication:
    """Return what the outputs are called as a whole."""
    first, selected = sources.named[0], words(job.select)
    # A source may be called anything; what the user says is judged as it stands.
    name = job.name or extended(stem_of(first.name), selected)
    title = fold(first.title or job.name or "") or first.name
    known_by = job.id
    if known_by is None and selected and not job.name:
        known_by = _derived(job.base_url or "thicket-convert", name, exact(job.select))
    elif known_by is None and selected and job.base_url:
        known_by = _derived(job.base_url, name)
    return Publication(
        name=name,
        title=fold(job.title or "") or _titled(title, job.select, sources.users),
        subtitle=fold(job.subtitle),
        id=known_by,
        language=_language(job, sources),
        rights=job.rights,
        base_url=job.base_url,
    )


def stem(request: OutputRequest, exporter: str, suffix: str, job: Job, whole: Publication) -> str:
    """Return the stem of an output's files, a folder's name where ``suffix`` is empty."""
    if request.file and request.file != "-":
        return safe_name(Path(request.file).name.removesuffix(suffix))
    own = words(request.select) if request.select else ()
    if request.name:
        return request.name
    if suffix:
        return extended(whole.name, own)
    # A folder is called after its format: those of one name stand side by side.
    apart = (*words(job.select), *own)
    return extended(f"{exporter}-{job.name}", own) if job.name else extended(exporter, apart)


def path_of(request: OutputRequest) -> str:
    """Return what the file is called that the user named for an output; "" where none is."""
    named = request.file and request.file != "-"
    return stem_of(Path(request.file or "").name) if named else ""


def of_output(entries: EntrySet, request: OutputRequest, stem: str, job: Job) -> EntrySet:
    """Return the entries of an output with the identity, name and title that it has of its own:
    where it selects on its own, or goes into a file that the user named."""
    if request.select:
        apart = () if request.name else (exact(request.select),)
        return dataclasses.replace(
            entries,
            id=_derived(entries.id, stem, *apart),
            name=stem,
            title=_titled(entries.title, request.select, entries.users),
        )
    if request.file and request.file != "-" and stem != entries.name:
        return dataclasses.replace(entries, id=job.id or _derived(entries.id, stem), name=stem)
    return entries


def selection_of(request: OutputRequest, job: Job) -> str:
    """Return what stands for all that an output selects by."""
    return _derived(exact(job.select), exact(request.select) if request.select else "")


def called_after(request: OutputRequest, job: Job) -> str:
    """Return what stands for where an output's name is from: from the user, else from what is
    selected, which may give two selections one name."""
    if request.name:
        return _derived("named")
    whole = "named" if job.name else exact(job.select)
    return _derived(whole, exact(request.select) if request.select else "")


def _derived(*parts: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(parts)).urn


def _titled(title: str, select: Selection, users: Mapping[str, User]) -> str:
    return ", ".join((title, *_told_apart(select, users)))


def _told_apart(select: Selection, users: Mapping[str, User]) -> Iterator[str]:
    """Yield what sets a selection apart for a reader, in words of no language: people,
    categories, texts, days that stay."""
    people = {
        fold(each).casefold(): user.name
        for user in users.values()
        for each in (user.name, user.username)
    }
    for name in sorted(select.authors):
        yield fold(people.get(fold(name).casefold(), name))
    yield from (fold(name) for name in sorted(select.categories))
    yield from (f"“{fold(text)}”" for text in sorted(select.match))
    days = [day.words if day else "" for day in (select.since, select.until)]
    if any(days) and not any(map(_RELATIVE.fullmatch, days)):
        yield days[0] if days[0] == days[1] else "–".join(days)
    for each in select.within:
        yield from _told_apart(each, users)


def _language(job: Job, sources: Sources) -> str:
    """Return the language of the set: that of the job, else of the sources, else English."""
    stated = (job.language, *(reading.origin.language for reading in sources.readings))
    return next((tag for each in stated if (tag := language_tag(each))), "en")
