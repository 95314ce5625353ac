"""Reads what a certificate is asked for with, from a PKCS #10 request, by the standard library alone.

As RFC 2986 has it, with the names that are asked for in an attribute of PKCS #9 (RFC 2985, 5.4.2):

    CertificationRequest     ::= SEQUENCE { CertificationRequestInfo, signatureAlgorithm, signature }
    CertificationRequestInfo ::= SEQUENCE { version INTEGER, subject Name, subjectPKInfo, attributes [0] SET OF Attribute }
    Attribute                ::= SEQUENCE { type OBJECT IDENTIFIER, values SET OF ANY }
    Name                     ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }
    Extension                ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN OPTIONAL, extnValue OCTET STRING }

That whoever asks has the key is for the API server to check, which takes no request with another signature
(pkg/apis/certificates/validation, `validateCSR`).
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from node.host.der import OBJECT_ID, OCTETS, SEQUENCE, SET, DerError, element, elements

_COMMON_NAME, _ORGANIZATION = bytes.fromhex("550403"), bytes.fromhex("55040a")
_EXTENSIONS, _ALTERNATIVE_NAMES = bytes.fromhex("2a864886f70d01090e"), bytes.fromhex("551d11")
_ATTRIBUTES, _DNS_NAME, _ADDRESS = 0xA0, 0x82, 0x87
_BEGIN, _END = "-----BEGIN CERTIFICATE REQUEST-----", "-----END CERTIFICATE REQUEST-----"


class SigningRequestError(ValueError):
    """The text is no signing request."""


@dataclass(frozen=True)
class SigningRequest:
    """`others` are parts that no kubelet asks for, in words: alternative names that are neither DNS names nor addresses, or
    parts of the subject beside name and organization.
    """

    common_names: tuple[str, ...]
    organizations: tuple[str, ...]
    dns_names: tuple[str, ...]
    addresses: tuple[str, ...]
    others: tuple[str, ...] = ()

    @classmethod
    def parse(cls, pem: str) -> SigningRequest:
        """Raises SigningRequestError."""
        if not pem.strip().startswith(_BEGIN) or pem.count(_BEGIN) != 1:
            raise SigningRequestError("it is not one CERTIFICATE REQUEST as PEM")
        try:
            certificate = pem.replace(_BEGIN, ssl.PEM_HEADER).replace(_END, ssl.PEM_FOOTER)
            return _parsed(ssl.PEM_cert_to_DER_cert(certificate.strip()))
        except (ValueError, IndexError) as error:
            raise SigningRequestError(f"no signing request: {error}") from None


def _parsed(der: bytes) -> SigningRequest:
    request, _ = element(der, SEQUENCE)
    fields, _ = element(request, SEQUENCE)
    _, fields = element(fields)
    subject, fields = element(fields, SEQUENCE)
    _, rest = element(fields, SEQUENCE)
    common, organizations, others = [], [], []
    for kind, value in _subject(subject):
        if kind == _COMMON_NAME:
            common.append(value)
        elif kind == _ORGANIZATION:
            organizations.append(value)
        else:
            others.append(f"{value!r} in the subject")
    names, addresses = [], []
    for tag, content in _alternatives(rest):
        if tag == _DNS_NAME:
            names.append(content.decode("ascii"))
        elif tag == _ADDRESS:
            addresses.append(str(ip_address(content)))
        else:
            others.append(f"an alternative name of kind {tag & 0x1F}")
    return SigningRequest(tuple(common), tuple(organizations), tuple(names), tuple(addresses), tuple(others))


def _subject(name: bytes) -> Iterator[tuple[bytes, str]]:
    for tag, relative in elements(name):
        if tag != SET:
            raise DerError("the subject is no sequence of sets")
        for _, pair in elements(relative):
            kind, value = element(pair, OBJECT_ID)
            text, _ = element(value)
            yield kind, text.decode()


def _alternatives(attributes: bytes) -> Iterator[tuple[int, bytes]]:
    """Of all extension requests, should there be several: none may hide behind another."""
    if not attributes:
        return
    content, _ = element(attributes, _ATTRIBUTES)
    for _, attribute in elements(content):
        kind, values = element(attribute, OBJECT_ID)
        if kind != _EXTENSIONS:
            continue
        for _, extensions in elements(element(values, SET)[0]):
            for _, extension in elements(extensions):
                which, rest = element(extension, OBJECT_ID)
                if which != _ALTERNATIVE_NAMES:
                    continue
                *_, (tag, value) = elements(rest)
                if tag != OCTETS:
                    raise DerError("an extension has no value")
                yield from elements(element(value, SEQUENCE)[0])
