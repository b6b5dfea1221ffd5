"""The code and the libraries that an exporter works with."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import importlib.util
import os
import platform
import re
import sys
import sysconfig
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from lxml import etree

import convert
from convert.output.manifest import OpenedFile
from convert.text import files

_distributions = cache(importlib.metadata.packages_distributions)
"""Returns the distributions that bring each module: a quarter of a second, the first time."""
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*(?:\[([^]]*)\])?")
_EXTRA = re.compile(r"\bextra\s*==\s*['\"]([^'\"]+)")
BEFORE_AND_AROUND = frozenset(
    {
        "beautifulsoup4", "httpcore", "httpx", "platformdirs", "pygit2", "rich", "typer",
    }
)  # fmt: skip
"""Libraries that read, fetch and talk to people: what comes of them is among the entries."""


def of_exporter(exporter: object) -> tuple[tuple[str, str], ...]:
    """Return names with digests or versions of all code that can shape the exporter's files."""
    owner = type(exporter).__module__.partition(".")[0]
    theirs = {} if owner == "convert" else of_plug_in(owner)
    return tuple(sorted({**of_ours(), **theirs}.items()))


@cache
def of_ours() -> dict[str, str]:
    """Return our own code by its digest: a version number alone would not tell two states of a
    source tree apart."""
    root = Path(convert.__file__).parent
    here = {
        "python": platform.python_version(),
        "convert": files.digest(root, (".py", ".toml")),
        # What comes with no package: it writes XML, and packs books.
        "libxml2": str(etree.LIBXML_VERSION),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }
    return here | dict(_libraries("thicket-convert", BEFORE_AND_AROUND))


@cache
def of_plug_in(owner: str) -> Mapping[str, str]:
    """Return the code of a plug-in's module or package; like ours it is loaded once."""
    return dict(of_module(owner))


def of_module(owner: str) -> Iterator[tuple[str, str]]:
    """Yield the code of a module or package, with all that it imports, wherever that lies: what is
    installed by its version, the rest by its files."""
    installed = tuple(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib"))
    waiting, seen = [owner], {"convert", *sys.stdlib_module_names}
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        places = _places(name)
        if not places:
            continue
        # The name of a module in a file holds where that lies.
        called = "" if name == owner else name
        for number, place in enumerate(places):
            if name == owner or not any(place.is_relative_to(each) for each in installed):
                yield f"{called} {number}", files.digest(place)
                code = [place] if place.is_file() else files.below(place)
                python = (path for path in code if path.suffix == ".py")
                waiting += [each for path in python for each in _imported(path)]
        for distribution in _distributions().get(name, ()):
            yield distribution, importlib.metadata.version(distribution)
            yield from _libraries(distribution)


def recorded(exporter: object, paths: Iterable[str]) -> tuple[OpenedFile, ...]:
    """Return what is recorded of the files that an exporter's code opened."""
    base, opened = _base(exporter), dict[str, str]()
    for path in paths:
        try:
            name = Path(os.path.relpath(path, base)).as_posix()
        except ValueError:  # another drive of Windows
            name = path
        opened[_escaped(name)] = _content(Path(path))
    return tuple(OpenedFile(path=path, sha256=opened[path]) for path in sorted(opened))


def reads_otherwise(exporter: object, opened: Iterable[OpenedFile]) -> bool:
    """Return whether a file that an exporter's code opened is another now."""
    base = _base(exporter)
    return any(_content(base / _unescaped(each.path)) != each.sha256 for each in opened)


def _base(exporter: object) -> Path:
    module = sys.modules[type(exporter).__module__]
    return Path(getattr(module, "__file__", None) or "").absolute().parent


def _content(path: Path) -> str:
    """Return the digest of a file, or of the names in a folder, which is listed and not read; ""
    where it may not be."""
    try:
        if not path.is_dir():
            return files.digest(path)
        names = "\n".join(sorted(each.name for each in path.iterdir()))
    except OSError:
        return ""
    return hashlib.sha256(names.encode(errors="surrogatepass")).hexdigest()


def _escaped(path: str) -> str:
    """Return a path that JSON can hold: what is no UTF-8 stands behind NUL, which no path has."""
    return re.sub("[\ud800-\udfff]", lambda sign: f"\0{ord(sign[0]):04x}", path)


def _unescaped(path: str) -> str:
    return re.sub("\0(d[89a-f]..)", lambda sign: chr(int(sign[1], 16)), path)


def _places(name: str) -> Sequence[Path]:
    """Return the file of a module, or the folders of a package: a namespace may have several."""
    loaded = sys.modules.get(name)
    try:
        spec = loaded.__spec__ if loaded is not None else importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return ()
    if spec is None:
        return ()
    if spec.submodule_search_locations:
        return [Path(folder) for folder in spec.submodule_search_locations]
    return [Path(spec.origin)] if spec.has_location and spec.origin else ()


def _imported(path: Path) -> Iterator[str]:
    """Yield the first names of what a file of Python imports, at any depth of its code."""
    try:
        tree = ast.parse(files.read(path))
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def _libraries(
    distribution: str, without: frozenset[str] = frozenset()
) -> Iterator[tuple[str, str]]:
    """Yield name and version of all that a distribution asks for, and that asks for in turn, as
    far as it is here; of what only an extra asks for, those that are asked for."""
    waiting, seen = [(distribution, "")], set[tuple[str, str]]()
    while waiting:
        name, extras = waiting.pop()
        try:
            # Read once: it takes a millisecond.
            facts = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system
        if name != distribution:
            yield name, str(facts["Version"])
        for requirement in facts.get_all("Requires-Dist") or ():
            required, extra = _REQUIREMENT.match(requirement), _EXTRA.search(requirement)
            if required is None or (extra and extra[1] not in extras):
                continue
            wanted = required[1].lower(), required[2] or ""
            if wanted not in seen and wanted[0] not in without:
                seen.add(wanted)
                waiting.append(wanted)
