"""`api-server` of a VM's metadata: what the operator asked of kube-apiserver beyond the program's own.

    {"logLevel": 2, "enableAdmissionPlugins": ["AlwaysPullImages"], "disableAdmissionPlugins": ["PodSecurity"],
     "auditPolicy": {"rules": [{"level": "Metadata"}]}, "auditMaxAgeDays": 30, "auditMaxBackups": 10, "auditMaxSizeMb": 100,
     "oidc": [{"issuerUrl": "https://accounts.example.com", "audiences": ["kubernetes"], "usernameClaim": "sub",
               "usernamePrefix": "oidc:", "groupsClaim": "groups", "groupsPrefix": "oidc:", "requiredClaims": {"hd": "a"},
               "certificateAuthority": "-----BEGIN CERTIFICATE-----…"}],
     "encryptionKeys": [2, 1]}

Only what differs from the defaults is written, and nothing where all is as by default. It is an attribute of its own: an
agent of a release that doesn't know it follows the rest, the next release of itself included, and doesn't refuse all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from node.contract.fields import Fields, FormatError, attribute, canonical

SERVICE_ACCOUNT_ISSUER: Final = "https://kubernetes.default.svc.cluster.local"
"""In `iss` of the tokens of the cluster's own service accounts."""


@dataclass(frozen=True)
class Issuer:
    """Whoever bears a token of `url` for one of `audiences` is a user. Without `groups_claim` users have no groups; without
    `certificate_authority` the machine's own authorities vouch for the issuer.
    """

    url: str
    audiences: tuple[str, ...]
    username_claim: str = "sub"
    username_prefix: str = "oidc:"
    groups_claim: str = ""
    groups_prefix: str = "oidc:"
    required_claims: tuple[tuple[str, str], ...] = ()
    certificate_authority: str = ""

    def to_fields(self) -> dict[str, Any]:
        return {
            "issuerUrl": self.url,
            "audiences": list(self.audiences),
            "usernameClaim": self.username_claim,
            "usernamePrefix": self.username_prefix,
            "groupsClaim": self.groups_claim,
            "groupsPrefix": self.groups_prefix,
            "requiredClaims": dict(self.required_claims),
            "certificateAuthority": self.certificate_authority,
        }

    @classmethod
    def read(cls, fields: Fields) -> Self:
        found = cls(
            fields.text("issuerUrl"),
            tuple(map(str, fields.items("audiences"))),
            fields.text("usernameClaim"),
            fields.text("usernamePrefix"),
            fields.text("groupsClaim"),
            fields.text("groupsPrefix"),
            tuple(sorted((key, str(value)) for key, value in fields.object("requiredClaims").rest().items())),
            fields.text("certificateAuthority"),
        )
        fields.close()
        return found


@dataclass(frozen=True)
class ApiServer:
    """`log_level` is klog's, `audit_policy` a Policy of audit.k8s.io/v1 without apiVersion and kind; None: the program's.

    `encryption_keys` are the numbers of the keys in the replica's secret that Secrets are encrypted by: the first writes,
    all read.
    """

    log_level: int = 0
    enabled_plugins: tuple[str, ...] = ()
    disabled_plugins: tuple[str, ...] = ()
    audit_policy: Mapping[str, Any] | None = None
    audit_max_age_days: int = 7
    audit_max_backups: int = 5
    audit_max_size_mb: int = 100
    issuers: tuple[Issuer, ...] = ()
    encryption_keys: tuple[int, ...] = (1,)

    def to_fields(self) -> dict[str, Any]:
        """As they stand in the metadata: what is as by default is left out."""
        default = ApiServer()._whole()
        return {key: value for key, value in self._whole().items() if value != default[key]}

    def to_text(self) -> str:
        """Empty where all is as by default."""
        return canonical(fields) if (fields := self.to_fields()) else ""

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls._read(attribute("api-server", text)) if text else cls()

    @classmethod
    def _read(cls, fields: Fields) -> Self:
        default = cls()
        policy = fields.take("auditPolicy") if fields.has("auditPolicy") else None
        if policy is not None and not isinstance(policy, dict):
            raise FormatError(f"api-server.auditPolicy is {policy!r}; expected a JSON object")

        def number(key: str, otherwise: int) -> int:
            return fields.number(key) if fields.has(key) else otherwise

        def names(key: str) -> tuple[str, ...]:
            return tuple(map(str, fields.items(key))) if fields.has(key) else ()

        found = cls(
            number("logLevel", default.log_level),
            names("enableAdmissionPlugins"),
            names("disableAdmissionPlugins"),
            policy,
            number("auditMaxAgeDays", default.audit_max_age_days),
            number("auditMaxBackups", default.audit_max_backups),
            number("auditMaxSizeMb", default.audit_max_size_mb),
            tuple(map(Issuer.read, fields.objects("oidc"))) if fields.has("oidc") else (),
            _numbers(fields.items("encryptionKeys"))
            if fields.has("encryptionKeys")
            else default.encryption_keys,
        )
        fields.close()
        return found

    def _whole(self) -> dict[str, Any]:
        return {
            "logLevel": self.log_level,
            "enableAdmissionPlugins": list(self.enabled_plugins),
            "disableAdmissionPlugins": list(self.disabled_plugins),
            "auditPolicy": self.audit_policy,
            "auditMaxAgeDays": self.audit_max_age_days,
            "auditMaxBackups": self.audit_max_backups,
            "auditMaxSizeMb": self.audit_max_size_mb,
            "oidc": [each.to_fields() for each in self.issuers],
            "encryptionKeys": list(self.encryption_keys),
        }


def _numbers(items: Sequence[object]) -> tuple[int, ...]:
    numbers = tuple(item for item in items if isinstance(item, int) and not isinstance(item, bool))
    if len(numbers) != len(items) or not numbers:
        raise FormatError(
            f"api-server.encryptionKeys is {list(items)!r}; expected numbers of keys, one at least"
        )
    return numbers
