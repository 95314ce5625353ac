"""What counts as a broken promise, on journals that were made up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.stack.invariants import BUCKET, broken_promises


def facts(voters: str, *, down: str = "", cause: str = "api") -> dict[str, Any]:
    names, ill = voters.split(), down.split()
    etcd = {
        "voters": names,
        "healthy": [name for name in names if name not in ill],
        "down": dict.fromkeys(ill, cause),
    }
    running = {"dev-m1-b": {"status": "RUNNING"}}
    return {"addresses": {"dev-api": {"users": []}}, "instances": running, "guestModel": {BUCKET: etcd}}


def call(method: str, name: str, after: dict[str, Any], principal: str = "owner") -> dict[str, Any]:
    resource = f"projects/p/zones/z/{method.split('.')[1]}/dev-{name}"
    entry = {"kind": "call", "methodId": method, "method": "DELETE", "resource": resource, "code": 200}
    return entry | {"principal": principal, "facts": after}


def seen(after: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "guestModel", "facts": after}


def typed(command: str) -> dict[str, Any]:
    return {"kind": "operator", "typed": command}


def journal(*entries: dict[str, Any]) -> Sequence[dict[str, Any]]:
    return [{"seq": number, **entry} for number, entry in enumerate(entries, 1)]


VM, DISK = "compute.instances.delete", "compute.disks.delete"
THREE = "m1-b m2-c m3-d"


@pytest.mark.parametrize(
    ("entries", "broken"),
    [
        pytest.param([call(VM, "m2-c", facts(THREE))], "", id="one of three"),
        pytest.param([call(VM, "m2-c", facts("m1-b"))], "", id="no member"),
        pytest.param([call(VM, "m1-b", facts("m1-b"))], "", id="a sole one, on its own disk"),
        pytest.param([call(VM, "m2-c", facts("m1-b m2-c"))], "m2-c goes", id="one of two"),
        pytest.param(
            [call("compute.instances.stop", "m2-c", facts(THREE, down="m3-d", cause="fault"))],
            "m2-c goes",
            id="stopped, the second of three",
        ),
        pytest.param(
            [call(VM, "m2-c", facts(THREE, down="m2-c", cause="fault"))],
            "",
            id="the one that is down already",
        ),
        pytest.param(
            [call(VM, "m2-c", facts("m1-b m2-c"), principal="somebody")], "", id="by somebody else's hand"
        ),
        pytest.param([call(DISK, "m2-c-data", facts(THREE, down="m2-c"))], "", id="a disk of one of three"),
        pytest.param([call(DISK, "m1-b-data", facts("m1-b"))], "the only copy", id="the only disk"),
        pytest.param(
            [call(DISK, "m2-c-data", facts("m1-b m2-c", down="m2-c"))], "m2-c goes", id="a disk of one of two"
        ),
        pytest.param(
            [typed("pulumi destroy --yes"), call(DISK, "m1-b-data", facts("m1-b"))],
            "",
            id="destroyed on purpose",
        ),
        pytest.param(
            [
                typed("pulumi destroy --yes"),
                typed("pulumi cancel"),
                call(VM, "m2-c", facts("m1-b m2-c")),
                typed("pulumi up --yes"),
                call(DISK, "m1-b-data", facts("m1-b")),
            ],
            "#5",
            id="promises are kept again by the next up",
        ),
        pytest.param(
            [seen(facts("m1-b m2-c")), seen(facts("m1-b m2-c", down="m2-c", cause="fault"))],
            "",
            id="a quorum lost by a fault",
        ),
        pytest.param(
            [seen(facts("m1-b m2-c")), seen(facts("m1-b m2-c", down="m2-c"))],
            "only ['m1-b'] are well",
            id="a quorum lost by us",
        ),
        pytest.param([seen(facts(THREE, down="m2-c m3-d"))], "", id="a quorum lost before all this"),
        pytest.param(
            [seen(facts(THREE)), seen(facts(THREE, down="m2-c m3-d"))],
            "down by our doing: ['m2-c', 'm3-d']",
            id="two down by us",
        ),
        pytest.param(
            [
                typed("pulumi destroy --yes"),
                typed("pulumi up --yes"),
                seen(facts(THREE, down="m1-b m2-c m3-d")),
                seen(facts(THREE, down="m3-d")),
            ],
            "",
            id="what a destroy took down comes back",
        ),
        pytest.param(
            [
                typed("pulumi destroy --yes"),
                typed("pulumi up --yes"),
                seen(facts(THREE, down="m1-b m2-c m3-d")),
                seen(facts(THREE)),
                seen(facts(THREE, down="m2-c m3-d")),
            ],
            "down by our doing",
            id="and is promised to stay then",
        ),
    ],
)
def test_what_a_journal_tells(entries: list[dict[str, Any]], broken: str) -> None:
    found = broken_promises(journal(*entries))
    assert any(broken in each for each in found) if broken else found == []
