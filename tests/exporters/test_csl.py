"""CSL-JSON: valid by the rules of its schema; names taken apart only where that is sure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from feed_sets import exported, sample

from convert.exporters.csl import EXPORTER, name_of
from convert.testing import entry_set

SCHEMA = json.loads(
    (Path(__file__).parent.parent / "data" / "csl-data.schema.json").read_text(encoding="utf-8")
)


def csl(tmp_path: Path, entries: Any) -> Any:
    return json.loads(exported(EXPORTER, entries, tmp_path, ".csl.json")["eeg.csl.json"])


def test_items_are_valid_and_complete(tmp_path: Path) -> None:
    items = csl(tmp_path, sample())
    jsonschema.validate(items, SCHEMA)
    assert items[0] == {
        "id": "anil/2024-05-06-answer",
        "type": "post-weblog",
        "title": "Answer <b>&amp;</b> “quotes”",
        "author": [{"literal": "Anil"}, {"literal": "Eve"}],
        "contributor": [{"literal": "Carl"}],
        "issued": {"date-parts": [[2024, 5, 5]]},
        "container-title": "Anil & co",
        "URL": "https://anil.example/answer",
        "abstract": "Short & sweet",
        "keyword": "OCaml, C & C",
        "language": "en-GB",
    }
    assert len(items) == 4


def test_an_empty_set_is_an_empty_list(tmp_path: Path) -> None:
    assert csl(tmp_path, entry_set([])) == []


@pytest.mark.parametrize(
    "change",
    [
        {"type": "blog"},
        {"issued": {"date-parts": [["2024", 5, 6]]}},
        {"issued": "2024-05-06"},
        {"author": [{"name": "Anil"}]},
        {"author": [{"family": "A", "literal": "A"}]},
        {"URL": "javascript:alert(1)"},
        {"link": "https://example.org"},
    ],
)
def test_wrong_items_fail(tmp_path: Path, change: dict[str, object]) -> None:
    items = csl(tmp_path, sample())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate([items[0] | change], SCHEMA)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Anil Madhavapeddy", {"family": "Madhavapeddy", "given": "Anil"}),
        ("Donald E. Knuth", {"family": "Knuth", "given": "Donald E."}),
        (
            "Guido van Rossum",
            {"family": "Rossum", "given": "Guido", "non-dropping-particle": "van"},
        ),
        ("Louis Roché", {"family": "Roché", "given": "Louis"}),
        ("Jane Street", {"literal": "Jane Street"}),
        ("OCaml Labs", {"literal": "OCaml Labs"}),
        ("anil", {"literal": "anil"}),
        ("山田 太郎", {"literal": "山田 太郎"}),
        ("KC Sivaramakrishnan, Anil", {"literal": "KC Sivaramakrishnan, Anil"}),
        ("Tarides", {"literal": "Tarides"}),
    ],
)
def test_names(name: str, parts: dict[str, str]) -> None:
    assert name_of(name) == parts
