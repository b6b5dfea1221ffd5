"""Real faults: killed at any moment, a full disk, a read-only folder, two runs at once."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from running import SALTMARSH, command

from convert.contract import OutputFile
from convert.errors import OutputError
from convert.model import Problem
from convert.output.holding import hold, hold_file
from convert.output.manifest import MANIFEST, WrittenOutput, WrittenUnit, load_manifest
from convert.output.publish import OutputUpdate
from convert.output.staging import stage

FORK = multiprocessing.get_context("fork")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and limits")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in memory where there is one: what counts here is not the speed of a disk."""
    shared = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=shared if shared.is_dir() else None))
    folder.chmod(0o755)  # pytest's own may not be entered by another user
    yield folder
    shutil.rmtree(folder)


def pages(version: str, count: int = 40) -> dict[str, str]:
    """Some pages stay from version to version, some come and go, all others change."""
    kept = {f"site/kept{at}": "kept " * 5000 for at in range(3)}
    own = {f"site/{version}/page{at}": f"{version} " * 5000 for at in range(5)}
    changed = {f"site/page{at}": f"{version} " * 20_000 for at in range(count)}
    return {**kept, **own, **changed, "site/index": f"{version} "}


def run(
    out: Path, version: str, *, warn: Callable[[Problem], None] = print, stays: str = ""
) -> None:
    with hold(out, warn) as folder:
        given = [
            OutputFile(path=path, content=text.encode()) for path, text in pages(version).items()
        ]
        staged = stage(given, folder.staging("0"), path="site", folder="site")
        files = tuple(file.record for file in staged)
        unit = WrittenUnit(path="site", files=files)
        record = WrittenOutput(exporter="site", name="site", units=(unit,))
        folder.publish([OutputUpdate(record=record, staged=staged, stays=stays)], checksums=True)


def child(do: Callable[[], None]) -> multiprocessing.process.BaseProcess:
    def quietly() -> None:
        with contextlib.suppress(KeyboardInterrupt):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            do()

    process = FORK.Process(target=quietly)
    # An interrupt between the fork and the first line of the child would end this very test in
    # the child, a copy of this process, which then removed the folder as at the test's end.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    process.start()
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return process


def tree(out: Path) -> dict[str, str]:
    return {
        path.relative_to(out).as_posix(): path.read_text()
        for path in out.rglob("*")
        if path.is_file()
    }


def private(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir() if path.name.startswith(".thicket-convert."))


def each_is_whole(out: Path, versions: list[str]) -> None:
    known = [pages(version) for version in versions]
    for path, text in tree(out).items():
        if path.startswith("site/"):
            assert any(text == version.get(path) for version in known), path


def interrupt_at_random_moments(out: Path, moments: int, how: signal.Signals) -> None:
    seeded = random.Random(7)
    run(out, "v0")
    start = time.monotonic()
    run(out, "v1")
    whole_run = time.monotonic() - start
    versions = ["v0", "v1"]
    for moment in range(moments):
        version = f"w{moment}"
        process = child(lambda version=version: run(out, version))  # type: ignore[misc]
        time.sleep(seeded.uniform(0, whole_run * 1.3))
        if process.pid is not None:
            os.kill(process.pid, how)
        process.join()
        versions.append(version)
        each_is_whole(out, versions)
        if how is signal.SIGINT:
            assert private(out) == [".thicket-convert.json"]
        if moment % 3 == 2:
            problems: list[Problem] = []
            run(out, f"x{moment}", warn=problems.append)
            versions = [f"x{moment}"]
            assert problems == []
            assert {k: v for k, v in tree(out).items() if k.startswith("site/")} == pages(
                versions[0]
            )
            assert private(out) == [".thicket-convert.json"]
            assert load_manifest(out).pending == ()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_killed_at_random_moments(place: Path, how: signal.Signals) -> None:
    interrupt_at_random_moments(place / "out", 12, how)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_killed_at_many_random_moments(place: Path, how: signal.Signals) -> None:
    interrupt_at_random_moments(place / "out", 102, how)


