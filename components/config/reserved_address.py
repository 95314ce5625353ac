"""An address that is reserved already, as whoever comes from kube-up has one: clients and certificates name it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from components.config import values
from components.config.errors import Refused
from components.config.section import Section

_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
_LIST = "`gcloud compute addresses list` shows what there is"


@dataclass(frozen=True, slots=True)
class Reserved:
    """`kind` is `EXTERNAL` or `INTERNAL`; `users` are the resources that hold it now, by their names."""

    kind: str
    tier: str
    users: tuple[str, ...] = ()


def name(value: object) -> str:
    text = values.text(value)
    if _NAME.fullmatch(text) is None:
        raise Refused(
            "is not the name of a reserved address", f"Write the name, not the number of the address; {_LIST}"
        )
    return text


def check(section: Section, key: str, address: str, ask: Callable[[str], Reserved], rule: str) -> None:
    """Refuses what the forwarding rule of that name couldn't hold: it would fail at an update's last step."""
    try:
        found = ask(address)
    except LookupError as error:
        section.refuse(
            key, Refused(f"can't be read ({error})", f"Name a regional address of gcp:project; {_LIST}")
        )
        return
    others = [user for user in found.users if user != rule]
    if found.kind != "EXTERNAL":
        section.refuse(
            key,
            Refused(f"is {found.kind}", "Name one that is EXTERNAL: the API is reached by it from outside"),
        )
    elif found.tier not in ("PREMIUM", ""):
        section.refuse(key, Refused(f"is of the network tier {found.tier}", "Name one of the tier PREMIUM"))
    elif others:
        section.refuse(key, Refused(f"is held by {others[0]}", "Release it there first, or name another one"))
