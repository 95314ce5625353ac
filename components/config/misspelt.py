"""What to say about a key that isn't ours.

The engine knows the outermost keys only and ignores those that it doesn't know, so a misspelt key would
silently mean a default. Here every key at any depth is known or refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

_API_SERVER = (
    "Options of the API server are api.extraNames, api.oidc, api.audit, api.logLevel, api.enableAdmissionPlugins and "
    "api.disableAdmissionPlugins"
)
_OIDC = "Write it as an issuer of api.oidc: {issuerUrl: …, audiences: […]}"
_POOLS = "Write workers as pools: [{name: web, zones: [europe-west1-b], size: 3}]"
_SIZE = "Write min and max of the pool, of each zone by itself, and the autoscaler chooses between them"
_INSIDE = "Write api.internal: beside for an internal address of the API beside the public one, only for that one alone"
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
    "autoscaling": _SIZE,
    "gceprivatecluster": _INSIDE,
    "privatecluster": _INSIDE,
    "privateendpoint": _INSIDE,
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


def remedy(
    key: str, known: tuple[str, ...], settings: Mapping[str, tuple[str, ...]], *, outermost: bool
) -> str:
    """Returns what to do about `key` where `known` may stand. `settings` has the keys of every section, by its place."""
    if outermost and key in OTHERS:
        return f"It belongs to a provider: set {OTHERS[key]}"
    if close := _closest(key, known):
        return f"Did you mean {close}?"
    if _plain(key) in ELSEWHERE:
        return ELSEWHERE[_plain(key)]
    for near in (_same, _slip):
        homes = {home: found for home, keys in settings.items() if (found := near(key, keys))}
        if homes:
            places = " or ".join(f"{home}.{found}".removeprefix(".") for home, found in homes.items())
            return f"Did you mean {places}?"
    return f"Remove it; known here are {', '.join(known)}"


def _same(key: str, known: tuple[str, ...]) -> str | None:
    return key if key in known else None


def _closest(key: str, known: tuple[str, ...], alike: float = 0.75) -> str | None:
    """Returns the known key that `key` is, save for capitals, hyphens, underscores or a slip of the finger."""
    plain = {_plain(name): name for name in known}
    matches = get_close_matches(_plain(key), plain, n=1, cutoff=alike)
    return plain[matches[0]] if matches else None


def _slip(key: str, known: tuple[str, ...]) -> str | None:
    """Returns the same where the section doesn't vouch for it: among all sections' keys, half a word alike is chance."""
    return _closest(key, known, alike=0.9)


def _plain(key: str) -> str:
    return key.replace("-", "").replace("_", "").lower()
