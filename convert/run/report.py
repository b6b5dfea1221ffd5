"""What a run has to say: problems as they are found, and the report at its end.

``docs/report.schema.json`` is the JSON Schema of ``RunReport``, made by ``schema()``.
"""

from __future__ import annotations

import dataclasses
import importlib.metadata
import inspect
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from convert.errors import ConvertError, Interrupted, NotASource, UsageError, internal_error
from convert.model import Problem, Severity, Value
from convert.output.manifest import FileRecord
from convert.output.publish import SUMS_KEY
from convert.settings.job import Job
from convert.settings.places import STANDARD_OUTPUT
from convert.text.addresses import shown
from convert.text.characters import visible

SEVERITIES: tuple[Severity, ...] = ("warning", "entry", "output")
"""From the least to the gravest."""


class UnitRecord(Value, frozen=True, kw_only=True):
    """What became of one unit: an output, or one volume of it.  ``seconds`` it took.

    ``place`` is the folder or the file that the user named, ``path`` where it lies in the
    folder.  It is "kept" where every file was there already, byte for byte; ``written`` counts
    the others, ``removed`` are files of earlier runs that its output no longer has.  It is
    "edited" where what the user wrote into a file of it stays; then ``files`` and ``entries`` are
    what there is beside.  ``edited`` are those files, and those that it no longer makes and that
    stay as someone edited them; ``blocked`` are files in whose place stands what was never ours:
    then it has failed.
    It is "dropped" where the run makes no output of that exporter and name any more, and what an
    earlier one made of it goes: ``removed`` are those files, ``edited`` those that stay. The sums
    of all files (``checksums``) are no format's: their ``exporter`` is "checksums".
    ``why`` says why it was made, as in "entries changed"; "" where nothing that shapes it did.
    ``commit`` is the hash of the commit that was made of it, "" where there was nothing to
    commit; null where none was asked for.  ``stays`` where it failed and is there all the
    same: as it was, as it would have lost entries of what could not be read, or but for what is
    blocked, or for its commit.
    """

    exporter: str
    name: str
    path: str
    status: Literal["made", "kept", "edited", "failed", "dropped"]
    entries: int
    seconds: float = 0.0
    volume: str | None = None
    files: tuple[FileRecord, ...] = ()
    place: str = ""
    written: int = 0
    removed: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    why: str = ""
    commit: str | None = None
    stays: bool = False

    @property
    def of_entries(self) -> bool:
        """Whether the run was to make it, and of entries."""
        return self.status != "dropped" and self.exporter != SUMS_KEY[0]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(each.size for each in self.files)


class InputRecord(Value, frozen=True, kw_only=True):
    """One source; ``address`` and ``remote`` without credentials.  ``complete`` where all of it
    could be read."""

    address: str
    kind: str
    entries: int
    commit: str | None = None
    remote: str | None = None
    complete: bool = True


class RightsRecord(Value, frozen=True, kw_only=True):
    """What one author says of rights; how many entries say it."""

    author: str
    rights: str
    entries: int


class Counts(Value, frozen=True, kw_only=True):
    """What a run did, in sum: outputs and volumes ``made``, ``kept`` as they were, ``edited``
    by the user and ``failed``; files ``written`` and ``removed``; entries ``published`` (in
    files of ours that were made or kept) and ``left_out``."""

    made_anew: int = msgspec.field(default=0, name="made")
    kept_as_were: int = msgspec.field(default=0, name="kept")
    edited: int = 0
    failed: int = 0
    written: int = 0
    removed: int = 0
    published: int = 0
    left_out: int = 0


class RunReport(Value, frozen=True, kw_only=True):
    """Everything that a run did; the JSON of ``--report``.

    ``read`` counts the entries that the sources gave, ``entries`` those of them that can be
    published; ``counts`` says what was.  ``lost`` are the addresses of what could not be read:
    sources, feeds, members' folders, files of entries.  ``checked`` where nothing was to be
    written, ``dry`` where all of it is what would be;
    ``error`` is what ended a run that did not come to its end.
    """

    format: Literal[1] = 1
    version: str
    exit_code: int
    error: str = ""
    checked: bool = False
    dry: bool = False
    inputs: tuple[InputRecord, ...] = ()
    options: dict[str, Any] = {}  # noqa: RUF012 - msgspec copies it
    versions: dict[str, str] = {}  # noqa: RUF012
    lost: tuple[str, ...] = ()
    read: int = 0
    entries: int = 0
    counts: Counts = Counts()
    units: tuple[UnitRecord, ...] = ()
    problems: tuple[Problem, ...] = ()
    rights: tuple[RightsRecord, ...] = ()

    def count(self, severity: Severity) -> int:
        """Return how many problems of that severity there are."""
        return sum(problem.severity == severity for problem in self.problems)


class Observer(Protocol):
    """Who watches a run: the terminal, a log, nobody."""

    def stage(self, name: str, total: int | None) -> None:
        """Begin a stage ("reading"), of ``total`` steps where that is known."""
        ...

    def advance(self, steps: int = 1) -> None:
        """Count so many steps of the stage as done."""
        ...

    def problem(self, problem: Problem) -> None:
        """Take a problem."""
        ...

    def trace(self, text: str) -> None:
        """Take where an exporter failed, for those who look into it."""
        ...


