"""What really stands, asked of Google where the recorded state would have an edit refused.

The provider records a change that failed as made (docs/decisions/0007-always-refresh.md), and a preview doesn't write down
what it finds. A disk that Google didn't let grow would count as grown, and going back would be refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from components.standing.facts import KnownMaster, Standing
from components.standing.recorded import told
from node.contract.metadata import API_SERVER

Look = Callable[[str], Mapping[str, Any] | None]
"""What Compute Engine says of a path such as `projects/…/disks/NAME`; None: it isn't there."""


def actual(standing: Standing, look: Look) -> Standing:
    """Returns `standing` with everything that can be refused read from Google: versions and ports of machines, sizes of
    disks, the subnet.
    """
    disks = dict(standing.disks)
    for master in standing.masters:
        doc = look(f"{_zone(master)}/disks/{master.cluster}-{master.identity}-data")
        if doc and master.identity in disks:
            size, kind = int(doc["sizeGb"]), str(doc["type"]).rsplit("/", 1)[-1]
            disks[master.identity] = replace(disks[master.identity], size_gb=size, type=kind)
    return replace(
        standing,
        masters=tuple(_master(master, look) for master in standing.masters),
        disks=disks,
        subnet_range=_subnet(standing, look),
    )


def _master(master: KnownMaster, look: Look) -> KnownMaster:
    doc = look(f"{_zone(master)}/instances/{master.cluster}-{master.identity}") or {}
    items = {item["key"]: item["value"] for item in (doc.get("metadata") or {}).get("items") or ()}
    boot = look(f"{_zone(master)}/disks/{master.cluster}-{master.identity}") or {}
    return replace(
        master,
        settings=told(items) or master.settings,
        api_server=told(items, API_SERVER) if items else master.api_server,
        boot_disk_gb=int(boot.get("sizeGb") or master.boot_disk_gb),
    )


def _subnet(standing: Standing, look: Look) -> str | None:
    if standing.subnet_range is None or not standing.masters:
        return standing.subnet_range
    master = standing.masters[0]
    path = f"projects/{master.project}/regions/{standing.region}/subnetworks/{master.subnetwork}"
    found = (look(path) or {}).get("ipCidrRange")
    return str(found) if found else standing.subnet_range


def _zone(master: KnownMaster) -> str:
    return f"projects/{master.project}/zones/{master.zone}"
