"""Git repositories that strangers made: nothing in them makes a reading wait, or leads out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pygit2
import pytest
from source_reading import read_source
from thicket_samples import ENTRY, commit, made_store, put

from convert.errors import SourceError, UnknownName
from convert.sources.thicket.source import SOURCE

READ = """
import json, sys
from source_reading import read_source
from convert.errors import ConvertError
from convert.sources.thicket.source import SOURCE
for address, rev in json.load(sys.stdin):
    print(json.dumps([address, rev]), end="\\t", flush=True)
    try:
        SOURCE.recognises(address)
        outcome = read_source(SOURCE, address, rev=rev)
        outcome.reading.file("pic.png", "ann/one.json")
        print(len(outcome.entries), *outcome.lines, flush=True)
    except ConvertError as error:
        print("error", error, flush=True)
"""


def read_all(*places: tuple[Path, str | None]) -> list[str]:
    """What becomes of readings in another process, which is ended when one of them waits."""
    done = subprocess.run(
        [sys.executable, "-c", READ],
        input=json.dumps([(str(path), rev) for path, rev in places]),
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [line.partition("\t")[2] for line in done.stdout.splitlines()]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    made = made_store(tmp_path / "store")
    put(made, "ann/pic.png", b"\x89PNG")
    commit(made)
    git = pygit2.Repository(str(made))
    git.references.create("refs/tags/v1", git.head.target)
    return made


def pipe(place: Path) -> None:
    """A pipe instead of what is there."""
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(place)


GIT_FILES = (
    "HEAD", "config", "config.worktree", "index", "packed-refs", "commondir", "gitdir", "shallow",
    "refs", "refs/heads/x", "refs/tags/v1", "objects", "objects/info/alternates", "objects/info",
    "objects/pack", "objects/pack/x.pack", "objects/pack/x.idx", "objects/pack/multi-pack-index",
    "objects/info/commit-graph", "info/exclude", "info/attributes", "logs/HEAD", "worktrees/x",
)  # fmt: skip
# Without which no revision can be read, so that their names are in the message.
_NEEDED = ("HEAD", "packed-refs", "refs", "objects")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_in_place_of_any_file_of_git(store: Path) -> None:
    places: list[tuple[Path, str | None]] = []
    for number, name in enumerate(GIT_FILES):
        made = store.parent / f"s{number}"
        shutil.copytree(store, made)
        pipe(made / ".git" / name)
        places += [(made, None), (made, "v1"), (made / ".git", None)]
    lines = read_all(*places)
    assert len(lines) == len(places)
    for number, name in enumerate(GIT_FILES):
        plain, revision, bare = lines[3 * number : 3 * number + 3]
        assert plain == "2", name
        for line in (revision, bare):
            if name.startswith(_NEEDED):
                assert line.startswith("error"), name
                # Without the folders there is no repository, and no file of a store.
                folders = ("not in a Git repository", "is no Thicket repository")
                assert any(words in line for words in (name, *folders)), line
            else:
                assert line == "2", name


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_in_place_of_any_file_of_a_store(store: Path) -> None:
    names = ("index.json", "duplicates.json", "ann/one.json", "ann/pic.png", "ann", ".git")
    places: list[tuple[Path, str | None]] = []
    for number, name in enumerate(names):
        made = store.parent / f"s{number}"
        shutil.copytree(store, made)
        pipe(made / name)
        places += [(made, None), (made / name, None)]
    lines = read_all(*places)
    counts = [line.partition(" ")[0] for line in lines[::2]]
    assert counts == ["2", "2", "1", "2", "1", "2"]
    assert all(line.startswith("error") for line in lines[1::2])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_configuration_of_elsewhere_is_not_read(store: Path) -> None:
    pipe(store.parent / "pipe")
    with (store / ".git" / "config").open("a") as file:
        file.write(f"[include]\n\tpath = {store.parent}/pipe\n")
        file.write('[includeIf "gitdir:/"]\n\tpath = /dev/zero\n[core]\n\tworktree = /etc\n')
        file.write('[remote "origin"]\n\turl = "https://git.example/store.git"\n')
    assert read_all((store, None), (store, "HEAD"), (store / ".git", None)) == ["2"] * 3
    origin = read_source(SOURCE, store, rev="HEAD").reading.origin
    assert origin.remote == "https://git.example/store.git"


def victim(folder: Path) -> Path:
    """A repository that is somebody's own."""
    put(folder, "eve/secret.json", ENTRY | {"title": "Private"})
    commit(folder)
    return folder


def borrow(store: Path, other: Path) -> str:
    """Alternates (gitrepository-layout) that lead to the other's objects."""
    (store / ".git" / "objects" / "info").mkdir(exist_ok=True)
    (store / ".git" / "objects" / "info" / "alternates").write_text(f"{other}/.git/objects\n")
    head = str(pygit2.Repository(str(other)).head.target)
    (store / ".git" / "refs" / "tags" / "v1").write_text(head + "\n")
    return "objects/info/alternates: borrows objects"


def lead(store: Path, other: Path) -> str:
    """A file that leads to the other's repository."""
    shutil.rmtree(store / ".git")
    (store / ".git").write_text(f"gitdir: {other}/.git\n")
    return "which does not lead back"


