"""What a tag, a comment and their like are in raw markup, for the first look at it."""

from __future__ import annotations

import re

from convert.content.vocabulary import KNOWN_HTML, OTHER_NAMES, RAW_TEXT

# Possessive quantifiers ("*+"): nothing here goes back over what it has read.
TOKEN = re.compile(
    r"""<(?:
      (?P<end>/?)(?P<name>[A-Za-z][^\s/>]*+)
      (?:(?P<plain>(?:\s++[A-Za-z_][\w.-]*+
            (?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'=<>`]++))?+)*+\s*+/?+)>
        |(?P<odd>(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')|=)*+)(?P<close>>|\Z))
      |!--(?:-?>|.*?(?:--!?>|(?P<endless>\Z)))
      |!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)
      # A document type, what Word writes for its own eyes, an end tag with a blank too many.
      |(?:!(?:\[|doctype\b)|\?(?:xml|mso|import)\b|/\s++[A-Za-z])[^>]*+(?:>|\Z)
      |(?P<nothing>[!?/])
    )""",
    re.VERBOSE | re.DOTALL | re.ASCII | re.IGNORECASE,
)
PLAIN_TAG = re.compile(
    r"""<(/?[a-z][a-z0-9]*+)(?:\s++[A-Za-z_][\w.-]*+=(?:"[^"<]{0,4000}+"|'[^'<]{0,4000}+')){0,40}+\s*+/?+>""",
    re.ASCII,
)
PLAIN_NAMES = {
    slash + name
    for name in KNOWN_HTML - RAW_TEXT - {"svg", "math"} - frozenset(OTHER_NAMES)
    for slash in ("", "/")
}
STATES = re.compile(r"//|\\[A-Za-z]")
SAYS = re.compile(r"(?:\A|>)[^<>]*?\w|\b(?:src|srcset|href|data)\s*+=")
"""What states an address or TeX, and what shows something."""
