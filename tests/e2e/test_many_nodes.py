"""A thousand nodes, and two pods on each, beside three live masters: what agents, previews and status take then. `make live`
runs it; kwok, which plays the nodes, is built for it (2 minutes).

The tests are chapters: each goes on where the one before ended.
"""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from node.manifests.units import AGENT
from tests.e2e import gaps, kwok
from tests.e2e.lab import on_machines
from tests.e2e.site import THREE, Site, site, vm
from tests.stack.harness import REGION
from tests.stack.invariants import BUCKET
from tests.waiting import until

pytestmark = [*on_machines(timeout=1800), pytest.mark.live]

NODES, PODS, BATCH = 1000, 2000, 100
POOL = {"name": "web", "zones": [f"{REGION}-b"], "size": 1, "drainTimeout": "1m"}
WORKERS_SECONDS, NODES_SECONDS, PODS_SECONDS = 300, 600, 600
WATCHED_SECONDS = 60.0
FRESH_SECONDS = 30.0
"""Older statuses count as silence: `components.gates.cluster_status`."""
MORE_MEMORY_MB, MORE_PREVIEW_SECONDS = 40.0, 2.0


@dataclass(frozen=True)
class Cost:
    """`agents`: processor seconds a minute of all three; `memory`: resident, of the largest, in MB; `oldest`: age in seconds
    of the oldest status that was seen; `preview`: processor seconds of one with nothing to change, and `waited` for it.
    """

    agents: float
    memory: float
    oldest: float
    preview: float
    waited: float

    def __str__(self) -> str:
        return (
            f"agents {self.agents:.1f} CPU s a minute, {self.memory:.0f} MB; oldest status {self.oldest:.0f} s; "
            f"preview {self.preview:.1f} CPU s, {self.waited:.1f} s"
        )


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Without metrics-server, which would ask each of a thousand kubelets that aren't there."""
    folder = tmp_path_factory.mktemp("many")
    with site(folder) as made:
        made.up(THREE, pools=[POOL], metricsServer=False)
        made.nodes_number(4, WORKERS_SECONDS)
        made.names_and_services()
        with kwok.kept(made.outside(), made.kubeconfig, folder):
            yield made
        for line in made.seen:
            print(line)


@pytest.fixture(scope="module")
def few(life: Site) -> Cost:
    """With four nodes."""
    cost = _cost(life)
    life.tell(f"4 nodes: {cost}")
    return cost


@pytest.mark.usefixtures("few")
def test_a_thousand_nodes_join_and_no_write_is_lost(life: Site) -> None:
    with life.load(reads=5, writes=5) as client:
        began = time.time()
        made = kwok.nodes(NODES, str(POOL["name"]))
        for first in range(0, NODES, BATCH):
            batch = {"apiVersion": "v1", "kind": "List", "items": made[first : first + BATCH]}
            life.kubectl("create", "-f", "-", stdin=json.dumps(batch))
        until(f"{NODES} nodes are Ready", lambda: _ready(life) == NODES, NODES_SECONDS, lambda: _ready(life))
        life.tell(f"{NODES} nodes Ready after {time.time() - began:.0f} s")
        started = time.time()
        life.kubectl("create", "-f", "-", stdin=json.dumps(_deployment()))
        until(f"{PODS} pods run", lambda: _running(life) == PODS, PODS_SECONDS, lambda: _running(life))
        ended = time.time()
        life.tell(f"{PODS} pods run after {ended - started:.0f} s")
        answered = client.stop()
    assert life.lost(answered) == set()
    for kind in ("read", "write"):
        life.tell(f"longest gap meanwhile, {gaps.longest(answered, kind, began, ended)}")


def test_agents_previews_and_status_take_what_they_took(life: Site, few: Cost) -> None:
    many = _cost(life)
    life.tell(f"{NODES + 4} nodes, {PODS} pods: {many}")
    assert many.oldest < FRESH_SECONDS
    assert many.memory < few.memory + MORE_MEMORY_MB
    assert many.preview < few.preview + MORE_PREVIEW_SECONDS


def test_a_pool_still_grows_and_goes(life: Site) -> None:
    grown = life.up(THREE, pools=[POOL | {"size": 2}], metricsServer=False)
    life.tell(f"one worker more among them: {grown:.0f} s")
    life.tell(f"and none: {life.up(THREE, metricsServer=True):.0f} s")
    assert _ready(life) == NODES


def _deployment() -> dict[str, Any]:
    labels = {"app": "many"}
    pod = {
        "nodeSelector": kwok.KIND,
        "tolerations": [{"key": kwok.TAINT["key"], "operator": "Exists"}],
        "containers": [{"name": "many", "image": "nowhere.example/many:1"}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "many"},
        "spec": {
            "replicas": PODS,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def _ready(life: Site) -> int:
    return _told(life, ("get", "nodes", "-l", "type=kwok"), "Ready")


def _running(life: Site) -> int:
    return _told(life, ("get", "pods", "-l", "app=many"), "Running")


def _told(life: Site, command: tuple[str, ...], word: str) -> int:
    """How many lines of a table tell of `word`."""
    lines = life.kubectl(*command, "--no-headers", check=False).splitlines()
    return sum(word in line.split() for line in lines)


def _cost(life: Site) -> Cost:
    masters = [vm(replica) for replica in THREE]
    oldest, before, began = 0.0, sum(_agent(life, each)[0] for each in masters), time.monotonic()
    while time.monotonic() - began < WATCHED_SECONDS:
        oldest = max(oldest, _oldest_status(life))
    seen = [_agent(life, each) for each in masters]
    minutes = (time.monotonic() - began) / 60
    used = sum(seconds for seconds, _ in seen) - before
    began_with = _processor_seconds()
    waited = life.stack.run("preview").seconds
    preview = _processor_seconds() - began_with
    return Cost(used / minutes, max(memory for _, memory in seen), oldest, preview, waited)


def _processor_seconds() -> float:
    """Of all processes that this one has waited for, and that those have."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _agent(life: Site, master: str) -> tuple[float, float]:
    """Processor seconds since its start, and resident memory in MB."""
    asked = ("systemctl", "show", AGENT, "--property=MainPID", "--value")
    pid = life.inside(master, *asked).strip()
    stat = life.inside(master, "cat", f"/proc/{pid}/stat").rpartition(")")[2].split()
    ticks, pages = int(stat[11]) + int(stat[12]), int(stat[21])
    return ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _oldest_status(life: Site) -> float:
    """In seconds, by the storage server's own clock."""
    reply = requests.get(
        f"{life.cloud.url}/storage/v1/b/{BUCKET}/o", params={"prefix": "status/"}, timeout=10
    )
    now = parsedate_to_datetime(reply.headers["Date"])
    written = [datetime.fromisoformat(each["updated"]) for each in reply.json()["items"]]
    return max((now - each).total_seconds() for each in written)
