"""The documents, and what in them can be compared with the repository."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "policies/README.md", *ROOT.glob("docs/**/*.md")])

_CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_CELLS = re.compile(r"(?<!\\)\|")


@cache
def tracked() -> frozenset[str]:
    """Every file of the repository that git knows, those that were added and not committed too."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    return frozenset(listed.stdout.splitlines())


def words(text: str) -> Iterator[str]:
    """What stands in backticks and in blocks of code, word for word; of pytest's `path::test`, the path."""
    for code in _CODE.findall(text):
        for word in re.split(r"""[\s`'"(),=]+""", code):
            yield word.partition("::")[0].rstrip(".:;…")


def section(text: str, title: str) -> str:
    """What stands below the heading of that title, up to the next one of the same level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"no heading {title!r}")
    return found[1]


def sections(text: str) -> list[str]:
    return re.findall(r"^## (.+)$", text, re.MULTILINE)


def rows(text: str) -> list[tuple[str, ...]]:
    """The cells of all tables' rows, without headings. `\\|` in a cell is a bar."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [tuple(cell.strip().replace(r"\|", "|") for cell in _CELLS.split(line)[1:-1]) for line in lines]
    rules = {at for at, row in enumerate(cells) if set("".join(row)) <= set("-:")}
    return [row for at, row in enumerate(cells) if at not in rules and at + 1 not in rules]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)
