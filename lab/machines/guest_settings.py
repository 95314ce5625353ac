"""What the lab's machines need to be told because their kernel is the host's and Google's APIs are the simulator's.

Attributes of the metadata, under the VM's own; `node` reads them on any machine (node.host.endpoints and .units).
"""

from __future__ import annotations

import json

from lab.machines.image.recipe import PAUSE
from lab.network.links import GOOGLE_APIS

_KUBELET = {
    # A machine's cgroups are a part of the computer's, of either version, and not systemd's to manage.
    "cgroupDriver": "cgroupfs",
    "cgroupsPerQOS": False,
    "enforceNodeAllocatable": ["none"],
    "failCgroupV1": False,
    # Disk and memory are the host's: their pressure says nothing about this machine.
    "evictionHard": {"imagefs.available": "0%", "memory.available": "0%", "nodefs.available": "0%"},
    "imageGCHighThresholdPercent": 100,
    "localStorageCapacityIsolation": False,
}

_CRI = 'plugins."io.containerd.grpc.v1.cri"'
_CONTAINERD = f"""version = 2
[{_CRI}]
sandbox_image = "{PAUSE}"
restrict_oom_score_adj = true
[{_CRI}.cni]
bin_dir = "/usr/lib/cni"
[{_CRI}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[{_CRI}.containerd.runtimes.runc.options]
SystemdCgroup = false
"""

ATTRIBUTES = {
    "kubelet-overrides": json.dumps(_KUBELET),
    "containerd-config": _CONTAINERD,
    "storage-endpoint": f"http://{GOOGLE_APIS}",
    "secretmanager-endpoint": f"http://{GOOGLE_APIS}",
    "compute-endpoint": f"http://{GOOGLE_APIS}",
    "identity-endpoint": f"http://{GOOGLE_APIS}",
}
