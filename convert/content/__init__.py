"""Preparation: one stored entry to one safe, well-formed, neutral entry, for every format.

What a body looks like afterwards is written in docs/prepared-markup.md, what it may hold in
docs/allow-list.md.
"""

from convert.content.draft import PrepareOptions
from convert.content.steps import (
    CODE_DIGITS,
    SHARED,
    STEPS,
    Step,
    Unpreparable,
    code_of,
    digest,
    prepare,
    stages,
)

__all__ = [
    "CODE_DIGITS",
    "SHARED",
    "STEPS",
    "PrepareOptions",
    "Step",
    "Unpreparable",
    "code_of",
    "digest",
    "prepare",
    "stages",
]
