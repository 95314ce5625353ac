"""What the API server does beyond the program's own: log level, admission, audit, and other people's tokens."""

from __future__ import annotations

from components.config import values
from components.config.audit_policy import read_policy
from components.config.errors import Refused
from components.config.oidc import read_oidc
from components.config.section import Section, listed
from node.contract.api_server import ApiServer
from node.contract.secret_files import ENCRYPTION_KEYS

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

HIGHEST_KEY = 9_999
"""Of a number that names an encryption key: any would do, and this many keys nobody ever has."""

SHARE_OF_DISK = 4
"""Audit logs may take this part of the boot disk: one quarter."""


def read_api_server(section: Section, boot_disk_gb: int | None) -> ApiServer:
    """`boot_disk_gb` is None where it isn't known."""
    enabled = _plugins(section, "enableAdmissionPlugins")
    disabled = _plugins(section, "disableAdmissionPlugins")
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
    audit = section.section("audit", "api.audit")
    asked = ApiServer(
        log_level=section.read("logLevel", values.whole(0, HIGHEST_LOG_LEVEL), 0),
        enabled_plugins=tuple(name for name in enabled if name != "NodeRestriction"),
        disabled_plugins=disabled,
        audit_policy=audit.read("policy", read_policy, None),
        audit_max_age_days=audit.read("maxAge", values.duration("1d", "365d", whole_days=True), 7 * 86_400)
        // 86_400,
        audit_max_backups=audit.read("maxBackups", values.whole(1, 100, "files"), 5),
        audit_max_size_mb=audit.read("maxSizeMb", values.whole(1, 2_000, "MB"), 100),
        issuers=read_oidc(section),
        encryption_keys=section.read("encryptionKeys", _keys, ApiServer().encryption_keys),
    )
    most = (asked.audit_max_backups + 1) * asked.audit_max_size_mb
    if boot_disk_gb and audit.ok("maxBackups", "maxSizeMb") and most > boot_disk_gb * 1_024 // SHARE_OF_DISK:
        audit.refuse(
            "maxSizeMb",
            Refused(
                f"with maxBackups may fill {most} MB of a boot disk of {boot_disk_gb} GB, more than a quarter of it",
                "Lower one of them, or give masters a larger bootDiskSizeGb",
            ),
            asked.audit_max_size_mb,
        )
    return asked


def _keys(value: object) -> tuple[int, ...]:
    """One number, or two while one key takes the other's place."""
    numbers = listed(value, "[1, 2]")
    read = values.whole(1, HIGHEST_KEY)
    keys = tuple(read(number) for number in numbers)
    if not keys:
        raise Refused("is empty", "Name the key that Secrets are encrypted by: [1]")
    if len(keys) > len(ENCRYPTION_KEYS):
        raise Refused(f"has {len(keys)} keys", "Replace one key at a time: two are the most")
    if len(set(keys)) < len(keys):
        raise Refused(f"has {keys[0]} twice", "Remove one")
    return keys


def _plugins(section: Section, key: str) -> tuple[str, ...]:
    """In the operator's order, which means nothing to an API server: it has its own."""
    return section.read(key, _names, ())


def _names(value: object) -> tuple[str, ...]:
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
