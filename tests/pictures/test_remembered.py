"""What is remembered of pictures: nothing that another state of the code, or more memory, would
say otherwise."""

from __future__ import annotations

import ast
import importlib.metadata
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageFile

import convert
from convert.collection import similarity
from convert.content import steps
from convert.contract import RenditionRequest
from convert.errors import Interrupted, Overdue
from convert.pictures import renditions
from convert.run.limit import memory

TOP = Path(convert.__file__).parent
SVG = b'<svg xmlns="http://www.w3.org/2000/svg">' + b'<path d="M0 0L1 1"/>' * 6_000 + b"</svg>"


def imported(path: Path) -> tuple[set[Path], set[str]]:
    """Our files, and the packages of others, that a file names in its imports."""
    ours, others = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
        elif isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        for name in names:
            first, _, rest = name.partition(".")
            if first != "convert":
                others.add(first)
                continue
            place = TOP.joinpath(*rest.split("."))
            ours |= {each for each in (place.with_suffix(".py"), place / "__init__.py")
                     if each.is_file() and each != TOP / "__init__.py"}  # fmt: skip
    return ours, others


@pytest.mark.parametrize(
    ("begins", "counted", "libraries"),
    [
        (
            (TOP / "content" / "steps.py", Path(similarity.__file__)),
            (*steps.FILES, Path(similarity.__file__)),
            steps.LIBRARIES,
        ),
        ((Path(renditions.__file__),), renditions.FILES, renditions.LIBRARIES),
    ],
)
def test_all_code_that_shapes_what_is_remembered_counts(
    begins: Sequence[Path], counted: Sequence[Path], libraries: Sequence[str]
) -> None:
    waiting, reached, packages = list(begins), set[Path](), set[str]()
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        ours, others = imported(path)
        packages |= others
        # A package's list of what it offers makes nothing; it leads to what is used.
        waiting += [each for each in ours if each != TOP / "content" / "__init__.py"]
    assert {each for each in reached if each.read_text().strip()} <= set(counted)
    named = importlib.metadata.packages_distributions()
    needed = {named[each][0].lower() for each in packages if each in named}
    assert needed <= set(libraries)


SCRIPT = """
import sys
from pathlib import Path
from convert.cache.folder import CacheFolder
from convert.contract import RenditionRequest
from convert.model import ImageReference
from convert.pictures.collect import Wanted, collect, examined
cache = CacheFolder(Path(sys.argv[1]))
drawing = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><circle r='5'/></svg>"
wanted = Wanted(reference=ImageReference(ref="0" * 24, address=drawing), entry_path="a/b.json")
examine = lambda cache, digests: [examined(cache, each) for each in digests]
store = collect([wanted], None, cache, print, examine)
made = store.rendition("0" * 24, RenditionRequest())
print(made and made.content)
"""


def test_a_stricter_sanitiser_is_believed_at_once(tmp_path: Path) -> None:
    shutil.copytree(TOP, tmp_path / "convert")

    def shown() -> str:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, tmp_path / "cache"],
            capture_output=True, check=True, cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(tmp_path)},
        )  # fmt: skip
        return done.stdout.decode()

    assert "<circle" in shown()
    remembered = sorted((tmp_path / "cache" / "renditions-1").rglob("*"))
    (tmp_path / "convert" / "version.py").write_text('__version__ = "9"\n')
    assert "<circle" in shown()
    assert sorted((tmp_path / "cache" / "renditions-1").rglob("*")) == remembered
    with (tmp_path / "convert" / "content" / "safety" / "allowlist.py").open("a") as file:
        file.write("\nSVG = {name: each for name, each in SVG.items() if name != 'circle'}\n")
    after = shown()
    assert "<svg" in after
    assert "circle" not in after


def encoded(kind: str, *, progressive: bool = False) -> bytes:
    out = io.BytesIO()
    noise = Image.effect_noise((1200, 1000), 60).convert("RGB")
    noise.save(out, kind, **({"progressive": True} if progressive else {}))
    return out.getvalue()


