"""CSL-JSON: the entries as references, for Zotero, pandoc and other citation managers.

The format is that of the Citation Style Language 1.0.2 (csl-data.json): an array of items.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from convert.contract import ExportContext, ExporterOptions, OutputFile
from convert.entryset import EntrySet
from convert.exporters.outline import author_names, categories_of
from convert.needs import Needs
from convert.text.characters import fold
from convert.text.languages import language_tag

_ENCODER = msgspec.json.Encoder()


class CslOptions(ExporterOptions, frozen=True, kw_only=True):
    """A list of references has no options of its own."""


class CslExporter:
    """``--to csl``: see ``convert.contract.Exporter``."""

    name = "csl"
    summary = "CSL-JSON: the entries as references for citation managers"
    media_type = "application/vnd.citationstyles.csl+json"
    Options = CslOptions

    def suffix(self, options: Any) -> str:
        """Return a suffix that is not that of a JSON Feed, which may stand beside it."""
        return ".csl.json"

    def unavailable(self) -> str | None:
        """Return None: nothing is missing."""
        return None

    def needs(self, options: Any) -> Needs:
        """Return that it needs nothing beside the entries."""
        return Needs()

    def export(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        """Yield one file, a line an entry."""
        lines = []
        for entry in entries:
            source = entries.feed(entry)
            day = entry.date.astimezone(dt.UTC)
            fields: dict[str, object] = {
                "id": entry.key,
                # An entry of a feed is a weblog's; without one it is a web page.
                "type": "post-weblog" if source or entry.source else "webpage",
                "title": entry.title,
                "author": [name_of(name) for name in author_names(entries, entry)],
                "contributor": [name_of(person.name) for person in entry.contributors],
                "issued": {"date-parts": [[day.year, day.month, day.day]]},
                "container-title": fold(source.title if source else entries.user(entry).name),
                "URL": entry.link,
                "abstract": entry.summary,
                "keyword": ", ".join(title for _, title in categories_of(entry)),
                "language": language_tag(entry.language),
            }
            line = _ENCODER.encode({name: value for name, value in fields.items() if value})
            context.show(entry, "json", line.decode)
            lines.append(line)
        yield OutputFile(path=context.path, content=b"[\n" + b",\n".join(lines) + b"\n]\n")

    def list_volumes(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        """Yield the references of the whole publication."""
        yield from self.export(entries, context)


EXPORTER = CslExporter()


def name_of(name: str) -> dict[str, str]:
    """Return a name as given and family, where it looks like one of a person written in that
    order; as a literal in doubt, which no style takes apart."""
    text = fold(name)
    match = _PERSON.fullmatch(text)
    if not match or _ORGANISATION.search(text):
        return {"literal": text or "?"}
    parts = {"family": match["family"], "given": match["given"]}
    return parts | ({"non-dropping-particle": match["particle"]} if match["particle"] else {})


_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_UPPER = "A-Z\u00c0-\u00d6\u00d8-\u00de"
_PERSON = re.compile(
    rf"(?P<given>[{_UPPER}][{_LATIN}'’-]+(?: [{_UPPER}]\.)*)"
    r"(?: (?P<particle>(?:van|von|de|der|den|del|della|di|da|la|le|du|ter|ten)"
    r"(?: (?:der|den|la|het))?))?"
    rf" (?P<family>[{_UPPER}][{_LATIN}'’-]+)"
)
_ORGANISATION = re.compile(
    r"\b(?:labs?|inc|ltd|llc|gmbh|team|teams|group|projects?|blog|foundation|university|"
    r"institute|news|weekly|research|systems?|software|technolog(?:y|ies)|community|"
    r"developers?|security|compiler|language|platform|solutions|street|planet|core|"
    r"company|corporation|association|society|editors?|staff|press|journal|magazine|"
    r"discuss|forum|users?|tech|engineering|studio|collective|network|open|free|the)\b",
    re.IGNORECASE,
)
