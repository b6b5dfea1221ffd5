"""The report of a run that its arguments, or its config file, did not let begin: what stood there
is of an earlier one, which may have ended well."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from convert.contract import ExporterOptions
from convert.errors import ConvertError
from convert.run import report
from convert.run.report import RunReport
from convert.settings import apart, config_file, layers
from convert.settings.job import Job, OutputRequest
from convert.text import dates
from convert.version import __version__

_PLACES = ("sources", "report", "out", "into", "duplicates", "templates")
"""The settings that say where the report goes, and what it must not replace."""


def report_on(values: Mapping[str, Any], message: str, code: int) -> None:
    """Write the report that the flags or their config file ask for, as far as they can be
    understood, where it would take the place of nothing else."""
    now = dates.now()
    job = Job(out=Path("out"))
    if (file := values.get("config")) is not None:
        job = config_file.understood(Path(file), _PLACES, job, now)
    for word in _PLACES:
        with suppress(ConvertError):
            if values.get(word):
                job = layers.over(job, {word: values[word]}, now)
    if output := values.get("output"):
        request = OutputRequest(to="", options=ExporterOptions(), file=output)
        job = msgspec.structs.replace(job, outputs=(request,))
    if job.report is None:
        return
    with suppress(ConvertError):  # what kept the run from beginning is told
        apart.check_report(job)
        ended = RunReport(version=__version__, exit_code=code, error=message)
        report.write(ended, job.report)


def report_on_words(words: Sequence[str], message: str, code: int) -> None:
    """Do the same where the words of the command line are not even flags."""
    file, sources = None, []
    for before, word in itertools.pairwise(("", *words)):
        if before == "--report":
            file = word
        elif word.startswith("--report="):
            file = word.removeprefix("--report=")
        elif Path(word).is_file():  # it may be read
            sources.append(word)
    report_on({"report": file, "sources": sources}, message, code)
