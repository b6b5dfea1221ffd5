"""Entries that are stored as Markdown: CommonMark with what blogs' programs add to it."""

from __future__ import annotations

import functools
import itertools
import json
import re
import tomllib
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from convert.content.maths.dollars import is_tex
from convert.content.structure.callouts import KINDS
from convert.content.vocabulary import names

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

_MOST_METADATA = 20_000
"""Characters that metadata before a text may have."""
_FENCED = re.compile(
    r"\ufeff?(---|\+\+\+)[ \t]*\r?\n(.*?)^(?:\1|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.M | re.S
)
_YAML_LINE = re.compile(
    r"(?:([^\W\d][\w.-]*+(?: +[\w.-]++)*+|\"[^\"]*\"|'[^']*') *:(?: .*)?$"
    r"|[ \t#}\]-]|$)"
)
_KEYS = names(
    "aliases author authors categories category comments cover created date description draft"
    " excerpt featured hero id image keywords lang language last_modified_at lastmod layout license"
    " math menu modified permalink published publishdate series share slug status subtitle summary"
    " tag tags taxonomies template thumbnail title toc type updated url weight"
)
"""What metadata has at least one of, so that no text between two rules is taken for it."""
_BOX = re.compile(
    r"\{? *\.?(?:callout-)?([A-Za-z]+)(?: *\{? *title=\"([^\"]*)\")?[ }]*(?:\[(.*)\]|(.*))"
)
"""The first line of a box after its colons: ``note``, ``tip[Title]``, ``warning Title``,
``{.callout-note title="Title"}``."""


_ATTRIBUTES = re.compile(r"\{:? *+(?:[#.][\w:-][\w:.-]*+ *+)++\}\Z")
_ID = re.compile(r"#([A-Za-z][\w:.-]*)")


def render(text: str) -> str:
    """Return Markdown as HTML; metadata before it (YAML, TOML or JSON) goes."""
    return str(_reader().render(text[metadata_end(text) :]))


def metadata_end(text: str) -> int:
    """Return where a text begins after metadata at its very start; 0 where there is none.

    >>> metadata_end("---\\ntitle: x\\n---\\ny"), metadata_end("---\\nNote: x\\n---\\ny")
    (17, 0)
    """
    start = text[:_MOST_METADATA]
    if start.startswith("{"):
        try:
            stated, end = json.JSONDecoder().raw_decode(start)
        except (ValueError, RecursionError):
            return 0
        following = re.compile(r"[ \t]*(?:\r?\n|\Z)").match(start, end)
        return following.end() if following and _is_metadata(list(stated)) else 0
    fenced = _FENCED.match(start)
    if fenced is None:
        return 0
    if fenced[1] == "+++":
        try:
            keys = list(tomllib.loads(fenced[2].replace("\r\n", "\n")))
        except (ValueError, RecursionError):
            return 0
    else:
        lines = [_YAML_LINE.match(line) for line in fenced[2].splitlines()]
        if None in lines:
            return 0
        keys = [line[1].strip("\"'") for line in lines if line is not None and line[1]]
    return fenced.end() if _is_metadata(keys) else 0


def _is_metadata(keys: Sequence[str]) -> bool:
    return not _KEYS.isdisjoint(key.lower() for key in keys)


@functools.cache
def _reader() -> MarkdownIt:
    # Few entries are stored as Markdown, and the parser takes a twentieth of a second to load.
    from markdown_it import MarkdownIt  # noqa: PLC0415
    from mdit_py_plugins.admon import admon_plugin  # noqa: PLC0415
    from mdit_py_plugins.container import container_plugin  # noqa: PLC0415
    from mdit_py_plugins.deflist import deflist_plugin  # noqa: PLC0415
    from mdit_py_plugins.dollarmath import dollarmath_plugin  # noqa: PLC0415
    from mdit_py_plugins.footnote import footnote_plugin  # noqa: PLC0415
    from mdit_py_plugins.tasklists import tasklists_plugin  # noqa: PLC0415

    plain = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for plugin in (footnote_plugin, tasklists_plugin, deflist_plugin, admon_plugin):
        plain.use(plugin)
    plain.use(container_plugin, name="box", validate=_is_box, render=show_box)
    plain.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    plain.core.ruler.push("attributes of headings", name_headings)
    # What is between dollars reaches the step that knows whether it is a formula as it is.
    for name in ("math_inline", "math_inline_double", "math_block"):
        plain.add_render_rule(name, show_dollars)
    return plain


def name_headings(state: StateCore) -> None:
    """Take ``{#id .class}`` off the ends of headings; the id is that of the heading."""
    for opening, line in itertools.pairwise(state.tokens):
        if opening.type != "heading_open" or not line.children:
            continue
        last = line.children[-1]
        attributes = _ATTRIBUTES.search(last.content) if last.type == "text" else None
        if attributes is not None:
            last.content = last.content[: attributes.start()].rstrip()
            if stated := _ID.search(attributes[0]):
                opening.attrSet("id", stated[1])


def _is_box(first_line: str, *_: object) -> bool:
    box = _BOX.fullmatch(first_line.strip())
    return box is not None and box[1].lower() in KINDS


def show_box(
    _: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    """Return the start or end of a box as Sphinx writes it."""
    box = _BOX.fullmatch(tokens[at].info.strip())
    if tokens[at].nesting != 1 or box is None:
        return "</div>\n"
    title = next(filter(None, box.groups()[1:]), None) or box[1].capitalize()
    shown = _reader().renderInline(title)
    return f'<div class="admonition {box[1].lower()}">\n<p class="admonition-title">{shown}</p>\n'


def show_dollars(
    _: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    """Return a formula as the text that it was, and what only stands between dollars as the
    Markdown that it is."""
    token = tokens[at]
    text = f"{token.markup}{token.content}{token.markup}"
    if token.block:
        return f"<p>{escape(text, quote=False)}</p>\n"
    if token.markup == "$" and not is_tex(text, 0, len(text), among_tex=True):
        return f"${_reader().renderInline(token.content)}$"
    return escape(text, quote=False)