class Silent:
    """Nobody watches: the library's default."""

    def stage(self, name: str, total: int | None) -> None:
        """Do nothing."""

    def advance(self, steps: int = 1) -> None:
        """Do nothing."""

    def problem(self, problem: Problem) -> None:
        """Do nothing."""

    def trace(self, text: str) -> None:
        """Do nothing."""


class Problems:
    """Collects problems in the order they come; the same one twice counts once."""

    def __init__(self, watch: Callable[[Problem], None]) -> None:
        self._problems: dict[Problem, None] = {}
        self._watch = watch

    def __call__(self, problem: Problem) -> None:
        """Take one problem, in words that a terminal can show: what strangers wrote is in them.

        The path is said once, also where an error says it.
        """
        problem = msgspec.structs.replace(
            problem,
            path=visible(problem.path),
            field=visible(problem.field),
            reason=visible(problem.reason.removeprefix(f"{problem.path}: ")),
        )
        if problem not in self._problems:
            self._problems[problem] = None
            self._watch(problem)

    @property
    def all(self) -> tuple[Problem, ...]:
        """Every problem, in order."""
        return tuple(self._problems)

    def worst(self) -> Severity | None:
        """Return the gravest severity of all problems."""
        severities = {problem.severity for problem in self._problems}
        return max(severities, key=SEVERITIES.index, default=None)


@dataclasses.dataclass(frozen=True)
class Relayed:
    """An observer that also collects: each problem reaches ``watch`` through ``problems``."""

    watch: Observer
    problems: Problems

    def stage(self, name: str, total: int | None) -> None:
        """Pass it on."""
        self.watch.stage(name, total)

    def advance(self, steps: int = 1) -> None:
        """Pass it on."""
        self.watch.advance(steps)

    def problem(self, problem: Problem) -> None:
        """Collect the problem; a new one reaches ``watch``."""
        self.problems(problem)

    def trace(self, text: str) -> None:
        """Pass it on."""
        self.watch.trace(text)


def counts_of(
    units: tuple[UnitRecord, ...], published: int, problems: tuple[Problem, ...]
) -> Counts:
    """Return the sums of a run that published so many entries."""
    statuses = [unit.status for unit in units]
    return Counts(
        made_anew=statuses.count("made"),
        kept_as_were=statuses.count("kept"),
        edited=statuses.count("edited"),
        failed=statuses.count("failed"),
        written=sum(unit.written for unit in units),
        removed=sum(len(unit.removed) for unit in units),
        published=published,
        left_out=sum(each.severity == "entry" and not each.of_source for each in problems),
    )


def exit_code(
    worst: Severity | None,
    fail_on: Severity,
    units: tuple[UnitRecord, ...],
    *,
    wanted: bool = True,
) -> int:
    """Return 3 where outputs were wanted and none was made, 1 where ``fail_on`` is met, or 0."""
    unusable = all(unit.status == "failed" and not unit.stays for unit in units if unit.of_entries)
    if wanted and worst == "output" and unusable:
        return 3
    if worst is not None and SEVERITIES.index(worst) >= SEVERITIES.index(fail_on):
        return 1
    return 0


def code_of(error: BaseException) -> int:
    """Return the exit code of a run that this error ends."""
    if isinstance(error, Interrupted):
        return int(error.code or 130)
    if isinstance(error, KeyboardInterrupt):  # of a program: the command has signals of its own
        return 130
    return 2 if isinstance(error, UsageError | NotASource) else 3


def message_of(error: BaseException) -> str:
    """Return the one line that says what ended a run."""
    if isinstance(error, Interrupted | KeyboardInterrupt):
        return "interrupted"
    return str(error) if isinstance(error, ConvertError) else internal_error(error)


def versions() -> dict[str, str]:
    """Return the Python and the libraries that shaped the outputs, by name."""
    names = ("ebooklib", "feedgen", "html-to-markdown", "lxml", "nh3", "pillow", "weasyprint")
    libraries = {name: importlib.metadata.version(name) for name in names}
    return {"python": platform.python_version(), **libraries}


def options_of(job: Job) -> dict[str, Any]:
    """Return what the job asks for, as plain values, without passwords in addresses."""
    options: dict[str, Any] = msgspec.to_builtins(job, enc_hook=str)
    options |= {key: _each_text(options[key], shown) for key in ("sources", "feeds")}
    return options


def encode(report: RunReport) -> bytes:
    """Return the report as JSON text, two spaces a level; all of its texts as ``visible`` has
    them."""
    plain = _each_text(msgspec.to_builtins(report), visible)
    return msgspec.json.format(msgspec.json.encode(plain), indent=2) + b"\n"


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    """Return a value of JSON with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(str(key)): _each_text(each, change) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(each, change) for each in value]
    return value


def decode(data: bytes) -> RunReport:
    """Return a report read back."""
    return msgspec.json.decode(data, type=RunReport)


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the report; the same under every Python: since 3.13
    docstrings lose their indentation."""
    schema: dict[str, Any] = _each_text(msgspec.json.schema(RunReport), inspect.cleandoc)
    return schema


def write(report: RunReport, path: Path) -> None:
    """Write the report; "-" is standard output.  Raises UsageError where that cannot be."""
    try:
        if path == STANDARD_OUTPUT:
            sys.stdout.buffer.write(encode(report))
            sys.stdout.buffer.flush()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(report))
    except OSError as error:
        reason = f"the report cannot be written: {error.strerror}"
        raise UsageError(f"{path}: {reason}") from error
