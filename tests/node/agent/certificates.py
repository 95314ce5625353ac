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

    def issue(
        self, name: str, uses: list[x509.ObjectIdentifier], names: list[str], addresses: list[str]
    ) -> tuple[str, str]:
        """Certificate and key as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = _begun(subject, self._name, key).add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        alternatives: list[x509.GeneralName] = [x509.DNSName(each) for each in names]
        alternatives += [x509.IPAddress(ipaddress.ip_address(each)) for each in addresses]
        if alternatives:
            made = made.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        certificate = made.sign(self._key, hashes.SHA256())
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        return certificate.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
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
