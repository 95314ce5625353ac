"""Services of type LoadBalancer on live machines: Google's own cloud controller manager as a static pod of the master, the
address at which people outside reach pods of two workers, a worker that hangs, who may come, and the way back to `off`.
`make live` runs it; the manager is built for it (5 minutes), because the machines' image doesn't hold it.

The tests are chapters: each goes on where the one before ended.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from components.config import OFF, SERVICES
from lab.machines.image import archive
from lab.machines.image.recipe import ContainerImage
from lab.toolchain import kubernetes
from lab.toolchain.kubernetes.recipe import KUBERNETES
from node.contract.cloud_controller import NAME
from tests.e2e.lab import on_machines
from tests.e2e.serving import deployment
from tests.e2e.site import GATE_SECONDS, ONE, OUTSIDE, WORKERS, Site, site, vm
from tests.e2e.visits import answered, visits
from tests.e2e.web import hand_out
from tests.stack.harness import REGION
from tests.stack.invariants import ADDRESS
from tests.waiting import until

pytestmark = [*on_machines(timeout=1800), pytest.mark.live]

WORKERS_SECONDS, POD_SECONDS, ADDRESS_SECONDS = 300, 110, 120

ILL_SECONDS = 40.0
"""A legacy health check asks every 8 seconds, and three silences in a row are an illness:
k8s.io/cloud-provider-gcp/providers v0.28.2, gce/gce_healthchecks.go.
"""

SETTLED_SECONDS, LATE = 1.0, 2
"""A busy box takes them to tell its router, and then still is too slow now and then for a client that waits two seconds."""

ELSEWHERE = "192.0.2.0/24"
"""No client comes from there."""


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One master and two workers that serve pods of `shop`, as yet without an address for it."""
    with site(tmp_path_factory.mktemp("services")) as made:
        made.up(ONE, pools=WORKERS)
        _take_in_the_manager(made)
        made.nodes_number(3, WORKERS_SECONDS)
        made.names_and_services()
        made.kubectl(
            "apply", "-f", "-", stdin=json.dumps(deployment("shop", 2, unsatisfiable="DoNotSchedule"))
        )
        made.kubectl("rollout", "status", "deployment/shop", f"--timeout={POD_SECONDS}s")
        made.kubectl("expose", "deployment/shop", "--port=80", "--target-port=8080", "--type=LoadBalancer")
        yield made
        for line in made.seen:
            print(line)


def test_a_service_that_waited_has_an_address(life: Site) -> None:
    assert _address(life) == ""
    seconds = life.up(ONE, pools=WORKERS, cloudController=SERVICES)
    life.tell(f"cloudController: {OFF} to {SERVICES}: up in {seconds:.0f} s")
    until("the Service has an address", lambda: _address(life) != "", ADDRESS_SECONDS, lambda: _told(life))
    until("people outside reach it", lambda: _reached(life), ADDRESS_SECONDS, lambda: _told(life))


def test_a_worker_that_hangs_is_sent_nothing_soon(life: Site) -> None:
    """With `Local`, as it says which of its workers have a pod: nobody is sent on to one that hangs."""
    lives, hangs = sorted(name for name in life.machines() if "-web-" in name)
    life.kubectl("patch", "service/shop", "--patch", json.dumps({"spec": {"externalTrafficPolicy": "Local"}}))
    port = life.get("service/shop")["spec"]["healthCheckNodePort"]
    until(
        "its pods' port is asked", lambda: _asked_ports(life) == {port}, ADDRESS_SECONDS, lambda: _told(life)
    )
    until("both are well", lambda: _well(life) == {lives, hangs}, ADDRESS_SECONDS, lambda: _told(life))
    with visits(life, _address(life)) as client:
        began = time.time()
        life.fault(hangs, "freeze")
        until("its health check leaves it out", lambda: _well(life) == {lives}, ADDRESS_SECONDS)
        left_out = time.time()
        until("it is missed", lambda: _ready(life) == 2, WORKERS_SECONDS, life.nodes)
        requests = client.stop()
    lost = [each for each in requests if each.problem]
    life.tell(
        f"one worker of two hangs: left out after {left_out - began:.0f} s; {len(requests)} visits, {len(lost)} lost, the "
        f"last {max((each.end - began for each in lost), default=0):.0f} s after that"
    )
    assert left_out - began < ILL_SECONDS
    late = [each for each in lost if each.start > left_out + SETTLED_SECONDS]
    assert len(late) <= LATE, late
    life.fault(hangs, "thaw")
    until("it is Ready again", lambda: _ready(life) == 3, WORKERS_SECONDS, life.nodes)


