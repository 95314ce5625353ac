"""Reads who is named by a certificate and who has issued it, from their files, by the standard library alone.

As RFC 5280, 4.1 and 4.1.2.4 have it:

    TBSCertificate ::= SEQUENCE { version [0] OPTIONAL, serialNumber, signature, issuer Name, validity, subject Name, … }
    Name           ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value }

The names are only read: that a certificate is genuine is for TLS to check.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from node.contract.authorities import (
    AUTHORITIES,
    LEAVES,
    SERVICE_ACCOUNTS,
    SUBJECTS,
    Authorities,
    generation,
)
from node.contract.status import AuthoritiesView, AuthorityView
from node.host.certificates import CertificateError, signed_part
from node.host.der import OBJECT_ID, SET, element, elements

_COMMON_NAME = bytes.fromhex("550403")
"""2.5.4.3, as DER has it: RFC 5280, appendix A.1."""

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


@dataclass(frozen=True)
class Named:
    """Two common names, empty where a certificate has none."""

    issuer: str
    subject: str


def named(text: str) -> tuple[Named, ...]:
    """Of each certificate in a text. Raises CertificateError."""
    found = []
    while (begin := text.find(_BEGIN)) >= 0:
        end = text.find(_END, begin)
        if end < 0:
            raise CertificateError("cut off")
        found.append(_named(text[begin : end + len(_END)]))
        text = text[end + len(_END) :]
    if not found:
        raise CertificateError("no certificate in it")
    return tuple(found)


def lived_by(
    cluster: str, told: Authorities, files: Mapping[str, str], signs_since: str
) -> AuthoritiesView | None:
    """By which generations whoever runs with `files` lives; None where all are the first. `signs_since`: when tokens began
    to be signed by their present key. Raises CertificateError for a file that is no certificate.
    """
    if not told.generations:
        return None
    tokens = told.of(SERVICE_ACCOUNTS)
    return AuthoritiesView(
        (
            *(
                AuthorityView(name, _trusted(cluster, name, files), _issued(cluster, name, files))
                for name in AUTHORITIES
                if name != SERVICE_ACCOUNTS
            ),
            AuthorityView(SERVICE_ACCOUNTS, tuple(sorted(tokens)), tokens[:1], signs_since),
        )
    )


def _trusted(cluster: str, name: str, files: Mapping[str, str]) -> tuple[int, ...]:
    bundle = named(files.get(f"{SUBJECTS[name]}.crt", ""))
    return tuple(generation(cluster, name, each.subject) or 0 for each in bundle)


def _issued(cluster: str, name: str, files: Mapping[str, str]) -> tuple[int, ...]:
    leaves = (named(files.get(f"{stem}.crt", ""))[0] for stem in LEAVES[name])
    return tuple(sorted({generation(cluster, name, each.issuer) or 0 for each in leaves}))


def _named(pem: str) -> Named:
    try:
        found = signed_part(pem)
        return Named(_common_name(found["issuer"]), _common_name(found["subject"]))
    except (ValueError, IndexError) as error:
        raise CertificateError(f"no X.509 certificate: {error}") from None


def _common_name(name: bytes) -> str:
    for tag, several in elements(name):
        if tag != SET:
            continue
        for _, pair in elements(several):
            kind, value = element(pair, OBJECT_ID)
            if kind == _COMMON_NAME:
                return element(value)[0].decode()
    return ""
