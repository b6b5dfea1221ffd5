"""Commits of the exporter ``thicket`` in every shape that Git gives a repository."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from store_samples import entry, feed, git, reasons, run, store


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A store that is committed."""
    made = store(tmp_path / "first")
    git(tmp_path, "init", "-q", "-b", "trunk", "first")
    page(made)
    git(made, "add", ".")
    names(made)
    git(made, "commit", "-q", "-m", "first")
    return made


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    return feed(tmp_path / "f.xml", {"title": "Tides"})


def page(top: Path) -> None:
    """Write what is no part of the store."""
    (top / "pages").mkdir()
    (top / "pages" / "about.md").write_text("About us.\n")


def names(top: Path) -> Path:
    git(top, "config", "user.name", "Ann Finch")
    git(top, "config", "user.email", "ann@ann.example")
    return top


def with_a_work_tree(top: Path) -> Path:
    git(top, "worktree", "add", "-q", "../review", "-b", "review")
    return top


def a_work_tree(top: Path) -> Path:
    with_a_work_tree(top)
    git(top, "worktree", "add", "-q", "../third", "-b", "third")
    return top.parent / "review"


def a_work_tree_with_its_own_configuration(top: Path) -> Path:
    git(top, "config", "extensions.worktreeConfig", "true")
    tree = a_work_tree(top)
    git(tree, "config", "--worktree", "user.name", "Ann in review")
    return tree


def a_work_tree_of_a_bare_one(top: Path) -> Path:
    git(top.parent, "clone", "-q", "--bare", "first", "bare.git")
    bare = names(top.parent / "bare.git")
    git(bare, "worktree", "add", "-q", "../review", "-b", "review")
    return top.parent / "review"


def a_work_tree_inside_of_the_folder_of_a_bare_one(top: Path) -> Path:
    folder = top.parent / "project"
    git(top.parent, "clone", "-q", "--bare", "first", "project/.bare")
    (folder / ".git").write_text("gitdir: ./.bare\n")
    names(folder)
    git(folder, "worktree", "add", "-q", "review", "-b", "review")
    return folder / "review"


def a_submodule(top: Path) -> Path:
    around = top.parent / "around"
    git(top.parent, "init", "-q", "around")
    git(around, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(top), "sub")
    return names(around / "sub")


def around_a_submodule(top: Path) -> Path:
    git(top, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(top), "sub")
    git(top, "commit", "-q", "-m", "with a part")
    return top


def a_work_tree_of_a_submodule(top: Path) -> Path:
    git(a_submodule(top), "worktree", "add", "-q", "../../review", "-b", "review")
    return top.parent / "review"


def git_elsewhere(top: Path) -> Path:
    git(top.parent, "clone", "-q", "--separate-git-dir", "elsewhere", "first", "copy")
    return names(top.parent / "copy")


def git_elsewhere_with_a_work_tree(top: Path) -> Path:
    copy = git_elsewhere(top)
    git(copy, "worktree", "add", "-q", "../review", "-b", "review")
    return top.parent / "review"


def borrowing(top: Path) -> Path:
    git(top.parent, "clone", "-q", "--shared", "first", "between")
    git(top.parent, "clone", "-q", "--reference", "between", "first", "copy")
    return names(top.parent / "copy")


def sparse(top: Path) -> Path:
    git(top, "sparse-checkout", "set", "--no-cone", "/ann/", "/index.json")
    assert not (top / "pages").exists()
    return top


def shallow(top: Path) -> Path:
    git(top.parent, "clone", "-q", "--depth", "1", f"file://{top}", "copy")
    return names(top.parent / "copy")


def behind_a_link(top: Path) -> Path:
    (top.parent / "link").symlink_to(top)
    return with_a_work_tree(top).parent / "link"


def packed(top: Path) -> Path:
    git(top, "gc", "-q")
    git(top, "pack-refs", "--all")
    return top


def with_configuration_elsewhere(top: Path) -> Path:
    for number, name in enumerate(("~nobody-here/config", "more", "more", "../more", "gone")):
        git(top, "config", "--add", f"includeIf.gitdir:/{number}.path", name)
    git(top, "config", "--add", "include.path", "more")
    (top / ".git" / "more").write_text("[core]\n\tabbrev = 12\n")
    return top


