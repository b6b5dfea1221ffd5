"""Stores and feeds for the tests of the exporter ``thicket``, and runs of it."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from html import escape
from pathlib import Path
from typing import Any

from convert.exporters.thicket.exporter import ThicketOptions
from convert.model import Severity
from convert.plugins import Registry
from convert.run import driver
from convert.run.report import RunReport
from convert.settings.job import Job, OutputRequest, Selection

ENTRY: dict[str, Any] = {
    "id": "https://ann.example/notes/tide",
    "title": "Tide",
    "link": "https://ann.example/notes/tide",
    "updated": "2024-01-02T03:04:05",
    "published": "2024-01-01T00:00:00",
    "summary": None,
    "content": "<p>The sea comes and goes, twice a day.</p>",
    "content_type": "html",
    "author": {"name": "Ann", "email": "ann@ann.example", "uri": None},
    "categories": ["sea"],
    "rights": None,
    "source": "https://ann.example/feed.xml",
}
USER: dict[str, Any] = {
    "username": "ann",
    "display_name": "Ann",
    "email": "ann@ann.example",
    "homepage": "https://ann.example/",
    "icon": None,
    "feeds": ["https://ann.example/feed.xml"],
    "directory": "ann",
    "created": "2023-01-01T00:00:00",
    "last_updated": "2024-01-02T03:04:05",
    "entry_count": 1,
}
CLEAN = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
}


def dump(path: Path, value: object) -> Path:
    """JSON in Thicket's form."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")
    return path


def store(top: Path, *entries: dict[str, Any], **files: object) -> Path:
    """A store of Ann's; ``entries`` are changes to ENTRY, ``name`` among them."""
    for entry in entries or ({},):
        fields = {**ENTRY, **entry}
        dump(top / "ann" / f"{fields.pop('name', 'notes_tide')}.json", fields)
    user = USER | {"entry_count": max(1, len(entries))}
    total = {"last_updated": "2024-01-02T03:04:05", "total_entries": max(1, len(entries))}
    dump(top / "index.json", {"users": {"ann": user}, "created": "2023-01-01T00:00:00", **total})
    for name, value in files.items():
        dump(top / f"{name}.json", value)
    return top


def atom(*entries: dict[str, Any], title: str = "Ann") -> bytes:
    """Ann's feed; ``entries`` are changes to what ENTRY says, ``updated`` None leaves it out."""
    made = []
    for entry in entries:
        fields = {**ENTRY, **entry}
        dates = "".join(
            f"<{name}>{fields[name]}Z</{name}>" for name in ("updated", "published") if fields[name]
        )
        made.append(
            f"<entry><id>{escape(fields['id'])}</id><title>{escape(fields['title'])}</title>"
            f"<link href='{escape(fields['link'])}'/>{dates}"
            f"<author><name>{escape(fields['author']['name'])}</name>"
            f"<email>{fields['author']['email']}</email></author><category term='sea'/>"
            f"<content type='html'>{escape(fields['content'])}</content></entry>"
        )
    return (
        f"<feed xmlns='http://www.w3.org/2005/Atom'><id>https://ann.example/feed.xml</id>"
        f"<title>{title}</title><link rel='self' href='https://ann.example/feed.xml'/>"
        f"<link href='https://ann.example/'/>{''.join(made)}</feed>"
    ).encode()


def feed(place: Path, *entries: dict[str, Any]) -> Path:
    """A file with Ann's feed."""
    place.write_bytes(atom(*entries))
    return place


def run(
    *sources: Path,
    into: Path | None = None,
    out: Path | None = None,
    select: Selection | None = None,
    allow_network: tuple[str, ...] = (),
    overwrite: bool = False,
    fail_on: Severity = "entry",
    **options: Any,
) -> RunReport:
    """``export SOURCES --to thicket``, in this process."""
    with tempfile.TemporaryDirectory() as cache:
        job = Job(
            sources=tuple(map(str, sources)),
            outputs=(OutputRequest(to="thicket", options=ThicketOptions(**options)),),
            into=into,
            out=out,
            cache=Path(cache),
            select=select or Selection(),
            allow_network=allow_network,
            offline=not allow_network,
            overwrite=overwrite,
            fail_on=fail_on,
        )
        return driver.run(job, Registry.default())


def tree(folder: Path) -> dict[str, bytes]:
    """Every file by its path; no link is followed, and Git's own are left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and ".git" not in path.parts
    }


def entry(folder: Path, path: str = "ann/notes_tide.json") -> dict[str, Any]:
    """An entry file of the store."""
    found: dict[str, Any] = json.loads((folder / path).read_bytes())
    return found


def index(folder: Path) -> dict[str, Any]:
    """The store's index.json."""
    found: dict[str, Any] = json.loads((folder / "index.json").read_bytes())
    return found


def reasons(report: RunReport) -> list[str]:
    """The problems that are about the store, one line each."""
    return [str(problem) for problem in report.problems]


def git(top: Path, *words: str) -> str:
    """Return what Git says of a repository; it reads no configuration of the user's."""
    done = subprocess.run(
        ["git", "-C", str(top), *words], capture_output=True, text=True, check=True, env=CLEAN
    )
    return done.stdout.rstrip("\n")
