"""The guide's table of what does not pass as the benchmark has it."""

from __future__ import annotations

from pathlib import Path

from tests.cis.judge import checks

GUIDE = Path(__file__).parents[2] / "docs/guides/cis.md"
BEGIN, END = "<!-- checks -->\n", "<!-- end of checks -->"
WHO = {"master": "masters", "node": "masters, workers", "people": "", "cluster": "kube-proxy"}


def table() -> str:
    rows = ["| number | asks that | of | why not |", "|---|---|---|---|"]
    for check in checks():
        if check.why:
            who = "workers" if check.says.get("except") == "worker" else WHO[check.of]
            rows.append(f"| {check.id} | {check.title} | {who} | {check.why} |")
    return "\n".join([*rows, ""])


def write() -> None:
    text = GUIDE.read_text()
    before, _, rest = text.partition(BEGIN)
    GUIDE.write_text(f"{before}{BEGIN}{table()}{END}{rest.partition(END)[2]}")
