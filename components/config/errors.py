"""What is wrong with a config, said all at once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

MISSING = object()
"""Stands for the value of a key that is not there."""

HIDDEN = object()
"""Stands for a value that nobody should see."""


class Refused(Exception):  # noqa: N818 - it says what became of the value
    """One value is not acceptable.

    `wrong` continues a sentence that begins with the value; `remedy` is a sentence of its own, without its
    full stop.
    """

    def __init__(self, wrong: str, remedy: str) -> None:
        super().__init__(f"{wrong}. {remedy}.")
        self.wrong = wrong
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: where, what stands there, what is wrong with it, and what to do.

    `key` is the path that `pulumi config set --path` takes (`ha-masters:replicas[1].zone`).
    """

    key: str
    value: object
    wrong: str
    remedy: str

    def __str__(self) -> str:
        subject = "" if self.value is MISSING else f": {shown(self.value)}"
        end = "" if self.remedy.endswith("?") else "."
        return f"{self.key}{subject} {self.wrong}. {self.remedy}{end}"


class ConfigErrors(Exception):  # noqa: N818 - it carries many
    """Every problem of a config, in the order in which its keys are documented."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(str(self))

    def __str__(self) -> str:
        count = len(self.problems)
        title = (
            "The stack's config has a problem:" if count == 1 else f"The stack's config has {count} problems:"
        )
        return "\n".join([title, *(f"  - {problem}" for problem in self.problems)])


def shown(value: object) -> str:
    """Returns a value as its reader wrote it (JSON), cut where it gets long."""
    if value is HIDDEN:
        return "[secret]"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."
