"""One pass over a feed's markup: where it breaks, what is whole, what answers what."""

from __future__ import annotations

from xml.parsers import expat

from convert.model import Value

UNITS = {"entry", "item"}
_LONGEST_ANSWER = 2_000
# Codes of expat for a text that ends too early.
_ENDS_EARLY = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
}


class Scan(Value, frozen=True, kw_only=True):
    """What a document is like.

    ``root`` is the local name of its first element, "" where there is none.  ``broken`` says
    where it stops being well-formed ("line 3, column 5: reason").  Where it only ends too
    early, ``whole`` is the document up to its last complete entry or item, closed.
    ``answers`` holds, for each complete entry or item in order, what RFC 4685's in-reply-to
    elements in it name.
    """

    root: str = ""
    broken: str | None = None
    whole: str | None = None
    answers: tuple[tuple[str, ...], ...] = ()


def scan(text: str) -> Scan:
    """Reads a document that has no DTD."""
    data = text.encode()
    parser = expat.ParserCreate()
    stack: list[str] = []
    names: list[str] = []
    answers: list[tuple[str, ...]] = []
    pending: list[str] = []
    cut: tuple[int, tuple[str, ...]] | None = None

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal cut
        local = _local(name)
        if not stack:
            names.append(local)
        stack.append(name)
        if local in UNITS:
            pending.clear()
            if cut is None:
                cut = (parser.CurrentByteIndex, tuple(stack[:-1]))
        if local == "in-reply-to":
            answer = attributes.get("href") or attributes.get("ref") or ""
            if answer and len(answer) <= _LONGEST_ANSWER:
                pending.append(answer)

    def end(name: str) -> None:
        nonlocal cut
        stack.pop()
        if _local(name) in UNITS:
            answers.append(tuple(dict.fromkeys(pending)))
            cut = (data.find(b">", parser.CurrentByteIndex) + 1, tuple(stack))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    root = ""
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        root = names[0] if names else ""
        reason = f"line {error.lineno}, column {error.offset + 1}: {expat.ErrorString(error.code)}"
        whole = _closed(data, cut) if error.code in _ENDS_EARLY else None
        return Scan(root=root, broken=reason, whole=whole, answers=tuple(answers))
    return Scan(root=names[0], answers=tuple(answers))


def _closed(data: bytes, cut: tuple[int, tuple[str, ...]] | None) -> str | None:
    if cut is None:
        return None
    at, opened = cut
    return data[:at].decode() + "".join(f"</{name}>" for name in reversed(opened))


def _local(name: str) -> str:
    return name.rpartition(":")[2]
