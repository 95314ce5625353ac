"""What the API server does beyond the program's own: log level, admission, audit, and other people's tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.config import values
from components.config.audit_policy import read_policy
from components.config.errors import Refused
from components.config.rotated import rotated
from components.config.section import Section, listed
from components.config.setting import setting

PLUGINS = (
    "AlwaysAdmit",
    "AlwaysDeny",
    "AlwaysPullImages",
    "CertificateApproval",
    "CertificateSigning",
    "CertificateSubjectRestriction",
    "ClusterTrustBundleAttest",
    "DefaultIngressClass",
    "DefaultStorageClass",
    "DefaultTolerationSeconds",
    "DenyServiceExternalIPs",
    "EventRateLimit",
    "ExtendedResourceToleration",
    "ImagePolicyWebhook",
    "LimitPodHardAntiAffinityTopology",
    "LimitRanger",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionWebhook",
    "NamespaceAutoProvision",
    "NamespaceExists",
    "NamespaceLifecycle",
    "NodeRestriction",
    "OwnerReferencesPermissionEnforcement",
    "PersistentVolumeClaimResize",
    "PodNodeSelector",
    "PodSecurity",
    "PodTolerationRestriction",
    "PodTopologyLabels",
    "Priority",
    "ResourceQuota",
    "RuntimeClass",
    "ServiceAccount",
    "StorageObjectInUseProtection",
    "TaintNodesByCondition",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook",
)
"""Those that 1.34 to 1.37 all have: kubernetes/pkg/kubeapiserver/options/plugins.go, AllOrderedPlugins. An API
server doesn't start with a name that it doesn't know.
"""

NEED_A_FILE = ("EventRateLimit", "ImagePolicyWebhook")
"""Plugins that do nothing, or fail, without `--admission-control-config-file`, which the program doesn't write."""

HIGHEST_LOG_LEVEL = 7
"""From 8 on, an API server logs the bodies of its own requests, Secrets among them (client-go/rest/request.go, logBody)."""

SHARE_OF_DISK = 4
"""Audit logs may take this part of the boot disk: one quarter."""


def encryption_keys(value: object) -> tuple[int, ...]:
    """Returns the numbers of the keys: one, or two while one key takes the other's place. Raises Refused."""
    return rotated(
        value,
        "keys",
        first="Name the key that Secrets are encrypted by",
        one_by_one="Replace one key at a time",
    )


def plugins(value: object) -> tuple[str, ...]:
    """Returns names in the operator's order, which means nothing to an API server: it has its own. Raises Refused."""
    names = listed(value, '["AlwaysPullImages"]')
    for name in names:
        if name not in PLUGINS:
            near = next((each for each in PLUGINS if each.lower() == str(name).lower()), None)
            raise Refused(
                f"has {name}, which is no admission plugin of every release from 1.34 to 1.37",
                f"Did you mean {near}?" if near else "Name those of `kube-apiserver --help`",
            )
        if names.count(name) > 1:
            raise Refused(f"has {name} twice", "Remove one")
    return tuple(map(str, names))


@dataclass(frozen=True, slots=True)
class AuditSpec:
    """The section `api.audit`. Without a `policy` the program's own holds."""

    policy: Mapping[str, Any] | None = setting("policy", read_policy, None)
    max_age_seconds: int = setting("maxAge", values.duration("1d", "365d", whole_days=True), 7 * 86_400)
    max_backups: int = setting("maxBackups", values.whole(1, 100, "files"), 5)
    max_size_mb: int = setting("maxSizeMb", values.whole(1, 2_000, "MB"), 100)

    @property
    def max_age_days(self) -> int:
        return self.max_age_seconds // 86_400


def read_audit(section: Section, boot_disk_gb: int | None) -> AuditSpec:
    """Reads and checks the section. `boot_disk_gb` is a master's; None where it isn't known."""
    spec = section.fill(AuditSpec)
    most = (spec.max_backups + 1) * spec.max_size_mb
    if (
        boot_disk_gb
        and section.ok("maxBackups", "maxSizeMb")
        and most > boot_disk_gb * 1_024 // SHARE_OF_DISK
    ):
        section.refuse(
            "maxSizeMb",
            Refused(
                f"with maxBackups may fill {most} MB of a boot disk of {boot_disk_gb} GB, more than a quarter of it",
                "Lower one of them, or give masters a larger bootDiskSizeGb",
            ),
            spec.max_size_mb,
        )
    return spec


def check_plugins(section: Section, enabled: Sequence[str], disabled: Sequence[str]) -> None:
    """Refuses what an API server wouldn't start with, and what the cluster couldn't do without."""
    for name in disabled:
        if name in enabled:
            section.refuse(
                "disableAdmissionPlugins",
                Refused(f"has {name}, which enableAdmissionPlugins has too", "Keep it in one of them"),
            )
    if "NodeRestriction" in disabled:
        section.refuse(
            "disableAdmissionPlugins",
            Refused(
                "has NodeRestriction, which keeps every kubelet to its own node and pods",
                "Remove it from the list",
            ),
        )
    if "AlwaysDeny" in enabled:
        section.refuse(
            "enableAdmissionPlugins",
            Refused("has AlwaysDeny, with which nothing can be written at all", "Remove it from the list"),
        )
    for name in NEED_A_FILE:
        if name in enabled:
            section.refuse(
                "enableAdmissionPlugins",
                Refused(
                    f"has {name}, which needs a configuration file", "Remove it; a webhook does the same"
                ),
            )
