"""Settings that exclude each other, judged before anything is read."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from convert.contract import StoreExporter
from convert.errors import UnknownName, UsageError
from convert.plugins import Registry, is_ours
from convert.settings import apart
from convert.settings.job import Job
from convert.text.templates import TemplateFolder

_LOOKED_AT = 20
"""Files of a folder of templates that an error is made of."""


def check(job: Job, registry: Registry) -> Job:
    """Return the job itself, where its settings can all be meant at once.

    Raises UsageError naming one that cannot, and the way out.
    """
    apart.check(job)
    for request in job.outputs:
        option = request.options.in_several_files
        if request.file and option:
            raise UsageError(
                f"-o {request.file}: takes one file, and {request.to}.{option} makes several;"
                " use --out DIR"
            )
    _check_store(job, registry)
    _check_templates(job, registry)
    return job


def _check_store(job: Job, registry: Registry) -> None:
    """Raise UsageError where several outputs would be one repository."""
    if job.into is None:
        return
    stores = [
        request
        for request in job.outputs
        if isinstance(registry.exporter(request.to), StoreExporter)
    ]
    if len(stores) > 1:
        raise UsageError(f"--into {job.into}: takes one output, and {len(stores)} are asked for")
    for store in stores:
        if store.options.volumes != "none":
            raise UsageError(
                f"--into {job.into}: takes one repository, and {store.to}.volumes makes several;"
                " leave volumes out, or --into"
            )


def _check_templates(job: Job, registry: Registry) -> None:
    """Raise UnknownName where no file in the user's folder is called as a template is."""
    if job.templates is None:
        return
    exporters = [registry.exporter(request.to) for request in job.outputs]
    folders = [TemplateFolder(), *(TemplateFolder().beside(each) for each in exporters)]
    known = {name for folder in folders for name in folder.names()}
    if any((job.templates / name).is_file() for name in known):
        return
    first = next(_files(job.templates), None)
    if first is None:
        there = ", ".join(sorted(known))
        raise UsageError(f"templates: {job.templates}: holds no file; known are {there}")
    brings_none = (folder.exporter_folder is None for folder in folders[1:])
    if any(none and not is_ours(each) for each, none in zip(exporters, brings_none, strict=True)):
        return  # what a plug-in asks for cannot be known
    raise UnknownName("template", first, known).within(f"templates: {job.templates}")


def _files(folder: Path) -> Iterator[str]:
    """Yield the paths of the first files below a folder."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    plain = (path.as_posix() for path in paths if not path.as_posix().startswith("."))
    yield from sorted(itertools.islice(plain, _LOOKED_AT))
