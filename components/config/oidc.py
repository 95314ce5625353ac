"""OpenID Connect issuers whose tokens the API takes.

What an API server refuses, and so wouldn't start with, is refused here: apiserver/pkg/apis/apiserver/validation/
validation.go, ValidateAuthenticationConfiguration.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from components.config import values
from components.config.errors import HIDDEN, Refused
from components.config.section import Section, listed
from components.config.setting import own, required, setting
from node.contract.api_server import SERVICE_ACCOUNT_ISSUER, Issuer

EXAMPLE = "{issuerUrl: https://accounts.example.com, audiences: [kubernetes]}"
PEM = "Write the issuer's authority as PEM, from BEGIN CERTIFICATE to END CERTIFICATE"
MOST_ISSUERS = 64
LARGEST_CA = 32 * 1024

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----\n?")


def _url(value: object) -> str:
    given = values.text(value)
    try:
        url = urlsplit(given)
        port_is_one = url.port is None or url.port > 0
    except ValueError:
        raise Refused("is not a URL", "Write it as https://accounts.example.com") from None
    if url.scheme != "https" or not url.hostname or not port_is_one:
        raise Refused("is not an HTTPS URL", "Write it as https://accounts.example.com")
    if url.username is not None or url.query or url.fragment or given.endswith(("?", "#")):
        raise Refused("has more than a host and a path", "Leave out user, query and fragment")
    if given == SERVICE_ACCOUNT_ISSUER:  # An API server refuses a second authenticator for it.
        raise Refused("issues the cluster's own service accounts' tokens", "Name another issuer")
    return given


def _audiences(value: object) -> tuple[str, ...]:
    audiences = tuple(values.text(each) for each in listed(value, '["kubernetes"]'))
    if not audiences:
        raise Refused("is empty", "Name one: a token for whoever it may be is nobody's")
    if len(set(audiences)) != len(audiences):
        raise Refused("names one twice", "Remove one")
    return audiences


def _prefix(value: object) -> str:
    """Returns a prefix. Without one, an issuer may name whomever it likes: that is for the operator to write, as "".
    `system:` is nobody's.
    """
    if value == "":
        return ""
    given = values.text(value)
    if given.startswith("system:"):
        raise Refused(
            "begins with system:, which names Kubernetes' own users and groups",
            "Choose another, such as oidc:",
        )
    return given


def _claims(section: Section) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key, section.read(key, values.text, "")) for key in section.values))


def _certificates(value: object) -> str:
    """Certificates only, and such as Go's parser takes too."""
    given = values.text(str(value).strip() if isinstance(value, str) else value) + "\n"
    if len(given) > LARGEST_CA:
        raise Refused("is larger than 32 KiB", "Keep the issuer's own authority")
    if not re.fullmatch(rf"(?:{_CERTIFICATE.pattern}\n*)+", given):
        raise Refused("is not made of certificates", PEM)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=given)
    except ssl.SSLError:
        raise Refused("has a certificate that can't be read", PEM) from None
    return given


@dataclass(frozen=True, slots=True)
class IssuerSpec:
    """One of `api.oidc`. The fields are those of `Issuer`, in which machines are told of it."""

    url: str = required("issuerUrl", _url, "", "Write the issuer's URL as its tokens have it in iss")
    audiences: tuple[str, ...] = required(
        "audiences", _audiences, (), "List whom tokens are for, by convention the client's ID"
    )
    username_claim: str = setting("usernameClaim", values.text, "sub")
    username_prefix: str = setting("usernamePrefix", _prefix, "oidc:")
    groups_claim: str = setting("groupsClaim", values.text, "")
    groups_prefix: str = setting("groupsPrefix", _prefix, "oidc:")
    required_claims: tuple[tuple[str, str], ...] = own(
        "requiredClaims", (), example="Write claims with their values: {hd: example.com}"
    )
    certificate_authority: str = setting("certificateAuthority", _certificates, "")


def read_oidc(api: Section) -> tuple[Issuer, ...]:
    found: list[Issuer] = []
    sections = api.items("issuers")
    for section in sections:
        issuer = _issuer(section)
        if section.ok("issuerUrl") and issuer.url in {each.url for each in found}:
            section.refuse("issuerUrl", Refused("stands there twice", "Remove one, or join their audiences"))
        found.append(issuer)
    if len(sections) > MOST_ISSUERS:
        api.refuse(
            "oidc", Refused(f"are {len(sections)} issuers", f"An API server takes {MOST_ISSUERS} at most"), ""
        )
    return tuple(found)


def _issuer(section: Section) -> Issuer:
    issuer = Issuer(
        **section.taken(
            IssuerSpec,
            required_claims=lambda: _claims(section.within("required_claims")),
            certificate_authority=lambda: _authority(section),
        )
    )
    if "groupsPrefix" in section.values and not issuer.groups_claim and section.ok("groupsClaim"):
        section.refuse(
            "groupsPrefix", Refused("stands there without groupsClaim", "Name the claim that lists groups")
        )
    return issuer


def _authority(section: Section) -> str:
    """Returns PEM. A key that stands there by mistake is not shown."""
    if "PRIVATE KEY" in str(section.raw("certificateAuthority")):
        remedy = f"{PEM}, and replace that key: it stood in a file"
        section.refuse("certificateAuthority", Refused("has a private key", remedy), HIDDEN)
        return ""
    return str(section.take("certificate_authority"))