SHAPES: tuple[Callable[[Path], Path], ...] = (
    with_a_work_tree, a_work_tree, a_work_tree_with_its_own_configuration,
    a_work_tree_of_a_bare_one, a_work_tree_inside_of_the_folder_of_a_bare_one, a_submodule,
    around_a_submodule, a_work_tree_of_a_submodule, git_elsewhere, git_elsewhere_with_a_work_tree,
    borrowing, sparse, shallow, behind_a_link, packed, with_configuration_elsewhere,
)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_a_store_of_any_shape_is_committed(
    shape: Callable[[Path], Path], top: Path, changed: Path
) -> None:
    place = shape(top)
    before = git(place, "rev-parse", "HEAD")
    report = run(changed, into=place, commit=True)
    assert (report.exit_code, reasons(report)) == (0, [])
    assert git(place, "log", "-1", "--format=%s") == "thicket-convert: 1 changed"
    assert git(place, "rev-parse", "HEAD^") == before
    assert git(place, "status", "--porcelain") == ""
    assert entry(place)["title"] == "Tides"
    git(place, "fsck", "--strict")
    assert "pages/about.md" in git(place, "ls-files").split()


def test_a_repository_that_holds_nothing_yet_becomes_a_store(top: Path) -> None:
    git(top.parent, "init", "-q", "new")
    report = run(top, into=top.parent / "new", commit=True)
    assert (report.exit_code, reasons(report)) == (0, [])
    assert "ann/notes_tide.json" in git(top.parent / "new", "ls-files").split()


def test_what_a_sparse_checkout_keeps_off_the_disk_is_not_removed(
    tmp_path: Path, changed: Path
) -> None:
    run(changed, out=tmp_path / "out", commit=True)
    made = names(tmp_path / "out" / "thicket")
    page(made)
    git(made, "add", ".")
    git(made, "commit", "-q", "-m", "pages")
    git(made, "sparse-checkout", "set", "--no-cone", "/ann/", "/index.json")
    run(feed(changed, {"title": "Ebb"}), out=tmp_path / "out", commit=True)
    assert git(made, "log", "-1", "--format=%s") == "thicket-convert: 1 changed"
    assert "pages/about.md" in git(made, "ls-tree", "-r", "--name-only", "HEAD").split()


PIPES = (
    (a_work_tree, ".git/worktrees/review/HEAD"),
    (a_work_tree, ".git/worktrees/third/commondir"),
    (a_work_tree, ".git/refs/heads/pipe"),
    (a_work_tree, "included"),
    (a_work_tree_with_its_own_configuration, ".git/worktrees/review/config.worktree"),
    (a_work_tree_of_a_bare_one, "../bare.git/info/exclude"),
    (borrowing, "../between/.git/objects/pack/pack-0.idx"),
    (borrowing, ".git/objects/pack/pack-0.idx"),
    (git_elsewhere, "../elsewhere/packed-refs"),
    (a_submodule, "../around/.git/modules/sub/config"),
)
COMMIT = """
import sys
from pathlib import Path
from store_samples import reasons, run
report = run(Path(sys.argv[1]), into=Path(sys.argv[2]), commit=True)
print(report.exit_code, *reasons(report))
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
@pytest.mark.parametrize(
    ("shape", "name"),
    [
        pytest.param(*each, marks=pytest.mark.judge if at % 3 else ())
        for at, each in enumerate(PIPES)
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_no_shape_leads_to_a_pipe(
    shape: Callable[[Path], Path], name: str, top: Path, changed: Path
) -> None:
    """In a process that is ended when it waits."""
    place = shape(top)
    pipe = Path(os.path.normpath(top / name))
    if name == "included":
        with (top / ".git" / "config").open("a") as file:
            file.write("[include]\n\tpath = ../included\n")
    pipe.unlink(missing_ok=True)
    pipe.parent.mkdir(exist_ok=True)
    os.mkfifo(pipe)
    done = subprocess.run(
        [sys.executable, "-c", COMMIT, str(changed), str(place)],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert f"{pipe.name} is neither a file nor a folder; remove it" in done.stdout, done.stderr
    assert done.stdout.startswith("1 ")
    assert pipe.is_fifo()
