"""What shapes the bytes of an output, as one digest: where it is equal, so are the files."""

from __future__ import annotations

import hashlib
import importlib.metadata
import inspect
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import msgspec

import convert
from convert.entryset import EntrySet
from convert.text import files

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_ENCODER = msgspec.msgpack.Encoder(order="deterministic")


def combined(parts: Iterable[object]) -> str:
    """Return the SHA-256 (hex) of values that msgspec can encode; mappings by their keys."""
    digest = hashlib.sha256()
    for part in parts:
        encoded = _ENCODER.encode(part)
        digest.update(f"{len(encoded)}\n".encode())
        digest.update(encoded)
    return digest.hexdigest()


def of_entries(entries: EntrySet) -> Iterator[object]:
    """Yield all that a set tells an exporter; each body by the digest in its entry."""
    yield (entries.id, entries.name, entries.title, entries.subtitle, entries.language)
    yield (entries.rights, entries.base_url, entries.volume, entries.volumes, entries.origins)
    yield dict(entries.users)
    yield dict(entries.feeds)
    yield from entries.entries
    yield dict(entries.citations)
    yield dict(entries.cited_by)
    yield dict(entries.elsewhere)


def of_exporter(exporter: object, media_type: str) -> tuple[str, ...]:
    """Return the code and the libraries that an exporter works with; for PDF the fonts too."""
    kind = type(exporter)
    owner = kind.__module__.partition(".")[0]
    parts = (of_package(), *_libraries("thicket-convert"))
    if owner != "convert":
        try:
            parts += (_code_of(Path(inspect.getfile(kind)), kind.__module__),)
        except (OSError, TypeError):
            parts += (kind.__qualname__,)
        for name in importlib.metadata.packages_distributions().get(owner, ()):
            parts += (f"{name} {importlib.metadata.version(name)}", *_libraries(name))
    return (*parts, of_fonts()) if media_type == "application/pdf" else parts


def _code_of(file: Path, module: str) -> str:
    """Return the digest of a plug-in's code: its whole package, or (``--to ./mine.py``) the
    modules that stand beside the file, as it may import them."""
    depth = module.count(".") + (file.name == "__init__.py")
    if depth:
        return of_files(file.parents[depth - 1], "*.py")
    return combined(of_files(each) for each in sorted({file, *file.parent.glob("*.py")}))


@cache
def of_package() -> str:
    """Return the digest of our own code: a version number alone would not tell two states of
    a source tree apart."""
    root = Path(convert.__file__).parent
    files = [of_files(root, pattern) for pattern in ("*.py", "*.toml")]
    return combined([platform.python_version(), files])


@cache
def of_fonts() -> str:
    """Return the digest of the fonts that fontconfig knows; "" where it does not say."""
    program = shutil.which("fc-list")
    if program is None:
        return ""
    try:
        listed = subprocess.run(  # noqa: S603 - a fixed program, no input of anybody's
            [program, ":", "file", "family", "style", "fontversion"],
            capture_output=True,
            check=False,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return hashlib.sha256(b"\n".join(sorted(listed.stdout.splitlines()))).hexdigest()


def of_files(path: Path, pattern: str = "*") -> str:
    """Return the digest of a file, or of the files below a folder; "" where there is nothing
    to read."""
    named = [path]
    if path.is_dir():
        named = sorted(each for each in path.rglob(pattern) if each.is_file())
    digest = hashlib.sha256()
    try:
        for each in named:
            digest.update(f"{each.relative_to(path).as_posix()}\n".encode())
            digest.update(hashlib.sha256(files.read(each)).digest())
    except OSError:
        return ""
    return digest.hexdigest()


@cache
def _libraries(distribution: str) -> tuple[str, ...]:
    """Return name and version of every library that a distribution asks for and that is here."""
    try:
        required = importlib.metadata.requires(distribution) or []
    except importlib.metadata.PackageNotFoundError:
        return ()
    libraries = []
    for requirement in required:
        name = _NAME.match(requirement)
        try:
            libraries.append(f"{requirement} {importlib.metadata.version(name[0] if name else '')}")
        except (importlib.metadata.PackageNotFoundError, ValueError):
            continue  # an extra that is not installed
    return tuple(sorted(libraries))
