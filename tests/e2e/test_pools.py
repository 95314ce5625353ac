"""A pool of workers on live machines: it joins by Google's word for its VMs, runs pods, grows, shrinks drained, and goes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.lab import on_machines
from tests.e2e.site import ONE, Site, site, vm
from tests.stack.harness import REGION
from tests.waiting import until

pytestmark = on_machines(timeout=1200)

JOIN_SECONDS = 240
PAUSE = "ha-masters.local/pause:lab"
"""Of the lab's image, and a busybox."""


def pool(*letters: str, size: int) -> dict[str, Any]:
    return {
        "name": "web",
        "zones": [f"{REGION}-{letter}" for letter in letters],
        "size": size,
        "drainTimeout": "2m",
    }


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("pools")) as made:
        yield made
        for line in made.seen:
            print(line)


def test_two_workers_join_without_a_secret(life: Site) -> None:
    life.tell(f"one master and two workers: up in {life.up(ONE, pools=[pool('b', 'c', size=1)]):.1f} s")
    _ready(life, "dev-web-b", "dev-web-c")
    names = life.kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")
    assert names, "the operator is still who it was"


def test_pods_run_on_them(life: Site) -> None:
    life.kubectl("apply", "-f", "-", stdin=json.dumps(_deployment("sleeper", 2)))
    life.kubectl("rollout", "status", "deployment/sleeper", "--timeout=90s")
    nodes = {each["spec"]["nodeName"] for each in _pods(life, "sleeper")}
    assert {name.rpartition("-")[0] for name in nodes} == {"dev-web-b", "dev-web-c"}


def test_each_is_asked_for_logs_and_commands(life: Site) -> None:
    for each in _pods(life, "sleeper"):
        name = each["metadata"]["name"]
        assert "here" in life.kubectl("logs", name)
        assert life.kubectl("exec", name, "--", "/bin/busybox", "echo", "there").strip() == "there"


def test_no_pod_is_given_the_machines_token(life: Site) -> None:
    name = _pods(life, "sleeper")[0]["metadata"]["name"]
    url = "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token"
    said = life.kubectl("exec", name, "--", "/bin/busybox", "wget", "-T", "3", "-qO-", url, check=False)
    assert "access_token" not in said


def test_a_zone_that_goes_is_drained(life: Site) -> None:
    life.up(ONE, pools=[pool("b", size=1)])
    _ready(life, "dev-web-b")
    life.kubectl("rollout", "status", "deployment/sleeper", "--timeout=90s")
    assert {each["spec"]["nodeName"][:9] for each in _pods(life, "sleeper")} == {"dev-web-b"}


def test_a_pool_that_goes_leaves_nothing(life: Site) -> None:
    life.kubectl("delete", "deployment", "sleeper")
    life.up(ONE)
    _ready(life)
    assert set(life.cloud.facts()["instances"]) == {vm(ONE[0])}
    life.stack.settled()


def _ready(life: Site, *groups: str) -> None:
    """Until there are the master's Node and one of each group, all Ready."""

    def there() -> bool:
        nodes = life.nodes()
        named = sorted(re.sub(r"(dev-web-.)-[a-z0-9]{4}$", r"\1", name) for name in nodes)
        return named == sorted([vm(ONE[0]), *groups]) and all(nodes.values())

    until(f"Nodes of {', '.join(groups) or 'masters alone'} Ready", there, JOIN_SECONDS, life.nodes)


def _pods(life: Site, name: str) -> list[dict[str, Any]]:
    found = life.get("pods", "-l", f"app={name}", "--field-selector=status.phase=Running")["items"]
    return [each for each in found if "deletionTimestamp" not in each["metadata"]]


def _deployment(name: str, replicas: int) -> dict[str, Any]:
    labels = {"app": name}
    spread = {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": labels},
    }
    container = {
        "name": name,
        "image": PAUSE,
        "imagePullPolicy": "Never",
        "command": ["/bin/busybox", "sh", "-c", "echo here; exec /bin/busybox sleep 86400"],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "containers": [container],
                    "topologySpreadConstraints": [spread],
                    "terminationGracePeriodSeconds": 2,
                },
            },
        },
    }
