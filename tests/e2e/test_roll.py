"""A pool of three live workers becomes another machine type under a Service's load, and a drain that a budget blocks stops,
says why, and goes on once the budget lets go. `make live` runs it.

The tests are chapters: each goes on where the one before ended.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e import gaps
from tests.e2e.history import come_to_an_end
from tests.e2e.lab import on_machines
from tests.e2e.serving import PORT, deployment, labels
from tests.e2e.site import ONE, Site, site, vm
from tests.e2e.visits import KIND, visits
from tests.stack.harness import REGION
from tests.waiting import until

pytestmark = [*on_machines(timeout=2400), pytest.mark.live]

BEFORE, AFTER = "e2-standard-2", "e2-standard-4"
WORKERS_SECONDS, POD_SECONDS, EVICTED_SECONDS = 420, 110, 60
WEB = {"matchLabels": labels("web")}

LETS_GO_SECONDS = 5
"""From a pod's word that it goes until it does, as is advised: every node's rules have left it out by then.
https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
"""


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("roll")) as made:
        made.up(ONE, pools=[_pool(3, BEFORE)])
        _workers_are(made, 3, BEFORE)
        for each in (_WEB, _budget(maxUnavailable=1)):
            made.kubectl("apply", "-f", "-", stdin=json.dumps(each))
        made.kubectl("rollout", "status", "deployment/web", f"--timeout={POD_SECONDS}s")
        made.kubectl("expose", "deployment/web", "--port=80", "--target-port=8080")
        made.names_and_services()
        yield made


def test_a_roll_to_another_machine_type_loses_no_request(life: Site) -> None:
    address = str(life.get("service/web")["spec"]["clusterIP"])
    with visits(life, address, beside=vm(ONE[0])) as client:
        seconds = life.up(ONE, pools=[_pool(3, AFTER)])
        _workers_are(life, 3, AFTER)
        requests = client.stop()
    # A Service that was made a moment ago refuses: the master's kube-proxy hears of it yet.
    began = min(each.end for each in requests if not each.problem)
    lost = [
        f"{each.start - began:.1f} s: {each.problem}"
        for each in requests
        if each.problem and each.start > began
    ]
    gap = gaps.longest(requests, KIND, began, requests[-1].end)
    life.tell(f"three workers to {AFTER}: {seconds:.0f} s; {len(requests)} requests, {len(lost)} lost; {gap}")
    assert lost == [], life.kubectl("get", "events", "--sort-by=.metadata.creationTimestamp", "--output=wide")


def test_a_drain_that_a_budget_blocks_says_why_and_goes_on(life: Site) -> None:
    life.kubectl("apply", "-f", "-", stdin=json.dumps(_budget(minAvailable=3)))
    outcome = life.stack.up(ONE, check=False, pools=[_pool(2, AFTER)])
    said = " ".join(outcome.output.split())
    life.tell(f"blocked by a budget: failed after {outcome.seconds:.0f} s")
    assert outcome.code != 0
    assert "is kept by the budget default/web, which allows no eviction now" in said
    assert len(life.nodes()) == 4, "nothing was forced"

    life.kubectl("apply", "-f", "-", stdin=json.dumps(_budget(maxUnavailable=1)))
    _workers_are(life, 2, AFTER)
    come_to_an_end(life, ONE, pools=[_pool(2, AFTER)])
    life.stack.settled()


def test_what_is_blocked_can_be_taken_back(life: Site) -> None:
    life.kubectl("apply", "-f", "-", stdin=json.dumps(_budget(minAvailable=3)))
    before = life.nodes().keys()
    assert life.stack.up(ONE, check=False, pools=[_pool(1, AFTER)]).code != 0
    assert [name for name in life.nodes() if _cordoned(life, name)], "the drain has begun"
    life.up(ONE, pools=[_pool(2, AFTER)])
    until("no node is cordoned", lambda: not any(_cordoned(life, each) for each in before), EVICTED_SECONDS)
    assert life.nodes().keys() == before


def _pool(size: int, machine_type: str) -> dict[str, Any]:
    return {
        "name": "web",
        "zones": [f"{REGION}-b"],
        "size": size,
        "machineType": machine_type,
        "drainTimeout": "1m",
    }


def _workers_are(life: Site, count: int, machine_type: str) -> None:
    """Until there are that many Ready workers beside the master, all of this type."""

    def there() -> bool:
        nodes = life.nodes()
        workers = [name for name in nodes if "-web-" in name]
        if len(workers) != count or len(nodes) != count + 1 or not all(nodes.values()):
            return False
        found = life.cloud.compute("GET", f"zones/{REGION}-b/instances").get("items", [])
        types = {each["name"]: each["machineType"].rpartition("/")[2] for each in found}
        return {types.get(name) for name in workers} == {machine_type}

    until(f"{count} workers of {machine_type} Ready", there, WORKERS_SECONDS, life.nodes)


def _cordoned(life: Site, name: str) -> bool:
    return bool(life.get(f"node/{name}")["spec"].get("unschedulable"))


def _budget(**bounds: int) -> dict[str, Any]:
    """What a budget had before is said anew: an object that is applied keeps nothing that it no longer names."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "web"},
        "spec": {"selector": WEB, **bounds},
    }


_WEB = deployment(
    "web",
    3,
    container={
        "readinessProbe": {"tcpSocket": {"port": PORT}, "periodSeconds": 1},
        "lifecycle": {"preStop": {"sleep": {"seconds": LETS_GO_SECONDS}}},
    },
    terminationGracePeriodSeconds=2 * LETS_GO_SECONDS,
)