@pytest.mark.parametrize("at", range(0, 56, 5))
def test_killed_between_two_replacements(place: Path, at: int) -> None:
    """Every few replacements, so that no moment of publishing is left to chance."""
    out = place / "out"
    run(out, "v1")

    def killed() -> None:
        replace = os.replace
        left = [at]

        def counted(source: str, target: str) -> None:
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            replace(source, target)

        os.replace = counted  # type: ignore[assignment]
        run(out, "v2")

    child(killed).join()
    each_is_whole(out, ["v1", "v2"])
    problems: list[Problem] = []
    with hold(out, problems.append) as folder:  # nothing can be made
        stays = "until it is read"
        outputs = (msgspec.structs.replace(each, left=()) for each in folder.manifest.outputs)
        folder.publish([OutputUpdate(record=each, stays=stays) for each in outputs])
    run(out, "v3", warn=problems.append, stays="until it is read")
    run(out, "v3", warn=problems.append)
    # What the killed run wrote is ours, not a user's edit.
    assert all("until it is read" in each.reason for each in problems)
    assert {k: v for k, v in tree(out).items() if k.startswith("site/")} == pages("v3")


def test_killed_twice_the_first_ones_files_are_still_ours(place: Path) -> None:
    out = place / "out"
    run(out, "v1")
    for version, limit in (("v2", 30), ("v3", 8)):

        def killed(version: str = version, limit: int = limit) -> None:
            replace = os.replace
            left = [limit]

            def counted(source: str, target: str) -> None:
                left[0] -= 1
                replace(source, target)
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

            os.replace = counted  # type: ignore[assignment]
            run(out, version)

        child(killed).join()
    problems: list[Problem] = []
    run(out, "v4", warn=problems.append)
    assert problems == []
    assert {k: v for k, v in tree(out).items() if k.startswith("site/")} == pages("v4")


def test_a_second_run_is_told_who_holds_the_folder(place: Path) -> None:
    out = place / "out"
    ready = FORK.Event()
    done = FORK.Event()

    def first() -> None:
        with hold(out, print):
            ready.set()
            done.wait(20)

    process = child(first)
    assert ready.wait(20)
    for overwrite in (False, True):
        with (
            pytest.raises(OutputError, match=f"process {process.pid} on .* since"),
            hold(out, print, overwrite=overwrite),
        ):
            pass
    assert private(out) == [".thicket-convert.lock", ".thicket-convert.staging"]
    done.set()
    process.join()
    assert not out.exists()


def outcome(do: Callable[[], None]) -> str:
    """What a child says of an OutputError; "" where there was none."""
    receiver, sender = FORK.Pipe(duplex=False)

    def told() -> None:
        try:
            do()
        except OutputError as error:
            sender.send(str(error))
        else:
            sender.send("")

    process = child(told)
    message = str(receiver.recv()) if receiver.poll(30) else "died"
    process.join()
    return message


