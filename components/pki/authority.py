"""Certificate authorities, and the leaves they sign.

Keys are ECDSA P-256: as strong as RSA 3072 and two orders of magnitude faster to make. A leaf lives for a year and is
renewed by the first update in its last 60 days (`early_renewal_hours`). An authority lives for ten years and is not
renewed early: a new authority must be trusted everywhere before it signs, which one update cannot do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_tls as tls

YEAR_HOURS = 365 * 24
LEAF_HOURS = YEAR_HOURS
LEAF_EARLY_RENEWAL_DAYS = 60
"""From here on a plan speaks of a certificate's end, and an update renews it: two months for a team that updates monthly."""

AUTHORITY_HOURS = 10 * YEAR_HOURS

SERVER = ("digital_signature", "key_encipherment", "server_auth")
CLIENT = ("digital_signature", "key_encipherment", "client_auth")
PEER = ("digital_signature", "key_encipherment", "server_auth", "client_auth")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A key pair as PEM, and when its certificate ends (RFC 3339)."""

    name: str
    key_pem: pulumi.Output[str]
    certificate_pem: pulumi.Output[str]
    expires: pulumi.Output[str]


class CertificateAuthority(pulumi.ComponentResource):
    """A root of trust for one purpose. Its key exists in the stack's encrypted state only, never on a machine; but for the
    one that machines sign with, of which `components.pki.cluster` speaks.
    """

    certificate_pem: pulumi.Output[str]
    key_pem: pulumi.Output[str]

    def __init__(self, name: str, common_name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ha-masters:index:CertificateAuthority", name, {"commonName": common_name}, opts)
        self._name = name
        self._key = private_key(f"{name}-key", self)
        certificate = tls.SelfSignedCert(
            f"{name}-cert",
            private_key_pem=self._key.private_key_pem,
            subject=tls.SelfSignedCertSubjectArgs(common_name=common_name),
            is_ca_certificate=True,
            allowed_uses=["cert_signing", "crl_signing", "digital_signature"],
            validity_period_hours=AUTHORITY_HOURS,
            set_subject_key_id=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.certificate_pem, self.key_pem = certificate.cert_pem, self._key.private_key_pem
        self.expires = certificate.validity_end_time
        self.register_outputs({"certificatePem": self.certificate_pem, "expires": self.expires})

    def issue(
        self,
        name: str,
        *,
        common_name: str,
        uses: Sequence[str],
        parent: pulumi.Resource,
        organization: str | None = None,
        dns_names: Sequence[pulumi.Input[str]] = (),
        ip_addresses: Sequence[pulumi.Input[str]] = (),
    ) -> Leaf:
        """Returns a leaf signed by this authority; its resources are children of `parent`, named after `name`."""
        key = private_key(f"{name}-key", parent)
        request = tls.CertRequest(
            f"{name}-csr",
            private_key_pem=key.private_key_pem,
            subject=tls.CertRequestSubjectArgs(common_name=common_name, organization=organization),
            dns_names=list(dns_names) or None,
            ip_addresses=list(ip_addresses) or None,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        certificate = tls.LocallySignedCert(
            f"{name}-cert",
            cert_request_pem=request.cert_request_pem,
            ca_private_key_pem=self._key.private_key_pem,
            ca_cert_pem=self.certificate_pem,
            allowed_uses=list(uses),
            validity_period_hours=LEAF_HOURS,
            early_renewal_hours=LEAF_EARLY_RENEWAL_DAYS * 24,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        return Leaf(name, key.private_key_pem, certificate.cert_pem, certificate.validity_end_time)


def private_key(name: str, parent: pulumi.Resource) -> tls.PrivateKey:
    return tls.PrivateKey(
        name, algorithm="ECDSA", ecdsa_curve="P256", opts=pulumi.ResourceOptions(parent=parent)
    )
