"""Every command in the docs is run as it stands there; every link leads somewhere."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from running import ROOT, SALTMARSH, command

PAGES = (
    "README.md",
    "examples/README.md",
    *sorted(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")),
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def commands(kind: str) -> list[tuple[str, str]]:
    return [
        (page, block.strip())
        for page in PAGES
        for language, text in FENCE.findall((ROOT / page).read_text(encoding="utf-8"))
        if language == kind
        for block in (text.splitlines() if kind == "" else [text])
        if block.strip()
    ]


def runnable(line: str) -> bool:
    return line.startswith("thicket-convert ") and "…" not in line and "./mine.py" not in line


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a reader tries one command after the other: what one made, the next
    keeps."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copytree(ROOT / "examples", folder / "examples")
    return folder


@pytest.mark.parametrize(
    ("page", "line"),
    [
        # That which makes every example in every format is long.
        pytest.param(*pair, marks=pytest.mark.judge if " build " in pair[1] else ())
        for pair in commands("")
        if runnable(pair[1]) and "wordlist" not in pair[1]
    ],
)
def test_commands_of_the_docs(page: str, line: str, examples: Path) -> None:
    words = shlex.split(line)
    done = command(*words[1:], cwd=examples, environment={"COLUMNS": "100"})
    assert done.code == 0, (page, line, done.err)


@pytest.mark.judge
def test_a_reader_types_one_command_after_the_other_behind_the_demo(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    demo = ["build", "examples/thicket-convert.toml", "--out", "out"]
    lines = [line for page, line in commands("") if page == "README.md" and runnable(line)]
    for words in (demo, *(shlex.split(line)[1:] for line in lines)):
        done = command(*words, cwd=tmp_path, environment={"COLUMNS": "100"})
        assert done.code == 0, (words, done.err)


@pytest.mark.parametrize(
    ("page", "text"), [pair for pair in commands("python") if "prepare" in pair[1]]
)
def test_programs_of_the_docs(page: str, text: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, (page, done.stderr.decode())


@pytest.mark.parametrize("page", PAGES)
def test_links_between_the_docs(page: str) -> None:
    for target in LINK.findall((ROOT / page).read_text(encoding="utf-8")):
        assert ((ROOT / page).parent / target).exists(), target


def test_the_library_example(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "library.py", SALTMARSH, tmp_path],
        capture_output=True,
        check=True,
    )
    assert b"-> A tide gauge for the price of a bicycle" in done.stdout
    assert {path.name for path in tmp_path.glob("recent.*")} == {"recent.atom", "recent.epub"}


@pytest.mark.judge
def test_an_exporter_in_a_package_of_its_own(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation",
         "--target", tmp_path / "site", ROOT / "examples" / "word-list"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    code = (
        "from convert.plugins import Registry; from convert.testing import check;"
        "check(Registry.default().exporter('wordlist'))"
    )
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "convert", "export", SALTMARSH, "--to", "wordlist", "-o", "-",
         "-O", "wordlist.least=20"],
        env=environment,
        capture_output=True,
        check=True,
    )  # fmt: skip
    counted = dict(line.split("\t") for line in done.stdout.decode().splitlines())
    assert int(counted["the"]) > 50
    # Its template lies in its own package; a user's goes before it.
    assert not (ROOT / "templates" / "word-list").exists()
    (tmp_path / "mine" / "word-list").mkdir(parents=True)
    mine = "{% for word, count in words %}{{ count }} times {{ word }}; {% endfor %}"
    (tmp_path / "mine" / "word-list" / "words.tsv").write_text(mine)
    done = subprocess.run(
        [sys.executable, "-m", "convert", "export", SALTMARSH, "--to", "wordlist", "-o", "-",
         "--templates", tmp_path / "mine"],
        env=environment,
        capture_output=True,
        check=True,
    )  # fmt: skip
    assert f"{counted['the']} times the; " in done.stdout.decode()


def test_the_docs_name_every_exporter() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    from convert.plugins import Registry

    for name in Registry.default().exporter_names():
        assert f"| `{name}` |" in text


def test_the_map_of_the_house_is_complete() -> None:
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    package = ROOT / "convert"
    rooms = {path.parent.relative_to(ROOT).as_posix() for path in package.glob("*/__init__.py")}
    for room in sorted(rooms):
        assert f"{room}/ " in text, room
    for path in sorted(package.glob("*.py")):
        if path.name not in (
            "__init__.py",
            "__main__.py",
            "registry.py",
        ):
            assert f"convert/{path.name} " in text, path.name


def test_the_levels_in_the_docs_are_those_that_are_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (levels,) = (
        contract["layers"]
        for contract in contracts["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers" and contract["containers"] == ["convert"]
    )
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    for number, level in zip(range(len(levels), 0, -1), levels, strict=True):
        names = ", ".join(f"`{name}`" for name in level.split(" : "))
        assert f"| {number} | {names} |" in text
