"""Flags of the command line: made from the settings, and read to a ``Job``, alone or over a
config file.
"""

from __future__ import annotations

import datetime as dt
import inspect
import os
import typing
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import typer
from typer.core import TyperCommand

from convert.cli import unstarted
from convert.contract import StoreExporter
from convert.errors import Interrupted, UnknownName, UsageError, in_words
from convert.model import Value
from convert.plugins import Registry, is_path, suffix_of
from convert.run.execute import try_out
from convert.settings import apart, config_file, layers, options, places
from convert.settings.flag import INPUT, OUTPUT, PANELS, RUN, Flag
from convert.settings.job import NO_SOURCE, Job, OutputRequest, SelectSettings
from convert.settings.layers import Setting

_Command = TypeVar("_Command", bound=Callable[..., None])
_about = msgspec.Meta


class CommandLine(Value, frozen=True, kw_only=True):
    """The settings that only the command line has."""

    to: Annotated[
        tuple[str, ...],
        _about(description="Exporters, comma-separated; of a config file, those of its outputs."),
        Flag(OUTPUT, "NAME", "every output of the config file"),
    ] = ()
    output: Annotated[
        str | None,
        _about(description="One file instead of a folder; - is standard output."),
        Flag(OUTPUT, "FILE", letter="o"),
    ] = None
    order: Annotated[
        Literal["oldest", "newest"] | None,
        _about(description="Which entries come first."),
        Flag(OUTPUT, "", "books oldest, feeds newest"),
    ] = None
    plan: Annotated[
        bool,
        _about(description="Print what would be made, kept and removed, and write nothing."),
        Flag(OUTPUT, letter="n", also="--dry-run"),
    ] = False
    explain: Annotated[
        bool,
        _about(description="With --plan: say of each output why it would be made."),
        Flag(OUTPUT),
    ] = False
    set_option: Annotated[
        tuple[str, ...],
        _about(description="An option of an exporter or a source, such as epub.parts=year."),
        Flag(RUN, "NAME.OPTION=VALUE", letter="O"),
    ] = ()
    config: Annotated[
        Path | None,
        _about(description="Take what the flags do not say from this file."),
        Flag(RUN, "FILE"),
    ] = None
    quiet: Annotated[bool, _about(description="Print errors only."), Flag(RUN)] = False
    debug: Annotated[bool, _about(description="Show tracebacks."), Flag(RUN)] = False


SETTINGS: Mapping[str, Setting] = {
    word: setting
    for kind in (CommandLine, Job, SelectSettings)
    for word, setting in layers.settings(kind).items()
}
ALL = [
    word
    for panel in PANELS
    for word, setting in SETTINGS.items()
    if setting.flag.panel == panel and word != "sources"
]
"""Every flag; sources are named without one."""
OVER_A_FILE = [word for word in ALL if word != "config"]
"""What goes over a config file that is named already."""
WITHOUT_OUTPUTS = [word for word in ALL if SETTINGS[word].flag.panel in {INPUT, RUN}]
"""What matters where nothing is written."""


class PanelCommand(TyperCommand):
    """A command whose --help shows each flag under the heading of its panel."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words of the command line; a report tells where they are no flags."""
        words = list(args)
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            # Typer shows no class for what is wrong with a word.
            if (say := getattr(error, "format_message", None)) is not None:
                unstarted.report_on_words(words, say(), 2)
            raise

    def invoke(self, ctx: Any) -> Any:
        """Run the command.  What ends a process is the user's word or a fault, but no success."""
        try:
            return super().invoke(ctx)
        except (Exception, Interrupted):
            raise
        except BaseException as error:
            raise RuntimeError(in_words(error)) from error

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the flags, panel by panel."""
        panels: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            if record := parameter.get_help_record(ctx):
                kind = "Arguments" if parameter.param_type_name == "argument" else "Help"
                heading = getattr(parameter, "rich_help_panel", None) or kind
                panels.setdefault(heading, []).append(record)
        for heading, records in panels.items():
            with formatter.section(heading):
                formatter.write_dl(records)


def takes(words: Iterable[str]) -> Callable[[_Command], _Command]:
    """Return a decorator that gives a command, in place of its ``**values``, a flag for each
    of these settings; a flag that is not set is None or empty."""

    def signed(command: _Command) -> _Command:
        own = inspect.signature(command, eval_str=True).parameters.values()
        parameters = [each for each in own if each.kind is not each.VAR_KEYWORD]
        flags = [_parameter(SETTINGS[word]) for word in words]
        command.__signature__ = inspect.Signature([*parameters, *flags])  # type: ignore[attr-defined]
        return command

    return signed


def job(
    values: Mapping[str, object], registry: Registry, now: dt.datetime, *, outputs: bool = True
) -> Job:
    """Return the job that flags mean, over the config file that they name.

    ``values`` are by the settings' words; ``outputs`` is False where nothing is to be written.
    Raises UsageError and UnknownName.
    """
    line, table, select = (
        # A flag that is not set is None, one of several values an empty list.
        {word: values[word] for word in layers.settings(kind) if values.get(word) not in (None, [])}
        for kind in (CommandLine, Job, SelectSettings)
    )
    flags = CommandLine(**layers.values(CommandLine, line, "flag", now))
    base = Job(jobs=0)
    if flags.config is not None:
        base = config_file.load(flags.config, registry, now, base)
    base = layers.over(base, table | ({"jobs": 0} if table.get("jobs") == "" else {}), now)
    if not base.sources:
        of_file = f"{flags.config}: {NO_SOURCE}, in sources or as a [[feed]]"
        raise UsageError(of_file if flags.config else NO_SOURCE)
    if flags.output is not None and table.get("out"):
        raise UsageError(f"-o {flags.output}: is all that is made; leave --out {table['out']} out")
    names = dict.fromkeys(
        part.strip() for each in flags.to for part in each.split(",") if part.strip()
    )
    for name in filter(is_path, names):
        try_out(name)
    of_sources, of_exporters = _set_options(
        flags, [*(names or dict.fromkeys(each.to for each in base.outputs))], registry
    )
    job = msgspec.structs.replace(
        base,
        out=base.out or Path("out"),
        jobs=base.jobs or cores(),
        all_of_file=flags.config is not None
        and not (names or select or flags.output)
        and table.keys().isdisjoint({"sources", "name", "into"}),
        apart=True,
        select=layers.chosen(base.select, select, now),
        source_options=config_file.source_options(of_sources, registry, base.source_options),
        outputs=_outputs(base, flags, [*names], of_exporters, registry)
        if outputs
        else base.outputs,
    )
    stores = (isinstance(registry.exporter(each.to), StoreExporter) for each in job.outputs)
    if table.get("into") and outputs and not any(stores):
        raise UsageError("--into DIR takes the exporter thicket; name it in --to")
    apart.check_report(job)
    return layers.check(job, outputs=outputs and any(each.file is None for each in job.outputs))


def cores() -> int:
    """Return how many processes may work at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _parameter(setting: Setting) -> inspect.Parameter:
    """Return a parameter of a command, as Typer reads it."""
    word, field, flag = setting
    kinds = [each for each in options.alternatives(field.type) if each is not type(None)]
    # What is no switch is read with the keys of the config file, by ``layers``.
    kind: type = (
        bool if bool in kinds else list[str] if typing.get_origin(kinds[0]) is tuple else str
    )
    values = [str(value) for each in kinds for value in typing.get_args(each) if kind is str]
    long = f"--{word.replace('_', '-')}"
    names = [f"-{flag.letter}"] if flag.letter else [long]
    if flag.also:
        names += [flag.also, long]
    if kind is bool and word in layers.settings(Job):
        # So that a flag can switch off what a config file switched on.
        names = [f"{long}/--no-{word.replace('_', '-')}"]
    default = flag.default or options.default_words(field)
    if kind is bool and default == "false":
        default = ""
    option = typer.Option(
        *names,
        metavar=None if kind is bool else flag.metavar or f"[{'|'.join(values)}]",
        help=options.description(field.type) + (f"  [default: {default}]" if default else ""),
        show_default=False,
        rich_help_panel=flag.panel,
    )
    return inspect.Parameter(
        word,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind | None, option],
    )


