"""The command line: arguments in, exit code out, no logic.

Exit codes: 0 everything exported, 1 an entry was left out or an output failed, 2 a usage
error or no source, 3 nothing usable produced, 130 and 143 interrupted, 141 where nobody reads
what is printed.
"""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer
from rich.table import Table

from convert.cli import flags, streams, unstarted
from convert.cli.terminal import Terminal, console_of, foreseen
from convert.errors import Interrupted, Unread, UsageError
from convert.plugins import Registry, calling, lacking
from convert.run import driver
from convert.run.limit import let_signals_wake
from convert.run.report import code_of, message_of
from convert.settings import config_file, options
from convert.settings.places import STANDARD_OUTPUT
from convert.text import dates
from convert.version import __version__

app = typer.Typer(
    help="Turns the posts of a group's blogs into feeds, books, printable archives and Markdown.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(version: bool) -> None:
    if version:
        typer.echo(f"thicket-convert {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and end."
        ),
    ] = False,
) -> None: ...


_SOURCES = flags.SETTINGS["sources"]
Sources = Annotated[
    list[str] | None,
    typer.Argument(
        metavar=_SOURCES.flag.metavar,
        help=options.description(_SOURCES.field.type),
        show_default=False,
    ),
]


@app.command(cls=flags.PanelCommand)
@flags.takes(flags.ALL)
def export(sources: Sources = None, **values: Any) -> None:
    """Convert SOURCE… (folders, Git repositories, feeds) to one or more formats."""
    _run({"sources": sources, **values})


@app.command(cls=flags.PanelCommand)
@flags.takes(flags.OVER_A_FILE)
def build(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The config file.")] = Path(
        config_file.FILE_NAME
    ),
    **values: Any,
) -> None:
    """Make the outputs of a config file; what a flag says goes before what the file says."""
    _run({"config": file, **values})


@app.command(cls=flags.PanelCommand)
@flags.takes(flags.WITHOUT_OUTPUTS)
def check(sources: Sources = None, **values: Any) -> None:
    """Read everything, write nothing, list every problem."""
    _run({"sources": sources, **values}, outputs=False)


@app.command(cls=flags.PanelCommand)
@flags.takes(["debug"])
def exporters(
    name: Annotated[str | None, typer.Argument(help="One exporter: shows its options.")] = None,
    **_values: Any,
) -> None:
    """List the exporters, or the options of one."""
    registry = Registry.default()
    console = console_of(stderr=False)
    if name is None:
        for line in list_exporters(registry):
            console.print(line)
        return
    exporter = registry.exporter(name)
    console.print(f"{exporter.name}: {exporter.summary}")
    if missing := lacking(exporter):
        console.print(f"unavailable: {missing}")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("option", "type", "default", "what it does"):
        table.add_column(column, overflow="fold")
    with calling(f"{exporter.name}: Options"):
        described = options.describe(exporter.Options)
    for facts in described:
        table.add_row(facts.name, facts.type, facts.default, facts.description)
    console.print(table)


def list_exporters(registry: Registry) -> Iterator[str]:
    """Yield one line for each exporter, and one for each plug-in that is broken."""
    for name in registry.exporter_names():
        try:
            exporter = registry.exporter(name)
            missing = lacking(exporter)
        except Exception as error:  # a plug-in's code may raise anything
            yield f"{name}: broken: {error}"
            continue
        yield f"{name}: unavailable: {missing}" if missing else f"{name}: {exporter.summary}"


def main() -> NoReturn:
    """Run the command ``thicket-convert`` and end the process with its exit code."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    let_signals_wake()
    streams.connect()
    try:
        try:
            app()
        finally:
            streams.flush()
    except Unread:
        raise
    except Interrupted as stopped:
        Terminal().error(message_of(stopped))
        sys.exit(code_of(stopped))
    except Exception as error:
        # Asked of the arguments: what failed may be the reading of the flags.
        if "--debug" in sys.argv[1:]:
            traceback.print_exception(error)
        Terminal().error(message_of(error))
        sys.exit(code_of(error))
    sys.exit(0)


def _run(values: Mapping[str, Any], *, outputs: bool = True) -> None:
    registry = Registry.default()
    dry, explain = bool(values.get("plan")), bool(values.get("explain"))
    try:
        job = flags.job(values, registry, dates.now(), outputs=outputs)
        if explain and not dry:
            raise UsageError("--explain says why --plan would make each output: give --plan too")
    except Exception as error:
        unstarted.report_on(values, message_of(error), code_of(error))
        raise
    terminal = Terminal(quiet=values["quiet"], debug=values["debug"])
    with terminal.watching():
        report = driver.run(job, registry, terminal, write=outputs, dry=dry)
    if dry and job.report != STANDARD_OUTPUT:
        for line in foreseen(report, explain=explain):
            typer.echo(line)
    terminal.close(report)
    raise typer.Exit(report.exit_code)


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    """End the run at once; what is open cleans up on the way out."""
    raise Interrupted(128 + number)
