"""For the tests of exporters, ours and others': sets made in memory, and the judge ``check``."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import io
import pickle
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from markdown_it import MarkdownIt

from convert.contract import (
    ExportContext,
    Exporter,
    ExporterOptions,
    Rendition,
    RenditionRequest,
    VolumeLister,
)
from convert.entryset import EntrySet
from convert.errors import ContractError
from convert.model import Category, Citation, Entry, Person, Prepared, Volume
from convert.output.staging import stage
from convert.plugins import incomplete, needs_of
from convert.text.markup import parse
from convert.text.templates import TemplateFolder

NOW = dt.datetime(2024, 6, 1, 12, tzinfo=dt.UTC)
_MARKUP = re.compile(r"\.(x?html?|xml|atom|rss|opml|svg|md|ncx|opf)$")
_ACTIVE = re.compile(
    r"<script|<iframe|<object|<embed|<[a-z][^<>]*\son[a-z]+\s*=|(href|src)\s*=\s*[\"']?\s*javascript:",
    re.IGNORECASE,
)


class NoImages:
    """Images of which none could be had; satisfies ``contract.Images``."""

    def rendition(self, ref: str, request: RenditionRequest) -> Rendition | None:
        """Return None, always."""
        return None


@dataclasses.dataclass(frozen=True)
class MemoryBodies:
    """Bodies in a mapping by digest; satisfies ``convert.entryset.Bodies``."""

    prepared: Mapping[str, Prepared]

    def load(self, digests: Iterable[str]) -> Iterator[Prepared]:
        """Yield the prepared entries of these digests, in that order."""
        return (self.prepared[digest] for digest in digests)


def prepared(
    key: str,
    body: str = "<div><p>Hello.</p></div>",
    *,
    title: str = "A title",
    date: str = "2024-05-06T07:08:09",
    text: str | None = None,
    **fields: object,
) -> Prepared:
    """Return a prepared entry for tests; ``key`` is "user/name", ``date`` UTC."""
    when = dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC)
    words = text
    if words is None:
        words = " ".join("".join(map(str, parse(body).itertext())).split())
    defaults: dict[str, object] = {
        "key": key,
        "id": f"https://{key}",
        "user": key.split("/", maxsplit=1)[0],
        "title": title,
        "updated": when,
        "published": when,
        "link": f"https://example.org/{key}",
        "path": f"{key}.json",
        "digest": hashlib.sha256(f"{key}\n{title}\n{body}".encode()).hexdigest(),
        "words": len(words.split()),
        "size": len(body.encode()),
    }
    return Prepared(entry=Entry(**(defaults | fields)), body=body, text=words)  # type: ignore[arg-type]


def entry_set(
    entries: Sequence[Prepared],
    *,
    citations: Mapping[str, tuple[Citation, ...]] | None = None,
    **fields: object,
) -> EntrySet:
    """Return an entry set in memory, in the order given."""
    cited = dict(citations or {})
    cited_by: dict[str, tuple[str, ...]] = {}
    for key, outgoing in cited.items():
        for citation in outgoing:
            cited_by[citation.key] = (*cited_by.get(citation.key, ()), key)
    defaults: dict[str, object] = {
        "id": "urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8",
        "name": "eeg",
        "title": "The group",
        "entries": tuple(each.entry for each in entries),
        "bodies": MemoryBodies({each.entry.digest: each for each in entries}),
        "citations": cited,
        "cited_by": cited_by,
    }
    return EntrySet(**(defaults | fields))  # type: ignore[arg-type]


def check(exporter: Any, **options: object) -> None:
    """Raise ContractError where an exporter breaks the contract.

    It is run, with ``options``, on sets of several shapes: empty, one entry, entries that
    cite each other, every kind of markup, hostile fields, one volume of three.
    """
    _check_facts(exporter)
    typed = msgspec.convert(options, exporter.Options)
    for shape, entries in shapes().items():
        where = f"{exporter.name} on {shape}"
        try:
            first, again = _files(exporter, entries, typed), _files(exporter, entries, typed)
        except ContractError as error:
            raise ContractError(f"{where}: {error}") from error
        _require(first == again, f"{where}: other bytes the second time")
        for path, content in first.items():
            for name, text in _texts(path, content):
                match = _ACTIVE.search(text) if _MARKUP.search(name) else None
                _require(not match, f"{where}: {name}: markup that acts: {match and match[0]!r}")


def _check_facts(exporter: Any) -> None:
    if not isinstance(exporter, Exporter):
        raise incomplete("exporter", str(getattr(exporter, "name", exporter)), exporter, Exporter)
    name = exporter.name
    _require(bool(re.fullmatch(r"[a-z][a-z0-9-]*", name)), f"{name!r}: not a name for --to")
    _require(bool(exporter.summary) and "\n" not in exporter.summary, f"{name}: summary: one line")
    _require("/" in exporter.media_type, f"{name}: media_type: {exporter.media_type!r}")
    _require(issubclass(exporter.Options, ExporterOptions), f"{name}: Options: of ExporterOptions")
    for field in msgspec.structs.fields(exporter.Options):
        _require(not field.required, f"{name}: option {field.name}: has no default")
        described = any(
            isinstance(part, msgspec.Meta) and part.description
            for part in getattr(field.type, "__metadata__", ())
        )
        _require(described, f"{name}: option {field.name}: has no description")
    pickle.loads(pickle.dumps(exporter.Options()))  # noqa: S301 - our own bytes
    needs_of(exporter, exporter.Options())


def _files(exporter: Any, entries: EntrySet, options: ExporterOptions) -> dict[str, bytes]:
    """Return what the exporter gives, staged as a run stages it: by the same rules of paths."""
    suffix = exporter.suffix(options)
    # Across the border that a worker process is.
    crossed: EntrySet = pickle.loads(pickle.dumps(entries))  # noqa: S301 - our own bytes
    units = [(entries.name if suffix else exporter.name, exporter.export)]
    if isinstance(exporter, VolumeLister) and entries.volumes:
        units.append((f"{entries.name}-volumes", exporter.list_volumes))
    contents: dict[str, bytes] = {}
    for folder, export in units:
        with tempfile.TemporaryDirectory() as staging:
            context = ExportContext(
                now=NOW,
                options=options,
                path=folder + suffix,
                folder=folder,
                staging=Path(staging),
                templates=TemplateFolder().beside(exporter),
                images=NoImages(),
                warn=lambda problem: None,
                version="0",
            )
            files = export(crossed, context)
            for file in stage(files, Path(staging), path=context.path, folder=folder):
                contents[file.record.path] = Path(file.source).read_bytes()
    return contents


def _texts(path: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the texts in a file, those inside of a zip archive (an EPUB) too."""
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield f"{path}!{name}", archive.read(name).decode("utf-8", "replace")
        return
    text = content.decode("utf-8", "replace")
    if path.endswith(".md"):
        # As a reader makes of it: text that looks like a tag is none.  The reader trusts every
        # address: it is for the file to hold none that acts.
        reader = MarkdownIt("commonmark", {"html": True})
        reader.validateLink = lambda url: True  # type: ignore[method-assign]
        text = str(reader.render(text))
    yield path, text


