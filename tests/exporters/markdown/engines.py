"""The programs that Markdown is for: each renders files to pages, trusting all that they hold."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import markdown_judge
import pypandoc
import pytest
from docutils.core import publish_string
from markdown.core import Markdown
from markdown_it import MarkdownIt
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.attrs import attrs_block_plugin, attrs_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.tasklists import tasklists_plugin
from myst_parser.parsers.docutils_ import Parser
from running import ROOT

Engine = Callable[[Sequence[str]], list[str]]
"""Files of Markdown to pages of HTML."""

HERE = Path(__file__).parent


def _markdown_it(files: Sequence[str], *, extended: bool) -> list[str]:
    return [markdown_judge.reader(extended=extended).render(file) for file in files]


def _markdown_it_with_all_plugins(files: Sequence[str]) -> list[str]:
    reader = MarkdownIt("commonmark", {"html": True, "typographer": True})
    reader.enable(["table", "strikethrough", "replacements", "smartquotes"])
    for plugin in (
        front_matter_plugin, footnote_plugin, dollarmath_plugin, amsmath_plugin, deflist_plugin,
        tasklists_plugin, admon_plugin, colon_fence_plugin, attrs_block_plugin,
    ):  # fmt: skip
        reader.use(plugin)
    reader.use(attrs_plugin, spans=True)
    return [reader.render(file) for file in files]


def python_markdown(files: Sequence[str], extensions: Sequence[str]) -> list[str]:
    read = Markdown(extensions=list(extensions))
    return [read.reset().convert(file) for file in files]


def _myst(files: Sequence[str]) -> list[str]:
    extensions = (
        "amsmath attrs_block attrs_inline colon_fence deflist dollarmath fieldlist"
        " html_admonition html_image replacements smartquotes strikethrough substitution tasklist"
    )
    overrides = {
        "myst_enable_extensions": extensions.split(),
        "report_level": 5,
        # Docutils' own MathML (0.22) falls over a line's end outside of a table.
        "math_output": "LaTeX",
        "stylesheet_path": None,
        "embed_stylesheet": False,
        "output_encoding": "unicode",
    }
    return [
        str(publish_string(file, parser=Parser(), writer="html5", settings_overrides=overrides))
        for file in files
    ]


_HUGO = """
disableKinds = ["RSS", "sitemap", "taxonomy", "term", "home", "section", "404", "robotsTXT"]
[markup.goldmark.renderer]
unsafe = true
[markup.goldmark.parser]
wrapStandAloneImageWithinParagraph = false
[markup.goldmark.parser.attribute]
block = true
title = true
[markup.goldmark.extensions.passthrough]
enable = true
[markup.goldmark.extensions.passthrough.delimiters]
block = [['\\[', '\\]'], ['$$', '$$']]
inline = [['\\(', '\\)'], ['$', '$']]
[markup.goldmark.extensions.extras.insert]
enable = true
[markup.goldmark.extensions.extras.mark]
enable = true
[markup.goldmark.extensions.extras.subscript]
enable = true
[markup.goldmark.extensions.extras.superscript]
enable = true
"""


def _hugo(files: Sequence[str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        (site / "content/all").mkdir(parents=True)
        (site / "layouts").mkdir()
        (site / "hugo.toml").write_text(_HUGO)
        (site / "layouts/single.html").write_text("<h1>{{ .Title }}</h1>{{ .Content }}")
        for at, file in enumerate(files):
            (site / f"content/all/n{at}.md").write_text(file)
        hugo = Path(sys.executable).parent / "hugo"
        done = subprocess.run(
            [hugo, "--logLevel", "warn"], cwd=site, capture_output=True, check=False
        )
        # A template's sign that it does not know ends the whole run.
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
        return [
            (site / f"public/all/n{at}/index.html").read_text(encoding="utf-8")
            for at in range(len(files))
        ]


def read_each(command: Sequence[str | Path], files: Sequence[str]) -> list[str]:
    return [
        subprocess.run(
            command, input=file.encode(), capture_output=True, check=True
        ).stdout.decode()
        for file in files
    ]


def pandoc(files: Sequence[str], *options: str) -> list[str]:
    return read_each([pypandoc.get_pandoc_path(), "-t", "html", *options], files)


def _cmark_gfm(files: Sequence[str]) -> list[str]:
    extensions = ("table", "strikethrough", "autolink", "tasklist", "footnotes")
    options = [option for each in extensions for option in ("-e", each)]
    return read_each([tool("cmark-gfm"), "--unsafe", *options], files)


def _kramdown(files: Sequence[str], parser: str) -> list[str]:
    done = subprocess.run(
        [tool("ruby"), "-E", "UTF-8:UTF-8", HERE / "kramdown.rb", parser],
        input=json.dumps(files).encode(),
        capture_output=True,
        check=True,
    )
    return list(json.loads(done.stdout))


VALUES = """$for(values)$<div>$values$</div>
$endfor$$body$"""
"""A template of pandoc that puts all values of a list into the page, as -s puts a title."""


def together(files: Sequence[str]) -> str:
    """One file of many: their bodies, and all texts of their front matter as ``values``."""
    values, texts = [], []
    for file in files:
        _, head, text = file.split("---\n", 2) if file.startswith("---\n") else ("", "", file)
        values += [f"  - {value}" for value in re.findall(r'"(?:[^"\\\n]|\\.)*"', head)]
        texts.append(text)
    return "\n".join(["---", "values:", *dict.fromkeys(values), "---", "", *texts])


def of_npm(files: Sequence[str]) -> list[list[str]]:
    """What MDX, Liquid, Nunjucks and EJS would run, for each file."""
    if not (ROOT / "node_modules/@mdx-js/mdx").exists():
        pytest.skip("the packages of npm are not here: make check-corpus installs them")
    done = subprocess.run(
        [tool("node"), HERE / "engines.mjs"],
        input=json.dumps(files).encode(),
        capture_output=True,
        check=True,
    )
    return list(json.loads(done.stdout))


def tool(name: str) -> str:
    """The path of a program; skips the test where it is not there."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not here: make check-corpus installs it")
    return path


_EXTRA = ("extra", "attr_list", "md_in_html", "toc", "admonition", "sane_lists", "smarty")

QUICK: dict[str, Engine] = {
    "markdown-it": partial(_markdown_it, extended=True),
    "CommonMark": partial(_markdown_it, extended=False),
    "markdown-it, all plugins": _markdown_it_with_all_plugins,
    "Python-Markdown": partial(python_markdown, extensions=_EXTRA),
    "Pelican": partial(
        python_markdown,
        extensions=(*_EXTRA, "meta", "wikilinks", "nl2br", "legacy_attrs", "legacy_em"),
    ),
    "MyST": _myst,
    "Hugo": _hugo,
    "pandoc -s": lambda files: pandoc(files, "-s"),
    "pandoc -s -f commonmark_x": lambda files: pandoc(files, "-s", "-f", "commonmark_x"),
}
"""What pip brings."""

OTHERS: dict[str, Engine] = {
    "cmark-gfm": _cmark_gfm,
    "kramdown": partial(_kramdown, parser="kramdown"),
    "kramdown, GFM": partial(_kramdown, parser="GFM"),
    "pandoc -s -f gfm": lambda files: pandoc(files, "-s", "-f", "gfm+attributes+raw_attribute"),
    "pandoc -s --mathjax": lambda files: pandoc(files, "-s", "--mathjax"),
}
"""What Debian brings, and more ways to read."""
