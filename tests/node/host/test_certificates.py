"""When certificates end: read from their files as they are, and what follows from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from node.contract.status import Certificates
from node.host.certificates import CertificateError, expiry, first_to_expire, must_renew, warning

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
EC, RSA = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)


def certificate(
    end: datetime, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = EC, organization: str = "o"
) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(1990, 1, 1, tzinfo=UTC))
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize(
    ("end", "key", "organization"),
    [
        pytest.param(datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC), EC, "o", id="elliptic"),
        pytest.param(datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC), RSA, "o", id="rsa-and-long-lengths"),
        pytest.param(datetime(1999, 12, 31, tzinfo=UTC), EC, "o", id="last-century"),
        pytest.param(datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC), EC, "o", id="last-utc-time"),
        pytest.param(datetime(2050, 1, 1, tzinfo=UTC), EC, "o", id="first-generalized-time"),
        pytest.param(datetime(2027, 1, 2, tzinfo=UTC), EC, "o" * 60 + "é", id="long-issuer"),
    ],
)  # fmt: skip
def test_the_end_is_read(
    end: datetime, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, organization: str
) -> None:
    assert expiry(certificate(end, key, organization)) == end


def test_of_a_bundle_the_first_counts() -> None:
    assert expiry(certificate(NOW) + certificate(NOW + timedelta(days=1))) == NOW


WHOLE = certificate(NOW)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("content of etcd-peer.crt", id="no-pem"),
        pytest.param(
            "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", id="an-empty-sequence"
        ),
        pytest.param("-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----\n", id="nothing-inside"),
        pytest.param(WHOLE[:200] + "\n-----END CERTIFICATE-----\n", id="cut-off"),
        pytest.param("-----BEGIN CERTIFICATE-----\nAgEBAgEB\n-----END CERTIFICATE-----\n", id="a-number"),
    ],
)
def test_what_is_no_certificate_is_refused(text: str) -> None:
    with pytest.raises(CertificateError):
        expiry(text)


def test_the_first_to_expire_is_reported(tmp_path: Path) -> None:
    for name, days in {"etcd-peer": 30, "apiserver": 20, "ca": 3650}.items():
        (tmp_path / f"{name}.crt").write_text(certificate(NOW + timedelta(days=days)))
    (tmp_path / "odd.crt").write_text("odd")
    assert first_to_expire(tmp_path) == Certificates("apiserver", "2026-03-21T12:00:00Z")


def test_without_certificates_nothing_is_reported(tmp_path: Path) -> None:
    assert first_to_expire(tmp_path / "none") is None


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        pytest.param({"etcd-peer": 61, "kubelet": 9999}, [], id="well"),
        pytest.param({"etcd-peer": 60, "kubelet": 61}, ["etcd-peer"], id="within-the-hour"),
        pytest.param({"etcd-peer": -1, "apiserver": -9999}, ["apiserver", "etcd-peer"], id="expired"),
        pytest.param({"ca": -1, "etcd-peer-ca": -1, "front-proxy-ca": -1}, [], id="an-authority-is-no-leaf"),
    ],
)
def test_what_must_be_renewed(ends: dict[str, int], expected: list[str]) -> None:
    """Minutes from now."""
    files = {f"{stem}.crt": certificate(NOW + timedelta(minutes=left)) for stem, left in ends.items()}
    assert must_renew(files | {"etcd-peer.key": "key", "odd.crt": "odd"}, NOW) == expected


@pytest.mark.parametrize(
    ("days", "says"),
    [
        pytest.param(15, "", id="well"),
        pytest.param(13, "etcd-peer expires at 2026-03-14T12:00:00Z: run `pulumi up`", id="soon"),
        pytest.param(-1, "etcd-peer expired at 2026-02-28T12:00:00Z: run `pulumi up`", id="expired"),
    ],
)
def test_what_people_are_told(days: int, says: str) -> None:
    end = NOW + timedelta(days=days)
    told = warning(Certificates("etcd-peer", f"{end:%Y-%m-%dT%H:%M:%SZ}"), NOW)
    assert says in told
    assert bool(told) is bool(says)
