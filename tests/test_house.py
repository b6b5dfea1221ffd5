"""What keeps the house simple: sizes, hops, names and sentences, counted over all of convert/."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml
from running import ROOT

MOST_LINES = 400
MOST_USED_ONCE = 0.15
"""Of all functions, those that are private and used once: a reader who must jump is lost."""

# Words that say nothing of what a value holds.
_EMPTY_NAMES = frozenset(
    ("given", "told", "made", "asked", "found", "kept", "wish", "tell", "thing", "stuff")
)
_OTHER_WORDS = re.compile(
    r"(?:^|_)(?:posts?|articles?|manager|helpers?|utils?|handler|processor)(?:_|$)", re.I
)
_NO_VERB = re.compile(r"(?:The|A|An|What|Whether|Which|How|Every|Each|All|Where|Who|When|No)\b")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package by its path."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "convert").rglob("*.py"))
    }


def functions() -> Iterator[tuple[str, Function]]:
    for path, module in modules().items():
        for node in ast.walk(module):
            if isinstance(node, Function):
                yield path, node


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    long = {path: lines for path in modules() if (lines := _lines(path)) > MOST_LINES}
    assert not long


def test_few_functions_are_a_hop_for_one_caller() -> None:
    once, total = [], 0
    for path, module in modules().items():
        uses = Counter(
            node.id if isinstance(node, ast.Name) else node.attr
            for node in ast.walk(module)
            if isinstance(node, ast.Name | ast.Attribute)
        )
        for node in ast.walk(module):
            if isinstance(node, Function):
                total += 1
                if re.match(r"_(?!_)", node.name) and uses[node.name] == 1:
                    once.append(f"{path}:{node.lineno} {node.name}")
    assert len(once) < MOST_USED_ONCE * total, f"{len(once)} of {total}:\n" + "\n".join(once)


def test_names_say_what_they_hold() -> None:
    empty = []
    for path, module in modules().items():
        for node in ast.walk(module):
            name = _bound_name(node)
            if name.startswith("__"):
                continue
            if name.strip("_").lower() in _EMPTY_NAMES or _OTHER_WORDS.search(name):
                empty.append(f"{path}:{getattr(node, 'lineno', 0)} {name}")
    assert not empty, "\n".join(empty)


def test_docstrings_begin_with_what_is_done() -> None:
    nouns = []
    for path, function in functions():
        decorators = {ast.unparse(each).rpartition(".")[2] for each in function.decorator_list}
        if decorators & {"property", "cached_property"}:
            continue
        if _NO_VERB.match(ast.get_docstring(function) or ""):
            nouns.append(f"{path}:{function.lineno} {function.name}")
    assert not nouns, "\n".join(nouns)


def test_a_folder_says_where_a_module_belongs() -> None:
    names = [Path(path).name for path in modules()]
    assert not [name for name in names if re.match(r"_(?!_(?:init|main)__)", name)]
    folders = [path.parent for path in (ROOT / "convert").rglob("*.py")]
    assert all((folder / "__init__.py").is_file() for folder in folders)


def test_the_tests_mirror_the_packages() -> None:
    tests, package = ROOT / "tests", ROOT / "convert"
    folders = {path.parent.relative_to(tests) for path in tests.rglob("test_*.py")}
    assert [str(folder) for folder in sorted(folders) if not (package / folder).is_dir()] == []


def test_the_workflow_tries_what_we_claim_to_run_on() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    classifier = "Programming Language :: Python :: 3."
    claimed = [each for each in project["classifiers"] if each.startswith(classifier)]
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "check.yml").read_text("utf-8"))
    jobs = workflow["jobs"]
    matrix = jobs["test"]["strategy"]["matrix"]
    assert [f"Programming Language :: Python :: {each}" for each in matrix["python"]] == claimed
    assert len(matrix["os"]) == 3
    commands = [step.get("run") for job in jobs.values() for step in job["steps"]]
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    ours = [each.split()[1] for each in commands if each and each.startswith("make ")]
    assert {"check", "check-lowest"} <= set(ours) <= set(targets)


def _lines(path: str) -> int:
    return (ROOT / path).read_text(encoding="utf-8").count("\n")


def _bound_name(node: ast.AST) -> str:
    """The name that a node gives to something of ours; "" where it gives none."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    if isinstance(node, ast.arg):
        return node.arg
    if isinstance(node, ast.ClassDef | Function):
        return node.name
    return ""
