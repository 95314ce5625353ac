"""Changes of pools: which nodes come and leave, by zone, and which are exchanged one after another."""

from __future__ import annotations

from typing import Any

from components.config import PoolSpec, StackConfig
from components.edits.findings import NOTHING, Findings, Missing, Reach, note
from components.edits.machines import FAMILY
from components.edits.staying import staying
from components.standing.facts import KnownPool, Standing
from components.vm_metadata import worker_config
from components.wording import count, listed

_NOBODY = "192.0.2.1"
"""For an address that stays what it is, and isn't compared: RFC 5737."""


def pools(standing: Standing, config: StackConfig) -> Findings:
    known = {pool.name: pool for pool in standing.pools}
    wanted = {pool.name: pool for pool in config.pools}
    found = NOTHING
    for name in sorted(known.keys() | wanted.keys()):
        before, after = known.get(name), wanted.get(name)
        if before is None and after is not None:
            found += note(f"pools.{name}", Missing, _told(after.size, after.most, after.zones), _comes(after))
        elif before is not None and after is None:
            found += note(
                f"pools.{name}", _told(before.size, before.most, before.groups), Missing, _goes(before)
            )
        elif before is not None and after is not None:
            found += _placed(before, after) + _exchanged(before, after, config)
    return found + _masters(standing, config)


def _masters(standing: Standing, config: StackConfig) -> Findings:
    """With the first pool masters learn how to admit nodes, with the last one they forget it: another secret each time."""
    who = staying(standing, config)
    if bool(standing.pools) == bool(config.pools) or not who:
        return NOTHING
    says = (
        "Masters get what they admit workers by, and rights to make and delete these in the project"
        if config.pools
        else "All that was made for workers goes behind them; until they are gone, nobody reads their logs through the API"
    )
    former, now = [pool.name for pool in standing.pools], [pool.name for pool in config.pools]
    return note("pools", former, now, says, reach=Reach.TAKEN_OVER, masters=who)


def _placed(before: KnownPool, after: PoolSpec) -> Findings:
    former = _told(before.size, before.most, before.groups)
    now = _told(after.size, after.most, after.zones)
    if before.size is None and set(before.groups) == set(after.zones):
        return NOTHING
    if former == now:
        return NOTHING
    leaving = {zone: before.ceiling for zone in before.groups if zone not in after.zones}
    fewer = max(0, before.ceiling - after.ceiling)
    leaving |= {zone: fewer for zone in before.groups if zone in after.zones and fewer}
    return note(f"pools.{after.name}", former, now, _leave(leaving, up_to=before.most is not None))


def _leave(by_zone: dict[str, int], *, up_to: bool) -> str:
    """Nodes that leave by zone, as a sentence; empty where none does. `up_to`: how many there are, the autoscaler knows."""
    if not by_zone:
        return ""
    most = "up to " if up_to else ""
    each = listed([f"{most}{count(many, 'node')} in {zone}" for zone, many in sorted(by_zone.items())])
    verb = "leaves" if sum(by_zone.values()) == 1 else "leave"
    return f"{each[0].upper()}{each[1:]} {verb}, each drained first, within the budgets of its pods"


def _exchanged(before: KnownPool, after: PoolSpec, config: StackConfig) -> Findings:
    """What another template is made for, if any: then all nodes of the pool are exchanged."""
    spec = worker_config(config, after, _NOBODY).to_fields()
    pairs: dict[str, tuple[Any, Any]] = {
        "machineType": (before.machine_type or None, after.machine_type),
        "image": (before.image or None, after.image),
        "bootDiskType": (before.boot_disk_type or None, after.boot_disk_type),
        "bootDiskSizeGb": (before.boot_disk_gb or None, after.boot_disk_size_gb),
        "spot": (before.spot, after.spot),
        "labels": (before.settings.get("labels"), spec["labels"]),
        "taints": (before.settings.get("taints"), spec["taints"]),
        "kubernetesVersion": (before.settings.get("kubernetesVersion"), spec["kubernetesVersion"]),
    }
    if FAMILY in after.image:  # What a family meant when the template was made, nobody recorded.
        del pairs["image"]
    changed = {key: pair for key, pair in pairs.items() if pair[0] is not None and pair[0] != pair[1]}
    found, says = NOTHING, _rolls(after)
    for key, (former, now) in changed.items():
        found += note(f"pools.{after.name}.{key}", former, now, says)
        says = ""
    return found


def _rolls(pool: PoolSpec) -> str:
    """Returns how a pool's nodes are exchanged, and for how long that may last where every drain takes its timeout."""
    timeout = f"no drain takes longer than {pool.drain_timeout_seconds // 60} min without stopping all"
    if pool.autoscaled:
        return (
            "All its nodes are exchanged. While a zone has more than its min, an old one goes first, and the autoscaler "
            f"makes another where pods find no room: about 3 min a node, and {timeout}"
        )
    nodes, at_once = pool.size * len(pool.zones), max(1, pool.max_surge + pool.max_unavailable)
    if not nodes:
        return ""
    first = f"up to {pool.max_surge} more in each zone come first" if pool.max_surge else "old ones go first"
    minutes = -(-nodes // at_once) * 3
    return f"{count(nodes, 'node')} {'is' if nodes == 1 else 'are'} exchanged, {first}: about {minutes} min, and {timeout}"


def _comes(pool: PoolSpec) -> str:
    nodes, more = pool.size * len(pool.zones), (pool.ceiling - pool.size) * len(pool.zones)
    comes = [f"{count(nodes, 'node')} {'comes' if nodes == 1 else 'come'}"] if nodes else []
    comes += [f"the autoscaler makes up to {count(more, 'node')} more"] if more else []
    told = ", ".join(comes)
    return told[:1].upper() + told[1:]


def _goes(pool: KnownPool) -> str:
    leaving = _leave(dict.fromkeys(pool.groups, pool.ceiling), up_to=pool.most is not None)
    return leaving + "; its groups go once they are empty"


def _told(size: int | None, most: int | None, zones: Any) -> str:
    """Returns `2 each in europe-west1-b and europe-west1-c` for such a pool, `1 to 5 each in …` for an autoscaled one."""
    each = " each" if len(list(zones)) > 1 else ""
    many = f"{'?' if size is None else size}" + ("" if most is None else f" to {most}")
    return f"{many}{each} in {listed(sorted(zones))}"
