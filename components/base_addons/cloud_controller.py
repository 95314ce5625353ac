"""What Google's cloud controller manager may do in the cluster: `node.manifests.cloud_controller` has its pod.

It comes with the controller manager's certificate, which makes and asks for service accounts' tokens, and may beside that
only keep this manager's lease. `service-controller` has its rights by Kubernetes' own policy
(plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go); those of `cloud-provider`, as whom Google's provider
acts itself, are here: it tells of what it does in events, says in a Service's status what it made, and keeps in the
ConfigMap `ingress-uid` the cluster's id, by which it names what all load balancers share
(k8s.io/cloud-provider-gcp/providers v0.28.2, gce/gce.go, gce_loadbalancer.go, gce_clusterid.go).
"""

from __future__ import annotations

from typing import Any, Final

from components.base_addons.kube_proxy import NAMESPACE
from node.contract.cloud_controller import NAME

RIGHTS: Final = f"ha-masters:{NAME}"
USER: Final = "system:kube-controller-manager"
PROVIDER: Final = "cloud-provider"

_GROUP = "rbac.authorization.k8s.io"


def objects() -> list[dict[str, Any]]:
    account = {"kind": "ServiceAccount", "name": PROVIDER, "namespace": NAMESPACE}
    user = {"apiGroup": _GROUP, "kind": "User", "name": USER}
    lease = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "resourceNames": [NAME]}
    return [
        _role(
            "ClusterRole",
            [
                {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch", "update"]},
                {"apiGroups": [""], "resources": ["services/status"], "verbs": ["patch"]},
            ],
        ),
        _binding("ClusterRole", RIGHTS, account),
        _role(
            "Role",
            [
                {
                    "apiGroups": [""],
                    "resources": ["configmaps"],
                    "verbs": ["create", "get", "list", "watch", "update"],
                }
            ],
            PROVIDER,
        ),
        _binding("Role", f"{RIGHTS}-{PROVIDER}", account),
        _role("Role", [{**lease, "verbs": ["get", "update"]}], "lease"),
        _binding("Role", f"{RIGHTS}-lease", user),
    ]


def _role(kind: str, rules: list[dict[str, Any]], suffix: str = "") -> dict[str, Any]:
    return {
        "apiVersion": f"{_GROUP}/v1",
        "kind": kind,
        "metadata": _named(kind, f"{RIGHTS}-{suffix}" if suffix else RIGHTS),
        "rules": rules,
    }


def _binding(kind: str, role: str, subject: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": f"{_GROUP}/v1",
        "kind": f"{kind}Binding",
        "metadata": _named(kind, role),
        "roleRef": {"apiGroup": _GROUP, "kind": kind, "name": role},
        "subjects": [subject],
    }


def _named(kind: str, name: str) -> dict[str, Any]:
    return {"name": name} if kind == "ClusterRole" else {"name": name, "namespace": NAMESPACE}
