"""Counts, durations and lists in words."""

from __future__ import annotations

from collections.abc import Sequence

RULE_GAP = "5 to 20 s"
"""What Google typically takes to delete a forwarding rule and create it again. kube-up's move took some 20 minutes."""


def because(reason: str) -> str:
    """Returns what follows a statement, if there is a reason."""
    return f": {reason.rstrip('.')}" if reason else ""


def duration(seconds: float) -> str:
    """Returns a duration in the largest unit of which there are two at least."""
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def failures(number: int) -> str:
    return f"{number or 'no'} failure{'s' * (number > 1)}"


def listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
