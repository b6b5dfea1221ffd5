"""The command line: arguments in, exit code out, no logic.

Exit codes: 0 everything exported, 1 an entry was left out or an output failed, 2 a usage
error or no source, 3 nothing usable produced, 130 and 143 interrupted.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from convert.cli import flags as asked
from convert.cli.terminal import Terminal
from convert.errors import ConvertError, NotASource, UsageError
from convert.plugins import Registry
from convert.run import driver
from convert.run.report import RunReport, write
from convert.settings import config_file as config
from convert.settings import options
from convert.settings.job import Job

app = typer.Typer(
    help="Turns the posts of a group's blogs into feeds, books, printable archives and Markdown.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_SELECT, _PUBLISH, _RUN = "Which entries", "What it is called", "How it runs"

Sources = Annotated[list[str] | None, typer.Argument(metavar="SOURCE…", show_default=False)]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.", rich_help_panel=_RUN)]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.", rich_help_panel=_RUN)]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", min=1, metavar="N", help="Worker processes; default: the cores."),
]
ReportFile = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE.json", help="Write what happened as JSON."),
]
FailOn = Annotated[
    asked.FailOn, typer.Option("--fail-on", help="The least that makes the exit code 1.")
]
Offline = Annotated[
    bool, typer.Option("--offline", help="Open no connection; use what the cache holds.")
]
Cache = Annotated[
    Path | None, typer.Option("--cache", metavar="DIR", help="Where to remember things.")
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace files of ours that someone edited.")
]
Checksums = Annotated[
    bool, typer.Option("--checksums", help="Write SHA256SUMS beside the outputs.")
]
AllowNetwork = Annotated[
    list[str] | None,
    typer.Option("--allow-network", metavar="CIDR", help="A network that is not public."),
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Take the rest from this file.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("-O", metavar="NAME.OPTION=VALUE", help="An option of an exporter or source."),
]
MaxBody = Annotated[
    int | None,
    typer.Option("--max-body", min=1, metavar="N", help="Longest body in characters; 8000000."),
]
Rev = Annotated[str | None, typer.Option(help="The Git revision to read.")]


@app.command()
def export(
    sources: Sources = None,
    to: Annotated[list[str] | None, typer.Option(help="Exporters, comma-separated.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Default: out.")] = None,
    output: Annotated[
        str | None, typer.Option("-o", metavar="FILE", help="One file; - for standard output.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The stem of file names.")] = None,
    title: Annotated[str | None, typer.Option()] = None,
    subtitle: Annotated[str | None, typer.Option()] = None,
    identity: Annotated[str | None, typer.Option("--id", help="An IRI that never changes.")] = None,
    language: Annotated[str | None, typer.Option(help="BCP 47, such as en or fr-CA.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Where the outputs will stand.")] = None,
    author: Annotated[list[str] | None, typer.Option(help="Username or name.")] = None,
    exclude_author: Annotated[list[str] | None, typer.Option()] = None,
    category: Annotated[list[str] | None, typer.Option()] = None,
    exclude: Annotated[list[str] | None, typer.Option(metavar="ID")] = None,
    since: Annotated[str | None, typer.Option(help="2025, 2025-03, a day, or 30d.")] = None,
    until: Annotated[str | None, typer.Option(help="Inclusive, UTC.")] = None,
    year: Annotated[int | None, typer.Option()] = None,
    match: Annotated[str | None, typer.Option(help="Text that title or body holds.")] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="The newest N.")] = None,
    order: Annotated[
        asked.OrderWord | None, typer.Option(help="Default: books oldest first, feeds newest.")
    ] = None,
    rev: Rev = None,
    set_option: SetOption = None,
    config_file: ConfigFile = None,
    templates: Annotated[Path | None, typer.Option(metavar="DIR")] = None,
    into: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The Thicket repository to update.")
    ] = None,
    duplicates: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Instead of duplicates.json.")
    ] = None,
    max_body: MaxBody = None,
    emails: Annotated[bool, typer.Option("--emails", help="Publish e-mail addresses.")] = False,
    jobs: Jobs = None,
    report: ReportFile = None,
    fail_on: FailOn = asked.FailOn.entry,
    offline: Offline = False,
    allow_network: AllowNetwork = None,
    cache: Cache = None,
    overwrite: Overwrite = False,
    checksums: Checksums = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Convert SOURCE… (folders, Git repositories, feeds) to one or more formats."""
    flags = asked.Flags(**{key: value for key, value in locals().items() if key != "debug"})
    registry = Registry.default()
    _run(asked.job(flags, registry, _today()), registry, quiet=quiet, to_stdout=output == "-")


