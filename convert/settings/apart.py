"""What is written keeps out of the way of what is read, of our own records, and of each other."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from convert.contract import PATH_OPTIONS
from convert.errors import OutputError, ReportInTheWay, UsageError
from convert.output.manifest import MANIFEST, load_manifest
from convert.output.owners import Owners
from convert.output.publish import SUMS_KEY
from convert.plugins import is_path
from convert.settings.job import Job
from convert.settings.places import STANDARD_OUTPUT
from convert.text.paths import PRIVATE, same_place


def check(job: Job) -> None:
    """Raise UsageError where a place that is written is one that is read, or where what nobody
    shall see would lie among what is published."""
    published = [job.into] if job.into is not None else []
    if job.out is not None and any(request.file is None for request in job.outputs):
        published.append(job.out)
        _require_out_of_sources("--out", job.out, job)
    for word, folder in (("--cache", job.cache), ("--debug-pipeline", job.debug_pipeline)):
        if folder is None:
            continue
        _require_out_of_sources(word, folder, job)
        for place in published:
            if _is_within(folder, place):
                raise UsageError(
                    f"{word} {folder}: lies among the outputs in {place}; name another folder"
                )
    for request in job.outputs:
        named = request.file not in {None, str(STANDARD_OUTPUT)}
        if named and (reason := _why_not(Path(request.file or ""), job)):
            raise UsageError(f"-o {request.file}: {reason}; name another file")
        if named and not job.overwrite and (reason := _recorded(Path(request.file or ""))):
            way_out = "name another file, or replace it (--overwrite)"
            raise UsageError(f"-o {request.file}: {reason}; {way_out}")


def check_report(job: Job) -> None:
    """Raise ReportInTheWay where the job's report would replace what is read, or what is ours."""
    if job.report is None:
        return
    if any(each.file and _is_same(Path(each.file), job.report) for each in job.outputs):
        reason = "is where -o leads"
    elif job.report == STANDARD_OUTPUT:
        reason = ""
    else:
        reason = _why_not(job.report, job) or _why_published(job.report, job)
        reason = reason or _recorded(job.report)
    if reason:
        raise ReportInTheWay(f"--report {job.report}: {reason}; name another file")


def read_at(path: Path, job: Job) -> str:
    """Return what is wrong with writing ``path``, as it is read; "" where it is not."""
    for address in _local(job):
        if _is_same(path, Path(address)):
            return f"is the source {address} itself"
        top = Path(address).absolute()
        if top.is_file() and (top.parent.parent / "index.json").is_file():
            top = top.parent.parent  # the repository that an entry lies in
        if reason := _part_of(path, top, f"the source {address}"):
            return reason
    for what, named in _named(job):
        if _is_same(path, named) or (named.is_dir() and path.exists() and _is_within(path, named)):
            return f"is read: {what}"
    return ""


def check_output(path: Path, folder: Path, job: Job) -> None:
    """Raise UsageError where an output, which may write ``path`` and all below ``folder``, would
    take the place of what is read, ReportInTheWay where it would be that of the report."""
    reason = read_at(path, job)
    if below := [each for each in _local(job) if _is_within(Path(each), folder)]:
        reason = f"{below[0]}, which is read, lies there"
    if reason:
        raise UsageError(_elsewhere(path, reason))
    report = job.report
    if report is not None and (_is_same(report, path) or _is_within(report, folder)):
        raise ReportInTheWay(
            f"--report {report}: is a file of the output {path}; name another file"
        )


def check_files(folder: Path, paths: Iterable[str], job: Job, ours: Container[str]) -> None:
    """Raise UsageError where a file of an output would take the place of what is read, or would be
    read as an entry next time; ``ours`` are the paths of what earlier runs wrote there."""
    read = [*map(Path, _local(job)), *(named for _, named in _named(job))]
    inside = any(each.is_dir() and _is_within(folder, each) for each in read)
    known = {identity for each in read if (identity := _identity(each))}
    for path in paths:
        target = folder / path
        meets = (inside and path not in ours) or _identity(target) in known
        if meets and (reason := read_at(target, job)):
            raise UsageError(_elsewhere(target, reason))


def _elsewhere(path: Path, reason: str) -> str:
    return (
        f"{path}: {reason}; give this output another name (--name, or name in [[output]])"
        " or folder (--out)"
    )


