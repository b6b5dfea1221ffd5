"""Sources opened for tests: what was read, and what was complained of."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager

from convert.contract import Fetched, Reading, Source, SourceContext
from convert.errors import FetchError
from convert.model import Problem, StoredEntry


class NoNetwork:
    """A fetcher that opens no connection."""

    def get(
        self, address: str, *, limit: int | None = None, named_by: str | None = None
    ) -> Fetched:
        raise FetchError(address, f"no network in this test (limit {limit}, from {named_by})")

    def get_all(
        self, addresses: Iterable[str], *, named_by: str | None = None
    ) -> Mapping[str, Fetched | Exception]:
        return {address: FetchError(address, "no network in this test") for address in addresses}

    def reject(
        self, address: str, content: bytes, failure: str, *, named_by: str | None = None
    ) -> Fetched | None:
        return None

    def proxy(self) -> AbstractContextManager[str]:
        raise FetchError("the network", "no network in this test")

    def authorization(self, address: str) -> str | None:
        return None

    def identity(self, address: str) -> str:
        return ""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A source read to its end."""

    reading: Reading
    entries: list[StoredEntry]
    problems: list[Problem]

    @property
    def lines(self) -> list[str]:
        """The problems as a user sees them, with their severity."""
        return [f"{problem.severity} {problem}" for problem in self.problems]


def read_source(source: Source, address: object, **settings: object) -> Outcome:
    """Reads everything; ``settings`` are fields of the context."""
    problems: list[Problem] = []
    known: dict[str, object] = {
        "fetcher": NoNetwork(),
        "warn": problems.append,
        "options": source.Options(),
    }
    context = SourceContext(**(known | settings))  # type: ignore[arg-type]  # fields by name
    reading = source.open(str(address), context)
    return Outcome(reading, list(reading.entries()), problems)
