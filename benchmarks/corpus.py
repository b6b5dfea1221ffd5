"""What is measured: the shared corpus where it is there, and repositories of any size."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def planet(folder: Path) -> Path | None:
    """The 1,233 real entries, unpacked; None where the corpus is not there."""
    named = os.environ.get("THICKET_CORPUS")
    archive = (Path(named) if named else ROOT.parent / "shared" / "corpus") / "planet-a.tar.xz"
    if not archive.exists():
        return None
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return folder / "planet-a"


def made_up(folder: Path, count: int) -> Path:
    """A repository of ``count`` entries of about 6 kB by 40 people; always the same."""
    dice = random.Random(count)
    words = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("n", "r", "ssel", "")]
    start = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    users = [f"user{number:02}" for number in range(40)]
    for user in users:
        (folder / user).mkdir(parents=True, exist_ok=True)
    for number in range(count):
        user = users[number % len(users)]
        when = (start + dt.timedelta(hours=2 * number)).isoformat()
        cited = f"https://{users[(number * 7) % 40]}.example/{max(0, number - 40 * 3)}"
        body = "".join(f"<p>{' '.join(dice.choices(words, k=90))}.</p>" for _ in range(12))
        body += f'<p>See <a href="{cited}">this</a>.</p><pre><code>let x = {number}\n</code></pre>'
        entry = {
            "id": f"https://{user}.example/{number}",
            "title": " ".join(dice.choices(words, k=5)).capitalize(),
            "link": f"https://{user}.example/{number}",
            "updated": when,
            "published": when,
            "content": body,
            "content_type": "html",
            "author": {"name": user, "email": None, "uri": f"https://{user}.example"},
            "categories": [dice.choice(words)],
        }
        path = folder / user / f"{number:06}.json"
        path.write_text(json.dumps(entry), encoding="utf-8")
    people = {user: {"username": user, "directory": user} for user in users}
    (folder / "index.json").write_text(json.dumps({"users": people}), encoding="utf-8")
    return folder


def one_page(store: Path, target: Path) -> Path:
    """Every entry as stored, on one HTML page: what the other tools are given."""
    parts = ["<!DOCTYPE html><html><head><meta charset='utf-8'><title>All</title></head><body>"]
    for path in sorted(store.glob("*/*.json")):
        entry = json.loads(path.read_bytes())
        parts.append(
            f"<h1>{entry['title']}</h1>{entry.get('content') or entry.get('summary') or ''}"
        )
    target.write_text("\n".join([*parts, "</body></html>"]), encoding="utf-8", errors="replace")
    return target
