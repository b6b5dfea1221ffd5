"""What an exporter says that it needs: of all else it is handed nothing.

So nothing else can shape its files, and no change of it makes them anew.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol, runtime_checkable

from convert.model import Value


class Needs(Value, frozen=True, kw_only=True):
    """What an exporter uses beside entries, options and clock; by default nothing.

    ``EntrySet.originals`` are needed where the options say so (``encloses_originals``).
    """

    outputs: tuple[str, ...] = ()
    """Names of exporters: of the outputs of this run it looks at theirs."""
    templates: str = ""
    """The folder of its templates: "epub" for "epub/entry.xhtml"."""
    pictures: bool = False
    """Whether it shows the entries' pictures where the option ``images`` is "embed"."""
    icons: bool = False
    """Whether it then shows those of people, too."""
    only_feeds: bool = False
    """Whether it shows of the entries nothing but whose feeds they are from: where a feed that
    cannot be read is known all the same, as a list names it, no entry is missing in it."""
    origins: Literal["nothing", "addresses", "revisions"] = "nothing"
    """What it says of where the entries came from: addresses and titles, or commits too.  Paths
    on this machine are never among them."""
    machine: tuple[str, ...] = ()
    """What of this machine shapes its files: versions of libraries that are no Python packages,
    rules."""
    files: tuple[str, ...] = ()
    """Paths of this machine's files that do, such as fonts, by what is in them."""


@runtime_checkable
class DeclaresNeeds(Protocol):
    """What an exporter also has where it says what it needs; another is handed everything."""

    def needs(self, options: Any) -> Needs:
        """Return what it needs with these options.  Called in the main process: cheap."""
        ...
