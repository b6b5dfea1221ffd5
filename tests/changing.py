"""A small group whose repository, settings and outputs change, and its runs."""

from __future__ import annotations

import dataclasses
import io
import json
import multiprocessing
import os
import random
import shutil
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from running import tree

from convert.plugins import Registry
from convert.run import driver
from convert.run.report import RunReport
from convert.settings import config_file
from convert.settings.job import Job, Selection

REGISTRY = Registry.default()
ALWAYS = ("ada", "0"), ("bob", "0")
"""Entries that no change takes away: without any of them it would be another source."""
_OPTIONS: dict[str, Sequence[dict[str, Any]]] = {
    "atom": [{}, {"each": "author"}, {"content": "summary"}],
    "markdown": [{}, {"images": "drop"}, {"volumes": "author"}],
    "epub": [{}, {"volumes": "2"}, {"images": "drop"}],
    "pdf": [{}, {"profile": "archive"}, {"images": "drop"}],
}


def png(number: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), (number % 256, number // 256 % 256, 7)).save(out, "PNG")
    return out.getvalue()


_SETTINGS: Sequence[dict[str, Any]] = [
    {"title": "One"}, {"title": "Two"}, {"language": "en"}, {"language": "ja"},
    {"base_url": "https://one.example/"}, {"base_url": None}, {"rights": "CC BY 4.0"},
    {"dollar_math": "always"}, {"select": Selection()}, {"select": Selection(limit=3)},
    {"select": Selection(authors=("ada",))},
]  # fmt: skip


@dataclasses.dataclass
class Group:
    """Where it lies, what a run is asked for, and what of the output folder is the user's.

    ``pick`` makes all choices, ``number`` all that is new.
    """

    top: Path
    formats: tuple[str, ...]
    pick: random.Random
    number: int = 0
    settings: dict[str, Any] = dataclasses.field(default_factory=dict)
    options: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    users: dict[str, bytes] = dataclasses.field(default_factory=dict)
    """The user's own files in the output folder, and files of ours that he edited, by path."""
    edited: set[str] = dataclasses.field(default_factory=set)

    def __post_init__(self) -> None:
        self.top.mkdir()
        (self.top / "templates/epub").mkdir(parents=True)
        (self.top / "templates/pdf").mkdir()
        for user in ("ada", "bob", "Zoé"):
            (self.repository / user / "pictures").mkdir(parents=True)
            self.write(f"{user}/pictures/p.png", png(self.new()))
            for name in range(2):
                self.add_entry(user, str(name))
        users = {each: {"directory": each, "display_name": each} for each in ("ada", "bob", "Zoé")}
        self.write("index.json", json.dumps({"users": users}).encode())

    @property
    def repository(self) -> Path:
        return self.top / "group"

    @property
    def out(self) -> Path:
        return self.top / "out"

    def new(self) -> int:
        self.number += 1
        return self.number

    def write(self, path: str, content: bytes) -> None:
        (self.repository / path).parent.mkdir(parents=True, exist_ok=True)
        (self.repository / path).write_bytes(content)

    def add_entry(self, user: str, name: str) -> None:
        number = self.new()
        cited = self.pick.choice(self.entries() or [None])
        quoted = json.loads(cited.read_bytes())["link"] if cited else "https://x.example/"
        body = (
            f"<p>Text {number}, as <a href='{quoted}'>before</a>.</p>"
            "<p><img src='pictures/p.png' alt='p'></p><pre>code</pre>"
        )
        stored = {
            "id": f"urn:e:{number}",
            "link": f"https://{user.lower()}.example/{number}",
            "title": f"Entry {number}",
            "updated": f"2024-05-{1 + number % 28:02}T00:00:00Z",
            "content": body,
            "categories": [self.pick.choice(["tides", "birds"])],
        }
        self.write(f"{user}/{name}.json", json.dumps(stored).encode())

    def entries(self) -> list[Path]:
        return sorted(self.repository.glob("*/*.json"))

    def entry(self) -> Path:
        return self.pick.choice(self.entries())

    def spare(self) -> Path | None:
        """An entry that may go."""
        free = [each for each in self.entries() if (each.parent.name, each.stem) not in ALWAYS]
        return self.pick.choice(free) if free else None

    def edit(self, path: Path, **fields: object) -> None:
        stored = json.loads(path.read_bytes())
        path.write_text(json.dumps(stored | fields))

    def index(self) -> dict[str, Any]:
        index: dict[str, Any] = json.loads((self.repository / "index.json").read_bytes())
        return index

    def run(self, out: Path, cache: Path) -> RunReport:
        """Make all outputs, in this process."""
        outputs = tuple(
            config_file.output_request(each, REGISTRY, self.options.get(each, {}))
            for each in self.formats
        )
        job = Job(
            sources=(str(self.repository),),
            outputs=outputs,
            out=out,
            cache=cache,
            name="group",
            allow_empty=True,
            prune=True,  # where many entries go, many files do
            **self.settings,
        )
        return driver.run(job, REGISTRY)

    def run_again(self) -> RunReport:
        """Make them where they stand already, with what is remembered."""
        return self.run(self.out, self.top / "cache")

    def made_cold(self) -> dict[str, bytes]:
        """What a run makes that nobody has run before."""
        cold = self.top / "cold"
        shutil.rmtree(cold, ignore_errors=True)
        self.run(cold / "out", cold / "cache")
        return tree(cold / "out")

    def end_early(self, replaced: int, ending: signal.Signals) -> None:
        """Begin a run that a signal ends when so many files are in place."""
        process = multiprocessing.get_context("fork").Process(
            target=self._end_at, args=(replaced, ending)
        )
        process.start()
        process.join(60)
        assert process.exitcode is not None

    def _end_at(self, replaced: int, ending: signal.Signals) -> None:
        replace, count = os.replace, 0

        def counted(*names: Any) -> None:
            nonlocal count
            if count == replaced:
                os.kill(os.getpid(), ending)
            count += 1
            replace(*names)

        os.replace = counted  # type: ignore[assignment]
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.run_again()


Change = Callable[[Group], None]


def text(group: Group) -> None:
    group.edit(group.entry(), content=f"<p>New {group.new()}</p>")


def title(group: Group) -> None:
    group.edit(group.entry(), title=f"New {group.new()}")


def unknown_key(group: Group) -> None:
    group.edit(group.entry(), x_mood=group.new())


def layout_of_the_file(group: Group) -> None:
    path = group.entry()
    path.write_text(json.dumps(json.loads(path.read_bytes()), indent=group.pick.randint(1, 5)))


def category(group: Group) -> None:
    group.edit(group.entry(), categories=[f"c{group.new()}"])


def date(group: Group) -> None:
    group.edit(group.entry(), published=f"2023-01-{1 + group.new() % 28:02}T00:00:00Z")


def new_id(group: Group) -> None:
    if path := group.spare():
        group.edit(path, id=f"urn:e:{group.new()}")


def another_address(group: Group) -> None:
    group.edit(group.entry(), link=f"https://moved.example/{group.new()}")


def more(group: Group) -> None:
    group.add_entry(group.pick.choice(["ada", "bob", "carol"]), str(group.new()))


def less(group: Group) -> None:
    if path := group.spare():
        path.unlink()


def another_file(group: Group) -> None:
    if path := group.spare():
        path.rename(path.with_stem(str(group.new())))


def another_case(group: Group) -> None:
    """A file, or a folder, by another case."""
    if path := group.spare():
        path.rename(path.with_stem(f"{path.stem.swapcase()}A"))


def another_folder(group: Group) -> None:
    if path := group.spare():
        target = group.repository / group.pick.choice(["ada", "bob", "dora"])
        target.mkdir(exist_ok=True)
        path.rename(target / f"{group.new()}.json")


def a_copy(group: Group) -> None:
    """The same text on another blog."""
    stored = json.loads(group.entry().read_bytes())
    stored |= {"id": f"urn:e:{group.new()}", "link": f"https://copy.example/{group.number}"}
    group.write(f"bob/{group.number}.json", json.dumps(stored).encode())


def declared_equal(group: Group) -> None:
    one, other = (json.loads(group.entry().read_bytes())["id"] for _ in range(2))
    pairs = {"duplicates": {one: other}} if one != other else {}
    group.write("duplicates.json", json.dumps(pairs).encode())


def person(group: Group) -> None:
    index = group.index()
    user = group.pick.choice(sorted(index["users"]))
    index["users"][user]["display_name"] = f"Name {group.new()}"
    group.write("index.json", json.dumps(index).encode())


def icon(group: Group) -> None:
    index = group.index()
    user = group.pick.choice(sorted(index["users"]))
    index["users"][user]["icon"] = f"{user}/pictures/p.png"
    group.write("index.json", json.dumps(index).encode())


def picture(group: Group) -> None:
    shown = group.pick.choice(["ada", "bob", "Zoé"])
    group.write(f"{shown}/pictures/p.png", png(group.new()))


def template(group: Group) -> None:
    group.settings["templates"] = group.top / "templates"
    css = f"body {{ margin: {group.new()}px }}"
    (group.top / "templates/epub/style.css").write_text(css)
    (group.top / "templates/pdf/style.css").write_text(css)


def linked_template(group: Group) -> None:
    """A folder of templates behind a link changes."""
    real = group.top / "real"
    real.mkdir(exist_ok=True)
    for each in ("epub", "pdf"):
        folder = group.top / "templates" / each
        if folder.is_symlink():
            folder.unlink()
        shutil.rmtree(folder, ignore_errors=True)
        folder.symlink_to(real, target_is_directory=True)
    template(group)


def option(group: Group) -> None:
    name = group.pick.choice([each for each in group.formats if each in _OPTIONS])
    group.options[name] = dict(group.pick.choice(_OPTIONS[name]))


def cover(group: Group) -> None:
    """The file that an option names, with other bytes."""
    (group.top / "cover.png").write_bytes(png(group.new()))
    if "epub" in group.formats:
        group.options["epub"] = {"cover": str(group.top / "cover.png")}


def setting(group: Group) -> None:
    group.settings |= group.pick.choice(_SETTINGS)


def mended_output(group: Group) -> None:
    """A file of ours is gone, or was edited and is to be replaced."""
    if path := _ours(group):
        if group.pick.random() < 0.5:
            path.unlink()
        else:
            path.write_bytes(b"edited")
            group.settings["overwrite"] = True


def edited_output(group: Group) -> None:
    """A file of ours was edited, and is to stay."""
    if path := _ours(group):
        path.write_bytes(b"edited")
        name = path.relative_to(group.out).as_posix()
        group.users[name] = b"edited"
        group.edited.add(name)


def own_file(group: Group) -> None:
    """The user has a file of his own among ours."""
    name = group.pick.choice(["mine.txt", "markdown/mine.md", "group/mine"])
    (group.out / name).parent.mkdir(parents=True, exist_ok=True)
    (group.out / name).write_bytes(b"mine")
    group.users[name] = b"mine"


def damaged_cache(group: Group) -> None:
    files = sorted(path for path in (group.top / "cache").rglob("*") if path.is_file())
    for path in group.pick.sample(files, min(3, len(files))):
        content = path.read_bytes()
        path.unlink()
        if group.pick.random() < 0.5:
            path.write_bytes(content[: group.pick.randrange(len(content) + 1)])


def killed(group: Group) -> None:
    group.end_early(group.pick.randint(0, 12), signal.SIGKILL)


def interrupted(group: Group) -> None:
    group.end_early(group.pick.randint(0, 12), signal.SIGINT)


CHANGES: tuple[Change, ...] = (
    text, title, unknown_key, layout_of_the_file, category, date, new_id, another_address, more,
    less, another_file, another_case, another_folder, a_copy, declared_equal, person, icon,
    picture, template, linked_template, option, cover, setting, mended_output, edited_output,
    own_file, damaged_cache,
)  # fmt: skip
ENDINGS: tuple[Change, ...] = (killed, interrupted)


def _ours(group: Group) -> Path | None:
    free = sorted(path for path in tree(group.out) if path not in group.users)
    return group.out / group.pick.choice(free) if free else None


def require_as_cold(group: Group) -> None:
    """Assert that another run leaves what a cold one makes, and what is the user's."""
    group.run_again()
    found, cold = tree(group.out), group.made_cold()
    expected = {**cold, **group.users}
    wrong = {
        path: [each.get(path, b"none")[:300] for each in (found, expected)]
        for path in sorted(found.keys() | expected)
        if found.get(path) != expected.get(path)
    }
    assert wrong == {}, wrong
    unchanged = {unit.path: unit.written for unit in group.run_again().units if unit.written}
    assert unchanged == {}, unchanged
    for path in group.edited:  # so that it is made again
        (group.out / path).unlink()
        del group.users[path]
    group.edited.clear()
    group.settings["overwrite"] = False
