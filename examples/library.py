"""What the command does, as a program: the group's books, and who answered whom.

python examples/library.py examples/saltmarsh [OUT]
"""

from __future__ import annotations

import sys
from pathlib import Path

from convert import convert, prepare, read, select


def main(address: str, out: Path | None) -> None:
    """Prints the threads; writes an EPUB and an Atom feed of 2024 where a folder is named."""
    entries = prepare(read(address), title="The Saltmarsh Notebooks")
    for entry in entries:
        for answered in entries.answered(entry):
            print(f"{entry.title or entry.key} -> {answered.title}")

    recent = prepare(select(read(address), year=2024), name="recent")
    for format_name in ("atom", "epub"):
        for file in convert(recent, format_name, out=out):
            if isinstance(file.content, bytes):
                print(f"{file.path}: {len(file.content)} bytes, written nowhere")
            else:
                print(file.content)
    for problem in recent.problems:
        print(f"note: {problem}", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else None)
