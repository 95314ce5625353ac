"""One cluster's life, from one master to three, through failures and repairs, and back, with a client that never stops.

The tests are chapters: each goes on where the one before ended, so a failure ends the story.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.crash import operator
from tests.e2e import gaps
from tests.e2e.lab import Client, on_machines
from tests.e2e.site import ONE, THREE, Site, site, vm
from tests.stack.invariants import broken_promises
from tests.waiting import until

pytestmark = on_machines(timeout=900)

HANDOVER_SECONDS = 3.0
"""The issue's aim for an address that moves."""


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("life")) as made:
        yield made


@pytest.fixture(scope="module")
def client(life: Site) -> Iterator[Client]:
    """Reads and writes from the second chapter to the last but one."""
    with life.load() as running:
        yield running


@pytest.fixture(autouse=True)
def told(life: Site, request: pytest.FixtureRequest) -> Iterator[None]:
    """A chapter that failed says what the machines reported."""
    began = len(life.seen)
    yield
    for line in life.seen[began:]:
        print(f"{request.node.name}: {line}")


@contextmanager
def chapter(life: Site, client: Client, what: str) -> Iterator[dict[str, gaps.Gap]]:
    """The gaps that the client saw, told to people."""
    found: dict[str, gaps.Gap] = {}
    since = time.time()
    yield found
    answered = client.requests()
    for kind in ("read", "write"):
        found[kind] = gaps.longest(answered, kind, since, time.time())
    life.tell(f"{what}, {time.time() - since:.0f} s: {found['read']}; {found['write']}")


def test_one_master_serves(life: Site) -> None:
    life.tell(f"one master: up in {life.up(ONE):.1f} s")
    life.ready(ONE)
    life.kubectl("create", "configmap", "witness", "--from-literal=since=the beginning")
    assert life.members() == {"m1-b": "voter"}


def test_growing_keeps_address_kubeconfig_and_objects(life: Site, client: Client) -> None:
    before = life.kubeconfig.read_text()  # It names the address.
    with chapter(life, client, "one to three") as seen:
        life.up(THREE)
        life.ready(THREE)
    assert life.kubeconfig.read_text() == before
    assert life.get("configmap", "witness")["data"] == {"since": "the beginning"}
    assert life.members() == dict.fromkeys(["m1-b", "m2-c", "m3-d"], "voter")
    assert life.stack.outputs()["failuresTolerated"] == 1
    assert max(gap.seconds for gap in seen.values()) < HANDOVER_SECONDS


