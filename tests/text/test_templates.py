"""Templates: the user's first, ours otherwise, escaping on."""

from __future__ import annotations

import importlib.util
import pickle
import runpy
import sys
from pathlib import Path

import pytest

from convert.errors import ExportError, UsageError
from convert.text.templates import TemplateFolder, shipped_folder

Factory = pytest.TempPathFactory


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "page.html").write_text("<p>{{ title }}</p>", encoding="utf-8")
    return tmp_path


def test_a_users_file_goes_first_and_is_escaped(own: Path) -> None:
    assert TemplateFolder(own).render("site/page.html", title="<b>") == "<p>&lt;b&gt;</p>"


def test_what_the_user_does_not_have_comes_from_ours(own: Path) -> None:
    name = next(path for path in sorted(shipped_folder().rglob("*.css")))
    relative = name.relative_to(shipped_folder()).as_posix()
    assert TemplateFolder(own).text(relative) == name.read_text(encoding="utf-8")


def test_what_an_exporter_brings_stands_between(own: Path, tmp_path_factory: Factory) -> None:
    package = tmp_path_factory.mktemp("package")
    (package / "brings.py").write_text("class Exporter: pass\nEXPORTER = Exporter()")
    (package / "templates" / "site").mkdir(parents=True)
    for name in ("page.html", "other.html"):
        (package / "templates" / "site" / name).write_text("theirs")
    (package / "templates" / "pdf").mkdir()
    (package / "templates" / "pdf" / "style.css").write_text("theirs")
    code = runpy.run_path(str(package / "brings.py"), run_name="brings")
    assert TemplateFolder(own).beside(code["EXPORTER"]) == TemplateFolder(own)  # in no module

    spec = importlib.util.spec_from_file_location("brings", package / "brings.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["brings"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    both = TemplateFolder(own).beside(module.EXPORTER)
    for templates in (both, pickle.loads(pickle.dumps(both))):
        assert templates.digest == both.digest
        assert templates.render("site/page.html", title="x") == "<p>x</p>"
        assert templates.render("site/other.html") == "theirs"
        assert templates.text("pdf/style.css") == "theirs"
        assert "<article" in templates.text("pdf/entry.html")
    (package / "templates" / "site" / "other.html").write_text("theirs, changed")
    assert TemplateFolder(own).beside(module.EXPORTER).digest != both.digest
    assert TemplateFolder(own).beside(object()) == TemplateFolder(own)


def test_errors_name_the_template_and_the_line(own: Path) -> None:
    (own / "site" / "bad.html").write_text("<p>\n{% if %}</p>", encoding="utf-8")
    with pytest.raises(ExportError, match=r"bad\.html:2"):
        TemplateFolder(own).render("site/bad.html")
    with pytest.raises(ExportError, match="undefined"):
        TemplateFolder(own).render("site/page.html")
    with pytest.raises(ExportError, match=r"no template is called 'site/none\.css'"):
        TemplateFolder(own).text("site/none.css")


def test_a_folder_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="no such folder"):
        TemplateFolder(Path("nowhere/at/all"))


def test_one_folder_alone(own: Path) -> None:
    (own / "other").mkdir()
    (own / "other" / "page.html").write_text("{% include 'site/page.html' ignore missing %}.")
    one, none = TemplateFolder(own).only("other"), TemplateFolder(own).only("")
    assert one.render("other/page.html") == "."
    for templates, name in ((one, "site/page.html"), (none, "other/page.html")):
        with pytest.raises(ExportError, match="page"):
            templates.render(name, title="x")
        with pytest.raises(ExportError, match="no template is called"):
            templates.text(name)
    (own / "site" / "page.html").write_text("changed")
    assert TemplateFolder(own).only("other").digest == one.digest
    assert TemplateFolder(own).only("").names() == frozenset()


def test_what_links_lead_to_is_served_and_seen(own: Path, tmp_path_factory: Factory) -> None:
    """A folder of templates may be made of links, and links may lead round in circles."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "deep").mkdir()
    for path in (elsewhere / "a.css", elsewhere / "deep" / "b.css"):
        path.write_text("p {}")
    (own / "linked").symlink_to(elsewhere, target_is_directory=True)
    (own / "one.css").symlink_to(elsewhere / "a.css")
    (elsewhere / "round").symlink_to(own, target_is_directory=True)
    (own / "gone.css").symlink_to(elsewhere / "nowhere")
    whole = TemplateFolder(own)
    names = {name for name in whole.names() if name.endswith(".css")} - _shipped()
    assert names == {"linked/a.css", "linked/deep/b.css", "one.css"}
    assert {whole.text(name) for name in names} == {"p {}"}
    for path in (elsewhere / "a.css", elsewhere / "deep" / "b.css"):
        before = TemplateFolder(own).digest
        path.write_text("p { color: red }")
        assert TemplateFolder(own).digest != before


def _shipped() -> set[str]:
    folder = shipped_folder()
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_what_is_put_into_plain_text_is_not_escaped(tmp_path: Path) -> None:
    for ending in ("html", "xhtml", "svg", "css", "md", "page"):
        (tmp_path / f"t.{ending}").write_text("{{ name }}")
        assert TemplateFolder(tmp_path).render(f"t.{ending}", name="<b>") == "&lt;b&gt;"
    for ending in ("txt", "tsv", "csv", "json"):
        (tmp_path / f"t.{ending}").write_text("{{ name }}")
        assert TemplateFolder(tmp_path).render(f"t.{ending}", name="Tom & <b>'s") == "Tom & <b>'s"
