"""Names to sources and exporters: by entry point, or by a file named on the command line.

Listing imports no plug-in.  A name resolves to one plug-in; two packages that claim the same
name are both refused, by name, and a plug-in that does not load is reported and harms no other.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from convert.contract import Exporter, Source, StoreExporter
from convert.errors import ContractError, Interrupted, UnknownName, UsageError

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
            loaded = (
                _from_file(Path(name)) if is_path(name) else _load("exporter", name, self.exporters)
            )
            if not isinstance(loaded, StoreExporter | Exporter):
                raise incomplete("exporter", name, loaded, Exporter)
            self._loaded[name] = loaded
        return self._loaded[name]

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
    try:
        # Standard output may be the document (``-o -``), and is nobody's to print on.
        with contextlib.redirect_stdout(sys.stderr):
            return points[0].load()
    except (Interrupted, KeyboardInterrupt):
        raise
    except BaseException as error:  # a plug-in may raise anything
        raise ContractError(
            f"{kind} {name!r} from {_owner(points[0])} does not load: "
            f"{type(error).__name__}: {error}"
        ) from error


def _owner(point: importlib.metadata.EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "an unknown distribution"


def incomplete(kind: str, name: str, loaded: object, protocol: type) -> ContractError:
    """Return the error that names what a plug-in lacks of the contract."""
    lacking = [
        each for each in dir(protocol) if not each.startswith("_") and not hasattr(loaded, each)
    ]
    missing = ", ".join(lacking) or type(loaded).__name__
    return ContractError(f"{kind} {name!r} lacks what the contract asks for: {missing}")


def _from_file(path: Path) -> object:
    """Return the ``EXPORTER`` of a Python file.  The module is known to workers by its path."""
    if not path.is_file():
        raise UsageError(f"{path}: no such exporter file")
    # Two files of one name are two modules.
    place = hashlib.sha256(str(path.resolve()).encode(errors="surrogateescape")).hexdigest()[:12]
    name = f"thicket_convert_file_{path.stem}_{place}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with contextlib.redirect_stdout(sys.stderr):
            spec.loader.exec_module(module)
    except (Interrupted, KeyboardInterrupt):
        raise
    except BaseException as error:  # a plug-in may raise anything
        raise ContractError(f"{path}: does not load: {type(error).__name__}: {error}") from error
    if not hasattr(module, "EXPORTER"):
        raise ContractError(f"{path}: defines no EXPORTER")
    exporter: object = module.EXPORTER
    return exporter