def in_child(most: int, work: Callable[[], object]) -> str:
    """What work returns, or raises, in a copy of this process that may take so much memory."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with memory(most):
                said = str(work())
        except MemoryError:
            said = "MemoryError"
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writer, said.encode()[:4000])
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as file:  # noqa: PTH123 - a descriptor
        said = file.read().decode()
    assert os.waitpid(child, 0)[1] == 0, said
    return said


def verdict(content: bytes, work: Callable[[bytes], object]) -> str:
    try:
        work(content)
    except renditions.UnusablePicture as error:
        return "passing" if error.passing else str(error)
    return "whole"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a process to its memory")
@pytest.mark.parametrize(
    "kind", ["progressive", "SVG", *(pytest.param(each, marks=pytest.mark.slow)
    for each in ("PNG", "JPEG", "WEBP", "GIF", "AVIF"))]
)  # fmt: skip
def test_no_memory_is_the_fault_of_no_picture(kind: str) -> None:
    content = SVG if kind == "SVG" else b""
    if not content:
        is_late = kind == "progressive"
        content = encoded("JPEG" if is_late else kind, progressive=is_late)
    small = RenditionRequest(use="ereader", longest_side=300)
    said = {
        in_child(most, lambda work=work: verdict(content, work))  # type: ignore[misc]
        for most in (0, 500_000, 2_000_000, 8_000_000, 200_000_000)
        for work in (renditions.examine, lambda content: renditions.make(content, small))
    }
    assert said <= {"whole", "passing", "MemoryError"}
    assert "whole" in said
    # What is broken is its own fault wherever there is room.
    cut = content[: len(content) // 2]
    assert "picture" in verdict(cut, renditions.examine)


SHORT = """
import sys
from pathlib import Path
from convert.cache.folder import CacheFolder
from convert.contract import RenditionRequest
from convert.model import ImageReference
from convert.pictures.collect import Wanted, collect, examined
from convert.run.limit import memory
folder = Path(sys.argv[1])
content, cache = (folder / "p.jpg").read_bytes(), CacheFolder(folder)
small = RenditionRequest(use="print", longest_side=300)
wanted = Wanted(reference=ImageReference(ref="0" * 24, address="", path="p.jpg"),
                entry_path="ann/1.json", file=lambda path, entry: content)
def examine(cache, digests):
    with memory(most):
        return [examined(cache, each) for each in digests]
for most in (9_000_000, 900_000_000):
    store = collect([wanted], None, cache, print, examine)
    print("collected", len(store.digests))
for most in (9_000_000, 900_000_000):
    try:
        with memory(most):
            print("made", store.rendition("0" * 24, small) is not None)
    except MemoryError:
        print("no memory")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a process to its memory")
def test_a_picture_that_found_no_memory_is_tried_again(tmp_path: Path) -> None:
    # The file is small, so that it can be read; what it holds is not.
    Image.new("RGB", (5000, 4000), "teal").save(tmp_path / "p.jpg", progressive=True)
    words = [sys.executable, "-c", SHORT, str(tmp_path)]
    done = subprocess.run(words, capture_output=True, check=True, cwd=TOP.parent)
    warned, *others = done.stdout.decode().splitlines()
    assert "p.jpg is a damaged picture" in warned or "p.jpg needs more memory" in warned
    # An output that would be without it is not made, and nothing is remembered of that.
    assert others == ["collected 0", "collected 1", "no memory", "made True"]


@pytest.mark.parametrize("end", [KeyboardInterrupt, Overdue, Interrupted, OSError(28, "full")])
def test_what_ends_the_work_is_no_fault_of_the_picture(
    end: BaseException | type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: object, **__: object) -> None:
        raise end

    content = encoded("PNG")
    monkeypatch.setattr(ImageFile.ImageFile, "load", ended)
    if isinstance(end, OSError):
        assert verdict(content, renditions.examine) == "passing"
    else:
        with pytest.raises(end):  # type: ignore[arg-type]
            renditions.examine(content)
