"""Finds and renders what stands under templates/.

A user's folder (``--templates DIR``) goes first, file by file; then ``templates/`` beside the
exporter, where somebody else's brings one; then ours, which lies beside the package in a source
tree and inside it in a wheel.
"""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import posixpath
from collections.abc import Mapping
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from convert.errors import ExportError, UsageError
from convert.text import files
from convert.text.late import Late

if TYPE_CHECKING:
    import jinja2
else:
    jinja2 = Late("jinja2")

_PLAIN = ("txt", "tsv", "csv", "json")
"""Endings of templates whose output is text and no markup: what is put in is not escaped."""


@dataclasses.dataclass(frozen=True)
class TemplateFolder:
    """Templates of the user's folder, an exporter's, ours; satisfies ``contract.Templates``."""

    user_folder: Path | None = None
    exporter_folder: Path | None = None
    alone: str | None = None
    """The one folder of templates that there is; None where all are, "" where none is."""

    def __post_init__(self) -> None:
        if self.user_folder is not None and not self.user_folder.is_dir():
            raise UsageError(f"{self.user_folder}: no such folder of templates")

    def beside(self, exporter: object) -> TemplateFolder:
        """Return these templates with those in ``templates/`` beside the exporter's module."""
        try:
            folder = Path(inspect.getfile(type(exporter))).resolve().parent / "templates"
        except (OSError, TypeError):  # written in no file
            return self
        return dataclasses.replace(self, exporter_folder=folder) if folder.is_dir() else self

    def render(self, name: str, /, **values: object) -> str:
        """Render a Jinja2 template with escaping on; names that it asks for in vain are errors.

        Raises ExportError naming the template and the line.
        """
        try:
            return self._environment.get_template(name).render(**values)
        except jinja2.TemplateSyntaxError as error:
            raise ExportError(
                f"{error.filename or name}:{error.lineno}: {error.message}"
            ) from error
        except jinja2.TemplateError as error:
            raise ExportError(f"{name}: {error.message or type(error).__name__}") from error

    def text(self, name: str) -> str:
        """Return a file as it stands, such as a style sheet.  Raises ExportError without one."""
        path = self._paths.get(name)
        if path is not None:
            return files.read_named(path).decode()
        raise ExportError(f"no template is called {name!r}")

    @cached_property
    def folders(self) -> tuple[Path, ...]:
        """Where templates are looked for, first to last."""
        folders = (self.user_folder, self.exporter_folder, shipped_folder())
        return tuple(folder for folder in folders if folder is not None)

    def only(self, folder: str) -> TemplateFolder:
        """Return the templates of one folder ("epub") and no others; none at all for ""."""
        return dataclasses.replace(self, alone=folder)

    def names(self) -> frozenset[str]:
        """Return the names of all templates that there are."""
        return frozenset(self._paths)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 (hex) of every template that would be used."""
        combined = hashlib.sha256()
        for name in sorted(self._paths):
            combined.update(f"{name}\n".encode())
            combined.update(hashlib.sha256(files.read_named(self._paths[name])).digest())
        return combined.hexdigest()

    @cached_property
    def _paths(self) -> Mapping[str, Path]:
        """Where each template is that would be used, by its name."""
        return {
            path.relative_to(root).as_posix(): path
            for root in reversed(self.folders)
            for path in (files.below(root / (self.alone or "")) if self.alone != "" else ())
        }

    @cached_property
    def _environment(self) -> jinja2.Environment:
        def source(name: str) -> tuple[str, str, None] | None:
            path = self._paths.get(posixpath.normpath(name))
            return None if path is None else (files.read_named(path).decode(), str(path), None)

        return jinja2.Environment(
            loader=jinja2.FunctionLoader(source),
            # Everything is taken for markup but what by its name is none.
            autoescape=jinja2.select_autoescape(
                enabled_extensions=(), disabled_extensions=_PLAIN, default=True
            ),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )

    def __getstate__(self) -> dict[str, object]:
        # A compiled environment does not cross processes; the folders are enough.
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}


def shipped_folder() -> Path:
    """Return our own: ``convert/templates`` in a wheel, ``templates`` in a source tree."""
    package = Path(str(resources.files("convert")))
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"
