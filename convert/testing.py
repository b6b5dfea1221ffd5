"""For the tests of exporters, ours and others': sets made in memory, and the judge ``check``."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lxml import etree

from convert import judging
from convert.entryset import EntrySet
from convert.model import Category, Citation, Entry, Person, Prepared, Volume


@dataclasses.dataclass(frozen=True)
class MemoryBodies:
    """Bodies in a mapping by digest; satisfies ``convert.entryset.Bodies``."""

    prepared: Mapping[str, Prepared]

    def load(self, digests: Iterable[str]) -> Iterator[Prepared]:
        """The prepared entries of these digests, in that order."""
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
    """A prepared entry for tests; ``key`` is "user/name", ``date`` UTC."""
    when = dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC)
    words = text if text is not None else _words(body)
    known: dict[str, object] = {
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
    return Prepared(entry=Entry(**(known | fields)), body=body, text=words)  # type: ignore[arg-type]


def entry_set(
    entries: Sequence[Prepared],
    *,
    citations: Mapping[str, tuple[Citation, ...]] | None = None,
    **fields: object,
) -> EntrySet:
    """An entry set in memory, in the order given."""
    cited = dict(citations or {})
    cited_by: dict[str, tuple[str, ...]] = {}
    for key, found in cited.items():
        for citation in found:
            cited_by[citation.key] = (*cited_by.get(citation.key, ()), key)
    known: dict[str, object] = {
        "id": "urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8",
        "name": "eeg",
        "title": "The group",
        "entries": tuple(each.entry for each in entries),
        "bodies": MemoryBodies({each.entry.digest: each for each in entries}),
        "citations": cited,
        "cited_by": cited_by,
    }
    return EntrySet(**(known | fields))  # type: ignore[arg-type]


def _words(body: str) -> str:
    return " ".join("".join(map(str, etree.fromstring(body).itertext())).split())


def check(exporter: object, **options: object) -> None:
    """Raises ContractError where an exporter breaks the contract.

    It is run, with ``options``, on sets of several shapes: empty, one entry, entries that
    cite each other, every kind of markup, hostile fields, one volume of three.
    """
    judging.judge(exporter, shapes(), **options)


def shapes() -> Mapping[str, EntrySet]:
    """The sets that ``check`` uses, by name."""
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
