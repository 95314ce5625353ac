"""docs/guides/rotate-an-authority.md on three live masters with workers, under load. `make live` runs it.

The tests are chapters: each goes on where the one before ended.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from lab.machines.image.recipe import PAUSE
from tests.crash import operator
from tests.e2e.history import come_to_an_end, cut_off, history
from tests.e2e.lab import on_machines
from tests.e2e.site import THREE, Site, site, vm
from tests.stack.harness import REGION
from tests.waiting import until

pytestmark = [*on_machines(timeout=2400), pytest.mark.live]

READY_WAITS = "ready updating"
WORKERS_SECONDS, POD_SECONDS = 420, 110

STAGES = ([1, 2], [2, 1], [2])


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("rotation")) as made:
        made.stack.config["pools"] = [
            {"name": "web", "zones": [f"{REGION}-b"], "size": 1, "drainTimeout": "2m"}
        ]
        made.up(THREE)
        _ready(made)
        made.names_and_services()
        made.kubectl("apply", "-f", "-", stdin=json.dumps(_SLEEPER))
        yield made


@pytest.fixture(scope="module")
def first_kubeconfig(life: Site) -> str:
    """That of the outputs before anything was rotated."""
    return life.kubeconfig.read_text()


def test_a_stage_that_is_cut_off_is_taken_back(life: Site) -> None:
    with history(life, "cluster [1] to [1, 2], cut off and back"):
        _ask(life, "cluster", [1, 2])
        cut_off(life, THREE, READY_WAITS, lambda: _trust(life, "cluster", [1, 2]) > 0)
        _stage(life, "cluster", [1])
    _ready(life)
    _pods_answer(life)


def test_everybody_learns_to_trust_another_authority(life: Site, first_kubeconfig: str) -> None:
    before = _worker(life)
    with history(life, "cluster [1] to [1, 2]"):
        _stage(life, "cluster", [1, 2])
    _ready(life)
    assert _worker(life) != before
    assert _answered(life, first_kubeconfig)
    _pods_answer(life)


def test_it_issues(life: Site, first_kubeconfig: str) -> None:
    """The load has a kubeconfig of the stage before, and one of the stage before that doesn't know who answers."""
    with history(life, "cluster [1, 2] to [2, 1]"):
        _stage(life, "cluster", [2, 1])
    _ready(life)
    assert not _answered(life, first_kubeconfig)
    _pods_answer(life)


def test_the_first_is_trusted_no_more(life: Site) -> None:
    before = _worker(life)
    with history(life, "cluster [2, 1] to [2]"):
        _stage(life, "cluster", [2])
    _ready(life)
    assert _worker(life) != before
    _pods_answer(life)


@pytest.mark.parametrize("name", ["etcdPeers", "etcdClients", "frontProxy"])
def test_nobody_outside_notices_another(life: Site, name: str) -> None:
    for stage in STAGES:
        with history(life, f"{name} to {stage}"):
            _stage(life, name, stage)
    _ready(life)
    _pods_answer(life)


def test_a_key_of_tokens_stays_trusted_while_its_tokens_live(life: Site) -> None:
    old = life.kubectl("create", "token", "default").strip()
    for stage in STAGES[:-1]:
        with history(life, f"serviceAccounts to {stage}"):
            _stage(life, "serviceAccounts", stage)
    assert _known(life, old)
    assert _known(life, life.kubectl("create", "token", "default").strip())
    _ask(life, "serviceAccounts", STAGES[-1])
    refused = life.stack.preview(THREE, check=False)
    assert refused.code != 0
    assert "pods may have older ones for another" in refused.output


def _ask(life: Site, name: str, generations: list[int]) -> None:
    life.stack.config["authorities"] = {**life.stack.config.get("authorities", {}), name: generations}


def _stage(life: Site, name: str, generations: list[int]) -> None:
    """Until masters live so, and nothing is left to do."""
    _ask(life, name, generations)
    come_to_an_end(life, THREE)
    if generations != [1]:
        assert _trust(life, name, generations) == len(THREE)
    life.stack.run(*operator.UP, "--expect-no-changes")


def _trust(life: Site, name: str, generations: list[int]) -> int:
    """How many masters say that their processes trust just these of an authority."""
    try:
        told = [status.get("authorities") or {} for status in life.statuses().values()]
    except requests.RequestException:
        return 0  # Who watches an update must not end before it.
    views = [view for each in told for view in each.get("views", []) if view["name"] == name]
    return sum(sorted(view["trusted"]) == sorted(generations) for view in views)


def _ready(life: Site) -> None:
    """Until the Nodes are the masters' and one worker's, all Ready."""

    def there() -> bool:
        nodes = life.nodes()
        others = nodes.keys() - {vm(each) for each in THREE}
        return len(nodes) == len(THREE) + 1 and len(others) == 1 and all(nodes.values())

    until("masters and a worker Ready", there, WORKERS_SECONDS, life.nodes)


def _worker(life: Site) -> str:
    (name,) = life.nodes().keys() - {vm(each) for each in THREE}
    return name


def _pods_answer(life: Site) -> None:
    """Through the API server and the kubelet of their node, as `kubectl logs` and `exec` ask."""
    life.kubectl("rollout", "status", "deployment/sleeper", f"--timeout={POD_SECONDS}s")
    assert "here" in life.kubectl("logs", "deployment/sleeper")
    said = life.kubectl("exec", "deployment/sleeper", "--", "/bin/busybox", "echo", "there")
    assert said.strip() == "there"


def _answered(life: Site, kubeconfig: str) -> bool:
    file = life.folder / "kubeconfig-of-then"
    file.touch(mode=0o600)
    file.write_text(kubeconfig)
    return life.kubectl("--kubeconfig", str(file), "get", "--raw", "/readyz", check=False) == "ok"


def _known(life: Site, token: str) -> bool:
    """Whether API servers take a service account's token."""
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token}}
    said = life.kubectl("create", "-f", "-", "-o", "json", stdin=json.dumps(review))
    return bool(json.loads(said)["status"].get("authenticated"))


_SLEEPER: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "sleeper"},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "sleeper"}},
        "template": {
            "metadata": {"labels": {"app": "sleeper"}},
            "spec": {
                "terminationGracePeriodSeconds": 2,
                "containers": [
                    {
                        "name": "sleeper",
                        "image": PAUSE,
                        "imagePullPolicy": "Never",
                        "command": ["/bin/busybox", "sh", "-c", "echo here; exec /bin/busybox sleep 86400"],
                    }
                ],
            },
        },
    },
}
