"""Snapshots of etcd in the bucket: what their names say, and which of them shall stay.

    snapshots/2026-01-02T03:04:05Z-4711-m1-b.db    when it was taken, etcd's revision, beside whom

`snapshotKeep` of a machine's settings, if the operator asks for it: {"hourly": 24, "daily": 7, "weekly": 4, "monthly": 6}.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final, Self

from node.contract.bucket_layout import SNAPSHOTS
from node.contract.fields import Fields, FormatError

VERIFIED_AT = "verified-at"
"""The note on an object without which it isn't known to be any good."""

_NAME = re.compile(rf"{SNAPSHOTS}(\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ)-\d+-[-a-z0-9]+\.db")


@dataclass(frozen=True)
class Keep:
    """Of so many hours, days, weeks (from Monday) and months, in UTC, the last good snapshot stays. Those are counted that
    have one, so that nothing goes while none is taken.
    """

    hourly: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0

    def __post_init__(self) -> None:
        for key, value in asdict(self).items():
            if value < 0:
                raise FormatError(f"machine-config.snapshotKeep.{key} is {value}; expected 0 or more")

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    def to_fields(self) -> dict[str, int]:
        return asdict(self)

    @classmethod
    def read(cls, fields: Fields) -> Self:
        keep = cls(*(fields.number(key) for key in ("hourly", "daily", "weekly", "monthly")))
        fields.close()
        return keep


BY_AGE: Final = Keep()
"""Nothing is asked for: the bucket deletes by age, and masters delete nothing."""


def taken_at(name: str) -> datetime | None:
    """Returns when a snapshot was taken; None for an object that no master has named."""
    found = _NAME.fullmatch(name)
    try:
        return datetime.strptime(found[1], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) if found else None
    except ValueError:
        return None
