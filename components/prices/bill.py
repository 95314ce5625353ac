"""A month by list price: the sum of what is known, and in words what isn't. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from components.prices.table import Prices
from components.prices.things import Things
from components.wording import count, listed


@dataclass(frozen=True, slots=True)
class Bill:
    """`usd` a month. `unknown`: things of which no price was read, which are not in it."""

    usd: float
    unknown: tuple[str, ...] = ()


def bill(things: Things, prices: Prices) -> Bill:
    known, unknown = [0.0], []
    for machine_type, number in sorted(things.machines.items()):
        each = prices.machine(machine_type)
        if each is None:
            unknown.append(f"{number} × {machine_type}")
        else:
            known.append(each * number)
    unknown += [f"{number} × {name} on spot" for name, number in sorted(things.spot.items())]
    for disk_type, gb in sorted(things.disks.items()):
        whole = prices.disk(disk_type, gb)
        if whole is None:
            unknown.append(f"{gb} GB of {disk_type}")
        else:
            known.append(whole)
    known.append(prices.addresses(things.external))
    if things.behind_nat:
        known += [prices.nat(things.behind_nat), prices.addresses(1)]
    if things.rules:
        unknown.append(count(things.rules, "forwarding rule"))
    if things.reserved:
        unknown.append("the API's address")
    return Bill(sum(known), tuple(unknown))


def told(before: Things | None, after: Things, prices: Prices, cluster: str) -> str:
    """Returns one or two lines; `before` is None for a first creation. Of a region without prices it says only that."""
    if not prices.figures:
        return f"{cluster} by list price: unknown, the table of {prices.date} doesn't have {prices.region}."
    now = bill(after, prices)
    was = bill(before, prices) if before else None
    sums = _sums(was.usd if was else None, now.usd)
    lines = [
        f"{cluster} by list price: {sums}, in {prices.region} as of {prices.date}, without traffic and discounts."
    ]
    if now.unknown:
        lines.append(f"  Not in it, for their price is unknown: {listed(now.unknown)}.")
    return "\n".join(lines)


def _sums(was: float | None, now: float) -> str:
    if was is None:
        return f"{now:.0f} USD a month"
    if round(was) == round(now):
        return f"{now:.0f} USD a month, as before"
    return f"{was:.0f} → {now:.0f} USD a month"
