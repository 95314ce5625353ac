"""What was healed lately: an object in the cluster's bucket, so that two who look at once don't both begin.

    {"apiVersion": "ha-masters/v1", "kind": "Heals",
     "heals": [{"at": "2026-01-02T03:04:05Z", "replica": "m2-c", "how": "start", "outcome": "begun"}]}

It is written with a generation: of two who have read the same one, the first alone may go on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from components.google.bucket import Bucket
from components.google.moments import moment
from node.contract.fields import API_VERSION, FormatError

HEALS: Final = "heals.json"
KEPT: Final = 50
"""Entries; the oldest go first."""

DAY: Final = timedelta(days=1)
CUT_OFF: Final = timedelta(hours=2)
"""An update that was begun so long ago has ended, whatever became of it: workflows end theirs after one hour."""

How = Literal["start", "replace"]
Outcome = Literal["begun", "healed", "failed"]


@dataclass(frozen=True, slots=True)
class Heal:
    """`at` is the storage server's time. `begun` is also what an update leaves that was killed."""

    at: datetime
    replica: str
    how: How
    outcome: Outcome = "begun"


@dataclass(frozen=True, slots=True)
class Ledger:
    """`generation` is the object's, "0" where there is none yet."""

    heals: tuple[Heal, ...] = ()
    generation: str = "0"

    def of_a_day(self, now: datetime) -> tuple[Heal, ...]:
        """Returns those of the last 24 hours, failed ones too: what fails again and again is not for a program."""
        return tuple(each for each in self.heals if now - each.at < DAY)

    def running(self, now: datetime) -> Heal | None:
        return next(
            (each for each in self.heals if each.outcome == "begun" and now - each.at < CUT_OFF), None
        )

    def document(self) -> dict[str, Any]:
        entries = [{**asdict(each), "at": each.at.isoformat()} for each in self.heals[-KEPT:]]
        return {"apiVersion": API_VERSION, "kind": "Heals", "heals": entries}


def read(bucket: Bucket) -> Ledger:
    """Raises FormatError where it isn't understood: a budget that can't be read is spent."""
    described = bucket.described(HEALS)
    if described is None:
        return Ledger()
    return Ledger(parse(bucket.content(HEALS)), str(described["generation"]))


def parse(text: bytes | str) -> tuple[Heal, ...]:
    try:
        found = json.loads(text)
        if (found["apiVersion"], found["kind"]) != (API_VERSION, "Heals"):
            raise FormatError(f"{HEALS} is of kind {found['kind']!r}, {found['apiVersion']!r}. {_REMEDY}")
        return tuple(_heal(each) for each in found["heals"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(
            f"{HEALS} in the cluster's bucket is not understood ({error!r}). {_REMEDY}"
        ) from None


_REMEDY = "See what is wrong with the cluster, then delete the object: it holds nothing but what was healed"


def begin(bucket: Bucket, known: Ledger, heal: Heal) -> bool:
    """Books a heal; False if somebody else has written since `known` was read."""
    return bucket.write(HEALS, replace(known, heals=(*known.heals, heal)).document(), on=known.generation)


def end(bucket: Bucket, heal: Heal, outcome: Outcome | None) -> None:
    """Writes what became of it; None takes the entry back, for an update that the engine did not begin."""
    known = read(bucket)
    ended = () if outcome is None else (replace(heal, outcome=outcome),)
    heals = tuple(new for each in known.heals for new in (ended if each == heal else (each,)))
    bucket.write(HEALS, replace(known, heals=heals).document(), on=known.generation)


def _heal(entry: Mapping[str, Any]) -> Heal:
    how, outcome = entry["how"], entry["outcome"]
    if how not in get_args(How) or outcome not in get_args(Outcome):
        raise ValueError(f"{how!r}, {outcome!r}")
    return Heal(moment(str(entry["at"])), str(entry["replica"]), how, outcome)
