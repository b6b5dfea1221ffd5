"""What is known once everything is read is told before a picture is fetched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Ended, command, tree
from server import Server

from convert.output.holding import hold


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        yield server


def group(folder: Path, web: Server, *ids: str) -> Path:
    """A repository whose entries show pictures from the web."""
    member = folder / f"member-{ids[0][-1]}"
    member.mkdir(parents=True)
    for id_ in ids:
        picture = web.address(f"/{id_[-1]}.png")
        entry = {"id": id_, "title": id_, "updated": "2024-01-01"}
        entry["content"] = f"<p>Tides. <img src='{picture}' alt='x'></p>"
        (member / f"{id_[-1]}.json").write_text(json.dumps(entry))
    return folder


def export(tmp_path: Path, source: Path, *words: object) -> Ended:
    common = ("--allow-network", "127.0.0.1/32", "--cache", tmp_path / "cache", "--to", "epub")
    return command("export", source, *common, "--out", tmp_path / "out", *words)


@pytest.fixture
def made(tmp_path: Path, web: Server) -> Path:
    source = group(tmp_path / "group", web, "urn:a")
    assert export(tmp_path, source, "-O", "epub.images=drop").code == 0
    assert web.connections == 0
    return tmp_path / "out"


def test_pictures_of_outputs_that_cannot_be_are_not_fetched(
    tmp_path: Path, made: Path, web: Server
) -> None:
    before = tree(made)
    other = group(tmp_path / "other" / "group", web, "urn:b", "urn:c")
    ended = export(tmp_path, other)
    assert ended.code == 2
    assert "group.epub: was made from other sources; give this output another" in ended.err
    with hold(made, print):
        ended = export(tmp_path, other, "--overwrite")
    assert ended.code == 3
    assert "another run is writing here" in ended.err
    (made / ".thicket-convert.json").write_text("{")
    ended = export(tmp_path, other)
    assert ended.code == 3
    assert "cannot be understood" in ended.err
    assert tree(made) == before
    assert "fetching pictures" not in ended.err
    assert web.connections == 0
    assert export(tmp_path, other, "--overwrite").code == 0
    assert web.connections > 0


def test_a_plan_says_what_cannot_be(tmp_path: Path, made: Path, web: Server) -> None:
    other = group(tmp_path / "other" / "group", web, "urn:b")
    with hold(made, print):
        ended = export(tmp_path, other, "--plan")
    assert ended.code == 2
    assert "was made from other sources" in ended.err
    assert web.connections == 0
