"""The keys that are ours, and what to say about one that isn't.

The engine knows the outermost keys only and ignores those that it doesn't know, so a misspelt key would
silently mean a default. Here every key at any depth is known or refused.
"""

from collections.abc import Mapping
from difflib import get_close_matches

from components.config.backup import BackupSpec
from components.config.masters import MastersSpec
from components.config.setting import keys_of
from node.contract.authorities import AUTHORITIES

KUBELET_SERVING = "kubeletServing"
"""Of the authorities, the one that can't be rotated yet; it is a key so that a sentence says why."""

KNOWN: Mapping[str, tuple[str, ...]] = {
    "": (
        "clusterName",
        "kubernetesVersion",
        "replicas",
        "network",
        "api",
        "masters",
        "etcd",
        "artifacts",
        "identity",
        "labels",
        "pools",
        "authorities",
    ),
    "authorities": (*AUTHORITIES, KUBELET_SERVING),
    "replicas[]": ("name", "zone", "machineType", "bootDiskType", "dataDiskSizeGb"),
    "network": ("network", "subnetwork", "subnetRange", "podRange", "podRangeName", "serviceRange"),
    "api": (
        "authorizedNetworks",
        "dnsName",
        "managedZone",
        "dnsTtlSeconds",
        "port",
        "protectAddress",
        "loadBalancer",
        "address",
        "extraNames",
        "oidc",
        "audit",
        "logLevel",
        "enableAdmissionPlugins",
        "disableAdmissionPlugins",
        "users",
        "encryptionKeys",
    ),
    "api.users[]": ("name", "role"),
    "api.oidc[]": (
        "issuerUrl",
        "audiences",
        "usernameClaim",
        "usernamePrefix",
        "groupsClaim",
        "groupsPrefix",
        "requiredClaims",
        "certificateAuthority",
    ),
    "api.audit": ("policy", "maxAge", "maxBackups", "maxSizeMb"),
    "masters": keys_of(MastersSpec),
    "etcd": (
        "version",
        "dataDiskType",
        "dataDiskSizeGb",
        "dataDiskProtection",
        "quotaBytes",
        "backup",
        "restoreFrom",
        "survivor",
        "restoreOverQuorum",
    ),
    "etcd.backup": keys_of(BackupSpec),
    "artifacts": ("from", "mirror", "kubelet", "containerd", "runc", "cniPlugins", "images"),
    "artifacts.kubelet": ("path", "sha256"),
    "artifacts.images": ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "pause"),
    "artifacts.images.<image>": ("reference", "path", "sha256"),
    "identity": ("leaseDurationSeconds", "renewIntervalSeconds"),
    "pools[]": (
        "name",
        "zones",
        "size",
        "machineType",
        "image",
        "bootDiskType",
        "bootDiskSizeGb",
        "labels",
        "taints",
        "spot",
        "maxSurge",
        "maxUnavailable",
        "drainTimeout",
    ),
    "pools[].taints[]": ("key", "value", "effect"),
}
"""Each section's keys. `labels` is missing, also a pool's, and what stands in `requiredClaims`: those are the operator's."""

NAMES_OF_THINGS = ("artifacts.images", "authorities")
"""Sections whose keys name things and no settings: one that is met elsewhere isn't a setting that went astray."""

_API_SERVER = (
    "Options of the API server are api.extraNames, api.oidc, api.audit, api.logLevel, api.enableAdmissionPlugins and "
    "api.disableAdmissionPlugins"
)
_OIDC = "Write it as an issuer of api.oidc: {issuerUrl: …, audiences: […]}"
_POOLS = "Write workers as pools: [{name: web, zones: [europe-west1-b], size: 3}]"
_SIZE = "A pool has the size that is written: nothing here scales by itself. Write size, the machines of each zone"
ELSEWHERE: Mapping[str, str] = {
    "kubeapiserver": _API_SERVER,
    "apiserver": _API_SERVER,
    "additionalsans": "Did you mean api.extraNames?",
    "certsans": "Did you mean api.extraNames?",
    "tlssans": "Did you mean api.extraNames?",
    "oidcissuerurl": _OIDC,
    "oidcclientid": _OIDC,
    "oidcusernameclaim": _OIDC,
    "oidcgroupsclaim": _OIDC,
    "authentication": _OIDC,
    "auditpolicy": "Did you mean api.audit.policy?",
    "auditpolicyfile": "Write the policy itself, as api.audit.policy",
    "admissionplugins": "Did you mean api.enableAdmissionPlugins?",
    "workers": _POOLS,
    "nodes": _POOLS,
    "nodepools": _POOLS,
    "numnodes": _POOLS,
    "instancegroups": _POOLS,
    "minsize": _SIZE,
    "maxsize": _SIZE,
    "min": _SIZE,
    "max": _SIZE,
    "autoscaling": _SIZE,
    "kubeapiserverlogv": "Did you mean api.logLevel?",
}
"""What other installers call it (kops, kubeadm, k3s), in plain letters, and what is said here."""

OTHERS: Mapping[str, str] = {
    "region": "gcp:region",
    "zone": "gcp:zone",
    "project": "gcp:project",
    "credentials": "gcp:credentials",
    "accessToken": "gcp:accessToken",
    "impersonateServiceAccount": "gcp:impersonateServiceAccount",
    "defaultLabels": "gcp:defaultLabels",
    "kubeconfig": "kubernetes:kubeconfig",
    "context": "kubernetes:context",
}
"""Keys of providers, as people put them under our name."""


def remedy(section: str, key: str) -> str:
    """What to do about `key`, which isn't known in `section` (a key of `KNOWN`)."""
    known = KNOWN[section]
    if section == "" and key in OTHERS:
        return f"It belongs to a provider: set {OTHERS[key]}"
    if close := _closest(key, known):
        return f"Did you mean {close}?"
    if _plain(key) in ELSEWHERE:
        return ELSEWHERE[_plain(key)]
    settings = {home: keys for home, keys in KNOWN.items() if home not in NAMES_OF_THINGS}
    for near in (_same, _slip):
        homes = {home: found for home, keys in settings.items() if (found := near(key, keys))}
        if homes:
            places = " or ".join(f"{home}.{found}".removeprefix(".") for home, found in homes.items())
            return f"Did you mean {places}?"
    return f"Remove it; known here are {', '.join(known)}"


def _same(key: str, known: tuple[str, ...]) -> str | None:
    return key if key in known else None


def _closest(key: str, known: tuple[str, ...], alike: float = 0.75) -> str | None:
    """The known key that `key` is, save for capitals, hyphens, underscores or a slip of the finger."""
    plain = {_plain(name): name for name in known}
    matches = get_close_matches(_plain(key), plain, n=1, cutoff=alike)
    return plain[matches[0]] if matches else None


def _slip(key: str, known: tuple[str, ...]) -> str | None:
    """The same where the section doesn't vouch for it: among all keys of all sections, half a word alike is chance."""
    return _closest(key, known, alike=0.9)


def _plain(key: str) -> str:
    return key.replace("-", "").replace("_", "").lower()
