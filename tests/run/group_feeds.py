"""Feeds of a group in three formats, a list of them, and runs of a job over such."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
from server import LOOPBACK

from convert.plugins import Registry
from convert.run import driver
from convert.run.report import RunReport
from convert.settings import config_file
from convert.settings.job import Job

REGISTRY = Registry.default()
FORMATS = ("atom", "rss", "jsonfeed", "opml", "markdown", "csl")


def entry(name: str, number: int) -> str:
    page = f"https://{name}.example/{number}"
    return (
        f"<entry><title>{name} {number}</title><id>{page}</id><link href='{page}'/>"
        f"<updated>2024-0{number}-01T00:00:00Z</updated>"
        f"<author><name>{name}</name><email>{name}@mail.example</email></author>"
        f"<content type='html'>&lt;p&gt;Text {number} of {name}.&lt;/p&gt;</content></entry>"
    )


def atom(name: str, numbers: Sequence[int]) -> bytes:
    entries = "".join(entry(name, number) for number in numbers)
    return (
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title>{name}'s</title>"
        f"<id>urn:{name}</id><updated>2024-06-01T00:00:00Z</updated>"
        f"<author><name>{name}</name><email>{name}@mail.example</email></author>"
        f"<link href='https://{name}.example/'/>{entries}</feed>"
    ).encode()


def rss(name: str, numbers: Sequence[int]) -> bytes:
    items = "".join(
        f"<item><title>{name} {number}</title><guid>https://{name}.example/{number}</guid>"
        f"<pubDate>Mon, 0{number} Jan 2024 00:00:00 GMT</pubDate>"
        f"<description>Text {number} of {name}.</description></item>"
        for number in numbers
    )
    return (
        f"<rss version='2.0'><channel><title>{name}'s</title><link>https://{name}.example/</link>"
        f"<description>x</description>{items}</channel></rss>"
    ).encode()


def json_feed(name: str, numbers: Sequence[int]) -> bytes:
    items = [
        {
            "id": f"https://{name}.example/{number}",
            "title": f"{name} {number}",
            "url": f"https://{name}.example/{number}",
            "date_published": f"2024-0{number}-01T00:00:00Z",
            "content_html": f"<p>Text {number} of {name}.</p>",
        }
        for number in numbers
    ]
    version = "https://jsonfeed.org/version/1.1"
    feed = {"version": version, "title": f"{name}'s", "items": items}
    return json.dumps(feed).encode()


FEEDS = {"/mira.atom": ("mira", atom), "/tom.rss": ("tom", rss), "/ines.json": ("ines", json_feed)}


def listed(folder: Path, addresses: Sequence[str]) -> Path:
    path = folder / "group.opml"
    outlines = "".join(
        f"<outline text='{address.rsplit('/')[-1]}' xmlUrl='{address}'/>" for address in addresses
    )
    path.write_text(f"<opml version='2.0'><head/><body>{outlines}</body></opml>")
    return path


def run(
    folder: Path,
    sources: Sequence[object],
    formats: Sequence[str] = FORMATS,
    **settings: object,
) -> RunReport:
    job = Job(
        sources=tuple(map(str, sources)),
        **{  # type: ignore[arg-type]  # fields by name
            "outputs": tuple(config_file.output_request(each, REGISTRY, {}) for each in formats),
            "out": folder / "out",
            "cache": folder / "cache",
            "allow_network": LOOPBACK,
            **settings,
        },
    )
    report = driver.run(job, REGISTRY)
    # That a list of what has no address names nothing is told each time.
    others = (each for each in report.problems if not each.reason.startswith("names no feed: none"))
    return msgspec.structs.replace(report, problems=tuple(others))


def lines(report: RunReport, severity: str) -> list[str]:
    return [str(each) for each in report.problems if each.severity == severity]
