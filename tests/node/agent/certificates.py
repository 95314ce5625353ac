"""Certificates as the program issues them: the same authorities, names and uses."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


class Authority:
    def __init__(self, name: str) -> None:
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        made = _begun(self._name, self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self._certificate = made.sign(self._key, hashes.SHA256())

    @property
    def pem(self) -> str:
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        return _private(self._key)

    def issue(
        self,
        name: str,
        uses: list[x509.ObjectIdentifier],
        names: list[str],
        addresses: list[str],
        organization: str = "",
    ) -> tuple[str, str]:
        """Certificate and key as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, name),
                *([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)] if organization else []),
            ]
        )
        made = _begun(subject, self._name, key).add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        alternatives: list[x509.GeneralName] = [x509.DNSName(each) for each in names]
        alternatives += [x509.IPAddress(ipaddress.ip_address(each)) for each in addresses]
        if alternatives:
            made = made.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        certificate = made.sign(self._key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM).decode(), _private(key)


def _private(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=365))
    )


class EtcdTrust:
    """etcd's two authorities, and the files of one replica's secret that concern etcd."""

    def __init__(self) -> None:
        self._peers, self._clients = Authority("peers"), Authority("clients")

    def files(self, replica: str, addresses: list[str], peers: list[str]) -> dict[str, str]:
        """`peers`: on one host a connection comes from the address that it goes to, and etcd wants it in the certificate."""
        files = {"etcd-peer-ca.crt": self._peers.pem, "etcd-client-ca.crt": self._clients.pem}
        leaves = {
            "etcd-peer": self._peers.issue(replica, [SERVER, CLIENT], [replica], peers),
            "etcd-server": self._clients.issue(replica, [SERVER], [replica, "localhost"], addresses),
            "etcd-client": self._clients.issue(f"apiserver-{replica}", [CLIENT], [], []),
        }
        for stem, (certificate, key) in leaves.items():
            files |= {f"{stem}.crt": certificate, f"{stem}.key": key}
        return files


class ClusterTrust:
    """The cluster's authority, the aggregation layer's, and the files of a replica's secret that concern Kubernetes."""

    def __init__(self) -> None:
        self.authority, self._front = Authority("cluster"), Authority("front-proxy")
        self._service_accounts = ec.generate_private_key(ec.SECP256R1())

    def files(self, node: str, address: str, api_address: str) -> dict[str, str]:
        public = self._service_accounts.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        files = {
            "ca.crt": self.authority.pem,
            "front-proxy-ca.crt": self._front.pem,
            "service-account.key": _private(self._service_accounts),
            "service-account.pub": public.decode(),
            "secrets-encryption.key": _private(ec.generate_private_key(ec.SECP256R1())),
        }
        issue = self.authority.issue
        names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"]
        leaves = {
            "apiserver": issue("kube-apiserver", [SERVER], names, [api_address, address, "10.0.16.1"]),
            "apiserver-kubelet-client": issue("kubelet-client", [CLIENT], [], [], "system:masters"),
            "kubelet": issue(f"system:node:{node}", [SERVER, CLIENT], [node], [address], "system:nodes"),
            "controller-manager": issue("system:kube-controller-manager", [CLIENT], [], []),
            "scheduler": issue("system:kube-scheduler", [CLIENT], [], []),
            "front-proxy": self._front.issue("front-proxy-client", [CLIENT], [], []),
        }
        for stem, (certificate, key) in leaves.items():
            files |= {f"{stem}.crt": certificate, f"{stem}.key": key}
        return files
