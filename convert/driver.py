"""Runs a ``Job`` along the one way: sources, sift, prepare, choose, relate, export, output."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from convert import __version__, pictures, report, staging
from convert.assembling import Assembly
from convert.cache import PreparedStore, cache_folder
from convert.contract import ExportContext, Exporter, RenditionRequest
from convert.fetch import HttpFetcher
from convert.gathering import Sources, gather, open_sources
from convert.job import Job, OutputRequest
from convert.model import Problem
from convert.output import Made, OutputFolder, hold
from convert.ownership import OutputRecord, UnitRecord
from convert.registry import AnyExporter, Registry
from convert.report import FileRecord, InputRecord, Observer, Problems, RunReport, Silent
from convert.templating import TemplateFolder


def run(job: Job, registry: Registry, observer: Observer | None = None) -> RunReport:
    """Does what the job asks for and tells what became of it."""
    watch = observer or Silent()
    problems = Problems(watch.problem)
    with cache_folder(job.cache, problems) as folder, HttpFetcher(folder, job.offline, job.allow_network) as fetcher:
        store = PreparedStore(folder)
        sources = open_sources(job, registry, fetcher, folder, problems)
        watch.stage("reading and preparing", None)
        kept, counts = gather(sources, job, store, problems, watch.advance)
        assembly = Assembly(job, sources, kept, store, problems)
        images = pictures.collect(_wanted(assembly, sources), fetcher, folder, problems)
        units = []
        with hold(job.out, problems, overwrite=job.overwrite) as out:
            made = []
            for request in job.outputs:
                exporter = registry.exporter(request.to)
                watch.stage(exporter.name, None)
                entries = assembly.set_of(request.select, request.options.order)
                suffix = exporter.suffix(request.options)
                stem = request.name or (assembly.publication.name if suffix else exporter.name)
                place = out.staging(f"{len(made)}")
                context = ExportContext(
                    now=assembly.now, options=request.options, path=stem + suffix, folder=stem,
                    staging=place, templates=TemplateFolder(job.templates), images=images,
                    warn=problems, version=__version__)
                start = time.monotonic()
                try:
                    staged = staging.stage(exporter.export(entries, context), place, path=context.path, folder=context.folder)
                except Exception as error:
                    import traceback; traceback.print_exc()
                    problems(Problem(path=context.path, reason=f"{type(error).__name__}: {error}", severity="output"))
                    continue
                record = OutputRecord(exporter=exporter.name, name=stem, units=(UnitRecord(path=context.path, fingerprint="x", files=tuple(f.record for f in staged)),))
                made.append(Made(record=record, staged=staged))
                units.append(report.UnitRecord(exporter=exporter.name, name=stem, path=context.path, status="made", entries=len(entries), seconds=time.monotonic() - start, files=tuple(FileRecord(path=f.record.path, size=f.record.size, sha256=f.record.sha256) for f in staged)))
            out.publish(made, checksums=job.checksums)
    done = tuple(units)
    return RunReport(version=__version__, exit_code=report.exit_code(problems.worst(), job.fail_on, done), read=sum(counts), entries=len(assembly), units=done, problems=problems.all,
      inputs=tuple(InputRecord(address=r.origin.address, kind=r.origin.kind, entries=n, commit=r.origin.commit, remote=r.origin.remote) for r, n in zip(sources.readings, counts)))


def plan(job: Job, registry: Registry) -> Iterator[str]:
    yield ""


def _wanted(assembly, sources):
    for entry, at, references in assembly.pictures():
        for reference in references:
            yield pictures.Wanted(reference=reference, entry_path=entry.path, file=sources.readings[at].file)
