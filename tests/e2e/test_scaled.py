"""A pool with `min` and `max` on live machines: what lies between is the autoscaler's alone, and all else is seen to as in a
pool of a size. `make live` runs it.

cluster-autoscaler itself can't be built here, so this plays its part: what it asks of the group, and nothing else. The tests
are chapters: each goes on where the one before ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.lab import on_machines
from tests.e2e.site import ONE, SERVED_SECONDS, Site, site, vm
from tests.stack.harness import REGION
from tests.waiting import until

pytestmark = [*on_machines(timeout=1800), pytest.mark.live]

ZONE = f"{REGION}-b"
GROUP = f"zones/{ZONE}/instanceGroupManagers/dev-web-b"
WORKERS_SECONDS = 300
MADE = ("dev-web-b-x1y2", "dev-web-b-z3w4")
AUTOSCALER = ("-n", "kube-system", "get", "daemonset/cluster-autoscaler", "--ignore-not-found")


def pool(machine_type: str = "e2-standard-2", **size: int) -> dict[str, Any]:
    return {"name": "web", "zones": [ZONE], "machineType": machine_type, "drainTimeout": "1m", **size}


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("scaled")) as made:
        made.tell(
            f"one master, and a worker at least: up in {made.up(ONE, pools=[pool(min=1, max=3)]):.0f} s"
        )
        _workers(made, 1)
        yield made
        for line in made.seen:
            print(line)


def test_the_autoscaler_is_asked_for_on_each_master_and_nowhere_else(life: Site) -> None:
    wanted = (*AUTOSCALER, "-o", "jsonpath={.status.desiredNumberScheduled}")
    until("its pod is wanted on the master", lambda: life.kubectl(*wanted) == "1", SERVED_SECONDS)
    url = f"--nodes=1:3:https://www.googleapis.com/compute/v1/projects/lab-project/zones/{ZONE}/instanceGroups/dev-web-b"
    assert url in life.kubectl(*AUTOSCALER, "-o", "json")


def test_what_it_makes_stays(life: Site) -> None:
    asked = {"instances": [{"name": name} for name in MADE]}
    life.cloud.compute("POST", f"{GROUP}/createInstances", json=asked)
    names = _workers(life, 3)
    assert set(MADE) <= names
    life.up(ONE, pools=[pool(min=1, max=3)])
    life.stack.settled()
    assert _workers(life, 3) == names


def test_an_exchange_drains_what_is_above_the_least_first(life: Site) -> None:
    before = _workers(life, 3)
    life.tell(f"three workers exchanged: {life.up(ONE, pools=[pool('e2-standard-4', min=1, max=3)]):.0f} s")
    assert _workers(life, 1).isdisjoint(before)


def test_a_size_is_the_lists_again(life: Site) -> None:
    [kept] = _workers(life, 1)
    life.up(ONE, pools=[pool("e2-standard-4", size=2)])
    assert kept in _workers(life, 2)
    until("the autoscaler is gone", lambda: not life.kubectl(*AUTOSCALER, "-o", "name"), SERVED_SECONDS)


def _workers(life: Site, many: int) -> set[str]:
    """Until there are so many beside the master, all Ready; their names."""
    life.nodes_number(many + 1, WORKERS_SECONDS)
    return set(life.nodes()) - {vm(ONE[0])}
