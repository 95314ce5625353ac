"""Where everything lies on a machine. Absolute, as pods see them too: each is mounted at its own place."""

from __future__ import annotations

from typing import Final

SECRETS: Final = "/srv/kubernetes"
"""Keys, certificates and what holds keys: root's alone."""

CONFIG: Final = "/etc/kubernetes"
MANIFESTS: Final = f"{CONFIG}/manifests"
ADDONS: Final = f"{CONFIG}/addons"
DATA_DISK: Final = "/mnt/disks/etcd"
"""No dash in it, which the name of its mount unit would have to escape."""

ETCD_DATA: Final = f"{DATA_DISK}/data"
"""Made by bootstrap once the disk is mounted. Where it is missing nobody may make it: it would lie on the boot disk."""

WORKERS: Final = f"{DATA_DISK}/workers"
"""What an API server that starts while nothing can be fetched needs to know its workers: copies, no secret among them."""

LOGS: Final = "/var/log"
AUDIT_LOGS: Final = f"{LOGS}/kubernetes-audit"
STATE: Final = "/var/lib/ha-masters"
BINARIES: Final = "/opt/ha-masters/bin"
LOCAL_BINARIES: Final = "/usr/local/bin"
CNI_PLUGINS: Final = "/opt/cni/bin"
ZIPAPP: Final = "/opt/ha-masters/node.pyz"

ENCRYPTION: Final = f"{SECRETS}/encryption.json"
AUDIT_POLICY: Final = f"{CONFIG}/audit-policy.json"
AUTHENTICATION: Final = f"{CONFIG}/authentication.json"
KUBELET_AUTHORITIES: Final = f"{CONFIG}/kubelet-authorities.crt"
CLOUD_CONFIG: Final = f"{CONFIG}/gce.conf"
KUBELET_CONFIG: Final = f"{CONFIG}/kubelet.json"
CLUSTER_CA: Final = f"{CONFIG}/cluster-ca.crt"
"""The authority that a worker has from its metadata; a master has it from its secret."""


RESOLVERS: Final = "/run/systemd/resolve/resolv.conf"
"""Of systemd-resolved, where that runs. /etc/resolv.conf then names the machine's loopback, which is a pod's own in a pod,
and the cluster's DNS would ask itself: https://coredns.io/plugins/loop/#troubleshooting-loops-in-kubernetes-clusters.
"""


def secret(name: str) -> str:
    return f"{SECRETS}/{name}"


def kubeconfig(component: str) -> str:
    return f"{SECRETS}/{component}.kubeconfig"