def _why_not(path: Path, job: Job) -> str:
    names = path.absolute().parts
    if any(same_place(name).startswith(PRIVATE) for name in names):
        return "is a record of ours"
    return read_at(path, job)


def _why_published(path: Path, job: Job) -> str:
    for folder in filter(None, (job.out, job.into)):
        if not _is_within(path, folder):
            continue
        if job.checksums and _is_same(path, folder / SUMS_KEY[1]):
            return f"is a file of the outputs in {folder}"
    return _part_of(path, job.into, f"the repository {job.into}") if job.into else ""


def _recorded(path: Path) -> str:
    """Return that ``path`` is a file of outputs in a folder above, whose record names it."""
    for folder in path.absolute().parents:
        if not (folder / MANIFEST).exists():
            continue
        try:
            inside = path.resolve().relative_to(folder.resolve()).as_posix()
            ours = Owners(load_manifest(folder), (), folder).of(inside) is not None
        except (OutputError, ValueError):  # nobody knows whose it is, or it is a link out of there
            ours = path.exists() and not path.is_symlink()
        if ours:
            return f"is a file of the outputs in {folder}"
    return ""


def _require_out_of_sources(word: str, folder: Path, job: Job) -> None:
    for address in _local(job):
        top = Path(address)
        if not top.is_dir():
            continue
        if _is_same(folder, top):
            raise UsageError(f"{word} {folder}: is the source itself; name another folder")
        if not _is_within(folder, top):
            continue
        has_entries = not (folder / MANIFEST).exists() and any(folder.glob("*.json"))
        if has_entries or _is_private(folder, top):
            raise UsageError(f"{word} {folder}: is a folder of the source; name another folder")


def _local(job: Job) -> Iterator[str]:
    """Yield the sources that lie on this disk."""
    # The config file is none of them, also where it lists feeds: it is judged as what it is.
    of_config = str(job.read_from)
    sources = (*job.sources, *(each.feed.address for each in job.feeds))
    for address in (each for each in sources if each != of_config):
        if "://" not in address and address != "-" and os.path.lexists(address):
            yield address


def _named(job: Job) -> Iterator[tuple[str, Path]]:
    """Yield the files and folders that settings and options name, each with what names it."""
    settings = {
        "the config file": job.read_from,
        "duplicates": job.duplicates,
        "templates": job.templates,
    }
    for request in job.outputs:
        settings[f"the exporter {request.to}"] = Path(request.to) if is_path(request.to) else None
        for option in PATH_OPTIONS:
            value = getattr(request.options, option, None)
            settings[f"{request.to}.{option}"] = Path(value) if value else None
    yield from ((what, named) for what, named in settings.items() if named is not None)


def _part_of(path: Path, top: Path, called: str) -> str:
    """Return that ``path`` is what is read of a repository whose folder is ``top``: its lists, the
    entries in its folders, its pictures, Git's own files."""
    if not top.is_dir() or not _is_within(path, top):
        return ""
    *folders, name = path.resolve().relative_to(top.resolve()).parts or ("",)
    is_picture = (mimetypes.guess_type(name)[0] or "").startswith("image/")
    lists = not folders and same_place(name) in {"index.json", "duplicates.json"}
    entry = bool(folders) and same_place(name).endswith(".json")
    if lists or entry or (is_picture and path.exists()) or _is_private(path, top):
        return f"is a part of {called}, or would be read as one"
    return ""


def _is_private(path: Path, top: Path) -> bool:
    """Return whether ``path`` lies in a hidden folder of ``top``, as Git's is, or in a bare
    repository."""
    inside = path.resolve().relative_to(top.resolve()).parts
    bare = (top / "HEAD").is_file() and (top / "objects").is_dir()
    return bare or any(name.startswith(".") for name in inside)


def _is_same(one: Path, other: Path) -> bool:
    """Return whether two paths lead to one file or folder, in whatever spelling."""
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there
        return one.resolve() == other.resolve()


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what is equal for two paths to one file; None where nothing is there."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino


def _is_within(path: Path, folder: Path) -> bool:
    """Return whether ``path`` is the folder or lies below it."""
    return path.resolve().is_relative_to(folder.resolve())
