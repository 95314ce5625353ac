"""What runs containers: a pinned containerd takes over from Debian's in place, and never the other way round."""

from __future__ import annotations

from components.config import StackConfig
from components.edits.findings import NOTHING, Findings, Missing, refuse
from components.edits.told import pinned
from components.standing.facts import Standing
from components.vm_metadata import machine_config
from node.contract.machine_config import CONTAINERD


def runtime(standing: Standing, config: StackConfig) -> Findings:
    """From 1.6 to 2 there is a way, and none back: containerd/containerd, RELEASES.md, "Upgrade Path"."""
    former = {
        each
        for master in standing.masters
        if (each := pinned(master.settings.get("artifacts")).get(CONTAINERD)) is not None
    }
    if not former or machine_config(config).artifacts.archive(CONTAINERD):
        return NOTHING
    return refuse(
        "artifacts.containerd",
        tuple(sorted(former)),
        Missing,
        "Debian's containerd can't be relied on to read what containerd 2 has written on the boot disks",
        "Keep it, or name another version of it",
    )
