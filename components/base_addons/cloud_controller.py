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

from components.base_addons.pods import NAMESPACE
from components.base_addons.rights import GROUP, READ, binding, role, rule
from node.contract.cloud_controller import NAME

RIGHTS: Final = f"ha-masters:{NAME}"
USER: Final = "system:kube-controller-manager"
PROVIDER: Final = "cloud-provider"


def objects() -> list[dict[str, Any]]:
    account = {"kind": "ServiceAccount", "name": PROVIDER, "namespace": NAMESPACE}
    user = {"apiGroup": GROUP, "kind": "User", "name": USER}
    cluster = {"name": RIGHTS}
    provider, lease = ({"name": f"{RIGHTS}-{each}", "namespace": NAMESPACE} for each in (PROVIDER, "lease"))
    return [
        role(
            cluster,
            [
                rule("", ["events"], ["create", "patch", "update"]),
                rule("", ["services/status"], ["patch"]),
            ],
        ),
        binding(cluster, RIGHTS, account),
        role(provider, [rule("", ["configmaps"], ["create", *READ, "update"])]),
        binding(provider, provider["name"], account),
        role(lease, [rule("coordination.k8s.io", ["leases"], ["get", "update"], [NAME])]),
        binding(lease, lease["name"], user),
    ]
