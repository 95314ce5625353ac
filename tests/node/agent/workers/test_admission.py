"""Who gets a serving certificate: the VM itself, for its own name and address, and nobody for anything else."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from node.agent.workers.admission import Request, by_itself, by_vm
from node.host.compute import Vm
from node.host.signing_requests import SigningRequest
from tests.node.host.signing_requests import signing_request
from tests.node.manifests.pools import ACCOUNT, NONE, POOLS

NAME, ADDRESS, ZONE = "dev-web-b-x1z9", "10.0.0.9", "europe-west1-b"
USER = f"system:node:{NAME}"
ASKED = SigningRequest((USER,), ("system:nodes",), (NAME,), (ADDRESS,))
REQUEST = Request(
    "csr-1",
    USER,
    ("system:nodes", "system:authenticated"),
    "4711",
    ZONE,
    ("digital signature", "server auth"),
    ASKED,
)
VM = Vm(NAME, "4711", "RUNNING", (ACCOUNT,), (ADDRESS,))


def asking(**changes: Any) -> Request:
    return replace(REQUEST, asked=replace(ASKED, **changes))


@pytest.mark.parametrize(
    ("request_", "kind", "reason"),
    [
        pytest.param(replace(REQUEST, user="alice"), "leave", "no worker", id="a person"),
        pytest.param(replace(REQUEST, groups=("sre",)), "leave", "no worker", id="not in the nodes' group"),
        pytest.param(replace(REQUEST, zone=""), "leave", "no worker", id="a master's kubelet, which has no token"),
        pytest.param(replace(REQUEST, user="system:node:dev-m1-b"), "leave", "no pool has", id="a master's name"),
        pytest.param(replace(REQUEST, zone="europe-west1-c"), "leave", "no pool has", id="another zone"),
        pytest.param(replace(REQUEST, asked=None, problem="cut off"), "deny", "cut off", id="unreadable"),
        pytest.param(
            replace(REQUEST, usages=("server auth", "client auth")), "deny", "client auth", id="to be a client"
        ),
        pytest.param(
            replace(REQUEST, usages=("digital signature",)), "deny", "not to serve", id="not to be a server"
        ),
        pytest.param(replace(REQUEST, usages=()), "deny", "no use", id="for nothing"),
        pytest.param(
            asking(common_names=("system:node:dev-web-b-0000",)), "deny", "in the name of", id="another node's name"
        ),
        pytest.param(
            asking(common_names=("system:node:dev-m1-b",)), "deny", "in the name of", id="in a master's name"
        ),
        pytest.param(asking(common_names=("kube-apiserver",)), "deny", "in the name of", id="the API server's"),
        pytest.param(asking(common_names=(USER, "admin")), "deny", "in the name of", id="two names"),
        pytest.param(asking(common_names=()), "deny", "in the name of", id="no name"),
        pytest.param(
            asking(organizations=("system:masters",)), "deny", "in the name of", id="system:masters"
        ),
        pytest.param(
            asking(organizations=("system:nodes", "system:masters")), "deny", "in the name of", id="and masters"
        ),
        pytest.param(asking(others=("a URI",)), "deny", "a URI", id="another sort of name"),
        pytest.param(asking(dns_names=(), addresses=()), "deny", "names neither", id="no alternative names"),
    ],
)  # fmt: skip
def test_some_requests_are_decided_without_a_look(request_: Request, kind: str, reason: str) -> None:
    verdict = by_itself(request_, POOLS)
    assert verdict is not None
    assert (verdict.kind, reason in verdict.reason) == (kind, True), verdict


def test_a_workers_own_request_takes_a_look_at_its_vm() -> None:
    assert by_itself(REQUEST, POOLS) is None


def test_without_pools_nobody_is_admitted() -> None:
    verdict = by_itself(REQUEST, NONE)
    assert verdict is not None
    assert verdict.kind == "leave"


@pytest.mark.parametrize(
    ("request_", "vm", "kind", "reason"),
    [
        pytest.param(REQUEST, VM, "approve", "its own name", id="name and address"),
        pytest.param(asking(dns_names=()), VM, "approve", "its own name", id="address alone"),
        pytest.param(asking(addresses=()), VM, "approve", "its own name", id="name alone"),
        pytest.param(REQUEST, None, "deny", "there is no VM", id="a VM that is gone"),
        pytest.param(REQUEST, replace(VM, id="4712"), "deny", "is 4712, and 4711", id="made anew since"),
        pytest.param(
            REQUEST, replace(VM, accounts=("x@p.iam",)), "deny", "x@p.iam, and not", id="another account"
        ),
        pytest.param(REQUEST, replace(VM, accounts=()), "deny", "is none", id="no account"),
        pytest.param(REQUEST, replace(VM, status="STAGING"), "leave", "is STAGING", id="not running yet"),
        pytest.param(REQUEST, replace(VM, status=""), "leave", "no known state", id="in no known state"),
        pytest.param(asking(addresses=("10.0.0.2",)), VM, "deny", "asks for 10.0.0.2", id="a master's address"),
        pytest.param(asking(addresses=(ADDRESS, "10.0.0.8")), VM, "deny", "10.0.0.8", id="one more address"),
        pytest.param(asking(dns_names=("kubernetes",)), VM, "deny", "asks for kubernetes", id="the API's name"),
        pytest.param(asking(dns_names=("*",)), VM, "deny", "asks for *", id="any name"),
        pytest.param(asking(addresses=("127.0.0.1",)), VM, "deny", "127.0.0.1", id="loopback"),
        pytest.param(REQUEST, replace(VM, addresses=()), "deny", ADDRESS, id="a VM without an address"),
    ],
)  # fmt: skip
def test_the_vm_decides(request_: Request, vm: Vm | None, kind: str, reason: str) -> None:
    verdict = by_vm(request_, vm, POOLS)
    assert (verdict.kind, reason in verdict.reason) == (kind, True), verdict


def document(**spec: Any) -> dict[str, Any]:
    """As the API serves it."""
    pem = signing_request(USER, [NAME], [ADDRESS])
    return {
        "metadata": {"name": "csr-1"},
        "spec": {
            "request": base64.b64encode(pem.encode()).decode(),
            "username": USER,
            "groups": ["system:nodes", "system:authenticated"],
            "uid": "4711",
            "extra": {"ha-masters.dev/zone": [ZONE]},
            "usages": ["digital signature", "server auth"],
            **spec,
        },
    }


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({}, REQUEST, id="whole"),
        pytest.param({"extra": None}, replace(REQUEST, zone=""), id="without a zone"),
        pytest.param(
            {"extra": {"ha-masters.dev/zone": [ZONE, "x"]}}, replace(REQUEST, zone=""), id="two zones"
        ),
    ],
)
def test_a_request_is_read_as_the_api_serves_it(spec: dict[str, Any], expected: Request) -> None:
    found = document(**spec)
    assert Request.of(found, base64.b64decode(found["spec"]["request"]).decode()) == expected
