"""Identity tokens of VMs: `instance/service-accounts/default/identity` of the metadata server.

Parameters and claims: https://cloud.google.com/compute/docs/instances/verifying-instance-identity. A `standard` token says
who the account is, by its id; a `full` one also its email, and which VM asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lab.simulator.context import Lab
from lab.simulator.issuer import ISSUER, Issuer
from lab.simulator.operations import API

SECONDS = 3600
FORMATS = ("standard", "full")


class IdentityError(Exception):
    """There is no such token; the text is for who asked. `status` is that of the answer."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def token(lab: Lab, instance: Mapping[str, Any], query: Mapping[str, str]) -> str:
    """The signed token that a VM asks for. Raises IdentityError."""
    audience, form = query.get("audience", ""), query.get("format") or "standard"
    accounts = instance.get("serviceAccounts") or []
    if not accounts:
        raise IdentityError(404, "the VM has no service account")
    if not audience:
        raise IdentityError(400, "non-empty audience parameter required")
    if form not in FORMATS:
        raise IdentityError(400, f"format is {form}; it is one of {', '.join(FORMATS)}")
    claims = _account(lab, accounts[0]["email"], audience)
    if form == "full":
        claims |= {"email": accounts[0]["email"], "email_verified": True}
        machine = _machine(lab, instance)
        if query.get("licenses", "").upper() == "TRUE":
            machine["license_id"] = _licenses(lab, instance)
        claims["google"] = {"compute_engine": machine}
    return Issuer(lab.store).sign(claims)


def _account(lab: Lab, email: str, audience: str) -> dict[str, Any]:
    now = int(lab.clock.time())
    account = lab.store.get("iam.serviceAccounts", email) or {}
    unique = str(account.get("uniqueId") or lab.number)  # The project's own account has no document.
    claims = {"iss": ISSUER, "aud": audience, "azp": unique, "sub": unique}
    return claims | {"iat": now, "exp": now + SECONDS}


def _machine(lab: Lab, instance: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "project_id": lab.project,
        "project_number": int(lab.number),
        "zone": str(instance["zone"]).rpartition("/")[2],
        "instance_id": str(instance["id"]),
        "instance_name": instance["name"],
        "instance_creation_timestamp": int(datetime.fromisoformat(instance["creationTimestamp"]).timestamp()),
    }


def _licenses(lab: Lab, instance: Mapping[str, Any]) -> list[str]:
    """Codes of the licenses on the VM's disks."""
    disks = (lab.store.get("disks", each["source"].removeprefix(API)) or {} for each in instance["disks"])
    return sorted({str(code) for disk in disks for code in disk.get("licenseCodes", [])})
