"""Prices as they were published, pinned: table.yaml beside this module has them with date and source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

TABLE = Path(__file__).with_name("table.yaml")
HOURS = 730
"""Of a month, as Google's calculator counts."""

_STANDARD = re.compile(r"([a-z]\d[a-z]?)-standard-(\d+)")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Prices:
    """Of one region. Methods return USD a month, or None where no price was read."""

    region: str
    date: str
    source: str
    figures: Mapping[str, float]
    address_hour: float
    nat_machine_hour: float
    nat_machines_most: int
    nat_more_hour: float

    def machine(self, machine_type: str) -> float | None:
        found = _STANDARD.fullmatch(machine_type)
        two = self.figures.get(f"{found[1]}-standard-2") if found else None
        return None if found is None or two is None else two * HOURS * int(found[2]) / 2

    def disk(self, disk_type: str, gb: int) -> float | None:
        of_one = self.figures.get(disk_type)
        return None if of_one is None else of_one * gb

    def addresses(self, number: int) -> float:
        return self.address_hour * HOURS * number

    def nat(self, machines: int) -> float:
        """Of a gateway, its data aside."""
        hour = self.nat_machine_hour * machines if machines <= self.nat_machines_most else self.nat_more_hour
        return hour * HOURS


@cache
def prices(region: str) -> Prices:
    """Returns a region's prices; of one that isn't in the table only what is the same everywhere is known."""
    found = yaml.load(TABLE.read_text(), Loader=_LOADER)
    return Prices(
        region,
        str(found["date"]),
        found["regions_from"],
        found["regions"].get(region, {}),
        found["address_hour"],
        found["nat_machine_hour"],
        found["nat_machines_most"],
        found["nat_more_hour"],
    )