@app.command()
def build(
    file: Annotated[Path, typer.Argument(metavar="FILE")] = Path(config.FILE_NAME),
    out: Annotated[Path | None, typer.Option(metavar="DIR")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Print the plan, make nothing.")] = False,
    jobs: Jobs = None,
    report: ReportFile = None,
    fail_on: FailOn = asked.FailOn.entry,
    offline: Offline = False,
    cache: Cache = None,
    overwrite: Overwrite = False,
    checksums: Checksums = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Make every output of a config file."""
    registry = Registry.default()
    job = config.load(file, registry, _today())
    job = msgspec.structs.replace(
        job,
        out=out or job.out or Path("out"),
        jobs=jobs or job.jobs or asked.cores(),
        report=report,
        fail_on=fail_on.value,
        offline=offline,
        cache=cache,
        overwrite=overwrite,
        checksums=checksums or job.checksums,
    )
    if not job.outputs:
        raise UsageError(f"{file}: no [[output]] says what to make")
    if plan:
        for line in driver.plan(job, registry):
            typer.echo(line)
        return
    _run(job, registry, quiet=quiet)


@app.command()
def check(
    sources: Sources = None,
    rev: Rev = None,
    max_body: MaxBody = None,
    set_option: SetOption = None,
    jobs: Jobs = None,
    report: ReportFile = None,
    fail_on: FailOn = asked.FailOn.entry,
    offline: Offline = False,
    allow_network: AllowNetwork = None,
    cache: Cache = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Read everything, write nothing, list every problem."""
    flags = asked.Flags(**{key: value for key, value in locals().items() if key != "debug"})
    registry = Registry.default()
    _run(asked.job(flags, registry, _today(), outputs=False), registry, quiet=quiet)


@app.command()
def exporters(
    name: Annotated[str | None, typer.Argument(help="One exporter: shows its options.")] = None,
    debug: Debug = False,
) -> None:
    """List the exporters, or the options of one."""
    registry = Registry.default()
    console = Console(soft_wrap=True, highlight=False)
    if name is None:
        for line in asked.list_exporters(registry):
            console.print(line, markup=False)
        return
    exporter = registry.exporter(name)
    console.print(f"{exporter.name}: {exporter.summary}", markup=False)
    if missing := exporter.unavailable():
        console.print(f"unavailable: {missing}", markup=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("option", "type", "default", "what it does"):
        table.add_column(column, overflow="fold")
    for facts in options.describe(exporter.Options):
        table.add_row(facts.name, facts.type, facts.default, facts.description)
    console.print(table, markup=False)


def main() -> NoReturn:
    """The command ``thicket-convert``: ends the process with one of the exit codes."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        app()
    except Exception as error:
        sys.exit(_failed(error, debug="--debug" in sys.argv[1:]))
    sys.exit(0)


def _failed(error: Exception, *, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    known = isinstance(error, ConvertError)
    reason = (
        str(error) if known else f"a fault of ours ({type(error).__name__}: {error}); see --debug"
    )
    Terminal().error(reason)
    return 2 if isinstance(error, UsageError | NotASource) else 3


def _run(job: Job, registry: Registry, *, quiet: bool, to_stdout: bool = False) -> None:
    terminal = Terminal(quiet=quiet or to_stdout, debug="--debug" in sys.argv[1:])
    with terminal.watching():
        report = driver.run(job, registry, terminal)
    terminal.close(report)
    _write_report(report, job.report)
    raise typer.Exit(report.exit_code)


def _write_report(report: RunReport, path: Path | None) -> None:
    if path is not None:
        try:
            write(report, path)
        except OSError as error:
            raise UsageError(f"{path}: the report cannot be written: {error.strerror}") from error


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    """Ends the run at once; what is open cleans up on the way out."""
    raise SystemExit(128 + number)


def _today() -> dt.datetime:
    """What "30d" counts back from."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return (
        dt.datetime.fromtimestamp(int(epoch), dt.UTC)
        if epoch.isdigit()
        else dt.datetime.now(dt.UTC)
    )
