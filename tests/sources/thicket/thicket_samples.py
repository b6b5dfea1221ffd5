"""Thicket repositories made for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pygit2

ENTRY: dict[str, Any] = {
    "id": "https://a.example/one",
    "title": "One",
    "link": "https://a.example/one",
    "updated": "2024-05-06T07:08:09",
    "published": "2024-05-05T00:00:00",
    "summary": "<p>Short</p>",
    "content": "<p>Long</p>",
    "content_type": "html",
    "author": {"name": "Ann", "email": "ann@a.example", "uri": "https://a.example"},
    "categories": ["ocaml", "types"],
    "rights": "CC BY",
    "source": "https://a.example/feed.xml",
}
INDEX = {
    "users": {
        "ann": {
            "username": "ann",
            "display_name": "Ann A.",
            "email": None,
            "homepage": "https://a.example",
            "icon": "javascript:alert(1)",
            "feeds": ["https://a.example/feed.xml"],
            "directory": "ann",
            "entry_count": 1,
        }
    },
    "created": "2026-01-01T00:00:00",
}


def put(top: Path, path: str, content: object) -> Path:
    """Writes a file below ``top``: bytes as they are, anything else as JSON."""
    place = top / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return place


def commit(top: Path, message: str = "x", when: int = 1_700_000_000) -> str:
    """Commits everything below ``top``; makes the repository where there is none."""
    git = pygit2.init_repository(str(top))
    git.index.add_all()
    git.index.write()
    who = pygit2.Signature("t", "t@example.org", when, 0)
    parents = [] if git.head_is_unborn else [git.head.target]
    return str(git.create_commit("HEAD", who, who, message, git.index.write_tree(), parents))


def made_store(top: Path) -> Path:
    """A repository of two users with an entry each."""
    put(top, "index.json", INDEX)
    put(top, "ann/one.json", ENTRY)
    put(top, "bob/two.json", ENTRY | {"id": "https://b.example/two", "title": None, "author": None})
    return top
