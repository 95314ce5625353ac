"""The simulator's VMs as real machines: a systemd each, in a container of its own, on the lab's network.

host.py              whether this computer can run machines, and what is to be installed on it
image/               the root that they share, built once: Debian, containerd, the kubelet, the control plane's images
fleet.py             all VMs of one simulator: what the API says of them becomes so
slot.py              where one instance's machine stands or doesn't; takes orders
container.py         one machine while it runs: on, off, cut, frozen
cgroups.py           the part of the computer's cgroups that a lab or a machine has
watches.py           how many files the computer lets machines watch
disks.py             what machines keep
metadata.py, metadata_server.py  what the metadata server tells a VM, and what serves it
identity.py          the tokens by which a VM shows who it is
guest_settings.py    what machines need to be told because this is a lab
faults.py            power cuts, frozen machines, partitions, lost disks, a zone's outage
routes.py            `/lab/v1/machines` and `/lab/v1/network`, for `lab` and for tests
leftovers.py         what a lab that was killed left behind
"""

from __future__ import annotations

import hashlib
from pathlib import Path


def tag(state: Path) -> str:
    """Returns what tells the namespaces and cgroups of the lab with this state folder from those of any other."""
    return hashlib.sha256(str(state.resolve()).encode()).hexdigest()[:6]