def test_who_may_come_is_the_services_to_say(life: Site) -> None:
    _allow(life, ELSEWHERE)
    until("nobody of ours gets through", lambda: not _reached(life), ADDRESS_SECONDS, lambda: _told(life))
    _allow(life, OUTSIDE)
    until("we do", lambda: _reached(life), ADDRESS_SECONDS, lambda: _told(life))


def test_neither_off_nor_the_end_leaves_it_behind(life: Site) -> None:
    refused = life.stack.preview(ONE, check=False, pools=WORKERS, cloudController=OFF)
    assert refused.code != 0
    assert "default/shop" in refused.output
    life.stack.gate_deadline_seconds = 10
    assert life.stack.run("destroy", "--yes", "--skip-preview", check=False).code != 0
    life.stack.gate_deadline_seconds = GATE_SECONDS
    assert _reached(life), "nothing was taken away"


def test_off_once_no_service_needs_it(life: Site) -> None:
    life.kubectl("delete", "service/shop")
    assert set(life.cloud.facts()["forwardingRules"]) == {ADDRESS}
    life.up(ONE, pools=WORKERS, cloudController=OFF)
    until("no master runs it", lambda: not _managers(life), ADDRESS_SECONDS, lambda: _managers(life))
    life.stack.settled()


def _take_in_the_manager(life: Site) -> None:
    """As who bakes an image does: https://github.com/containerd/containerd/blob/main/docs/cri/crictl.md#load."""
    program = f"/{NAME}"
    image = ContainerImage(
        f"ha-masters.local/{NAME}:v{KUBERNETES}", kubernetes.ensure("cloud") / NAME, program, (program,)
    )
    file = life.folder / f"{NAME}.tar"
    archive.write(image, file)
    hand_out(life, [vm(ONE[0])], [file])


def _ready(life: Site) -> int:
    return sum(life.nodes().values())


def _address(life: Site) -> str:
    given = life.get("service/shop")["status"]["loadBalancer"].get("ingress") or [{}]
    return str(given[0].get("ip") or "")


def _reached(life: Site) -> bool:
    return answered(life, _address(life))


def _well(life: Site) -> set[str]:
    """Names of workers that the load balancer sends to. While the manager makes it anew there is a moment without one."""
    found: set[str] = set()
    for pool in life.cloud.compute("GET", f"regions/{REGION}/targetPools").get("items", []):
        path = f"regions/{REGION}/targetPools/{pool['name']}/getHealth"
        for url in pool.get("instances", []):
            rows = life.cloud.compute("POST", path, json={"instance": url}).get("healthStatus", [])
            if any(row["healthState"] == "HEALTHY" for row in rows):
                found.add(str(url).rpartition("/")[2])
    return found


def _asked_ports(life: Site) -> set[int]:
    found = life.cloud.compute("GET", "global/httpHealthChecks").get("items", [])
    return {int(each["port"]) for each in found}


def _told(life: Site) -> str:
    """What the manager says to the Service, and to itself."""
    events = life.kubectl("get", "events", "--sort-by=.metadata.creationTimestamp", check=False)
    log = life.kubectl("-n", "kube-system", "logs", f"{NAME}-{vm(ONE[0])}", "--tail=20", check=False)
    return f"{events}\n{log}"


def _managers(life: Site) -> list[str]:
    listed = life.kubectl("-n", "kube-system", "get", "pods", "-o", "name", check=False)
    return [name for name in listed.split() if NAME in name]


def _allow(life: Site, ranges: str) -> None:
    spec = {"spec": {"loadBalancerSourceRanges": [ranges]}}
    life.kubectl("patch", "service/shop", "--patch", json.dumps(spec))