def test_nobody_but_masters_reaches_etcd_and_nobody_without_a_name_the_api(life: Site) -> None:
    address = _addresses(life)
    for port in (2379, 2380):
        for target in address.values():
            assert not _connects(life.outside(), target, port), f"{target}:{port} from outside"
    peers = life.inside(vm("m1/b"), "python3", "-c", _KNOCK.format(host=address["m2-c"], port=2379))
    assert "certificate" in peers or "alert" in peers, (
        peers
    )  # Reached, and refused without a client certificate.
    endpoint = re.search(r"server: (https://\S+)", life.kubeconfig.read_text())
    assert endpoint
    curl = ["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "5"]
    for path, expected in (("/api/v1/secrets", "401"), ("/readyz", "200")):
        code = subprocess.run(
            life.outside(*curl, endpoint.group(1) + path), capture_output=True, text=True, check=False
        ).stdout
        assert code == expected, f"{path} without a name"


def test_each_apiserver_reads_the_logs_of_each_master(life: Site) -> None:
    """The address leads to any of three, and two of three kubelets are other machines'.

    A kubelet that began before its apiserver shows its static pods to it at its next look, a minute and a half later
    at most.
    """

    def shown() -> bool:
        listed = {each["metadata"]["name"] for each in life.get("pods", "-n", "kube-system")["items"]}
        return listed >= {f"etcd-{vm(replica)}" for replica in THREE}

    until("the pods of etcd are shown by each kubelet", shown, 120)
    for _ in range(4):
        for replica in THREE:
            assert life.kubectl("logs", "-n", "kube-system", f"etcd-{vm(replica)}", "--tail", "1")


def test_masters_take_the_address_themselves_and_keep_pods_from_the_tokens(life: Site) -> None:
    for replica in THREE:
        routes = life.inside(vm(replica), "ip", "route", "show", "table", "local", "proto", "77")
        assert life.stack.outputs()["address"] in routes
        rules = life.inside(vm(replica), "iptables", "-t", "raw", "-S", "PREROUTING")
        assert "-d 169.254.169.254/32 -j DROP" in rules


def test_the_kubernetes_service_points_at_the_address_and_each_apiserver_has_a_lease(life: Site) -> None:
    slices = life.get("endpointslices", "-l", "kubernetes.io/service-name=kubernetes")["items"]
    addresses = {a for each in slices for endpoint in each["endpoints"] for a in endpoint["addresses"]}
    assert addresses == {life.stack.outputs()["address"]}

    def leases() -> int:
        label = "apiserver.kubernetes.io/identity=kube-apiserver"
        return len(life.get("leases", "-n", "kube-system", "-l", label)["items"])

    until("one identity lease for each apiserver", lambda: leases() == len(THREE), 60, leases)


def test_no_key_in_metadata_logs_or_plain_state(life: Site) -> None:
    secret = re.compile(r"PRIVATE KEY|lab-serviceAccount:")
    for name in life.machines():
        console = (life.folder / "cloud" / "machines" / "consoles" / f"{name}.log").read_text(
            errors="replace"
        )
        journal = life.inside(name, "journalctl", "--no-pager", "-o", "cat")
        pods = life.inside(name, "sh", "-c", "cat /var/log/pods/*/*/*.log /var/log/kubernetes-audit/*")
        for where, text in (("console", console), ("journal", journal), ("logs of pods", pods)):
            assert not secret.search(text), f"{name}: {where}"
        metadata = life.instance(name)["metadata"]
        assert not secret.search(json.dumps(metadata)), f"{name}: metadata"
    state = life.stack.run("stack", "export").output
    assert not secret.search(state)
    assert "PRIVATE KEY" not in (life.folder / "cloud" / "log").read_text()


def test_secrets_are_encrypted_in_etcd(life: Site) -> None:
    life.kubectl("create", "secret", "generic", "hidden", "--from-literal=word=open-sesame")
    found = life.inside(
        vm("m1/b"), "grep", "-c", "-a", "open-sesame", "/mnt/disks/etcd/data/member/snap/db", check=False
    )
    assert found.strip() == "0"


@pytest.mark.parametrize("which", ["leader", "follower"])
def test_a_master_that_loses_power_is_not_missed(life: Site, client: Client, which: str) -> None:
    """Reads and writes go on, a new Deployment is accepted, its Node turns NotReady, and it rejoins when started."""
    struck = life.beside_etcds(which, THREE)
    holders = _holders(life)
    with chapter(life, client, f"power cut of etcd's {which}") as seen:
        life.fault(vm(struck), "halt")
        # A write on its way to a leader that dies is answered with a time-out by etcd, and may be made again.
        create = ("create", "deployment", f"after-{which}", "--image=ha-masters.local/pause:lab")
        until("a new Deployment accepted", lambda: "created" in life.kubectl(*create, check=False), 20)
        until(f"{vm(struck)} NotReady", lambda: life.nodes().get(vm(struck)) is False, 90, life.nodes)
    until(
        f"{', '.join(holders)} lead elsewhere than on {vm(struck)}",
        lambda: not any(holder.startswith(vm(struck)) for holder in _holders(life).values()),
        60,
        lambda: _holders(life),
    )
    assert _holders(life).keys() == holders.keys()
    with chapter(life, client, "its return"):
        life.power(vm(struck), "start")
        life.ready(THREE, 120)
        until("three voters healthy", lambda: _healthy(life) == 3, 60, life.statuses)
    assert max(gap.seconds for gap in seen.values()) < 10


def test_a_machine_is_replaced_on_its_own_disk(life: Site, client: Client) -> None:
    before = life.members(), _member_id(life, "m2-c")
    with chapter(life, client, "m2 replaced, disk kept") as seen:
        life.up(THREE, "--replace", "**::m2-c-turn")
        life.ready(THREE)
    assert (life.members(), _member_id(life, "m2-c")) == before
    assert max(gap.seconds for gap in seen.values()) < 10


def test_a_machine_is_replaced_with_an_empty_disk(life: Site, client: Client) -> None:
    before = _member_id(life, "m3-d")
    with chapter(life, client, "m3 replaced with its disk") as seen:
        life.up(THREE, "--replace", "**::m3-d-disk-turn")
        life.ready(THREE)
    assert life.members() == dict.fromkeys(["m1-b", "m2-c", "m3-d"], "voter")
    assert _member_id(life, "m3-d") != before
    assert max(gap.seconds for gap in seen.values()) < 10


def test_a_replica_moves_to_another_zone_when_the_engine_is_killed_half_way(
    life: Site, client: Client
) -> None:
    moved = ["m1/b", "m2/c", "m3/b"]
    with chapter(life, client, "m3 to another zone, engine killed half-way") as seen:
        _killed_half_way(life, moved, "instances.insert")
        life.up(moved)
        life.ready(moved)
    assert life.members() == dict.fromkeys(["m1-b", "m2-c", "m3-b"], "voter")
    assert max(gap.seconds for gap in seen.values()) < 10


def test_all_three_stop_and_start_again(life: Site) -> None:
    replicas = ["m1/b", "m2/c", "m3/b"]
    for replica in replicas:
        life.fault(vm(replica), "halt")
    began = time.monotonic()
    for replica in replicas:
        life.power(vm(replica), "start")
    life.ready(replicas, 180)
    life.tell(f"all three after a power cut of all: Ready in {time.monotonic() - began:.0f} s")
    assert life.get("configmap", "witness")["data"] == {"since": "the beginning"}


def test_shrinking_to_one_when_the_engine_is_killed_half_way(life: Site, client: Client) -> None:
    with chapter(life, client, "three to one, engine killed half-way") as seen:
        _killed_half_way(life, ONE, "forwardingRules.delete")
        life.up(ONE)
        life.ready(ONE)
    assert life.members() == {"m1-b": "voter"}
    assert "backendService" not in str(life.cloud.facts()["forwardingRules"])
    # A rule that is deleted while the engine is dead stays away until somebody runs it again.
    assert seen["read"].seconds < 120


def test_nothing_that_was_acknowledged_is_lost_and_no_promise_was_broken(life: Site, client: Client) -> None:
    answered = client.stop()
    life.tell(f"{len(answered)} requests, {len(gaps.acknowledged(answered))} writes acknowledged")
    assert life.lost(answered) == set()
    assert broken_promises(life.cloud.entries()) == []


def test_nothing_is_left_after_destroy(life: Site) -> None:
    life.stack.destroy()
    assert life.machines() == {}
    assert life.cloud.facts()["instances"] == {}
    assert not list((life.folder / "cloud" / "machines" / "disks").glob("*"))


_KNOCK = """
import socket, ssl
context = ssl._create_unverified_context()
try:
    with context.wrap_socket(socket.create_connection(("{host}", {port}), 5)) as s:
        s.sendall(b"GET /version HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"); print(s.recv(100))
except OSError as error:
    print(error)
"""


def _connects(prefix: list[str], host: str, port: int) -> bool:
    knock = f"import socket; socket.create_connection(('{host}', {port}), 1)"
    return subprocess.run([*prefix, "python3", "-c", knock], check=False, capture_output=True).returncode == 0


def _addresses(life: Site) -> dict[str, str]:
    return {each["identity"]: each["address"] for each in life.stack.outputs()["replicas"]}


def _holders(life: Site) -> dict[str, str]:
    """Who leads, of controller managers and of schedulers."""
    leases = life.get("leases", "-n", "kube-system")["items"]
    names = ("kube-controller-manager", "kube-scheduler")
    return {
        each["metadata"]["name"]: each["spec"]["holderIdentity"]
        for each in leases
        if each["metadata"]["name"] in names
    }


def _healthy(life: Site) -> int:
    views: list[Any] = [
        s["etcd"]["members"] for s in life.statuses().values() if s["phase"] == "serving" and s.get("etcd")
    ]
    return min((sum(m["healthy"] for m in view) for view in views), default=0)


def _member_id(life: Site, name: str) -> str:
    return str(life.statuses()[name]["etcd"]["memberId"])


def _killed_half_way(life: Site, replicas: list[str], after: str) -> None:
    """`pulumi up`, killed as soon as this call was made, and what the guide says to type then."""
    life.stack.configure(replicas)
    seen = life.cloud.last()

    def kill(pid: int) -> None:
        def called() -> bool:
            return any(after in str(entry.get("methodId")) for entry in life.cloud.entries(seen))

        def watch() -> None:
            until(f"a call of {after}", called, 240)
            os.kill(pid, signal.SIGKILL)

        threading.Thread(target=watch, daemon=True).start()

    assert operator.cut_off(life.stack, kill).code == -signal.SIGKILL
    life.stack.run("cancel", "--yes", check=False)
    adopted = operator.adopt(life.stack)
    assert adopted.code == 0, adopted.output
