"""The story of *Highly Available Kubernetes Clusters* (kubernetes.io/blog, 2017-02-02) from its first command to its last,
with this program in kube-up's place.

`make story` writes it down as docs/sessions/blog.txt. Fewer or more workers of a zone: HA_MASTERS_STORY_SIZE.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.lab import on_machines
from tests.e2e.session import Session
from tests.e2e.site import ONE, THREE, site, vm
from tests.e2e.web import BUSYBOX, NGINX, archives, hand_out
from tests.stack.harness import REGION
from tests.stack.invariants import broken_promises
from tests.waiting import until

pytestmark = [*on_machines(timeout=3600), pytest.mark.live]

SIZE = int(os.environ.get("HA_MASTERS_STORY_SIZE", "3"))
"""Workers of each zone; the blog has three."""

RECORD = os.environ.get("HA_MASTERS_STORY", "")
"""A file that the session is written to."""

NODES_SECONDS, POD_SECONDS, SILENT_SECONDS = 420, 110, 120
"""Deadlines: of machines that boot beside eleven others; of a pod; of a silent kubelet's Node, 50 s."""

HALTED = THREE[1]


@pytest.fixture
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with site(tmp_path_factory.mktemp("blog")) as made:
        yield Session(made)


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    """What the story's pods run, and no registry is asked for."""
    return archives(tmp_path / "web")


def test_the_blogs_story(session: Session, images: list[Path]) -> None:
    life = session.site
    session.up(f"one master and {SIZE} workers in zone b", ONE, pools=_pools("b"))
    _nodes(session, 1, 1)
    session.up(f"{SIZE} workers each in zones c and d", ONE, pools=_pools("bcd"))
    _nodes(session, 1, 3)
    session.up("masters in zones c and d", THREE, pools=_pools("bcd"))
    _nodes(session, 3, 3)
    life.names_and_services()
    hand_out(life, [name for name in life.machines() if "-minion-" in name], images)
    session.kubectl("get", "nodes")
    _memory(session)

    session.remark("nginx, reached by its name from another pod")
    _serve(session, "nginx")
    session.kubectl("get", "pods")
    _visit(session, "test-a", "nginx")

    session.remark("the master in zone c is halted")
    session.typed(f"lab fault halt {vm(HALTED)}")
    life.fault(vm(HALTED), "halt")
    until("it is NotReady", lambda: life.nodes().get(vm(HALTED)) is False, SILENT_SECONDS, life.nodes)
    session.kubectl("get", "nodes")
    _visit(session, "test-b", "nginx")
    _serve(session, "nginx-next")
    _visit(session, "test-c", "nginx-next")

    session.remark("it is started again, and is back")
    session.typed(f"lab start {vm(HALTED)}")
    life.power(vm(HALTED), "start")
    _nodes(session, 3, 3)
    session.kubectl("get", "nodes")

    session.up("the masters in zones c and d go", ONE, pools=_pools("bcd"))
    _nodes(session, 1, 3)
    session.up("then the workers there, drained one by one", ONE, pools=_pools("b"))
    _nodes(session, 1, 1)
    session.kubectl("get", "nodes")
    _visit(session, "test-d", "nginx")
    assert broken_promises(life.cloud.entries()) == []

    session.remark("and all that is left")
    session.destroy()
    facts = life.cloud.facts()
    assert (facts["addresses"], facts["forwardingRules"], facts["instances"]) == ({}, {}, {})
    assert not life.machines()
    assert not list((life.folder / "cloud" / "machines" / "disks").glob("*"))
    if RECORD:
        session.write(Path(RECORD))


def _pools(letters: str) -> list[dict[str, Any]]:
    zones = [f"{REGION}-{letter}" for letter in letters]
    return [{"name": "minion", "zones": zones, "size": SIZE, "drainTimeout": "5m"}]


def _nodes(session: Session, masters: int, zones: int) -> None:
    """Until there are that many masters, and workers of that many zones, and all are Ready."""
    life, wanted = session.site, masters + zones * SIZE

    def there() -> bool:
        nodes = life.nodes()
        workers = [name for name in nodes if "-minion-" in name]
        return len(nodes) == wanted == masters + len(workers) and all(nodes.values())

    until(f"{wanted} Nodes Ready", there, NODES_SECONDS, life.nodes)


def _serve(session: Session, name: str) -> None:
    session.kubectl("create", "deployment", name, f"--image={NGINX}", "--port=80")
    session.kubectl("expose", "deployment", name, "--port=80")
    session.site.kubectl("rollout", "status", f"deployment/{name}", f"--timeout={POD_SECONDS}s")


def _visit(session: Session, visitor: str, server: str) -> None:
    """A pod that asks until it is answered: rules on its node follow a new service in their own time. `wget -T` of Debian's
    busybox dies.
    """
    ask = ("wget", "-q", "-O-", f"http://{server}.default.svc.cluster.local")
    session.kubectl("run", visitor, f"--image={BUSYBOX}", "--restart=OnFailure", "--command", "--", *ask)
    life = session.site

    def answered() -> bool:
        return bool(life.get(f"pod/{visitor}")["status"]["phase"] == "Succeeded")

    def says() -> str:
        described = life.kubectl("describe", "pod", visitor, check=False)
        return described + life.kubectl("logs", visitor, "--previous", check=False)

    until(f"{visitor} is answered", answered, POD_SECONDS, says)
    assert "<title>Welcome to nginx!</title>" in session.kubectl("logs", visitor)


def _memory(session: Session) -> None:
    used: dict[str, list[float]] = {"worker": [], "master": []}
    for name, each in session.site.machines().items():
        used["worker" if "-minion-" in name else "master"].append(each["memoryBytes"] / 1e6)
    for kind, values in used.items():
        session.site.tell(f"memory of a {kind}: {min(values):.0f} to {max(values):.0f} MB")
