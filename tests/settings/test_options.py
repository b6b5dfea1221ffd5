"""Options: words to typed values, and errors that name the option."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import pytest

from convert.contract import ExporterOptions
from convert.errors import UnknownName, UsageError
from convert.settings import options


class Sample(ExporterOptions, frozen=True, kw_only=True):
    page: Annotated[Literal["a4", "a5"], msgspec.Meta(description="the size of a page")] = "a4"
    each: Annotated[tuple[str, ...], msgspec.Meta(description="feeds beside")] = ()
    most: Annotated[int | None, msgspec.Meta(description="at the most")] = None
    qr: Annotated[bool, msgspec.Meta(description="codes")] = True


def test_words_become_typed_values() -> None:
    made = options.parse(Sample, {"each": "author, category", "most": "3", "qr": "false"}, "sample")
    assert made == Sample(each=("author", "category"), most=3, qr=False)


def test_hyphens_are_underscores() -> None:
    class Long(ExporterOptions, frozen=True, kw_only=True):
        page_size: Annotated[int, msgspec.Meta(description="entries a page")] = 20

    assert options.parse(Long, {"page-size": 5}, "long").page_size == 5


def test_an_unknown_option_names_the_nearest() -> None:
    with pytest.raises(
        UnknownName, match="no option of sample is called 'pgae'; did you mean page"
    ):
        options.parse(Sample, {"pgae": "a4"}, "sample")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"page": "a3"}, r"sample\.page: 'a3' does not fit; it takes a4 \| a5"),
        ({"most": "many"}, r"sample\.most: "),
    ],
)
def test_a_wrong_value_names_the_option(given: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        options.parse(Sample, given, "sample")


def test_facts_for_people() -> None:
    facts = {each.name: each for each in options.describe(Sample)}
    assert facts["page"].type == "a4 | a5"
    assert facts["page"].default == "a4"
    assert facts["each"].type == "list of text"
    assert facts["most"].type == "number"
    assert facts["qr"].default == "true"
    assert facts["page"].description == "the size of a page"
