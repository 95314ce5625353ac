"""The files that kube-apiserver reads beside its flags."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from node.contract.api_server import Issuer

Document = dict[str, Any]

OPEN_PATHS: Final = ("/readyz", "/livez", "/healthz")
"""What the load balancer and the kubelet ask without a name; the answers say no more than `ok`."""


ENTRANCES: Final = (
    "pods/attach",
    "pods/exec",
    "pods/portforward",
    "pods/proxy",
    "services/proxy",
    "nodes/proxy",
)
"""Ways into what runs."""


def encryption(keys: Sequence[str]) -> Document:
    """EncryptionConfiguration: Secrets by XSalsa20-Poly1305. The first key writes, all read, so a key can be replaced.

    A key is any secret text of high entropy: secretbox takes 32 bytes, which are its SHA-256. `identity` last reads what
    was written before encryption was there.
    """
    if not keys:
        raise ValueError("no encryption key was given; Secrets would be stored in the clear")
    named = [{"name": key_name(key), "secret": base64.b64encode(_digest(key)).decode()} for key in keys]
    return {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "EncryptionConfiguration",
        "resources": [
            {"resources": ["secrets"], "providers": [{"secretbox": {"keys": named}}, {"identity": {}}]}
        ],
    }


def key_name(key: str) -> str:
    """Stands in front of each stored value, and doesn't tell the key."""
    return f"key-{hashlib.sha256(b'name of ' + _digest(key)).hexdigest()[:8]}"


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def authentication(issuers: Sequence[Issuer] = (), workers: Document | None = None) -> Document:
    """AuthenticationConfiguration (v1 since 1.34): nobody without a name, but for health; the users of `issuers`; and the
    workers, by `node.manifests.worker_authentication`.

    `--anonymous-auth` and `--oidc-issuer-url` must not be given beside it. With one issuer twice an API server doesn't
    start, so the operator's entry stands and workers are left out: the program refuses such a config beforehand.
    """
    jwt = [_jwt(issuer) for issuer in issuers]
    if workers and workers["issuer"]["url"] not in {issuer.url for issuer in issuers}:
        jwt.append(workers)
    return {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "AuthenticationConfiguration",
        "anonymous": {"enabled": True, "conditions": [{"path": path} for path in OPEN_PATHS]},
        **({"jwt": jwt} if jwt else {}),
    }


def _jwt(issuer: Issuer) -> Document:
    """JWTAuthenticator: apiserver/pkg/apis/apiserver/v1/types.go."""
    of = {"url": issuer.url, "audiences": list(issuer.audiences)}
    if len(issuer.audiences) > 1:
        of["audienceMatchPolicy"] = "MatchAny"
    if issuer.certificate_authority:
        of["certificateAuthority"] = issuer.certificate_authority
    mappings = {"username": {"claim": issuer.username_claim, "prefix": issuer.username_prefix}}
    if issuer.groups_claim:
        mappings["groups"] = {"claim": issuer.groups_claim, "prefix": issuer.groups_prefix}
    rules = [{"claim": claim, "requiredValue": value} for claim, value in issuer.required_claims]
    return {
        "issuer": of,
        **({"claimValidationRules": rules} if rules else {}),
        "claimMappings": mappings,
    }


def audit_policy(asked: Mapping[str, Any] | None = None) -> Document:
    """Returns what was asked for; else who changed what, who read secrets and who entered pods: no contents, no polling, no
    leases. To enter a pod by WebSockets, as kubectl does, is a `get` (apiserver/pkg/endpoints/request/requestinfo.go).
    """
    if asked is not None:
        return {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", **asked}
    return {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [
            {
                "level": "None",
                "nonResourceURLs": ["/healthz*", "/livez*", "/readyz*", "/version", "/openapi*"],
            },
            {"level": "None", "resources": [{"group": "coordination.k8s.io", "resources": ["leases"]}]},
            {"level": "None", "resources": [{"group": "", "resources": ["events"]}]},
            {
                "level": "Metadata",
                "resources": [
                    {
                        "group": "",
                        "resources": ["secrets", "configmaps", "serviceaccounts/token", *ENTRANCES],
                    },
                    {"group": "authentication.k8s.io", "resources": ["tokenreviews"]},
                ],
            },
            {"level": "None", "verbs": ["get", "list", "watch"]},
            {"level": "Metadata"},
        ],
    }
