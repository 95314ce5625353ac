"""What runs on workers is reached through each of three API servers: logs, commands, forwarded ports, what pods use, and a
webhook that they ask. `make live` runs it.

The tests are chapters: each goes on where the one before ended.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from lab.toolchain import kubernetes
from tests.e2e import webhook
from tests.e2e.lab import on_machines
from tests.e2e.serving import PORT, deployment
from tests.e2e.site import THREE, WORKERS, Site, site, vm
from tests.e2e.web import archives, hand_out
from tests.node.agent.certificates import Authority
from tests.waiting import until

pytestmark = [*on_machines(timeout=1800), pytest.mark.live]

WORKERS_SECONDS, MEASURED_SECONDS, CALLED_SECONDS = 300, 120, 60
MASTERS = [vm(replica) for replica in THREE]
FORWARDED = 18080


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Three masters, two workers, and a pod of `shop` on each of those."""
    folder = tmp_path_factory.mktemp("reached")
    with site(folder) as made:
        made.tell(f"three masters and two workers: up in {made.up(THREE, pools=WORKERS):.1f} s")
        made.nodes_number(5, WORKERS_SECONDS)
        made.names_and_services()
        shop = deployment("shop", 2, unsatisfiable="DoNotSchedule")
        made.kubectl("apply", "-f", "-", stdin=json.dumps(shop))
        made.kubectl("rollout", "status", "deployment/shop", "--timeout=110s")
        yield made
        for line in made.seen:
            print(line)


@pytest.mark.parametrize("master", MASTERS)
def test_logs_and_commands(life: Site, master: str) -> None:
    for pod in _pods(life):
        assert (
            _ask(life, master, "exec", pod, "--", "/bin/busybox", "cat", "/tmp/index.html").strip() == "here"
        )
        _ask(life, master, "logs", pod)


@pytest.mark.parametrize("master", MASTERS)
def test_forwarded_ports(life: Site, master: str) -> None:
    for pod in _pods(life):
        command = _kubectl(life, master, "port-forward", pod, f"{FORWARDED}:{PORT}")
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as forwards:
            try:
                assert forwards.stdout
                assert forwards.stdout.readline().startswith("Forwarding from 127.0.0.1")
                asked = life.beside(master, "curl", "-s", "--max-time", "20", f"http://127.0.0.1:{FORWARDED}")
                done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=30)
                assert done.stdout.strip() == "here"
            finally:
                forwards.terminate()


@pytest.mark.parametrize("master", MASTERS)
def test_what_pods_use(life: Site, master: str) -> None:
    pods = set(_pods(life))

    def measured() -> bool:
        said = _ask(life, master, "top", "pods", "--no-headers", check=False)
        return pods <= {line.split()[0] for line in said.splitlines() if line}

    until(f"{master} tells what pods use", measured, MEASURED_SECONDS)


def test_a_webhook_on_workers_is_asked_by_each(life: Site, tmp_path: Path) -> None:
    hand_out(life, [each for each in life.machines() if each not in MASTERS], archives(tmp_path))
    authority = Authority("webhook")
    for each in webhook.objects(authority):
        life.kubectl("apply", "-f", "-", stdin=json.dumps(each))
    life.kubectl("rollout", "status", f"deployment/{webhook.NAME}", "--timeout=110s")
    life.kubectl("apply", "-f", "-", stdin=json.dumps(webhook.registration(authority)))
    for master in MASTERS:
        until(f"{master} asks the webhook", partial(_is_refused, life, master), CALLED_SECONDS)
        _ask(life, master, "create", "configmap", f"allowed-{master}")
    made = life.kubectl("get", "configmaps", "-o", "name").split()
    assert {f"configmap/allowed-{master}" for master in MASTERS} <= set(made)


def _is_refused(life: Site, master: str) -> bool:
    command = _kubectl(life, master, "create", "configmap", f"{webhook.REFUSED}-{master}", "--dry-run=server")
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return webhook.WORDS in done.stderr


def _pods(life: Site) -> list[str]:
    listed = life.kubectl("get", "pods", "-l", "app=shop", "-o", "jsonpath={.items[*].metadata.name}")
    return sorted(listed.split())


def _kubectl(life: Site, master: str, *arguments: str) -> list[str]:
    """What asks this master's own API server, from beside it."""
    program, kubeconfig = kubernetes.ensure("kubernetes") / "kubectl", life.kubeconfig_of(master)
    return life.beside(master, str(program), "--kubeconfig", str(kubeconfig), *arguments)


def _ask(life: Site, master: str, *arguments: str, check: bool = True) -> str:
    command = _kubectl(life, master, *arguments)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert not check or done.returncode == 0, f"{master}: kubectl {' '.join(arguments)}: {done.stderr}"
    return done.stdout
