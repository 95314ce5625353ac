"""Reads when this machine's certificates end, from their files, by the standard library alone.

A certificate is DER (X.690) inside PEM. As RFC 5280, 4.1 has it:

    Certificate    ::= SEQUENCE { tbsCertificate TBSCertificate, … }
    TBSCertificate ::= SEQUENCE { version [0] OPTIONAL, serialNumber, signature, issuer, validity Validity, … }
    Validity       ::= SEQUENCE { notBefore Time, notAfter Time }
    Time           ::= UTCTime "YYMMDDHHMMSSZ", of 1950 to 2049, or GeneralizedTime "YYYYMMDDHHMMSSZ"

and nothing of it is checked: that it is genuine is for TLS to tell.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from node.contract.authorities import is_authority
from node.contract.status import Certificates
from node.host.der import SEQUENCE, element, elements

SOON = timedelta(hours=1)
WARNED = timedelta(days=14)
"""`pulumi up` renews in the last 60 days; who updates at least once a fortnight never hears of it."""

_VERSION, _UTC_TIME, _GENERALIZED_TIME = 0xA0, 0x17, 0x18
_END = "-----END CERTIFICATE-----"


class CertificateError(ValueError):
    """The text is no certificate."""


def expiry(pem: str) -> datetime:
    """Returns the end of the first certificate in the text. Raises CertificateError."""
    try:
        validity = signed_part(pem[: pem.index(_END) + len(_END)].strip())["validity"]
        _, (tag, text) = elements(validity)
        return _time(tag, text.decode("ascii"))
    except (ValueError, IndexError) as error:
        raise CertificateError(f"no X.509 certificate: {error}") from None


def signed_part(pem: str) -> dict[str, bytes]:
    """Returns issuer, validity and subject of a certificate, each a SEQUENCE's content. Raises ValueError, IndexError."""
    certificate, _ = element(ssl.PEM_cert_to_DER_cert(pem), SEQUENCE)
    rest, _ = element(certificate, SEQUENCE)
    if rest[0] == _VERSION:
        _, rest = element(rest)
    for _ in ("serialNumber", "signature"):
        _, rest = element(rest)
    found = {}
    for name in ("issuer", "validity", "subject"):
        found[name], rest = element(rest, SEQUENCE)
    return found


def endings(files: Mapping[str, str]) -> dict[str, datetime]:
    """Returns ends by stem (`etcd-peer` of `etcd-peer.crt`), of the certificates that can be read."""
    found = {}
    for name, content in files.items():
        if name.endswith(".crt"):
            try:
                found[name.removesuffix(".crt")] = expiry(content)
            except CertificateError:
                continue
    return found


def own(found: Mapping[str, datetime]) -> dict[str, datetime]:
    """Without the authorities: the leaves that a new version of the replica's secret renews."""
    return {stem: end for stem, end in found.items() if not is_authority(stem)}


def first_to_expire(folder: Path) -> Certificates | None:
    """Of the files in `folder`, authorities too; None where none can be read."""
    try:
        found = endings({file.name: file.read_text() for file in folder.glob("*.crt")})
    except (OSError, UnicodeDecodeError):
        return None
    if not found:
        return None
    stem = min(found, key=lambda each: (found[each], each))
    return Certificates(stem, f"{found[stem]:%Y-%m-%dT%H:%M:%SZ}")


def must_renew(files: Mapping[str, str], now: datetime) -> list[str]:
    """Stems of this machine's leaves that have expired, or will within an hour."""
    return sorted(stem for stem, end in own(endings(files)).items() if end - now <= SOON)


def warning(first: Certificates | None, now: datetime) -> str:
    """Returns a sentence for the status' reason; empty while there is nothing to say."""
    if first is None:
        return ""
    end = datetime.strptime(first.expires, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if end > now + WARNED:
        return ""
    when = "expires" if end > now else "expired"
    way = "rotate it in stages" if is_authority(first.first) else "run `pulumi up` to issue new ones"
    return f"the certificate {first.first} {when} at {first.expires}: {way}"


def _time(tag: int, text: str) -> datetime:
    if tag == _UTC_TIME:
        text = f"{'19' if int(text[:2]) >= 50 else '20'}{text}"
    elif tag != _GENERALIZED_TIME:
        raise CertificateError(f"tag {tag:#x} is no time")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
