"""What a stack takes of the quotas of a region and a project, and where that is more than is left.

Metrics: https://docs.cloud.google.com/compute/docs/reference/rest/v1/regions (`quotas[].metric`). One that Google doesn't
list for the project isn't checked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from components.config import StackConfig
from components.preflight.facts import MachineType, Made, Quota, Unasked

_SHARED_CPUS = ("e2", "n1", "f1", "g1")
"""Families that count against `CPUS`; another has a metric of its own (https://docs.cloud.google.com/compute/resource-usage)."""

_SPACE = {
    "pd-standard": "DISKS_TOTAL_GB",
    "pd-balanced": "SSD_TOTAL_GB",
    "pd-ssd": "SSD_TOTAL_GB",
    "pd-extreme": "SSD_TOTAL_GB",
    "hyperdisk-balanced": "HDB_TOTAL_GB",
}


_INSIDE = {
    "FIREWALLS": 1,
    "FORWARDING_RULES": 1,
    "INTERNAL_ADDRESSES": 1,
    "REGIONAL_INTERNAL_LB_BACKEND_SERVICES": 1,
}
"""What an internal address of the API takes, also of a cluster that stands."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """A quota that has `left` less than what is `needed`, in the metric's own unit."""

    metric: str
    needed: float
    left: float


@dataclass(frozen=True, slots=True)
class _Machines:
    """So many of one sort; `disks` are types and sizes in GB of each of them."""

    many: int
    zone: str
    machine_type: str
    disks: tuple[tuple[str, int], ...]


def shortages(
    config: StackConfig,
    made: Made,
    types: Mapping[tuple[str, str], MachineType | Unasked | None],
    quotas: Iterable[Quota],
) -> list[Shortage]:
    """Returns the quotas of which more is still to be taken than is left."""
    left = {quota.metric: quota.limit - quota.usage for quota in quotas if quota.limit >= 0}
    needed = needs(config, made, types, left)
    return [
        Shortage(metric, amount, max(0.0, left[metric]))
        for metric, amount in sorted(needed.items())
        if metric in left and amount > left[metric]
    ]


def needs(
    config: StackConfig,
    made: Made,
    types: Mapping[tuple[str, str], MachineType | Unasked | None],
    known: Collection[str],
) -> Counter[str]:
    """Returns what is still to be made, by metric. A machine type that isn't known counts no CPUs."""
    amounts: Counter[str] = Counter()
    amounts["INTERNAL_ADDRESSES"] += sum(each.identity not in made.masters for each in config.replicas)
    for each in _new(config, made):
        amounts["INSTANCES"] += each.many
        for disk, gigabytes in each.disks:
            amounts[_SPACE.get(disk, "")] += each.many * gigabytes
        if config.masters.public_addresses:
            amounts["IN_USE_ADDRESSES"] += each.many
        found = types.get((each.zone, each.machine_type))
        if isinstance(found, MachineType):
            amounts[_cpus(each.machine_type, known)] += each.many * found.cpus
            amounts["CPUS_ALL_REGIONS"] += each.many * found.cpus
    if not made.bucket:
        amounts.update(_once(config))
    if config.api.inside and not made.inside:
        amounts.update(_INSIDE)
    del amounts[""]
    return amounts


def _new(config: StackConfig, made: Made) -> Iterator[_Machines]:
    """Yields the masters that aren't made yet, and what pools take beyond what was asked for already; not their surge, which
    Google may refuse for a while.
    """
    for replica in config.replicas:
        if replica.identity not in made.masters:
            boot = (replica.boot_disk_type, config.masters.boot_disk_size_gb)
            disks = (boot, (replica.data_disk_type, replica.data_disk_size_gb))
            yield _Machines(1, replica.zone, replica.machine_type, disks)
    for pool in config.pools:
        for zone in pool.zones:
            many = max(0, pool.size - made.workers.get((pool.name, zone), 0))
            yield _Machines(many, zone, pool.machine_type, ((pool.boot_disk_type, pool.boot_disk_size_gb),))


def _once(config: StackConfig) -> Counter[str]:
    """Returns what a stack makes once, whatever its replicas, but for an internal address."""
    amounts = Counter({"FIREWALLS": 5})
    if config.api.public:
        amounts.update(FORWARDING_RULES=1)
        if not config.api.address:
            amounts.update(STATIC_ADDRESSES=1)
    if not (config.network.network and config.network.subnetwork):
        amounts.update(NETWORKS=1, SUBNETWORKS=1)
        if not config.masters.public_addresses:
            amounts.update(ROUTERS=1, STATIC_ADDRESSES=1)
    if config.load_balanced or config.api.inside:
        amounts.update(HEALTH_CHECKS=1)
    if config.load_balanced and config.api.public:
        amounts.update(FIREWALLS=1)
    if not config.load_balanced:
        amounts.update(TARGET_INSTANCES=1)
    return amounts


def _cpus(machine_type: str, known: Collection[str]) -> str:
    family = machine_type.partition("-")[0]
    own = f"{family.upper()}_CPUS"
    return own if family not in _SHARED_CPUS and own in known else "CPUS"
