"""The same bytes from the same input: wherever, whenever and however it is run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from running import SALTMARSH, command, tree

pytestmark = pytest.mark.judge

FORMATS = "atom,rss,jsonfeed,opml,csl,epub,markdown"


def made(
    tmp_path: Path,
    name: str,
    *flags: str,
    source: Path = SALTMARSH,
    environment: dict[str, str] | None = None,
) -> dict[str, bytes]:
    out = tmp_path / name / "out"
    ended = command(
        "export", source, "--to", FORMATS, "--out", out, "--cache", tmp_path / name / "cache",
        *flags, environment=environment,
    )  # fmt: skip
    assert ended.code == 0, ended.err
    return tree(out)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return made(
        tmp_path_factory.mktemp("reference"),
        "first",
        "--jobs",
        "1",
        environment={"PYTHONHASHSEED": "1"},
    )


@pytest.mark.parametrize(
    ("flags", "environment"),
    [
        (("--jobs", "1"), {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "2"}),
        (("--jobs", "2"), {"TZ": "America/Anchorage", "LC_ALL": "tr_TR.UTF-8"}),
        (("--jobs", "3"), {"LANG": "C", "PYTHONUTF8": "1"}),
    ],
)
def test_time_zone_locale_hash_seed_jobs_and_folder(
    tmp_path: Path, reference: dict[str, bytes], flags: tuple[str, ...], environment: dict[str, str]
) -> None:
    assert made(tmp_path, "again", *flags, environment=environment) == reference


def test_the_order_of_the_file_system(tmp_path: Path, reference: dict[str, bytes]) -> None:
    # Files made in another order are listed in another order by most file systems.
    copy = tmp_path / "saltmarsh"
    for path in sorted(SALTMARSH.rglob("*"), reverse=True):
        if path.is_file():
            target = copy / path.relative_to(SALTMARSH)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    # Outside of a Git work tree there is no commit to speak of: compare two such copies.
    other = tmp_path / "other" / "saltmarsh"
    shutil.copytree(SALTMARSH, other)
    assert made(tmp_path, "a", source=copy) == made(tmp_path, "b", source=other)
    assert set(made(tmp_path, "c", source=copy)) == set(reference)


HAN = {
    "id": "urn:han",
    "title": "\u76f4\u9aa8\u89d2 in English",
    "language": "en",
    "updated": "2100-01-01",
    "published": "2024-12-31",
    "content": "<p>\u76f4\u9aa8\u89d2 <b>\u6b21</b> <code>\u5165</code></p>",
}
"""Letters that Japan and China draw differently, in text that says nothing of either."""


def test_a_printed_book_from_two_folders_in_two_languages(tmp_path: Path) -> None:
    """Whatever the machine speaks: it is the entry's language that chooses the faces of Han, and
    no variable of a library changes how letters become glyphs."""

    def printed(name: str, **environment: str) -> dict[str, bytes]:
        source = tmp_path / name / "saltmarsh"
        shutil.copytree(SALTMARSH, source)
        (source / "ada" / "han.json").write_text(json.dumps(HAN))
        out = tmp_path / name / "out"
        ended = command(
            "export", source, "--to", "pdf,epub", "--limit", "3", "--title", "مد وجزر Office",
            "--out", out, "--cache",
            tmp_path / name / "cache", environment={"PYTHONHASHSEED": "7", **environment},
        )  # fmt: skip
        assert ended.code == 0, ended.err
        return tree(out)

    one = printed("one", TZ="Asia/Tokyo", LC_ALL="ja_JP.UTF-8", LANGUAGE="ja", PANGO_LANGUAGE="ja")
    assert set(one) == {"saltmarsh-newest-3.pdf", "saltmarsh-newest-3.epub"}
    other = printed(
        "another/folder", TZ="America/Lima", LC_ALL="zh_CN.UTF-8", FC_LANG="zh-cn",
        HB_SHAPER_LIST="fallback", FREETYPE_PROPERTIES="truetype:interpreter-version=35",
    )  # fmt: skip
    assert one == other
