"""The judge of exporters: what every one must pass, ours and others'."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import pickle
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
from markdown_it import MarkdownIt

from convert.contract import (
    CONTRACT_VERSION,
    ExportContext,
    Exporter,
    ExporterOptions,
    OutputFile,
    Rendition,
    RenditionRequest,
    VolumeLister,
)
from convert.entryset import EntrySet
from convert.errors import ContractError
from convert.model import Problem
from convert.text.templates import TemplateFolder

NOW = dt.datetime(2024, 6, 1, 12, tzinfo=dt.UTC)
MARKUP = re.compile(r"\.(x?html?|xml|atom|rss|opml|svg|md|ncx|opf)$")
ACTIVE = re.compile(
    r"<script|<iframe|<object|<embed|<[a-z][^<>]*\son[a-z]+\s*=|(href|src)\s*=\s*[\"']?\s*javascript:",
    re.IGNORECASE,
)


class NoImages:
    """Images of which none could be had; satisfies ``contract.Images``."""

    def rendition(self, ref: str, request: RenditionRequest) -> Rendition | None:
        """None, always."""
        return None


def judge(exporter: Any, sets: Mapping[str, EntrySet], **options: object) -> None:
    """Runs the exporter on every set and raises ContractError where it breaks the contract."""
    _facts(exporter)
    typed = msgspec.convert(options, exporter.Options)
    for shape, entries in sets.items():
        where = f"{exporter.name} on {shape}"
        first, again = _made(exporter, entries, typed), _made(exporter, entries, typed)
        _require(first == again, f"{where}: other bytes the second time")
        for path, content in first.items():
            _safe_path(path, exporter.suffix(typed), where)
            for name, text in _texts(path, content):
                found = ACTIVE.search(text) if MARKUP.search(name) else None
                _require(not found, f"{where}: {name}: markup that acts: {found and found[0]!r}")


def run(
    exporter: Exporter, entries: EntrySet, options: ExporterOptions, staging: Path, **context: Any
) -> Iterator[OutputFile]:
    """The files that the exporter gives for a set, with a context made for tests.

    ``context`` replaces fields of the ``ExportContext``.
    """
    suffix = exporter.suffix(options)
    given = ExportContext(
        now=NOW,
        options=options,
        path=f"{entries.name}{suffix}" if suffix else exporter.name,
        folder=entries.name if suffix else exporter.name,
        staging=staging,
        templates=TemplateFolder(),
        images=NoImages(),
        warn=_ignore,
        version="0",
    )
    yield from exporter.export(entries, dataclasses.replace(given, **context))


def _ignore(problem: Problem) -> None:
    """Takes a problem that no test asks about."""


def _facts(exporter: Any) -> None:
    _require(
        isinstance(exporter, Exporter), f"{exporter!r}: lacks part of contract {CONTRACT_VERSION}"
    )
    name = exporter.name
    _require(bool(re.fullmatch(r"[a-z][a-z0-9-]*", name)), f"{name!r}: not a name for --to")
    _require(bool(exporter.summary) and "\n" not in exporter.summary, f"{name}: summary: one line")
    _require("/" in exporter.media_type, f"{name}: media_type: {exporter.media_type!r}")
    _require(issubclass(exporter.Options, ExporterOptions), f"{name}: Options: of ExporterOptions")
    for field in msgspec.structs.fields(exporter.Options):
        _require(not field.required, f"{name}: option {field.name}: has no default")
        described = any(
            isinstance(part, msgspec.Meta) and part.description
            for part in getattr(field.type, "__metadata__", ())
        )
        _require(described, f"{name}: option {field.name}: has no description")
    pickle.loads(pickle.dumps(exporter.Options()))  # noqa: S301 - our own bytes


def _made(exporter: Any, entries: EntrySet, options: ExporterOptions) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        # Across the border that a worker process is.
        crossed: EntrySet = pickle.loads(pickle.dumps(entries))  # noqa: S301 - our own bytes
        files = list(run(exporter, crossed, options, Path(folder)))
        if isinstance(exporter, VolumeLister) and entries.volumes:
            files += list(_listing(exporter, entries, options, Path(folder)))
        made = {}
        for file in files:
            _require(file.path not in made, f"{exporter.name}: {file.path}: given twice")
            inside = isinstance(file.content, bytes) or file.content.is_relative_to(folder)
            _require(inside, f"{exporter.name}: {file.path}: staged outside of context.staging")
            made[file.path] = (
                file.content if isinstance(file.content, bytes) else file.content.read_bytes()
            )
        return made


def _listing(
    exporter: Any, entries: EntrySet, options: ExporterOptions, staging: Path
) -> Iterator[OutputFile]:
    suffix = exporter.suffix(options)
    context = ExportContext(
        now=NOW,
        options=options,
        path=f"{entries.name}-volumes{suffix}",
        folder=f"{entries.name}-volumes",
        staging=staging,
        templates=TemplateFolder(),
        images=NoImages(),
        warn=_ignore,
    )
    yield from exporter.list_volumes(entries, context)


def _safe_path(path: str, suffix: str, where: str) -> None:
    parts = PurePosixPath(path).parts
    safe = not path.startswith("/") and ".." not in parts and "\\" not in path and "\0" not in path
    _require(safe, f"{where}: {path!r}: leads out of the output folder")
    _require(all(len(part.encode()) <= 255 for part in parts), f"{where}: {path!r}: too long")
    _require(bool(suffix) or len(parts) > 1, f"{where}: {path!r}: not below the folder")


def _texts(path: str, content: bytes) -> Iterator[tuple[str, str]]:
    """The texts in a file, those inside of a zip archive (an EPUB) too."""
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield f"{path}!{name}", archive.read(name).decode("utf-8", "replace")
    elif path.endswith(".md"):
        yield path, _rendered(content.decode("utf-8", "replace"))
    else:
        yield path, content.decode("utf-8", "replace")


def _rendered(markdown: str) -> str:
    """What a reader makes of Markdown: text that looks like a tag is none.  It trusts every
    address: it is for the file to hold none that acts."""
    reader = MarkdownIt("commonmark", {"html": True})
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    rendered: str = reader.render(markdown)
    return rendered


def _require(holds: bool, reason: str) -> None:
    if not holds:
        raise ContractError(reason)
