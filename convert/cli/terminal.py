"""What a person at a terminal sees: progress, problems, the closing table.  All on stderr."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from convert.model import Problem
from convert.run.report import RunReport, UnitRecord
from convert.settings.places import STANDARD_OUTPUT
from convert.text.characters import visible

MOST_PROBLEMS = 50
"""Warnings shown one by one; the rest is counted, and all are in the JSON report."""
LOG_WIDTH = 200
"""Columns of the closing table where nobody's window bounds them: no cell is folded in a log."""


FEW = 3
"""Files that were removed shown by name; all are in the JSON report."""


def console_of(*, stderr: bool) -> Console:
    """Return a console that shows every text as it stands: names of files and of people hold what
    rich takes for markup (``[b]``) or emoji (``:new:``)."""
    return Console(stderr=stderr, soft_wrap=True, markup=False, emoji=False, highlight=False)


class Terminal:
    """An observer that draws bars on a terminal and prints plain lines elsewhere."""

    def __init__(self, *, quiet: bool = False, debug: bool = False) -> None:
        self.console = console_of(stderr=True)
        if not self.console.is_terminal:
            self.console.width = LOG_WIDTH
        self._quiet = quiet
        self._debug = debug
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._shown = 0
        self._hidden = 0

    @contextlib.contextmanager
    def watching(self) -> Iterator[Terminal]:
        """Draw while the block runs."""
        if self._quiet or not self.console.is_terminal:
            yield self
            return
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
        ) as self._progress:
            yield self
        self._progress = None

    def stage(self, name: str, total: int | None) -> None:
        """Begin a stage: a new bar, or one plain line."""
        if self._progress is not None:
            if self._task is not None:
                self._progress.remove_task(self._task)
            self._task = self._progress.add_task(name, total=total)
        elif not self._quiet:
            self.console.print(f"{name} …")

    def advance(self, steps: int = 1) -> None:
        """Move the bar on."""
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, steps)

    def problem(self, problem: Problem) -> None:
        """Print a problem; warnings are not printed under --quiet, and those of entries stop after
        a while."""
        many = self._shown >= MOST_PROBLEMS and not problem.of_source
        if problem.severity == "warning" and (self._quiet or many):
            self._hidden += 1
            return
        if problem.severity == "warning":
            self._shown += 1
        label, colour = _LABELS[problem.severity]
        if problem.severity == "entry" and problem.of_source:
            label = "source failed:"
        self._say(label, colour, str(problem))

    def trace(self, text: str) -> None:
        """Print where an exporter failed, under --debug."""
        if self._debug:
            self.console.print("\n".join(map(visible, text.splitlines())))

    def close(self, report: RunReport) -> None:
        """Print the closing table and the counts."""
        if self._quiet:
            return
        if self._hidden:
            more = f"{self._hidden} more warnings; --report FILE.json has them all"
            self.console.print(more)
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("output", "file", "status"):
            table.add_column(name, no_wrap=True, overflow="ignore")
        for name in ("files", "entries", "size", "seconds", "problems"):
            table.add_column(name, justify="right", no_wrap=True)
        for unit in _worth_a_row(report):
            edited = (str(Path(unit.place, path)) for path in (*unit.edited, *unit.blocked))
            paths = {unit.path, *edited}
            problems = sum(each.path in paths for each in report.problems)
            table.add_row(
                unit.exporter,
                unit.path,
                unit.status,
                str(len(unit.files)),
                str(unit.entries),
                _size(unit.size),
                f"{unit.seconds:.1f}",
                str(problems) if problems else "",
            )
        if report.units and not report.dry:
            self.console.print(table)
        removed = [str(Path(unit.place, each)) for unit in report.units for each in unit.removed]
        if removed and not report.dry:
            more = f" and {len(removed) - FEW} more" if len(removed) > FEW else ""
            self.console.print(f"removed: {visible(', '.join(removed[:FEW]))}{more}")
        self.console.print(summary(report))

    def error(self, message: str) -> None:
        """Print one line that says what stopped the run."""
        self._say("error:", "bold red", visible(message))

    def _say(self, label: str, style: str, text: str) -> None:
        self.console.print(Text.assemble((label, style), " ", text))


_STREAM = str(STANDARD_OUTPUT)
_LABELS = {
    "warning": ("warning:", "yellow"),
    "entry": ("left out:", "red"),
    "output": ("failed:", "bold red"),
}


def _worth_a_row(report: RunReport) -> Iterator[UnitRecord]:
    """Yield the units that a person is shown: all but the list of volumes of an exporter that
    lists none."""
    for unit in report.units:
        if unit.files or unit.status != "kept" or unit.path == unit.place:
            yield unit


def foreseen(report: RunReport, *, explain: bool = False) -> Iterator[str]:
    """Yield what a dry run found out, a line for each unit that is asked for, and each file that
    would be removed, or that stays because somebody edited it, or as it was never ours; with
    ``explain`` why."""
    for unit in _worth_a_row(report):
        rows = [
            *(("stays", path, "edited") for path in unit.edited),
            *(("stays", path, "never ours") for path in unit.blocked),
            *(("removed", path, "made no more") for path in unit.removed),
        ]
        if unit.status == "dropped":
            rows = [(status, path, unit.why) for status, path, _ in rows]
        else:
            entries = _counted(unit.entries, "entry", "entries")
            why = f"\t{unit.why or 'nothing changed'}" if explain else ""
            yield f"{unit.status}\t{unit.exporter}\t{visible(unit.path)}\t{entries}{why}"
        for status, path, why in rows:
            line = f"{status}\t{unit.exporter}\t{visible(path)}"
            yield f"{line}\t\t{why}" if explain else line


def summary(report: RunReport) -> str:
    """Return what became of the entries and the outputs: "15 of 16 entries published, 1 left
    out, 3 warnings; 2 outputs made, 1 kept, 4 files removed, in out"."""
    counts, places = report.counts, list(dict.fromkeys(map(_place, report.units)))
    read = _counted(report.read, "entry", "entries")
    parts = [f"{counts.published} of {read} published"]
    if report.checked:
        parts = [f"checked: {report.entries} of {read} can be published"]
    if counts.left_out:
        parts.append(f"{counts.left_out} left out")
    if sources := report.count("entry") - counts.left_out:
        parts.append(_counted(sources, "source failed", "sources failed"))
    if counts.failed:
        parts.append(_counted(counts.failed, "output failed", "outputs failed"))
    parts.append(_counted(report.count("warning"), "warning", "warnings"))
    if not report.units:
        return ", ".join(parts)
    done = [
        f"{_counted(counts.made_anew, 'output', 'outputs')} made",
        f"{counts.kept_as_were} kept",
    ]
    if counts.edited:
        done.append(f"{counts.edited} edited by you")
    if counts.removed:
        done.append(_counted(counts.removed, "file removed", "files removed"))
    where = "on standard output" if places == [_STREAM] else f"in {', '.join(places)}"
    if (file := report.options.get("report")) and file != "-":
        where += f"; all of it is told in {file}"
    dry = "dry run, nothing is written: " if report.dry else ""
    return f"{dry}{', '.join(parts)}; {', '.join(done)}, {where}"


def _place(unit: UnitRecord) -> str:
    """Return where a unit is, and what of it was committed."""
    if unit.commit is None:
        return unit.place
    return f"{unit.place} ({f'commit {unit.commit[:7]}' if unit.commit else 'nothing to commit'})"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _size(size: int) -> str:
    """Return bytes as people read them, in powers of 1,000."""
    amount = float(size)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"