def _outputs(
    base: Job,
    flags: CommandLine,
    names: list[str],
    words: Mapping[str, dict[str, object]],
    registry: Registry,
) -> tuple[OutputRequest, ...]:
    """Return what is to be made: the config file's outputs, or those of the names; an output
    of the file that is named keeps what the file says of it."""
    if not names and not base.outputs:
        there = ", ".join(registry.exporter_names())
        if flags.config is not None:
            raise UsageError(f"{flags.config}: no [[output]] says what to make; --to can name one")
        raise UsageError(f"say what to make with --to; there are {there}")
    common: dict[str, object] = {"order": flags.order} if flags.order else {}
    if flags.output is not None:
        # One file cannot hold several volumes, which are a book's default.
        common |= {"volumes": "none"}
    requests = list(base.outputs)
    if names:
        of_file = {name: [each for each in requests if each.to == name] for name in names}
        requests = [
            request
            for name in names
            for request in of_file[name] or [config_file.output_request(name, registry, {})]
        ]
    changed = []
    for request in requests:
        exporter = registry.exporter(request.to)
        typed = options.parse(
            exporter.Options,
            common | words.get(exporter.name, {}),
            exporter.name,
            over=request.options,
        )
        changed.append(msgspec.structs.replace(request, options=typed))
    if flags.output is None:
        return tuple(changed)
    if len(changed) != 1:
        raise UsageError("-o FILE takes one output, such as one name in --to; use --out DIR")
    request = changed[0]
    if not suffix_of(registry.exporter(request.to), request.options):
        raise UsageError(f"-o FILE: {request.to} makes a folder; use --out DIR")
    if flags.output != "-":
        with layers.naming("-o"):
            places.file_to_write(Path(flags.output))
    return (msgspec.structs.replace(request, file=flags.output),)


def _set_options(
    flags: CommandLine, outputs: list[str], registry: Registry
) -> tuple[dict[str, dict[str, object]], dict[str, dict[str, object]]]:
    """Return the options that -O sets, of sources and of exporters, by their names.

    A name may be both ("opml"): then an option is the exporter's where that is among the
    outputs and knows it.
    """
    of_sources: dict[str, dict[str, object]] = {}
    of_exporters: dict[str, dict[str, object]] = {}
    exporters = {exporter.name: exporter for exporter in map(registry.exporter, outputs)}
    for word in flags.set_option:
        name, dot, rest = word.partition(".")
        option, equals, value = rest.partition("=")
        if not (dot and equals and option):
            raise UsageError(f"-O {word}: expected NAME.OPTION=VALUE, such as epub.parts=year")
        known = exporters[name].Options.__struct_fields__ if name in exporters else ()
        field = option.replace("-", "_")
        if name in registry.sources and name in exporters and field not in known:
            further = registry.source(name).Options.__struct_fields__
            if field not in further:
                raise UnknownName(f"option of {name}", option, {*known, *further})
        if name in registry.sources and field not in known:
            of_sources.setdefault(name, {})[option] = value
        elif name in exporters:
            of_exporters.setdefault(name, {})[option] = value
        elif name in registry.exporters:
            raise UsageError(f"-O {name}.…: --to does not name {name}")
        else:
            raise UnknownName("exporter or source", name, {*registry.exporters, *registry.sources})
    return of_sources, of_exporters
