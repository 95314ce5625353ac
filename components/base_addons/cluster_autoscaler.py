"""cluster-autoscaler: makes workers where pods find no room, and takes away those that nobody needs, in pools with `min` and
`max`. One pod on each master; one of them acts, elected by a lease.

It asks Compute Engine with the masters' account, as whatever is in a machine's network may, and knows a worker's VM by its
Node's provider id. It drains by evictions, within budgets, and lets a group delete what it has drained: names of flags and
what it does are cluster-autoscaler's (https://github.com/kubernetes/autoscaler/tree/cluster-autoscaler-1.36.1/cluster-autoscaler).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from components.base_addons.kube_proxy import CONFIGURED, NAMESPACE, Api
from components.base_addons.on_workers import finds
from node.contract import ports
from node.contract.node_labels import CONTROL_PLANE

NAME: Final = "cluster-autoscaler"

_LABELS = {"k8s-app": NAME}
_NAMED = {"name": NAME, "namespace": NAMESPACE}
_RBAC = "rbac.authorization.k8s.io"
_RIGHTS: Final = f"ha-masters:{NAME}"
_STATUS: Final = "cluster-autoscaler-status"
"""The ConfigMap in which it says how it fares."""

_READ = ["get", "list", "watch"]


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
        {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": _NAMED | {"labels": _LABELS},
            "spec": {
                "selector": {"matchLabels": _LABELS},
                "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
                "template": {
                    "metadata": {"labels": _LABELS, "annotations": {CONFIGURED: _digest(flags)}},
                    "spec": _pod(image, api, flags),
                },
            },
        },
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
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    "readOnlyRootFilesystem": True,
                    "runAsNonRoot": True,
                    "runAsUser": 65532,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
            }
        ],
    }


def _rights() -> list[dict[str, Any]]:
    """What it reads to try out where pods would go, and the little that it changes: of its own ClusterRole in
    charts/cluster-autoscaler/templates/clusterrole.yaml, without other clouds'.
    """
    subjects = [{"kind": "ServiceAccount", **_NAMED}]
    cluster = [
        _rule("", ["events", "endpoints"], ["create", "patch"]),
        _rule("", ["pods/eviction"], ["create"]),
        _rule("", ["pods/status"], ["update"]),
        _rule("", ["nodes"], [*_READ, "update", "patch"]),
        _rule(
            "",
            [
                "namespaces",
                "pods",
                "services",
                "replicationcontrollers",
                "persistentvolumeclaims",
                "persistentvolumes",
            ],
            _READ,
        ),
        _rule("apps", ["daemonsets", "replicasets", "statefulsets"], _READ),
        _rule("batch", ["jobs", "cronjobs"], _READ),
        _rule("policy", ["poddisruptionbudgets"], _READ),
        _rule(
            "storage.k8s.io",
            ["storageclasses", "csinodes", "csidrivers", "csistoragecapacities", "volumeattachments"],
            _READ,
        ),
        _rule("resource.k8s.io", ["deviceclasses", "resourceclaims", "resourceslices"], _READ),
    ]
    own = [
        _rule("", ["configmaps"], ["create", *_READ]),
        _rule("", ["configmaps"], ["delete", "get", "update", "watch"], [_STATUS]),
        _rule("coordination.k8s.io", ["leases"], ["create"]),
        _rule("coordination.k8s.io", ["leases"], ["get", "update"], [NAME]),
    ]
    return [
        _role("ClusterRole", {"name": _RIGHTS}, cluster),
        _binding("ClusterRole", {"name": _RIGHTS}, subjects),
        _role("Role", {"name": _RIGHTS, "namespace": NAMESPACE}, own),
        _binding("Role", {"name": _RIGHTS, "namespace": NAMESPACE}, subjects),
    ]


def _rule(
    group: str, resources: list[str], verbs: list[str], names: list[str] | None = None
) -> dict[str, Any]:
    return {
        "apiGroups": [group],
        "resources": resources,
        "verbs": verbs,
        **({"resourceNames": names} if names else {}),
    }


def _role(kind: str, named: dict[str, str], rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {"apiVersion": f"{_RBAC}/v1", "kind": kind, "metadata": named, "rules": rules}


def _binding(kind: str, named: dict[str, str], subjects: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": f"{kind}Binding",
        "metadata": named,
        "roleRef": {"apiGroup": _RBAC, "kind": kind, "name": named["name"]},
        "subjects": subjects,
    }


def _digest(flags: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(flags).encode()).hexdigest()[:16]
