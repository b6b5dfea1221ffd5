"""Whether a text is an excerpt of another, whatever blogs write at the end of one."""

from __future__ import annotations

import re

_MORE = "|".join(
    (
        r"(?:continue|keep) reading|read (?:more|on)|(?:show|view|see) more",
        r"(?:read|view|see) the (?:full|whole|entire|original|rest of (?:the|this)) ?\w*",
        r"full (?:article|entry|post|story)",
        r"weiterlesen|weiter lesen|mehr lesen|den ganzen \w+ lesen",
        r"lire (?:la suite|plus|l[’']article)|continuer la lecture",
        r"(?:seguir|continuar) leyendo|leer m[aá]s",
        r"continua a leggere|leggi (?:tutto|di più|l[’']articolo)",
        r"lees (?:meer|verder)|verder lezen",
        r"continue (?:a ler|lendo)|ler mais|leia mais",
        r"läs mer|les mer|læs mere|lue lisää|czytaj (?:dalej|więcej)|číst dál|devamını oku",
        r"читать (?:далее|дальше|полностью)|читати далі|διαβάστε περισσότερα",
        r"続きを読む|もっと読む|阅读全文|继续阅读|閱讀全文|繼續閱讀|더 보기|계속 읽기",
    )
)
"""What the links to the rest are called."""
_BARE = "more|mehr|suite|la suite|m[aá]s|continua|meer|mais|mer|więcej|далее"
"""What they are called, too, where a bracket or an arrow shows that these words are none of the
text."""
_SIGNS = r"(?:(?:…|\.\.\.|→|⟶|»|›|>>?|-+>|⇒)\s?)"
_FROM = "|".join(
    (
        r"(?:first )?appeared first on|first appeared (?:on|in|at)",
        r"was (?:originally |first )?(?:published|posted) (?:on|in|at)",
        r"erschien zuerst (?:auf|bei)|est apparu en premier sur|apareci[oó] primero en",
        r"se public[oó] primero en|proviene da|verscheen eerst op|apareceu primeiro em",
        r"dök först upp på|dukkede først op på|впервые появил\w+ (?:на|в)|pochodzi z serwisu",
    )
)
"""Between the title and the name of the blog, in the footer that WordPress adds."""
_WHERE = r"\s(?:at|on|in|bei|auf|sur|en|su|op)\s[^.!?]{1,40}"
_NAME = r"[\s:\"'“”«»„‘’]*\0[\"'“”«»„‘’]*"
"""The title, for which a NUL stands: no text has one."""
_OF_WHAT = rf"(?:(?:\s\S{{1,10}}){{0,2}}{_NAME}|{_WHERE})?"
_FOOTERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:[^\s.!?…\])]{{1,12}}\s){{0,2}}{_NAME}\s(?:{_FROM})\s.*$",
        r"\soriginally (?:published|posted) (?:at|in|on) \S+$",
        rf"[\[(]?\s?(?<!\w)(?:{_MORE}){_OF_WHAT}[\s.:]*{_SIGNS}*[\])]?$",
        rf"[\[(]\s?(?:{_BARE})\s?{_SIGNS}*[\])]$|(?<!\w)(?:{_BARE})\s?{_SIGNS}+$",
        rf"[\[(]?\s?{_SIGNS}+[\])]?$",
    )
)
_END = 400
"""So many characters of the end are looked at: else a text of dots would cost the square."""


def is_excerpt(text: str, whole: str, title: str = "") -> bool:
    """Return whether a text is a part of another, with or without what stands at the end of an
    excerpt, or of anything that a feed shows of the entry with this title."""
    name = " ".join(title.split())
    words, all_words = (_without_footer(" ".join(each.split()), name) for each in (text, whole))
    return len(words) < len(all_words) and words in all_words


def is_cut(text: str, title: str = "") -> bool:
    """Return whether a text ends as excerpts do."""
    words = " ".join(text.split())
    return _without_footer(words, " ".join(title.split())) != words


def _without_footer(words: str, title: str) -> str:
    start, end = words[:-_END], words[-_END:]
    if title:
        end = end.replace(title, "\0")
    before = ""
    while before != end:
        before = end
        for footer in _FOOTERS:
            end = footer.sub("", end).rstrip()
    return start + end.replace("\0", title)
