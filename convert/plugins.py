"""Names to sources and exporters: by entry point, or by a file named on the command line.

Listing imports no plug-in.  A name resolves to one plug-in; two packages that claim the same
name are both refused, by name, and a plug-in that does not load is reported and harms no other.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import importlib.machinery
import importlib.metadata
import importlib.util
import os
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from convert.contract import Exporter, ExporterOptions, Source, StoreExporter
from convert.errors import (
    ContractError,
    Interrupted,
    Overdue,
    UnknownName,
    UsageError,
    in_words,
    internal_error,
)
from convert.model import Problem
from convert.needs import DeclaresNeeds, Needs
from convert.text.opened import watched
from convert.text.paths import check_path

EXPORTERS = "thicket_convert.exporters"
SOURCES = "thicket_convert.sources"

AnyExporter = Exporter | StoreExporter


@dataclasses.dataclass(frozen=True)
class Registry:
    """The plug-ins that are installed.  ``default()`` reads them from the environment."""

    exporters: Mapping[str, tuple[importlib.metadata.EntryPoint, ...]]
    sources: Mapping[str, tuple[importlib.metadata.EntryPoint, ...]]
    _loaded: dict[str, AnyExporter] = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Each exporter by the name that it was asked for by: its code is run once."""
    _opened: dict[str, tuple[str, ...]] = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def default(cls) -> Registry:
        """Return what the installed distributions declare; nothing is imported."""
        return cls(exporters=_declared(EXPORTERS), sources=_declared(SOURCES))

    def exporter_names(self) -> tuple[str, ...]:
        """Return the names that ``--to`` takes, in order."""
        return tuple(sorted(self.exporters))

    def exporter(self, name: str) -> AnyExporter:
        """Return the exporter of that name, or the one in the file of that path (``./mine.py``).

        Raises UnknownName, or ContractError where the plug-in is broken.
        """
        if name not in self._loaded:
            if is_path(name):
                with watched() as seen:
                    loaded = _from_file(Path(name))
                # Its class may be another file's.
                self._opened[name] = (str(Path(name).absolute()), *seen.paths)
            else:
                loaded = _load("exporter", name, self.exporters)
            what = f"exporter {name!r}"
            _check_facts(what, loaded, ("name", "summary", "media_type"), ExporterOptions)
            if not isinstance(loaded, StoreExporter | Exporter):
                raise incomplete("exporter", name, loaded, Exporter)
            self._loaded[name] = loaded
        return self._loaded[name]

    def opened(self, name: str) -> tuple[str, ...]:
        """Return the paths of an exporter's file, and of what it read while it was loaded; none of
        one that is installed."""
        return self._opened.get(name, ())

    @property
    def all_sources(self) -> tuple[Source, ...]:
        """Every source that loads, in the order of their names."""
        return tuple(each for each in self._sources if not isinstance(each, ContractError))

    @property
    def broken_sources(self) -> tuple[str, ...]:
        """One line for each source that does not load or is declared twice."""
        return tuple(str(each) for each in self._sources if isinstance(each, ContractError))

    def source(self, name: str) -> Source:
        """Return the source of that name.  Raises UnknownName or ContractError."""
        loaded = _load("source", name, self.sources)
        _check_facts(f"source {name!r}", loaded, ("name", "summary"), msgspec.Struct)
        if not isinstance(loaded, Source):
            raise incomplete("source", name, loaded, Source)
        return loaded

    @cached_property
    def _sources(self) -> tuple[Source | ContractError, ...]:
        loaded: list[Source | ContractError] = []
        for name in sorted(self.sources):
            try:
                loaded.append(self.source(name))
            except ContractError as error:
                loaded.append(error)
        return tuple(loaded)


def is_path(name: str) -> bool:
    """Return whether the name of an exporter means a file that defines it (``./mine.py``)."""
    return name.endswith(".py") or "/" in name or "\\" in name


def is_ours(exporter: AnyExporter) -> bool:
    """Return whether the exporter's code is a part of thicket-convert."""
    return type(exporter).__module__.partition(".")[0] == "convert"


