"""Files of the machine are read once, and again where anything befell them."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from convert.cache.digests import FileDigests
from convert.cache.folder import CacheFolder
from convert.text import files


def test_what_changed_in_place_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    font, cache = tmp_path / "f.ttf", CacheFolder(tmp_path / "cache")
    reads: list[Path] = []
    digest = files.digest

    def read(path: Path) -> str:
        reads.append(path)
        return digest(path)

    monkeypatch.setattr(files, "digest", read)
    paths = (str(font), str(tmp_path / "none"))
    font.write_bytes(b"one")
    times = font.stat()

    def of() -> tuple[str, ...]:
        return tuple(FileDigests(cache).of(paths).values())

    assert of() == of() == (sha256(b"one").hexdigest(), "")
    assert reads == [font]
    with font.open("r+b") as file:  # as long, and as old
        file.write(b"two")
    os.utime(font, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert of() == (sha256(b"two").hexdigest(), "")
    assert len(reads) == 2
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file():
            path.write_bytes(b"damaged")
    assert of() == (sha256(b"two").hexdigest(), "")
    assert len(reads) == 3