def _require(holds: bool, reason: str) -> None:
    if not holds:
        raise ContractError(reason)


def shapes() -> Mapping[str, EntrySet]:
    """Return the sets that ``check`` uses, by name."""
    rich = prepared("ada/2024-05-06-rich", RICH, title="Everything at once", language="en")
    reply = prepared(
        "bruno/2024-05-07-reply",
        '<div><p>See <a href="https://example.org/ada/2024-05-06-rich#tables">hers</a>.</p></div>',
        title="Re: Everything at once",
        date="2024-05-07T00:00:00",
    )
    cites = {
        reply.entry.key: (
            Citation(
                address="https://example.org/ada/2024-05-06-rich#tables",
                key=rich.entry.key,
                fragment="tables",
                reply=True,
            ),
        )
    }
    hostile = prepared(
        "x/2024-05-08-hostile",
        "<div><p>&lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1)) {{&lt; x &gt;}}"
        "</p></div>",
        title='<script>alert("t")</script> & "quotes" \' ]]> --> `$x$`',
        summary="<img src=x onerror=alert(1)>",
        rights="<b onclick=alert(1)>mine</b>",
        categories=(Category(term="<script>c</script>"), Category(term="a/b & c")),
        authors=(Person(name="<script>a</script>, Jr.", uri="https://example.org/?a=1&b='2'"),),
    )
    bare = prepared(
        "y/bare", "<div></div>", title="", link=None, published=None, text="", full=False
    )
    arabic = prepared(
        "leila/2024-05-09-madd",
        '<div dir="rtl" lang="ar"><p>المدّ والجزر</p></div>',
        title="المدّ والجزر",
        language="ar",
        direction="rtl",
    )
    everything = [rich, reply, hostile, bare, arabic]
    volumes = tuple(
        Volume(label=year, name=f"eeg-{year}", title=f"The group, {year}", number=n, total=3)
        for n, year in enumerate(("2022", "2023", "2024"), start=1)
    )
    return {
        "an empty set": entry_set([]),
        "one entry": entry_set([prepared("ada/2024-05-06-hello")]),
        "every kind of markup": entry_set(everything, citations=cites),
        "one volume of three": entry_set(
            [rich], citations={}, volume=volumes[2], volumes=volumes, name="eeg-2024"
        ),
    }


RICH = (
    '<div><p>Text with <em>emphasis</em>, <code>code</code>, a note<sup><a role="doc-noteref" '
    'id="fnref-1" href="#fn-1">1</a></sup> and <a href="https://example.org/">a link</a>.</p>'
    '<h2 id="tables">Tables</h2><table><caption>Numbers</caption><thead><tr><th scope="col">a</th>'
    '<th scope="col">b</th></tr></thead><tbody><tr><td>1</td><td class="align-right">2</td></tr>'
    "</tbody></table><ul><li>one<ol><li>nested</li></ol></li></ul>"
    '<pre data-language="python"><code>def f(x):\n    return x  # a comment\n</code></pre>'
    '<math display="block"><semantics><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow>'
    '<annotation encoding="application/x-tex">x^2</annotation></semantics></math>'
    '<svg viewBox="0 0 10 10" width="10" height="10"><title>A square</title>'
    '<path d="M0 0H10V10H0Z" fill="#888"/></svg>'
    '<p><img src="image:0123456789abcdef01234567" alt="A picture" '
    'data-address="https://example.org/p.png"/></p>'
    "<blockquote><p>Quoted.</p></blockquote><dl><dt>term</dt><dd>meaning</dd></dl>"
    '<p class="embed"><a href="https://example.org/v" data-embed="video">A film (Vimeo)</a></p>'
    '<section role="doc-endnotes"><ol><li id="fn-1"><p>The note.</p></li></ol></section></div>'
)
"""A body that holds every structure of docs/prepared-markup.md."""
