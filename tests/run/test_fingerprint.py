"""Digests: of all that an exporter is handed, of nothing else, and read all of it."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import io
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image
from running import ROOT

from convert.cache.digests import FileDigests
from convert.cache.folder import CacheFolder
from convert.content import CODE_DIGITS
from convert.contract import ExportContext, Exporter, RenditionRequest, VolumeLister
from convert.entryset import EntrySet
from convert.exporters.pdf.machine import fonts_and_libraries
from convert.model import (
    Citation,
    Elsewhere,
    Entry,
    Origin,
    PlannedOutput,
    Prepared,
    Rendition,
    User,
    Volume,
)
from convert.needs import DeclaresNeeds
from convert.output.manifest import Digests, FolderState, WrittenUnit
from convert.pictures.collect import ImageStore, originals
from convert.plugins import Registry
from convert.run import code
from convert.run.fingerprint import digests
from convert.run.handover import context_of, entries_of
from convert.run.outcome import judged, pictures_had
from convert.run.plan import ResolvedRequest, Unit, plan
from convert.testing import NoImages, entry_set, prepared
from convert.text.names import picture_ref
from convert.text.templates import TemplateFolder, shipped_folder

NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
REGISTRY = Registry.default()
EXPORTERS = [
    name
    for name in ("atom", "csl", "epub", "jsonfeed", "markdown", "opml", "pdf", "rss")
    if name in REGISTRY.exporter_names()
]
PICTURE = picture_ref("https://x.example/p.png")
ICON = picture_ref("https://x.example/icon.png")
KINDS = ("entries", "relations", "options", "templates", "pictures", "code", "clock")


@dataclasses.dataclass(frozen=True)
class Texts:
    """Originals by key; ``seen`` holds the keys that were read."""

    texts: Mapping[str, bytes]
    seen: list[str] = dataclasses.field(default_factory=list)

    def read(self, entry: Entry) -> bytes | None:
        self.seen.append(entry.key)
        return self.texts.get(entry.key)


def some_entries(count: int = 2, **fields: Any) -> EntrySet:
    body = f'<div><p>Text.</p><p><img src="image:{PICTURE}" alt="A picture"/></p></div>'
    entries = [
        prepared(f"ada/{at}", body, date=f"202{at}-05-01T00:00:00", origin="/x/group")
        for at in range(count)
    ]
    texts = {each.entry.key: b'{"unknown": 1}' for each in entries}
    about: dict[str, Any] = {
        "originals": Texts(texts),
        "origins": (Origin(address="/x/group", kind="thicket", name="group", commit="a" * 40),),
        "users": {"ada": User(username="ada", icon="https://x.example/icon.png")},
    }
    return entry_set(entries, **(about | fields))


def planned(
    to: str,
    entries: EntrySet | None = None,
    *,
    user: Path | None = None,
    pictures: Any = None,
    **options: Any,
) -> Unit:
    exporter = REGISTRY.exporter(to)
    request = ResolvedRequest(
        to=to,
        exporter=exporter,
        options=msgspec.convert(options, exporter.Options),
        stem="eeg",
        entries=entries or some_entries(),
    )
    templates = TemplateFolder(user)
    whole = plan(
        [request], now=NOW, images=pictures or NoImages(), templates=templates, version="1"
    )
    return whole[-1]  # what lists the volumes, where there are any


def marks(unit: Unit) -> Digests:
    return digests(unit, REGISTRY.exporter(unit.to), FileDigests(CacheFolder(None)))


def changed(one: Unit, other: Unit) -> tuple[str, ...]:
    return marks(one).differing(marks(other))


def test_code_alone_changes_no_entries_and_new_entries_are_told_without_their_clock() -> None:
    whole = some_entries()
    one = planned("atom", whole)

    def with_digits(at: int) -> Unit:
        def other(entry: Entry) -> Entry:
            digest = f"{entry.digest[:at]}x{entry.digest[at + 1 :]}"
            return msgspec.structs.replace(entry, digest=digest)

        entries = dataclasses.replace(whole, entries=tuple(map(other, whole)))
        return dataclasses.replace(one, entries=entries)

    assert changed(one, with_digits(0)) == ()
    assert changed(one, with_digits(CODE_DIGITS)) == ("entries",)
    later = NOW + dt.timedelta(days=1)
    assert changed(one, dataclasses.replace(one, now=later)) == ("clock",)
    assert changed(one, dataclasses.replace(with_digits(63), now=later)) == ("entries",)


# --- what is handed --------------------------------------------------------------------


@pytest.fixture
def everything(tmp_path: Path) -> tuple[str, Unit]:
    """An exporter that does not say what it needs, and its unit."""
    path = tmp_path / "all.py"
    path.write_text(
        "from convert.contract import ExporterOptions\n"
        "class Options(ExporterOptions, frozen=True, kw_only=True):\n"
        "    cover: str | None = None\n"
        "    @property\n"
        "    def encloses_originals(self): return True\n"
        "class All:\n"
        "    name, summary, media_type, Options = 'all', 'all', 'text/plain', Options\n"
        "    def suffix(self, options): return '.txt'\n"
        "    def unavailable(self): return None\n"
        "    def export(self, entries, context): return ()\n"
        "EXPORTER = All()\n"
    )
    return str(path), planned(str(path))


OTHERS: Mapping[str, object] = {
    "id": "urn:other", "name": "other", "title": "Other", "subtitle": "x", "language": "de",
    "rights": "x", "base_url": "https://x.example/", "users": {"x": User(username="x")},
    "feeds": {}, "origins": (), "citations": {"ada/0": (Citation(address="u", key="ada/1"),)},
    "cited_by": {"ada/1": ("ada/0",)}, "elsewhere": {}, "volume": None, "volumes": (),
}  # fmt: skip
SAME = {"feeds", "elsewhere", "volume", "volumes"}
"""Fields that are empty in our set: other tests change them."""


@pytest.mark.parametrize("field", [each.name for each in dataclasses.fields(EntrySet)])
def test_every_field_of_the_set_counts(everything: tuple[str, Unit], field: str) -> None:
    _, unit = everything
    if field == "bodies":
        return  # each by the digest in its entry
    if field == "entries":
        first = msgspec.structs.replace(unit.entries.entries[0], title="Other")
        other: object = (first, *unit.entries.entries[1:])
    elif field == "originals":
        other = Texts({"ada/0": b'{"unknown": 2}', "ada/1": b'{"unknown": 1}'})
    else:
        other = OTHERS[field]
    fields: dict[str, Any] = {field: other}
    whole = dataclasses.replace(unit.entries, **fields)
    kind = "entries" if field in {"entries", "originals"} else "relations"
    expected = () if field in SAME else (kind,)
    assert changed(unit, dataclasses.replace(unit, entries=whole)) == expected


def test_every_field_of_the_context_counts(everything: tuple[str, Unit], tmp_path: Path) -> None:
    name, unit = everything
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x.css").write_text("p {}")
    other = PlannedOutput(exporter="csl", name="x", path="x", media_type="x/x", title="x")
    store = ImageStore(CacheFolder(None, tmp_path), {"ref": "0" * 64})
    changes = {
        "now": (dataclasses.replace(unit, now=NOW), ("clock",)),
        "options": (planned(name, order="oldest"), ("options",)),
        "path": (dataclasses.replace(unit, path="x"), ("options",)),
        "folder": (dataclasses.replace(unit, folder="x"), ("options",)),
        "templates": (planned(name, user=tmp_path / "mine"), ("templates",)),
        "images": (dataclasses.replace(unit, images=store), ("pictures",)),
        "outputs": (dataclasses.replace(unit, outputs=(*unit.outputs, other)), ("options",)),
        "version": (dataclasses.replace(unit, version="2"), ("options",)),
    }
    ways_out = {"staging", "warn", "show"}
    assert {each.name for each in dataclasses.fields(ExportContext)} == {*changes, *ways_out}
    assert {field: changed(unit, other) for field, (other, _) in changes.items()} == {
        field: kinds for field, (_, kinds) in changes.items()
    }


def test_a_field_that_nobody_thought_of_counts_or_is_an_error(
    everything: tuple[str, Unit],
) -> None:
    _, unit = everything

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Wider(EntrySet):
        further: object = ""

    fields = {each.name: getattr(unit.entries, each.name) for each in dataclasses.fields(EntrySet)}
    one, other, strange = (
        dataclasses.replace(unit, entries=Wider(**fields, further=value))
        for value in ("a", "b", object())
    )
    assert changed(one, other) == ("relations",)
    with pytest.raises(TypeError):
        marks(strange)


def test_a_file_that_an_option_names_counts_by_what_is_in_it(
    everything: tuple[str, Unit], tmp_path: Path
) -> None:
    name, _ = everything
    cover, elsewhere = tmp_path / "cover.png", tmp_path / "same.png"
    for path in (cover, elsewhere):
        path.write_bytes(b"one")
    before = planned(name, cover=str(cover))
    assert changed(before, planned(name, cover=str(elsewhere))) == ()
    first = marks(before)
    cover.write_bytes(b"two")
    assert first.differing(marks(before)) == ("options",)


@pytest.mark.parametrize("to", EXPORTERS)
def test_what_an_exporter_does_not_need_does_not_count(to: str, tmp_path: Path) -> None:
    """How the source's path is spelled, outputs that it does not look at, the commit where it is
    not printed, templates and pictures of other formats, originals that it does not enclose."""
    unit = planned(to)
    needs = unit.needs
    assert needs is not None
    entries = unit.entries
    volume = Volume(label="2", name="eeg-2", title="x", number=2, total=2)
    far = prepared("ada/far", origin="/x/group").entry
    whole = dataclasses.replace(entries, elsewhere={far.key: Elsewhere(entry=far, volume=volume)})
    unit = dataclasses.replace(unit, entries=whole)
    spelled = [msgspec.structs.replace(each, origin="group/") for each in (*entries, far)]
    origin = msgspec.structs.replace(entries.origins[0], address="group/")
    whole = dataclasses.replace(
        whole,
        entries=tuple(spelled[:-1]),
        elsewhere={far.key: Elsewhere(entry=spelled[-1], volume=volume)},
        origins=(origin,),
        originals=Texts({"ada/0": b"{}"}),
    )
    others = tuple(
        PlannedOutput(exporter=each, name="x", path=f"x.{each}", media_type="x/x", title="x")
        for each in ("csl", "wordlist")
    )
    (tmp_path / "another").mkdir()
    (tmp_path / "another" / "style.css").write_text("p {}")
    other = planned(to, whole, user=tmp_path)
    assert changed(unit, dataclasses.replace(other, outputs=(*other.outputs, *others))) == ()
    commits = (msgspec.structs.replace(origin, commit="b" * 40),)
    committed = dataclasses.replace(other, entries=dataclasses.replace(whole, origins=commits))
    assert changed(unit, committed) == (("relations",) if needs.origins == "revisions" else ())


def test_what_the_machine_has_counts_with_the_code() -> None:
    unit = planned("pdf")
    assert unit.needs is not None
    here = fonts_and_libraries()
    assert (unit.needs.machine, unit.needs.files) == (here.lines, here.fonts)
    assert here.fonts
    for other in ({"machine": ("another rule",)}, {"files": here.fonts[1:]}):
        needs = msgspec.structs.replace(unit.needs, **other)
        assert changed(unit, dataclasses.replace(unit, needs=needs)) == ("code and libraries",)


def test_what_would_only_lack_pictures_stays(tmp_path: Path) -> None:
    def shown(**held: str) -> Unit:
        store = ImageStore(CacheFolder(None, tmp_path), held)
        return planned("epub", pictures=store, images="embed")

    def why(before: Unit, now: Unit) -> str:
        had = pictures_had(before)
        written = WrittenUnit(path="x", files=(), digests=marks(before), pictures=had)
        return judged(now, marks(now), written, FolderState(tmp_path)).why

    none, one, two, other = shown(), shown(a="1"), shown(a="1", b="2"), shown(a="3", b="2")
    assert (why(two, two), why(two, one), why(two, none)) == ("", "", "")
    assert (why(one, two), why(two, other)) == ("pictures changed", "pictures changed")
    # One is another, one cannot be had: what changed is shown.
    assert why(two, shown(a="3")) == "pictures changed"
    titled = dataclasses.replace(none, version="2")
    assert why(two, titled) == "options, pictures changed"


# --- what is read ----------------------------------------------------------------------


class Recorder:
    """Stands before what an exporter is handed, and takes down what it asks for."""

    def __init__(self, handed: Any, seen: set[str]) -> None:
        self._handed, self.seen = handed, seen

    def render(self, name: str, /, **values: object) -> str:
        rendered: str = self._handed.render(name, **values)
        return rendered

    def text(self, name: str) -> str:
        self.seen.add(name)
        text: str = self._handed.text(name)
        return text

    def rendition(self, ref: str, request: RenditionRequest) -> Rendition | None:
        self.seen.add(ref)
        rendition: Rendition | None = self._handed.rendition(ref, request)
        return rendition

    def load(self, asked: Iterable[str]) -> Iterator[Prepared]:
        asked = list(asked)
        self.seen.update(asked)
        yield from self._handed.load(asked)


_WATCHING: list[list[str]] = []


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if _WATCHING and event == "open" and isinstance(arguments[0], str):
        _WATCHING[-1].append(os.path.realpath(arguments[0]))


sys.addaudithook(_note)


@contextlib.contextmanager
def opened() -> Iterator[list[str]]:
    """What Python opens in the block, that is neither code nor data of a library."""
    found: list[str] = []
    _WATCHING.append(found)
    try:
        yield found
    finally:
        _WATCHING.remove(found)
    libraries = (
        sys.prefix,
        sys.base_prefix,
        str(ROOT / "convert"),
        "/proc",
        "/dev",
        "/usr",
        "/etc",
    )
    found[:] = sorted({path for path in found if not path.startswith(libraries)})


@pytest.fixture
def around(tmp_path: Path) -> Path:
    """A cache with pictures, templates behind a link, a cover and a folder of fonts."""
    cache = CacheFolder(None, tmp_path / "cache")
    for name, colour in (("picture", "red"), ("icon", "blue")):
        image = io.BytesIO()
        Image.new("RGB", (8, 8), colour).save(image, "PNG")
        originals(cache).put(_sha(image.getvalue()), image.getvalue())
        (tmp_path / f"{name}.png").write_bytes(image.getvalue())
    (tmp_path / "user").mkdir()
    for folder in ("epub", "pdf"):
        ours = shipped_folder() / folder
        (tmp_path / "theirs" / folder).mkdir(parents=True)
        for path in ours.iterdir():
            (tmp_path / "theirs" / folder / path.name).write_bytes(path.read_bytes())
        (tmp_path / "user" / folder).symlink_to(tmp_path / "theirs" / folder)
    font = next(Path(sys.prefix).rglob("*.ttf"))
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "own.ttf").write_bytes(font.read_bytes())
    return tmp_path


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


READING = [
    ("epub", {"images": "embed"}),
    ("epub", {"images": "link"}),
    ("epub", {"images": "embed", "cover": "picture.png", "fonts": "fonts"}),
    ("epub", {"images": "embed", "max_size": "5MB"}),
    ("epub", {"device": "kindle", "parts": "year"}),
    ("pdf", {"images": "embed", "qr": False, "profile": "archive"}),
    ("pdf", {"volumes": "1"}),
    ("atom", {"volumes": "1"}),
    ("markdown", {"images": "embed"}),
    ("markdown", {"images": "link"}),
    ("atom", {}),
    ("rss", {"images": "embed"}),
    ("jsonfeed", {}),
    ("opml", {}),
    ("csl", {}),
]
NOT_ALWAYS = {
    "epub/index.xhtml": "only where there are enough people or categories for an index",
    "epub/part.xhtml": "only where a book has parts",
    "pdf/volumes.html": "only where an output is cut into volumes",
}


@pytest.mark.parametrize(("to", "options"), READING)
def test_what_is_read_counts_and_what_counts_is_read(
    around: Path, to: str, options: dict[str, Any]
) -> None:
    named: dict[str, Any] = {
        name: str(around / value) if name in {"cover", "fonts"} else value
        for name, value in options.items()
    }
    pictures = {PICTURE: "picture.png", ICON: "icon.png"}
    held = {ref: _sha((around / name).read_bytes()) for ref, name in pictures.items()}
    exporter = REGISTRY.exporter(to)
    assert isinstance(exporter, Exporter)
    assert isinstance(exporter, DeclaresNeeds)
    typed = msgspec.convert(named, exporter.Options)
    needs = exporter.needs(typed)
    embeds = needs.pictures and typed.images == "embed"
    embedding = {ref: held[ref] for ref in held if embeds and (ref == PICTURE or needs.icons)}
    images = ImageStore(CacheFolder(None, around / "cache"), embedding)
    unit = planned(to, user=around / "user", pictures=images, **named)
    before = marks(unit)

    entries = entries_of(unit, exporter)
    staging = around / "staging"
    staging.mkdir()
    texts, shown, bodies = Recorder(unit.templates, set()), Recorder(images, set()), set[str]()
    context = context_of(unit, exporter, staging, print)
    context = dataclasses.replace(context, templates=texts, images=shown)
    unit_originals = unit.entries.originals
    assert isinstance(unit_originals, Texts)
    unit_originals.seen.clear()
    with opened() as paths:
        handed = dataclasses.replace(entries, bodies=Recorder(entries.bodies, bodies))
        if unit.listing:
            assert isinstance(exporter, VolumeLister)
            list(exporter.list_volumes(handed, context))
        else:
            list(exporter.export(handed, context))

    # Bodies and pictures: an icon only stands before a part of an author's.
    assert bodies <= {entry.digest for entry in entries}
    by_author = options.get("parts", "author") == "author"
    asked = {ref for ref in embedding if ref == PICTURE or by_author}
    assert shown.seen <= asked if unit.listing else shown.seen == asked
    # Originals: all, where they are enclosed.
    enclosed = set(unit_originals.seen)
    assert enclosed == ({e.key for e in entries} if options.get("profile") else set())
    # Files: whatever was opened, another content is seen.
    inside = [Path(path) for path in paths if not Path(path).is_relative_to(staging)]
    inside = [path for path in inside if not path.is_relative_to(around / "cache")]
    inside = [path for path in inside if path.is_file()]
    for path in inside:
        content = path.read_bytes()
        path.write_bytes(content + b"\n")
        again = planned(to, user=around / "user", pictures=images, **named)
        assert before.differing(marks(again)) in (("templates",), ("options",)), path
        path.write_bytes(content)
    # Templates: what counts is used.
    theirs = around / "theirs"
    used = {path.relative_to(theirs).as_posix() for path in inside if path.is_relative_to(theirs)}
    # A list of volumes is a page of its own.
    assert unit.listing or unit.templates.names() - used <= NOT_ALWAYS.keys()


# --- what it stands on -----------------------------------------------------------------


def test_libraries_that_cannot_shape_an_output_are_used_by_none() -> None:
    """What is left out of the libraries is imported nowhere where outputs are made."""
    modules = {"bs4", "httpcore", "httpx", "platformdirs", "pygit2", "rich", "typer"}
    assert len(modules) == len(code.BEFORE_AND_AROUND)
    rooms = ("exporters", "content", "pictures", "text", "collection", "entryset.py", "model.py")
    files = [path for room in rooms for path in (ROOT / "convert" / room).rglob("*.py")]
    files += [ROOT / "convert" / each for each in rooms if each.endswith(".py")]
    store = ROOT / "convert" / "exporters" / "thicket"  # a store is never kept
    for path in files:
        imported = re.findall(r"^\s*(?:from|import) (\w+)", path.read_text("utf-8"), re.MULTILINE)
        assert path.is_relative_to(store) or not modules.intersection(imported), path


def test_libraries_are_those_that_libraries_ask_for() -> None:
    found = dict(code.of_exporter(REGISTRY.exporter("atom")))
    assert {"convert", "python", "libxml2", "zlib"} <= {*found}
    assert {"jinja2", "markupsafe", "pydyf", "pyphen", "fonttools"} <= {*found}
    assert not {"pytest", "pytest-xdist", "ruff", "typer", "rich"} & {*found}
    assert all(found.values())


def test_fonts_and_their_rules_and_libraries_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("fc-list") is None:
        pytest.skip("fontconfig's programs are not here")
    before = fonts_and_libraries()
    assert before == fonts_and_libraries()
    assert any(line.startswith("pango_version_string b'1.") for line in before.lines)
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    assert before == fonts_and_libraries()
    rules = tmp_path / "fonts.conf"
    for text in ("", "<match><test name='family'><string>serif</string></test></match>"):
        rules.write_text(
            '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
            f'<include ignore_missing="yes">/etc/fonts/fonts.conf</include>{text}</fontconfig>'
        )
        monkeypatch.setenv("FONTCONFIG_FILE", str(rules))
        after = fonts_and_libraries()
        assert after.lines[0] == before.lines[0]  # the same fonts
        assert after != before
        before = after


def test_fonts_that_cannot_be_listed_are_never_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert fonts_and_libraries() != fonts_and_libraries()


HELPERS = {
    "beside": ("import helper_beside\n", "helper_beside.py"),
    "inside a function": ("def f():\n    from helper_inside import x\n", "helper_inside.py"),
    "of a helper": ("import helper_first\n", "helper_second.py"),
    "a package": ("import helper_package.deep\n", "helper_package/deep.py"),
    "data of a package": ("import helper_package.deep\n", "helper_package/words.toml"),
    "a namespace, here": ("import helper_space.here\n", "helper_space/here.py"),
    "a namespace, there": ("from helper_space import there\n", "../more/helper_space/there.py"),
}


@pytest.mark.parametrize("kind", HELPERS)
def test_what_a_plug_in_imports_counts_wherever_it_lies(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported, file = HELPERS[kind]
    for name in ("lib/helper_package", "lib/helper_space", "more/helper_space"):
        (tmp_path / name).mkdir(parents=True)
    for name in (file, "helper_package/__init__.py", "helper_package/deep.py", "unused.py"):
        (tmp_path / "lib" / name).write_text("x = 1\n")
    (tmp_path / "lib" / "helper_first.py").write_text("import helper_second\n")
    (tmp_path / "lib" / "helper_second.py").write_text("x = 1\n")
    (tmp_path / "mine.py").write_text(imported)
    places = (tmp_path / "lib", tmp_path / "more", tmp_path)
    monkeypatch.setattr(sys, "path", [*map(str, places), *sys.path])
    before = dict(code.of_module("mine"))
    (tmp_path / "lib" / "unused.py").write_text("x = 2\n")
    assert dict(code.of_module("mine")) == before
    (tmp_path / "lib" / file).write_text("x = 2\n")
    assert dict(code.of_module("mine")) != before
    assert not any(name.startswith("pytest") for name in before)
