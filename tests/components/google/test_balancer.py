"""Load balancers of Services, told from firewall rules as Google lists them."""

from __future__ import annotations

from typing import Any

import pytest

from components.google.balancer import Balancer, aimed_at, names


def rule(name: str, tags: list[str] | None, description: str = "") -> dict[str, Any]:
    return {"name": name, "description": description, **({"targetTags": tags} if tags else {})}


HEALTH = Balancer("", "k8s-hc")
OF_SHOP = '{"kubernetes.io/service-name":"default/shop", "kubernetes.io/service-ip":"203.0.113.9"}'


@pytest.mark.parametrize(
    ("each", "found"),
    [
        pytest.param(
            rule("k8s-fw-a1", ["dev-worker"], OF_SHOP),
            [Balancer("default/shop", "k8s-fw-a1")],
            id="a Service's",
        ),
        pytest.param(
            rule("k8s-1234-node-http-hc", ["dev-worker"]),
            [Balancer("", "k8s-1234-node-http-hc")],
            id="of checks",
        ),
        pytest.param(
            rule("k8s-fw-a1", ["dev-worker"], "[1]"), [Balancer("", "k8s-fw-a1")], id="another's description"
        ),
        pytest.param(rule("k8s-fw-a1", ["dev-worker"], "{"), [Balancer("", "k8s-fw-a1")], id="no JSON"),
        pytest.param(rule("k8s-fw-a1", ["prod-worker"], OF_SHOP), [], id="another cluster's"),
        pytest.param(rule("k8s-fw-a1", None, OF_SHOP), [], id="of all machines"),
        pytest.param(rule("dev-workers-pods", ["dev-worker"]), [], id="the stack's own"),
    ],
)
def test_what_aims_at_a_clusters_workers(each: dict[str, Any], found: list[Balancer]) -> None:
    assert aimed_at([each], "dev-worker") == found


@pytest.mark.parametrize(
    ("found", "said"),
    [
        pytest.param(
            [HEALTH, Balancer("b/b", "k8s-fw-2"), Balancer("a/a", "k8s-fw-1")],
            ["a/a", "b/b"],
            id="Services",
        ),
        pytest.param([HEALTH], ["k8s-hc"], id="rules where no Service is told of"),
    ],
)
def test_what_they_are_called(found: list[Balancer], said: list[str]) -> None:
    assert names(found) == said
