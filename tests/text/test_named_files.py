"""Files of the user: regular ones are read, within a limit; nothing else makes us wait."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from running import SALTMARSH, command

from convert.errors import UsageError
from convert.exporters.epub.cover import own_cover
from convert.exporters.epub.fonts import fonts_in
from convert.plugins import Registry
from convert.settings import config_file
from convert.text import files

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


HOSTILE: dict[str, Callable[[Path], None]] = {"pipe": os.mkfifo, "device": _device}
FLAGS = {
    "config": ("--config", "{0}"),
    "duplicates": ("--duplicates", "{0}"),
    "cover": ("-O", "epub.cover={0}"),
    "fonts": ("-O", "epub.fonts={0}"),
    "templates": ("--templates", "{0}"),
}


@pytest.mark.parametrize(
    ("flag", "what"), [*((flag, "pipe") for flag in FLAGS), ("cover", "device")]
)
def test_what_is_no_file_is_named_and_not_read(tmp_path: Path, flag: str, what: str) -> None:
    place = tmp_path / "named"
    HOSTILE[what](place)
    words = [word.replace("{0}", str(place)) for word in FLAGS[flag]]
    ended = command(
        "export", SALTMARSH, "--to", "epub", "--cache", tmp_path / "c",
        "--out", tmp_path / "o", *words,
    )  # fmt: skip
    assert ended.code == 2, ended.err
    assert str(place) in ended.err
    assert "Traceback" not in ended.err
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("what", HOSTILE)
def test_no_reader_waits_or_fills_the_memory(tmp_path: Path, what: str) -> None:
    path = tmp_path / "a.ttf"
    HOSTILE[what](path)
    with pytest.raises(UsageError, match=r"a\.ttf: is no file but a pipe or a device; write it to"):
        files.read_named(path)
    with pytest.raises(UsageError, match=r"cover: .*a\.ttf: is no file"):
        own_cover(path)
    with pytest.raises(UsageError, match="is no file"):
        config_file.load(path, Registry.default(), dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    assert list(fonts_in(tmp_path)) == []


def test_a_link_to_a_file_is_read_and_no_more_than_the_limit(tmp_path: Path) -> None:
    path, link = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"x" * 10)
    link.symlink_to(path)
    assert files.read(link, 10) == b"x" * 10
    with pytest.raises(OSError, match="larger than 9 bytes"):
        files.read(path, 9)
    with pytest.raises(OSError, match=r"."):
        files.read(link, follow=False)
    with path.open("r+b") as file:
        file.truncate(files.LARGEST + 1)
    with pytest.raises(UsageError, match="a: is larger than 100,000,000 bytes"):
        files.read_named(path)


def test_a_cover_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cover.png"
    Image.new("RGB", (8, 8)).save(path)
    with path.open("r+b") as file:
        file.truncate(files.LARGEST + 1)
    with pytest.raises(UsageError, match=r"cover: .*cover\.png: is larger than"):
        own_cover(path)