@contextlib.contextmanager
def calling(what: str, *, judged: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Call a plug-in's code in this process, set apart.

    Whatever it raises, ``SystemExit`` too, becomes a ContractError that begins with ``what``,
    the plug-in and the part of it; those ``judged`` are for the caller.
    """
    try:
        with set_apart():
            yield
    except (Interrupted, KeyboardInterrupt, Overdue):
        raise
    except judged:
        raise
    except BaseException as error:
        raise ContractError(f"{what}: {in_words(error)}") from error


@contextlib.contextmanager
def set_apart() -> Iterator[None]:
    """Keep the rest of this process from what a plug-in's code does in passing.

    What it prints goes to standard error, as standard output may be the document (``-o -``),
    and the working folder, from which paths of the user start, is the same afterwards.
    """
    before = None
    with contextlib.suppress(OSError):  # it is gone
        before = Path.cwd()
    try:
        with contextlib.redirect_stdout(sys.stderr), _redirected(1, 2):
            yield
    finally:
        if before is not None:
            os.chdir(before)


@contextlib.contextmanager
def _redirected(descriptor: int, to: int) -> Iterator[None]:
    """Let a file descriptor lead elsewhere, for the programs that are started as well."""
    try:
        usual = os.dup(descriptor)
        os.dup2(to, descriptor)
    except OSError:  # one of them is closed
        yield
        return
    try:
        yield
    finally:
        os.dup2(usual, descriptor)
        os.close(usual)


def suffix_of(exporter: AnyExporter, options: ExporterOptions) -> str:
    """Return the ending of the exporter's files.  Raises ContractError where it gives none."""
    what = f"exporter {exporter.name!r}: suffix"
    with calling(what):
        suffix: object = exporter.suffix(options)
    if not isinstance(suffix, str):
        raise ContractError(f"{what}: returns {type(suffix).__name__}, not text")
    try:
        check_path(f"x{suffix}")
    except ContractError as error:
        raise ContractError(f"{what}: {error}") from error
    return suffix


def needs_of(exporter: AnyExporter, options: ExporterOptions) -> Needs | None:
    """Return what the exporter says that it needs; None where it does not say.  Raises
    ContractError."""
    if not isinstance(exporter, DeclaresNeeds):
        return None
    what = f"exporter {exporter.name!r}: needs"
    with calling(what):
        needs: object = exporter.needs(options)
    if not isinstance(needs, Needs):
        raise ContractError(f"{what}: returns {type(needs).__name__}, not Needs")
    return needs


def lacking(exporter: AnyExporter) -> str | None:
    """Return what the exporter lacks to run, or None.  Raises ContractError."""
    what = f"exporter {exporter.name!r}: unavailable"
    with calling(what):
        reason: object = exporter.unavailable()
    if reason is not None and not isinstance(reason, str):
        raise ContractError(f"{what}: returns {type(reason).__name__}, not text or None")
    return reason


def pass_on(exporter: str, warn: Callable[[Problem], None], problem: object) -> None:
    """Pass on what an exporter warns of.  Raises ContractError where it is no Problem."""
    what = f"exporter {exporter!r}: context.warn"
    if not isinstance(problem, Problem):
        raise ContractError(f"{what}: takes a Problem, not {type(problem).__name__}")
    try:
        warn(msgspec.convert(msgspec.structs.asdict(problem), Problem))
    except msgspec.ValidationError as error:
        raise ContractError(f"{what}: {in_words(error)}") from error


def fault(to: str, exporter: AnyExporter | None, error: BaseException) -> str:
    """Return the one line for what an exporter raised, named as it was asked for: of one that
    is not ours it is a fault of its code."""
    if exporter is None or is_ours(exporter):
        return internal_error(error)
    return f"{raised(to, in_words(error))}; --debug shows where"


def raised(to: str, words: str) -> str:
    """Return the one line for what the code of an exporter of the user's raised."""
    return f"{to}: its exporter raised {words}; the fault is in its code"


def _check_facts(
    what: str, plugin: Any, texts: tuple[str, ...], base: type[msgspec.Struct]
) -> None:
    """Raise ContractError where a fact that a plug-in tells of itself is of another type."""
    absent = object()
    for field in (*texts, "Options"):
        with calling(f"{what}: {field}"):
            value = getattr(plugin, field, absent)
        if value is absent:
            continue  # which is told with all else that it lacks
        if field != "Options" and not isinstance(value, str):
            raise ContractError(f"{what}: {field}: is {type(value).__name__}, not text")
        if field == "Options" and not (isinstance(value, type) and issubclass(value, base)):
            raise ContractError(f"{what}: Options: is no subclass of {base.__name__}")


def _declared(group: str) -> dict[str, tuple[importlib.metadata.EntryPoint, ...]]:
    declared: dict[str, tuple[importlib.metadata.EntryPoint, ...]] = {}
    for point in importlib.metadata.entry_points(group=group):
        others = declared.get(point.name, ())
        # An editable install may show one distribution twice; the same target is one plug-in.
        if all(point.value != other.value for other in others):
            declared[point.name] = (*others, point)
    return declared


def _load(
    kind: str, name: str, group: Mapping[str, tuple[importlib.metadata.EntryPoint, ...]]
) -> object:
    points = group.get(name)
    if not points:
        raise UnknownName(kind, name, group)
    if len(points) > 1:
        owners = ", ".join(sorted(f"{point.value} ({_owner(point)})" for point in points))
        raise ContractError(f"{kind} {name!r} is declared more than once: {owners}; uninstall one")
    with calling(f"{kind} {name!r} from {_owner(points[0])} does not load"):
        return points[0].load()


def _owner(point: importlib.metadata.EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "an unknown distribution"


def incomplete(kind: str, name: str, loaded: object, protocol: type) -> ContractError:
    """Return the error that names what a plug-in lacks of the contract."""
    lacking = [
        each for each in dir(protocol) if not each.startswith("_") and not hasattr(loaded, each)
    ]
    missing = ", ".join(lacking) or type(loaded).__name__
    return ContractError(f"{kind} {name!r} lacks what the contract asks for: {missing}")


class _AsItIs(importlib.machinery.SourceFileLoader):
    """Runs a file as it is now: bytecode that Python writes beside it, and goes on to use after a
    change within the same second, is neither written nor read."""

    def get_code(self, fullname: str) -> types.CodeType:
        """Return the code of the file."""
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def _from_file(path: Path) -> object:
    """Return the ``EXPORTER`` of a Python file.  The module is known to workers by its path."""
    if not path.is_file():
        raise UsageError(f"{path}: no such exporter file")
    # Two files of one name are two modules.
    place = hashlib.sha256(str(path.resolve()).encode(errors="surrogateescape")).hexdigest()[:12]
    name = f"thicket_convert_file_{path.stem}_{place}"
    loader = _AsItIs(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None or path.suffix not in importlib.machinery.SOURCE_SUFFIXES:
        raise UsageError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with calling(f"{path}: does not load"):
        loader.exec_module(module)
    if not hasattr(module, "EXPORTER"):
        raise ContractError(f"{path}: defines no EXPORTER")
    exporter: object = module.EXPORTER
    return exporter
