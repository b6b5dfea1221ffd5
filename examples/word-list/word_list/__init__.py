"""An exporter in a package of its own: every word of the entries and how often it stands there.

The whole contract: five facts, and a function from an entry set to files.  What the files
look like is a template in ``templates/`` beside this module; ``--templates`` goes before it.
"""

from __future__ import annotations

import collections
import re
from collections.abc import Iterable
from typing import Annotated

import msgspec

from convert.contract import ExportContext, ExporterOptions, OutputFile
from convert.entryset import EntrySet
from convert.needs import Needs


class WordListOptions(ExporterOptions, frozen=True, kw_only=True):
    """Options of ``wordlist``."""

    least: Annotated[int, msgspec.Meta(description="words that occur less often are left out")] = 1


class WordListExporter:
    """``--to wordlist``: NAME.tsv, a line a word."""

    name = "wordlist"
    summary = "a table of words and how often they occur"
    media_type = "text/tab-separated-values"
    Options = WordListOptions

    def suffix(self, options: WordListOptions) -> str:
        """Return ``.tsv``, whatever the options."""
        return ".tsv"

    def unavailable(self) -> str | None:
        """Return None: it needs nothing that is not there."""
        return None

    def needs(self, options: WordListOptions) -> Needs:
        """Return the folder of its template: nothing else is looked at."""
        return Needs(templates="word-list")

    def export(self, entries: EntrySet, context: ExportContext) -> Iterable[OutputFile]:
        """Yield one file; the most frequent words first, equal ones in alphabetical order."""
        counted: collections.Counter[str] = collections.Counter()
        for _, content in entries.contents():
            counted.update(word.lower() for word in re.findall(r"[^\W\d_]+", content.text))
        ranked = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
        words = [(word, count) for word, count in ranked if count >= context.options.least]
        text = context.templates.render("word-list/words.tsv", words=words)
        yield OutputFile(path=context.path, content=text.encode())


EXPORTER = WordListExporter()
