"""Which kinds have no namespace: of Kubernetes' own a table, of others what their definition among the manifests says.

The table is what API servers of 1.34 to 1.37 serve (`kubectl api-resources --namespaced=false`); `tests/addons` asks one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

DEFINITION: Final = ("apiextensions.k8s.io", "CustomResourceDefinition")
NAMESPACE: Final = ("", "Namespace")

CLUSTER_WIDE: Final[Mapping[str, frozenset[str]]] = {
    group: frozenset(kinds.split())
    for group, kinds in {
        "": "ComponentStatus Namespace Node PersistentVolume",
        "admissionregistration.k8s.io": "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding "
        "MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding "
        "ValidatingWebhookConfiguration",
        "apiextensions.k8s.io": "CustomResourceDefinition",
        "apiregistration.k8s.io": "APIService",
        "authentication.k8s.io": "SelfSubjectReview TokenReview",
        "authorization.k8s.io": "SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
        "certificates.k8s.io": "CertificateSigningRequest ClusterTrustBundle",
        "flowcontrol.apiserver.k8s.io": "FlowSchema PriorityLevelConfiguration",
        "internal.apiserver.k8s.io": "StorageVersion",
        "networking.k8s.io": "IPAddress IngressClass ServiceCIDR",
        "node.k8s.io": "RuntimeClass",
        "rbac.authorization.k8s.io": "ClusterRole ClusterRoleBinding",
        "resource.k8s.io": "DeviceClass DeviceTaintRule ResourceSlice",
        "scheduling.k8s.io": "PriorityClass",
        "storage.k8s.io": "CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass",
        "storagemigration.k8s.io": "StorageVersionMigration",
    }.items()
}

_NAMESPACED_ONLY = frozenset(
    {"apps", "autoscaling", "batch", "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "policy"}
)


def group_and_kind(item: Mapping[str, Any]) -> tuple[str, str]:
    """Returns the group, empty for Kubernetes' first one, and the kind."""
    group, _, version = str(item["apiVersion"]).rpartition("/")
    return group if version else "", str(item["kind"])


def scopes(items: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], bool]:
    """Returns the kinds that definitions among `items` define, and whether they have namespaces."""
    found = {}
    for item in items:
        spec = item.get("spec")
        if group_and_kind(item) == DEFINITION and isinstance(spec, Mapping):
            names = spec.get("names")
            kind = names.get("kind") if isinstance(names, Mapping) else None
            found[str(spec.get("group")), str(kind)] = spec.get("scope") == "Namespaced"
    return found


def namespaced(kind: tuple[str, str], defined: Mapping[tuple[str, str], bool]) -> bool | None:
    """Returns whether objects of this group and kind have a namespace; None where nobody here knows."""
    group, name = kind
    if kind in defined:
        return defined[kind]
    if group in CLUSTER_WIDE:
        return name not in CLUSTER_WIDE[group]
    return True if group in _NAMESPACED_ONLY else None
