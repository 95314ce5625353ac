"""Load balancers of Services, once masters may not touch them any more."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from components.config import StackConfig, parse
from components.edits import judge
from components.google.balancer import Balancer
from components.standing.facts import Standing
from tests.edits.table import PROJECT, REGION, living, merged, raw, stood

WEB: dict[str, Any] = {"pools": [{"name": "web", "zones": ["europe-west1-b"], "size": 1}]}
SERVES = {**WEB, "cloudController": "services"}
SHOP = Balancer("default/shop", "k8s-fw-a1")
CHECK = Balancer("", "k8s-1234-node-http-hc")


@cache
def standing() -> Standing:
    return stood(merged(living(), SERVES))


def config(more: dict[str, Any]) -> StackConfig:
    return parse(raw(merged(living(), more)), project=PROJECT, region=REGION)


@pytest.mark.parametrize("more", [WEB, {}], ids=["pools stay", "pools go with it"])
def test_off_is_refused_while_a_load_balancer_stands(more: dict[str, Any]) -> None:
    refused = judge(standing(), config(more), balancers=[CHECK, SHOP]).refused
    assert (
        'ha-masters:cloudController: "services" can\'t become "off". Load balancers of Services (default/shop) stand in the '
        "project; nobody would take them away. Delete these Services first, or make them ClusterIP."
        in refused
    )


@pytest.mark.parametrize("balancers", [None, []], ids=["Google doesn't answer", "none stands"])
def test_off_is_told(balancers: list[Balancer] | None) -> None:
    [note] = judge(standing(), config(WEB), balancers=balancers).notes
    assert str(note) == (
        'cloudController: "services" → "off". Masters lose their rights to load balancers; a Service of type LoadBalancer '
        "gets no address any more, and one that is left can't be deleted, for its finalizer waits for them."
    )


def test_what_stays_is_no_edit() -> None:
    found = judge(standing(), config(SERVES), balancers=[SHOP])
    assert (found.refusals, found.notes) == ((), ())


def test_another_image_is_told() -> None:
    own = {"artifacts": {"images": {"cloud-controller-manager": f"r.example/ccm@sha256:{'0' * 64}"}}}
    [note] = judge(standing(), config({**SERVES, **own})).notes
    assert note.key == "artifacts.images.cloud-controller-manager"
    assert note.masters == ("m1-b", "m2-c", "m3-d")
