"""cluster-autoscaler: makes workers where pods find no room, and takes away those that nobody needs, in pools with `min` and
`max`. One pod on each master; one of them acts, elected by a lease.

It asks Compute Engine with the masters' account, as whatever is in a machine's network may, and knows a worker's VM by its
Node's provider id. It drains by evictions, within budgets, and lets a group delete what it has drained: names of flags and
what it does are cluster-autoscaler's (https://github.com/kubernetes/autoscaler/tree/cluster-autoscaler-1.36.1/cluster-autoscaler).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from components.base_addons.pods import NAMESPACE, Api, confined, daemon_set, finds
from components.base_addons.rights import READ, binding, role, rule
from node.contract import ports
from node.contract.node_labels import CONTROL_PLANE

NAME: Final = "cluster-autoscaler"

_LABELS = {"k8s-app": NAME}
_NAMED = {"name": NAME, "namespace": NAMESPACE}
_RIGHTS: Final = f"ha-masters:{NAME}"
_STATUS: Final = "cluster-autoscaler-status"
"""The ConfigMap in which it says how it fares."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """A group whose size it chooses, from `least` to `most`."""

    project: str
    zone: str
    group: str
    least: int
    most: int

    @property
    def flag(self) -> str:
        """As `ParseMigUrl` of its cloudprovider/gce/gce_url.go reads it."""
        url = f"https://www.googleapis.com/compute/v1/projects/{self.project}/zones/{self.zone}/instanceGroups/{self.group}"
        return f"--nodes={self.least}:{self.most}:{url}"


def objects(image: str, api: Api, groups: Sequence[Scaled]) -> list[dict[str, Any]]:
    flags = [
        "--cloud-provider=gce",
        "--regional",
        f"--namespace={NAMESPACE}",
        f"--address=127.0.0.1:{ports.CLUSTER_AUTOSCALER}",
        "--leader-elect",
        "--expander=least-waste",
        "--balance-similar-node-groups",
        *(each.flag for each in groups),
    ]
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _NAMED},
        *_rights(),
        daemon_set(NAME, _LABELS, _pod(image, api, flags)),
    ]


def _pod(image: str, api: Api, flags: list[str]) -> dict[str, Any]:
    """In the master's network, for no pod's is let to the metadata server, from where its token of Google's is."""
    return {
        "serviceAccountName": NAME,
        "priorityClassName": "system-cluster-critical",
        "hostNetwork": True,
        "nodeSelector": {CONTROL_PLANE: ""},
        "tolerations": [{"key": CONTROL_PLANE, "operator": "Exists"}],
        "containers": [
            {
                "name": NAME,
                "image": image,
                "command": [f"./{NAME}", *flags],
                "env": finds(api),
                "livenessProbe": {
                    "httpGet": {
                        "host": "127.0.0.1",
                        "path": "/health-check",
                        "port": ports.CLUSTER_AUTOSCALER,
                    },
                    "initialDelaySeconds": 60,
                    "periodSeconds": 60,
                },
                "resources": {"requests": {"cpu": "50m", "memory": "100Mi"}},
                "securityContext": confined(65532),
            }
        ],
    }


def _rights() -> list[dict[str, Any]]:
    """What it reads to try out where pods would go, and the little that it changes: of its own ClusterRole in
    charts/cluster-autoscaler/templates/clusterrole.yaml, without other clouds'.
    """
    account = {"kind": "ServiceAccount", **_NAMED}
    cluster, own = {"name": _RIGHTS}, {"name": _RIGHTS, "namespace": NAMESPACE}
    core = (
        "namespaces",
        "pods",
        "services",
        "replicationcontrollers",
        "persistentvolumeclaims",
        "persistentvolumes",
    )
    storage = ("storageclasses", "csinodes", "csidrivers", "csistoragecapacities", "volumeattachments")
    return [
        role(
            cluster,
            [
                rule("", ["events", "endpoints"], ["create", "patch"]),
                rule("", ["pods/eviction"], ["create"]),
                rule("", ["pods/status"], ["update"]),
                rule("", ["nodes"], [*READ, "update", "patch"]),
                rule("", core, READ),
                rule("apps", ["daemonsets", "replicasets", "statefulsets"], READ),
                rule("batch", ["jobs", "cronjobs"], READ),
                rule("policy", ["poddisruptionbudgets"], READ),
                rule("storage.k8s.io", storage, READ),
                rule("resource.k8s.io", ["deviceclasses", "resourceclaims", "resourceslices"], READ),
            ],
        ),
        binding(cluster, _RIGHTS, account),
        role(
            own,
            [
                rule("", ["configmaps"], ["create", *READ]),
                rule("", ["configmaps"], ["delete", "get", "update", "watch"], [_STATUS]),
                rule("coordination.k8s.io", ["leases"], ["create"]),
                rule("coordination.k8s.io", ["leases"], ["get", "update"], [NAME]),
            ],
        ),
        binding(own, _RIGHTS, account),
    ]
