"""What is said of an edit: that it can't be, or what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from components.config.errors import shown

NAMESPACE = "ha-masters:"

Missing = None
"""Stands for the value of a key that isn't set."""


class Reach(IntEnum):
    """How far a change goes into a master; the farthest of several is what happens to it."""

    OUTSIDE = 0
    """Google's resources around the masters change; no master is touched."""
    TAKEN_OVER = 1
    """The agent takes it over in place: what it concerns restarts, the machine doesn't."""
    RESTARTED = 2
    """The VM is stopped and started."""
    REPLACED = 3
    """Another VM takes over address and data disk."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An edit that a living cluster can't take. `why` and `way` are sentences without their full stop."""

    key: str
    former: object
    value: object
    why: str
    way: str

    def __str__(self) -> str:
        return f"{_qualified(self.key)}: {_said(self.former)} can't become {_said(self.value)}. {self.why}. {self.way}."


@dataclass(frozen=True, slots=True)
class Note:
    """An edit that goes through. `masters` are the identities that it reaches, `says` what is to be known of it."""

    key: str
    former: object
    value: object
    reach: Reach = Reach.OUTSIDE
    masters: tuple[str, ...] = ()
    says: str = ""

    def __str__(self) -> str:
        change = f"{self.key}: {_said(self.former)} → {_said(self.value)}."
        return f"{change} {self.says}." if self.says else change


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that is said of one edit, in the order in which keys are documented."""

    refusals: tuple[Refusal, ...] = ()
    notes: tuple[Note, ...] = ()

    def __add__(self, other: Findings) -> Findings:
        return Findings(self.refusals + other.refusals, self.notes + other.notes)

    @property
    def refused(self) -> str:
        """All refusals in one text; empty if there is none."""
        if not self.refusals:
            return ""
        count = len(self.refusals)
        title = (
            "The living cluster can't take a change:"
            if count == 1
            else f"The living cluster can't take {count} changes:"
        )
        end = "Nothing was changed."
        return "\n".join([title, *(f"  - {refusal}" for refusal in self.refusals), end])


NOTHING = Findings()


def refuse(key: str, former: object, value: object, why: str, way: str) -> Findings:
    return Findings(refusals=(Refusal(key, former, value, why, way),))


def note(
    key: str,
    former: object,
    value: object,
    says: str = "",
    *,
    reach: Reach = Reach.OUTSIDE,
    masters: tuple[str, ...] = (),
) -> Findings:
    return Findings(notes=(Note(key, former, value, reach, masters, says),))


def _qualified(key: str) -> str:
    return key if ":" in key else f"{NAMESPACE}{key}"


def _said(value: object) -> str:
    """Returns a value as its reader wrote it; several that stand at once are listed."""
    if value is Missing:
        return "(not set)"
    if isinstance(value, tuple):
        return " and ".join(shown(each) for each in value)
    return shown(value)
