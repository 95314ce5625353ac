"""What tells the base add-ons from all else in a cluster: a label of ours, beside names that they have had."""

from __future__ import annotations

from typing import Final

LABEL: Final = "ha-masters.dev/base-addon"

NAMES: Final = frozenset(
    {
        "kube-proxy",
        "coredns",
        "kube-dns",
        "ha-masters:kube-proxy",
        "system:coredns",
        "metrics-server",
        "metrics-server-auth-reader",
        "metrics-server:system:auth-delegator",
        "system:aggregated-metrics-reader",
        "system:metrics-server",
        "v1beta1.metrics.k8s.io",
        "cluster-autoscaler",
        "ha-masters:cluster-autoscaler",
        "ha-masters:cloud-controller-manager",
        "ha-masters:cloud-controller-manager-cloud-provider",
        "ha-masters:cloud-controller-manager-lease",
    }
)
"""All that there have been, in any release: an agent takes away what a former one made."""

_SYSTEM, _RIGHTS = "namespaces/kube-system", "/apis/rbac.authorization.k8s.io/v1"

PLACES: Final = (
    "/apis/apiregistration.k8s.io/v1/apiservices",
    f"/apis/apps/v1/{_SYSTEM}/daemonsets",
    f"/apis/apps/v1/{_SYSTEM}/deployments",
    f"/apis/policy/v1/{_SYSTEM}/poddisruptionbudgets",
    f"/api/v1/{_SYSTEM}/services",
    f"/api/v1/{_SYSTEM}/configmaps",
    f"{_RIGHTS}/clusterrolebindings",
    f"{_RIGHTS}/clusterroles",
    f"{_RIGHTS}/{_SYSTEM}/rolebindings",
    f"{_RIGHTS}/{_SYSTEM}/roles",
    f"/api/v1/{_SYSTEM}/serviceaccounts",
)
"""Lists in which they stand, in the order in which they end: what an API server sends on before who answers it, pods before
what they run by.
"""
