"""The status as a terminal shows it: a verdict, what to do, a table as wide as its words."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import astuple, fields

from admin.status.rows import PoolRow, Row, Verdict

_COLOURS: dict[Verdict, str] = {"well": "32", "mend": "33", "unknown": "35", "lost": "31"}
"""SGR parameters of ECMA-48: green, yellow, magenta, red."""

_LEAST_WIDTH = 40


def screen(
    verdict: Verdict,
    title: str,
    findings: Sequence[str],
    tables: Sequence[Sequence[Row | PoolRow]],
    facts: Sequence[tuple[str, str]] = (),
    *,
    width: int = 100,
    coloured: bool = False,
) -> str:
    """Returns the whole text. `facts` are lines of a name and a value below the table; those without a value are left
    out.
    """
    width = max(width, _LEAST_WIDTH)
    first = textwrap.fill(title, width)
    lines = [f"\x1b[1;{_COLOURS[verdict]}m{first}\x1b[0m" if coloured else first]
    for finding in findings:
        lines.append(textwrap.fill(finding, width, initial_indent="  ! ", subsequent_indent="    "))
    for rows in tables:
        if rows:
            lines += ["", *table(rows)]
    told = [(name, value) for name, value in facts if value]
    if told:
        room = max(len(name) for name, _ in told)
        lines += ["", *(f"{name:<{room}}  {value}" for name, value in told)]
    return "\n".join(lines)


def table(rows: Sequence[Row | PoolRow]) -> list[str]:
    """Columns that nobody has anything to say in are left out. All rows are of one kind, and there is one at least."""
    names = [field.name for field in fields(rows[0])]
    columns = [
        [name.upper().replace("_", " "), *values]
        for name, values in zip(names, zip(*map(astuple, rows), strict=True), strict=True)
        if any(value != "-" for value in values)
    ]
    widths = [max(map(len, column)) for column in columns]
    return [
        "  ".join(f"{word:<{width}}" for word, width in zip(line, widths, strict=True)).rstrip()
        for line in zip(*columns, strict=True)
    ]