def test_a_file_that_is_larger_than_the_system_allows(place: Path) -> None:
    out = place / "out"
    run(out, "v1")
    before = tree(out)

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
        run(out, "v2")

    message = outcome(limited)
    assert "File too large (errno 27)" in message
    assert str(out) in message
    assert tree(out) == before
    assert private(out) == [".thicket-convert.json"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if not mounted or mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk(small_disk: Path) -> None:
    out = small_disk / "out"
    run(out, "v1")
    before = tree(out)
    for free in (2_000_000, 300_000, 5_000, 0):
        ballast = small_disk / "ballast"
        ballast.unlink(missing_ok=True)
        room = os.statvfs(small_disk)
        ballast.write_bytes(b"x" * max(room.f_bavail * room.f_frsize - free, 0))
        with pytest.raises(OutputError, match=r"No space left on device \(errno 28\)"):
            run(out, "v2")
        assert tree(out) == before
        assert private(out) == [".thicket-convert.json"]
    ballast.unlink()


def test_a_read_only_folder(place: Path) -> None:
    out = place / "out"
    run(out, "v1")
    before = tree(out)
    for path in (out, out / "site"):
        path.chmod(0o555)

    def powerless(folder: Path) -> None:
        if os.geteuid() == 0:  # whom no mode stops
            os.setuid(65534)
        run(folder, "v2")

    message = outcome(lambda: powerless(out))
    assert "Permission denied (errno 13)" in message
    assert str(out) in message
    assert tree(out) == before
    assert private(out) == [".thicket-convert.json"]
    place.chmod(0o555)
    assert "Permission denied" in outcome(lambda: powerless(place / "new"))
    place.chmod(0o755)


def test_what_a_killed_run_left_is_cleaned_but_no_link_followed(place: Path) -> None:
    out, other = place / "out", place / "other"
    out.mkdir()
    other.mkdir()
    (other / "precious").write_text("x")
    (out / ".thicket-convert.staging").symlink_to(other)
    (out / ".thicket-convert.lock").write_text("process 1 on nowhere")
    run(out, "v1")
    assert private(out) == [".thicket-convert.json"]
    assert (other / "precious").exists()
    assert MANIFEST in tree(out)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
@pytest.mark.parametrize("owned", [True, False])
def test_staging_is_private_and_what_is_published_has_ordinary_permissions(
    place: Path, umask: int, owned: bool
) -> None:
    """Also of a file that an exporter made for itself alone, and of one that nobody may read."""
    out = place / "out"

    def publish() -> None:
        os.umask(umask)
        with hold(out, print, owned=owned) as folder:
            own = folder.staging("0")
            descriptor, name = tempfile.mkstemp(dir=own)
            os.close(descriptor)
            closed = own / "closed"
            closed.touch(mode=0o000)
            given = [
                OutputFile(path="site/private", content=Path(name)),
                OutputFile(path="site/closed", content=closed),
                OutputFile(path="site/deep/plain", content=b"x"),
            ]
            staged = stage(given, own, path="site", folder="site")
            private = [path for path in out.iterdir() if path.is_dir()]
            assert [path.stat().st_mode & 0o777 for path in private] == [0o700]
            unit = WrittenUnit(path="site", files=tuple(f.record for f in staged))
            record = WrittenOutput(exporter="site", name="site", units=(unit,))
            folder.publish([OutputUpdate(record=record, staged=staged)], checksums=True)

    process = child(publish)
    process.join()
    assert process.exitcode == 0
    modes = {path.is_dir(): path.stat().st_mode & 0o777 for path in out.rglob("*")}
    assert len({(path.is_dir(), path.stat().st_mode) for path in out.rglob("*")}) == 2
    assert modes == {True: 0o777 & ~umask, False: 0o666 & ~umask}
    assert len(tree(out)) == (5 if owned else 3)


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_named_file_is_staged_privately_and_has_ordinary_permissions(
    place: Path, umask: int
) -> None:
    def publish() -> None:
        os.umask(umask)
        target = place / "feed"
        for path in (target, Path("/dev/null"), None):
            with hold_file(path, print) as folder:
                own = folder.staging("0")
                assert own.parent.stat().st_mode & 0o777 == 0o700
                # Beside the file, so that it gets there in one step; else where nobody looks in.
                assert (own.parent.parent == place) == (path == target)
                assert path == target or own.parent.parent.stat().st_mode & 0o777 == 0o700
                (file,) = stage([OutputFile(path="x", content=b"x")], own, path="x", folder="x")
                if path == target:
                    folder.place(file, path)

    process = child(publish)
    process.join()
    assert process.exitcode == 0
    assert [path.name for path in place.iterdir()] == ["feed"]
    assert (place / "feed").stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize("what", ["a file", "a pipe", "a link to a folder", "a folder", "a loop"])
def test_whatever_stands_where_files_are_staged_goes(place: Path, what: str) -> None:
    out, other = place / "out", place / "other"
    out.mkdir()
    other.mkdir()
    (other / "precious").write_text("x")
    staging = out / ".thicket-convert.staging"
    if what == "a file":
        staging.write_text("x")
    elif what == "a pipe":
        os.mkfifo(staging)
    elif what == "a folder":
        (staging / "0").mkdir(parents=True, mode=0o777)
        (staging / "0" / "precious").symlink_to(other)
    else:
        staging.symlink_to(other if what == "a link to a folder" else staging)
    run(out, "v1")
    assert private(out) == [".thicket-convert.json"]
    assert [path.name for path in other.iterdir()] == ["precious"]


@pytest.mark.parametrize("name", [MANIFEST, "SHA256SUMS"])
@pytest.mark.parametrize("what", ["a pipe", "a device"])
def test_what_is_no_file_in_the_place_of_one_is_named(place: Path, name: str, what: str) -> None:
    out = place / "out"
    out.mkdir()
    if what == "a pipe":
        os.mkfifo(out / name)
    else:
        (out / name).symlink_to("/dev/zero")
    ended = command(
        "export", SALTMARSH, "--to", "atom", "--name", "feed", "--checksums",
        "--out", out, "--cache", place / "cache",
    )  # fmt: skip
    assert ended.code == (3 if name == MANIFEST else 1), ended.err
    assert f"{out / name}" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files of others")
def test_a_staging_folder_of_someone_else_is_named(place: Path) -> None:
    out = place / "out"
    (out / ".thicket-convert.staging" / "0").mkdir(parents=True)
    out.chmod(0o1777)  # as /tmp is: nobody removes what is another's

    def powerless() -> None:
        os.setuid(65534)
        run(out, "v1")

    message = outcome(powerless)
    assert f"{out}/.thicket-convert.staging: cannot be removed: " in message
    assert tree(out) == {}