def lead_to_work_trees(store: Path, other: Path) -> str:
    own = other / ".git" / "worktrees" / "x"
    own.mkdir(parents=True)
    shutil.copy(other / ".git" / "HEAD", own / "HEAD")
    (own / "gitdir").write_text(f"{other}/x/.git\n")
    shutil.rmtree(store / ".git")
    (store / ".git").write_text(f"gitdir: {own}\n")
    return "which does not lead back"


def link(store: Path, other: Path) -> str:
    shutil.rmtree(store / ".git")
    (store / ".git").symlink_to(other / ".git")
    return "is a symbolic link"


def link_inside(name: str) -> Callable[[Path, Path], str]:
    def make(store: Path, other: Path) -> str:
        shutil.rmtree(store / ".git" / name)
        (store / ".git" / name).symlink_to(other / ".git" / name)
        return "symbolic link"

    return make


@pytest.mark.parametrize(
    "make",
    [borrow, lead, lead_to_work_trees, link, link_inside("objects"), link_inside("refs")],
    ids=["alternates", "file", "worktree", "link", "objects", "refs"],
)
def test_nothing_leads_to_other_repositories(
    make: Callable[[Path, Path], str], store: Path, tmp_path: Path
) -> None:
    reason = make(store, victim(tmp_path / "other"))
    assert [entry.path for entry in read_source(SOURCE, store).entries] == [
        "ann/one.json", "bob/two.json",
    ]  # fmt: skip
    for rev in ("v1", "HEAD"):
        with pytest.raises(SourceError, match=reason):
            read_source(SOURCE, store, rev=rev)


def test_commondir_leads_nowhere(store: Path, tmp_path: Path) -> None:
    other = victim(tmp_path / "other")
    (store / ".git" / "commondir").write_text(f"{other}/.git\n")
    assert len(read_source(SOURCE, store, rev="HEAD").entries) == 2


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=x", "-c", "user.email=x@x", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="Git is not installed")
def test_what_git_itself_makes_is_read(store: Path, tmp_path: Path) -> None:
    """Linked work trees, submodules, packed references and objects, a HEAD of its own."""
    head = str(pygit2.Repository(str(store)).head.target)
    git(store, "worktree", "add", "-b", "other", str(tmp_path / "linked"))
    put(tmp_path / "linked", "ann/new.json", ENTRY | {"id": "urn:new"})
    git(tmp_path / "linked", "add", ".")
    git(tmp_path / "linked", "commit", "-qm", "new")
    git(tmp_path, "init", "-q", "outer")
    git(tmp_path / "outer", "submodule", "add", str(store), "data")
    git(store, "tag", "-a", "v2", "-m", "x")
    git(store, "pack-refs", "--all")
    git(store, "gc", "-q")
    git(tmp_path, "clone", "-q", "store", "clone")
    git(tmp_path / "clone", "checkout", "-q", "--detach", "origin/HEAD")
    for folder, revisions in {
        store: ("HEAD", "v1", "v2", "other~1", head[:8]),
        tmp_path / "linked": ("HEAD~1", "v1"),
        tmp_path / "outer" / "data": ("HEAD", "origin/HEAD"),
        tmp_path / "clone": ("HEAD", "origin/HEAD", "v2^{}"),
    }.items():
        for rev in revisions:
            outcome = read_source(SOURCE, folder, rev=rev)
            assert (len(outcome.entries), outcome.reading.origin.commit) == (2, head), rev
    linked = read_source(SOURCE, tmp_path / "linked")
    assert len(linked.entries) == 3
    assert linked.reading.origin.commit not in (None, head)


def test_references_as_anybody_writes_them(store: Path) -> None:
    with (store / ".git" / "packed-refs").open("ab") as file:
        file.write(b"\0\n^x\n" + b"1" * 40 + b" refs/../../x\n" + b"2" * 39 + b" refs/heads/y\n")
        file.write(b"1" * 40 + b" refs/heads/caf\xe9\n" + b"1" * 40 + b" HEAD\n")
    (store / ".git" / "refs" / "heads" / "loop").write_text("ref: refs/heads/loop\n")
    (store / ".git" / "refs" / "heads" / "empty").touch()
    assert len(read_source(SOURCE, store, rev="v1").entries) == 2
    with pytest.raises(UnknownName, match=r"no revision of .* is called 'loop'; "):
        read_source(SOURCE, store, rev="loop")


def test_a_folder_in_git_that_unpacks_to_gigabytes(store: Path) -> None:
    repository = pygit2.Repository(str(store))
    large = repository.create_blob(bytes(60_000_000))
    # What the objects are called tells nothing of what is in them.
    names = b"".join(b"100644 %07d\0" % each + large.raw for each in range(1_500_000))
    tree = repository.odb.write(pygit2.enums.ObjectType.TREE, names)
    who = pygit2.Signature("t", "t@example.org", 1, 0)
    repository.create_commit("refs/heads/large", who, who, "x", tree, [])
    with pytest.raises(SourceError, match="revision large cannot be read: holds too many names"):
        read_source(SOURCE, store, rev="large")
