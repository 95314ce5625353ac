"""A pool of workers on live machines: it joins by Google's word for its VMs, runs pods that find each other by name and are
measured, shrinks drained, and goes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from node.contract.base_addons import LABEL
from tests.e2e.lab import on_machines
from tests.e2e.serving import deployment
from tests.e2e.site import ONE, SERVED_SECONDS, Site, site, vm
from tests.stack.harness import REGION
from tests.waiting import until

pytestmark = on_machines(timeout=1200)

JOIN_SECONDS, MEASURED_SECONDS = 240, 120

METADATA_SERVER, TOKEN = "169.254.169.254", "/computeMetadata/v1/instance/service-accounts/default/token"
NAME = "sleeper.default.svc.cluster.local"


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


def test_pods_of_every_zone_and_of_masters_reach_a_service_by_its_name(life: Site) -> None:
    life.kubectl("apply", "-f", "-", stdin=json.dumps(_on_masters("visitor")))
    life.kubectl("rollout", "status", "deployment/visitor", "--timeout=90s")
    life.kubectl("expose", "deployment/sleeper", "--port=80", "--target-port=8080")
    life.names_and_services()
    address = life.get("service/sleeper")["spec"]["clusterIP"]
    visitors = [*_pods(life, "sleeper"), *_pods(life, "visitor")]
    assert {each["spec"]["nodeName"][:9] for each in visitors} == {"dev-web-b", "dev-web-c", vm(ONE[0])}
    found: dict[str, str] = {}
    for each in visitors:
        pod = each["metadata"]["name"]
        assert address in life.kubectl("exec", pod, "--", "/bin/busybox", "nslookup", NAME)
        found[f"{pod} on {each['spec']['nodeName']}"] = _fetched(life, pod, address)
    assert set(found.values()) == {"here"}, found


def test_what_nodes_and_pods_use_is_known(life: Site) -> None:
    """Of masters' kubelets, too, whose certificates are another authority's."""
    names = set(life.nodes())
    until("each node's use is known", lambda: _measured(life, "nodes") == names, MEASURED_SECONDS)
    pods = {each["metadata"]["name"] for each in _pods(life, "sleeper")}
    until("each pod's is", lambda: _measured(life, "pods") >= pods, MEASURED_SECONDS)


def test_no_pod_is_given_the_machines_token(life: Site) -> None:
    """Beside kube-proxy's rules, which stand by now. The machine itself is given it."""
    url = f"http://{METADATA_SERVER}{TOKEN}"
    assert "access_token" in life.inside(vm(ONE[0]), "curl", "-s", "-H", "Metadata-Flavor: Google", url)
    for each in [*_pods(life, "sleeper"), *_pods(life, "visitor")]:
        assert "access_token" not in _fetched(life, each["metadata"]["name"], METADATA_SERVER, TOKEN)
    life.kubectl("delete", "deployment/visitor", "service/sleeper")


def test_a_zone_that_goes_is_drained_and_what_is_turned_off_is_gone(life: Site) -> None:
    life.up(ONE, pools=[pool("b", size=1)], metricsServer=False)
    _ready(life, "dev-web-b")
    life.kubectl("rollout", "status", "deployment/sleeper", "--timeout=90s")
    assert {each["spec"]["nodeName"][:9] for each in _pods(life, "sleeper")} == {"dev-web-b"}
    registered = ("get", "apiservice/v1beta1.metrics.k8s.io", "--ignore-not-found", "-o", "name")
    until("metrics-server is gone", lambda: life.kubectl(*registered) == "", SERVED_SECONDS)
    assert "coredns" in _base_addons(life)
    assert "metrics" not in _base_addons(life)


def test_a_pool_that_goes_leaves_nothing(life: Site) -> None:
    life.kubectl("delete", "deployment", "sleeper")
    life.up(ONE, metricsServer=True)
    _ready(life)
    assert set(life.cloud.facts()["instances"]) == {vm(ONE[0])}
    until(
        "the base add-ons have ended",
        lambda: not _base_addons(life),
        SERVED_SECONDS,
        lambda: _base_addons(life),
    )
    life.stack.settled()


def _ready(life: Site, *groups: str) -> None:
    """Until there are the master's Node and one of each group, all Ready."""

    def there() -> bool:
        nodes = life.nodes()
        named = sorted(re.sub(r"(dev-web-.)-[a-z0-9]{4}$", r"\1", name) for name in nodes)
        return named == sorted([vm(ONE[0]), *groups]) and all(nodes.values())

    until(f"Nodes of {', '.join(groups) or 'masters alone'} Ready", there, JOIN_SECONDS, life.nodes)


def _base_addons(life: Site) -> str:
    """Names of what masters keep for workers' sake, in lines."""
    kinds = "daemonsets,deployments,services,configmaps,pods"
    return life.kubectl("-n", "kube-system", "get", kinds, "-l", LABEL, "-o", "name")


def _measured(life: Site, what: str) -> set[str]:
    """Names of nodes, or of pods of the default namespace, whose use metrics-server knows."""
    return {
        line.split()[0]
        for line in life.kubectl("top", what, "--no-headers", check=False).splitlines()
        if line
    }


def _fetched(life: Site, pod: str, address: str, path: str = "/") -> str:
    """The last line that a pod is answered, or why it isn't. `wget` of a busybox without a C library dies."""
    asked = f"GET {path} HTTP/1.0\\r\\nMetadata-Flavor: Google\\r\\n\\r\\n"
    script = f"printf '{asked}' | /bin/busybox nc -w 5 {address} 80 2>&1 | /bin/busybox tail -n 1"
    return life.kubectl("exec", pod, "--", "/bin/busybox", "sh", "-c", script, check=False).strip()


def _pods(life: Site, name: str) -> list[dict[str, Any]]:
    found = life.get("pods", "-l", f"app={name}", "--field-selector=status.phase=Running")["items"]
    return [each for each in found if "deletionTimestamp" not in each["metadata"]]


def _on_masters(name: str) -> dict[str, Any]:
    """One pod, on a master, in a network of its own as pods have it."""
    return _deployment(
        name,
        1,
        tolerations=[{"operator": "Exists", "effect": "NoSchedule"}],
        nodeSelector={"node-role.kubernetes.io/control-plane": ""},
    )


def _deployment(name: str, replicas: int, **pod: Any) -> dict[str, Any]:
    """Over zones; what its pods answer stands in their logs, too."""
    return deployment(
        name,
        replicas,
        apart="topology.kubernetes.io/zone",
        first="echo here | /bin/busybox tee /tmp/index.html",
        terminationGracePeriodSeconds=2,
        **pod,
    )
