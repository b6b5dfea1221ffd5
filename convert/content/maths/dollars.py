"""Whether what stands between two dollars is TeX: not a price, a variable or a program."""

from __future__ import annotations

import re

from convert.content.maths.commands import is_known
from convert.content.vocabulary import names

MOST = 1_500
"""Characters between the dollars beyond which there is no telling."""

_FUNCTIONS = names(
    "arccos arcsin arctan arg argmax argmin cos cosh cot coth csc deg det dim div exp gcd hom id"
    " im inf ker lcm lg lim ln log max min mod op poly rank sec sgn sign sin sinh span sup tan"
    " tanh tr"
)
# Words of a text, and what groups in braces say below and above a letter.
_WORDED = re.compile(
    r"\\(?:text[a-z]*|[mh]box|mathrm|mathit|mathsf|mathtt|mathbf|operatorname\*?|label|tag|begin"
    r"|end|color)\s*\{[^{}]*\}|[_^]\s*\{[^{}]*\}"
)
_COMMAND = re.compile(r"\\(?:([A-Za-z]{2,})|[\\,;:!{}|%&#_ ])")
_SCRIPT = re.compile(
    r"(?:(?:[^\W_]|[)\]}|'!*])\s*\^|(?:[^\W\d_]|[)\]}|'])\s*_)"
    r"\s*(?:\{|\\[A-Za-z]|[^\W_](?![^\W_]{2})|[*+−-](?![\w.]{2}))"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_PAIR = re.compile(r"[^\W\d_]{2,}[\s,;]+[^\W\d_]{2,}")
_AMONG = re.compile(r"(?<=\s)[^\W\d_]{2,}(?=\s)")
_NAME = re.compile(
    r"\{?[^\W\d_]{2,}_\w{2,}\}?|\{\w+\}|[\w.-]+\(\)|[A-Z]+_[A-Z]\w+|\d+_\d\w*"
    r"|(?:Author|Date|Header|Id|Locker|Log|Name|RCSfile|Revision|Source|State)(?::.*)?"
    r"|env:.*|(?:if|for)\(.*\)|body|else|endfor|endif|sep",
    re.DOTALL,
)
"""Names of variables, and what stands between dollars in version control and in templates."""
_LONE_SIGN = re.compile(r"[+=<>≤≥∈*−-]|:=|[<>]=")
_OPENS_BADLY = re.compile(r"[)\]},;:!?/&%#@~]|\.(?!\d)|[-<>](?=\s)|_(?![\d{\\])|\^(?![\d{\\*+-])")
_CLOSES_BADLY = re.compile(r"(?<![_^\\])[(\[{/:;&@#~]\Z")
_ENDS_BADLY = re.compile(r"\A[|=*+](?!_)|(?<![_^\\])[=<>+*|–—-]\Z")
"""What neither begins nor ends a formula, where it has no command."""
_NO_TEX = re.compile(
    r"[\"`“”„«»€£¥\u3000-\ud7af\uff00-\uffef]|->\w|&&|\+\+|::|://|[=!]==?|\$\(|\n\s*\n"
)
_BARS = re.compile(r"\|[^|]+\|(?:[_^].*)?|\|\|[^|]+\|\|(?:[_^].*)?", re.DOTALL)
_RAISED = re.compile(r"[_^](?:\{[^{}]*\}|\d|\\[A-Za-z]+)")
_ENDING = re.compile(r"(?:st|nd|rd|th|s|d|D|-|'s|’s)(?![A-Za-z0-9])")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
# BibTeX, which has formulas of its own kind.
_DATABASE = re.compile(r"@[A-Za-z]+\s*\{")


def is_tex(text: str, start: int, end: int, *, among_tex: bool) -> bool:
    """Tell whether ``text[start:end]``, dollars included, can only be a formula.

    ``among_tex``: other formulas stand in the same body, so that a letter alone is one.
    """
    tex = text[start + 1 : end - 1]
    if len(tex) > MOST or not _may_be(tex) or _DATABASE.search(text, max(0, start - 300), start):
        return False
    commands = [each for each in _COMMAND.findall(tex) if each]
    known = any(map(is_known, commands))
    before, after = text[max(0, start - 1) : start], text[end : end + 4]
    if not _stands_apart(tex, before, after, sure=known, among_tex=among_tex):
        return False
    bare = _COMMAND.sub(" ", _WORDED.sub(" ", tex))
    lone = _LONE_SIGN.fullmatch(tex) or _BARS.fullmatch(tex)
    prose = _PAIR.search(bare) or not _FUNCTIONS.issuperset(_AMONG.findall(bare))
    if prose or not (known or lone or _ENDS_BADLY.search(tex) is None):
        return False
    if among_tex or (known and all(map(is_known, commands))):
        return True
    return _SCRIPT.search(tex) is not None and _FUNCTIONS.issuperset(_WORD.findall(bare))


def _may_be(tex: str) -> bool:
    """Tell whether brackets and the signs at both ends are those of a formula."""
    if _NAME.fullmatch(tex) or _NO_TEX.search(tex):
        return False
    if _OPENS_BADLY.match(tex) or _CLOSES_BADLY.search(tex):
        return False
    depth = 0
    for brace in _BRACE.findall(tex):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return False
    opened = min(tex.find(each) % (MOST + 1) for each in "([")
    closed = min(tex.find(each) % (MOST + 1) for each in ")]")
    # Half-open intervals are written [0, 1) and ]0, 1].
    return depth == 0 and opened <= closed


def _stands_apart(tex: str, before: str, after: str, *, sure: bool, among_tex: bool) -> bool:
    """Tell whether what is around the dollars is no part of a name or a price."""
    following = after[:1]
    if following in {"{", "$", "_"} or (following.isdigit() and not sure):
        return False
    if following == "(" and tex.startswith("("):
        return False  # $(a)$(b)
    if before in {"$", "\\", "_"}:
        return False
    if before.isascii() and before.isalnum() and not sure:
        # H$_2$O
        return _RAISED.fullmatch(tex) is not None and (among_tex or "{" in tex)
    letter = following.isascii() and following.isalpha()
    return sure or not letter or _ENDING.match(after) is not None
