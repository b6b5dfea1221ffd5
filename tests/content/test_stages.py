"""Every stage of one preparation, to see which step did what."""

from __future__ import annotations

import ast
import importlib.metadata
import sys
from pathlib import Path

import msgspec
import pytest
from entries import OPTIONS, prepared, stored

from convert import content
from convert.content import STEPS, Unpreparable, stages, steps
from convert.content.draft import Draft, PrepareOptions
from convert.model import Prepared

BODY = (
    '<h1>A title</h1><p onclick="x()">see <a href="/b">b</a> <img src="c.png" alt="c"></p>'
    '<pre class="language-ocaml"><code>let x = 1</code></pre><script>evil()</script>'
)


def test_the_stages_are_those_of_the_steps() -> None:
    names = [name for name, _ in stages(stored(BODY), OPTIONS)]
    assert names == ["chosen", "parsed", *(name for name, _ in STEPS), "removed", "prepared"]


def test_the_last_stage_is_what_prepare_gives() -> None:
    for body, kind in ((BODY, "html"), ("a\n\nb", "text"), ("*a* $x$", "odd/type"), (None, "html")):
        *_, (_, sanitised), _, (_, last) = stages(stored(body, kind), OPTIONS)
        whole = prepared(body, kind)
        assert msgspec.json.decode(last, type=Prepared) == whole
        assert sanitised == whole.body


def test_each_stage_shows_what_its_step_did() -> None:
    by_name = dict(stages(stored(BODY, title="A title"), OPTIONS))
    assert by_name["chosen"] == BODY
    assert by_name["parsed"].startswith("<div><h1>A title</h1><p>see <a href=")
    assert 'data-language="ocaml"' not in by_name["drawings"]
    assert (
        '<pre data-language="ocaml"><code class="language-ocaml">let x = 1</code></pre>'
        in by_name["code"]
    )
    assert 'href="/b"' in by_name["math"]
    assert 'href="https://blog.example/b"' in by_name["links"]
    assert 'src="c.png"' in by_name["embeds"]
    assert 'src="image:' in by_name["images"]
    assert "A title" in by_name["structure"]
    assert "A title" not in by_name["headings"]


def test_what_a_step_raises_comes_after_the_stages_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(tree: object, draft: Draft) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(steps, "STEPS", (*STEPS[:2], ("broken", fail)))
    seen: list[str] = []
    with pytest.raises(ZeroDivisionError):
        seen.extend(name for name, _ in stages(stored(BODY), OPTIONS))
    assert seen == ["chosen", "parsed", "depth", "drawn formulas"]
    with pytest.raises(Unpreparable):
        list(stages(stored(BODY), PrepareOptions(max_body=3)))


def test_the_versions_of_all_that_preparation_imports_count() -> None:
    rooms = Path(content.__file__).parent
    roots = set()
    for path in rooms.rglob("*.py"):
        if path.is_relative_to(rooms / "views"):
            continue  # what a view needs shapes no prepared entry
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                roots |= {each.name.partition(".")[0] for each in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                roots.add(node.module.partition(".")[0])
    names = importlib.metadata.packages_distributions()
    outside = {names[each][0] for each in roots - sys.stdlib_module_names - {"convert"}}
    assert {importlib.metadata.version(name) for name in outside - {"msgspec"}} <= {
        str(each) for each in steps._CODE
    }
