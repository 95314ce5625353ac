"""What of a stack has a price of its own, counted: of its last state, and of its config. Pure.

Not counted: what is billed by use (traffic, the bucket, snapshots, secrets, Cloud DNS).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from components.config import StackConfig
from components.standing.facts import Standing


@dataclass(frozen=True, slots=True)
class Things:
    """`machines` by type, `spot` likewise for machines that Google may take back; `disks` in GB by type; `behind_nat` are
    machines without an external address, where the stack has a gateway of its own for them.
    """

    machines: Mapping[str, int] = field(default_factory=dict)
    spot: Mapping[str, int] = field(default_factory=dict)
    disks: Mapping[str, int] = field(default_factory=dict)
    external: int = 0
    behind_nat: int = 0
    rules: int = 0
    reserved: int = 0
    """Reserved external addresses that a forwarding rule holds."""


def of_config(config: StackConfig) -> Things:
    machines, spot, disks = Counter[str](), Counter[str](), Counter[str]()
    for each in config.replicas:
        machines[each.machine_type] += 1
        disks[each.boot_disk_type] += config.masters.boot_disk_size_gb
        disks[each.data_disk_type] += each.data_disk_size_gb
    workers = 0
    for pool in config.pools:
        number = pool.size * len(pool.zones)
        workers += number
        (spot if pool.spot else machines)[pool.machine_type] += number
        disks[pool.boot_disk_type] += pool.boot_disk_size_gb * number
    public = config.masters.public_addresses
    own_network = not config.network.subnetwork
    return Things(
        +machines,
        +spot,
        +disks,
        external=len(config.replicas) if public else 0,
        behind_nat=len(config.replicas) + workers if own_network and not public else 0,
        rules=int(config.api.public) + int(config.api.inside),
        reserved=int(config.api.public),
    )


def of_standing(standing: Standing) -> Things:
    """Returns what the last update left. A disk may outlive its machine, and is paid for all the same."""
    machines, spot, disks = Counter[str](), Counter[str](), Counter[str]()
    for each in standing.masters:
        machines[each.machine_type] += 1
        disks[each.boot_disk_type] += each.boot_disk_gb
    for disk in standing.disks.values():
        disks[disk.type] += disk.size_gb
    workers = 0
    for pool in standing.pools:
        number = (pool.size or 0) * len(pool.groups)
        workers += number
        (spot if pool.spot else machines)[pool.machine_type] += number
        disks[pool.boot_disk_type] += pool.boot_disk_gb * number
    external = sum(bool(each.public) for each in standing.masters)
    natted = standing.subnet_range is not None and not external
    public = standing.rule_port is not None
    return Things(
        +machines,
        +spot,
        +disks,
        external=external,
        behind_nat=len(standing.masters) + workers if natted else 0,
        rules=int(public) + int(standing.internal is not None),
        reserved=int(public),
    )
