"""What can go wrong, as a tree.

ConvertError                 everything that we raise on purpose
├── UsageError               the user asked for something that is not there (exit 2)
│   ├── UnknownName          a name that nobody answers to; knows the nearest ones
│   └── ReportInTheWay       the report would replace what is read, or what is published
├── EmptySelection           nothing is selected of sources that have entries (exit 3)
├── BadDate                  text that names no moment
├── Unpreparable             a body over the limit (in ``convert.content``)
├── SourceError              a source could not be read at all
│   └── NotASource           what was named is no repository, feed or list (exit 2)
├── FetchError               an address could not, or must not, be fetched
│   ├── ForbiddenAddress     it leads to an address that is not public
│   ├── Refused              the host takes back what it gave to these credentials
│   └── Unreachable          nobody answers there, or not in time
├── CacheError               what was remembered cannot be read or written
├── ExportError              an exporter could not make its output
├── ContractError            a plug-in broke the contract
└── OutputError              the output folder cannot be written, or is held by another run

Each message is one line that names the culprit and the way out.  A traceback in front of
a user is a fault of ours.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

_LONGEST = 200
"""Characters of a name that is compared with others: longer ones take too much time."""


class ConvertError(Exception):
    """Root of every error that thicket-convert raises on purpose."""


class UsageError(ConvertError):
    """What the user asked for is not there or does not fit together."""


def near(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return up to three of the names that somebody may have meant, the nearest first.

    Near is what has three of five letters in common, in their order, what has the same letters
    in another order, and what holds the whole of a name of three letters or more: of four
    letters one may be wrong, "nope" is not "opml".
    """
    wanted = name.casefold()[:_LONGEST]
    by_letters = {each.casefold(): each for each in known if len(each) <= _LONGEST}
    close = difflib.get_close_matches(wanted, by_letters, n=3, cutoff=0.6)
    close += [each for each in by_letters if sorted(each) == sorted(wanted)]
    close += [each for each in by_letters if len(wanted) > 2 and wanted in each]
    return tuple(by_letters[each] for each in dict.fromkeys(close))[:3]


class UnknownName(UsageError):
    """A name that nobody answers to: an exporter, an option, a key of the config file.

    ``kind`` says what was looked up ("exporter"), ``name`` what was asked for and
    ``nearest`` the known names closest to it, best first (all of them when none is close).
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], where: str = "") -> None:
        self.kind = kind
        self.name = name
        self.known = tuple(sorted(known))
        close = near(name, self.known)
        self.nearest = close or self.known
        hint = "did you mean" if close else "known are" if self.known else "there are none"
        names = ", ".join(self.nearest[:12])
        if len(self.nearest) > 12:
            names += f" and {len(self.nearest) - 12} more"
        self._where = where
        super().__init__(f"{where}no {kind} is called {name!r}; {hint} {names}".rstrip())

    def within(self, where: str) -> UnknownName:
        """Return the same, saying where the name was written."""
        return UnknownName(self.kind, self.name, self.known, f"{where}: {self._where}")


class ReportInTheWay(UsageError):
    """The report would stand in the place of something else: it is not written."""


class EmptySelection(ConvertError):
    """Nothing is selected of sources that have entries: good output must not become empty."""


class BadDate(ConvertError):
    """A text that names no moment; ``value`` is the text."""

    def __init__(self, value: str) -> None:
        self.value = value
        shown = value if len(value) <= 60 else value[:60] + "…"
        super().__init__(f"{shown!r} is not a date")


class SourceError(ConvertError):
    """A source could not be read; ``address`` is the source as the user named it."""

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        self.reason = reason
        super().__init__(f"{address}: {reason}")


class NotASource(SourceError):
    """What was named is no repository, feed, list or entry file."""


class FetchError(ConvertError):
    """An address could not be fetched within its limits."""

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        self.reason = reason
        super().__init__(f"{address}: {reason}")


class ForbiddenAddress(FetchError):
    """The address leads to a network that is not public and that the user did not allow."""


class Refused(FetchError):
    """The host no longer gives what it gave to these credentials: no copy may stand in."""


class Unreachable(FetchError):
    """The host has no address, refuses the connection or does not answer in time."""


class CacheError(ConvertError):
    """What is remembered between runs, at ``path``, cannot be read or written."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: cache: {reason}")


class ExportError(ConvertError):
    """An exporter could not make its output."""


class ContractError(ConvertError):
    """A plug-in broke the contract; the message names the plug-in and the clause."""


class OutputError(ConvertError):
    """The output folder cannot be written, or another run holds it."""


class Interrupted(SystemExit):
    """The user, or who runs the machine, stops the run: nothing may take it for a fault."""


class Unread(Interrupted):
    """Nobody reads on what the command prints (``| head``): it ends and says nothing, with the
    exit code of a program that SIGPIPE ends."""

    def __init__(self) -> None:
        super().__init__(128 + 13)


class Overdue(BaseException):
    """The time for a piece of work is over; no ``except Exception`` holds it up."""


def internal_error(error: BaseException) -> str:
    """Return the one line for a fault that no user can have caused."""
    return f"internal error ({in_words(error)}): run again with --debug and report it"


def in_words(error: BaseException) -> str:
    """Return the kind of an exception and what it says, on one line."""
    try:
        return " ".join(f"{type(error).__name__}: {error}".split())[:500]
    except Exception:  # a stranger's exception that cannot say what it is
        return type(error).__name__
