"""Templates: the user's first, ours otherwise, escaping on."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from convert.errors import ExportError, UsageError
from convert.text.templates import TemplateFolder, shipped_folder


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


def test_the_fingerprint_changes_with_what_would_be_used(own: Path) -> None:
    before = TemplateFolder(own).fingerprint("site")
    assert before == pickle.loads(pickle.dumps(TemplateFolder(own))).fingerprint("site")
    (own / "site" / "page.html").write_text("<p>{{ title }}!</p>", encoding="utf-8")
    assert TemplateFolder(own).fingerprint("site") != before
