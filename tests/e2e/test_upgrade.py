"""Kubernetes 1.36 to 1.37 and etcd 3.6 to 3.7 on three live masters, under load: one at a time, cut off, gone on, taken
back, and refused where there is no way back. `make live` runs it; the other releases are built for it (some 6 minutes).

The tests are chapters: each goes on where the one before ended.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from lab.toolchain.kubernetes.recipe import ETCD, ETCD_LATER, KUBERNETES, KUBERNETES_LATER
from tests.e2e.history import BOOT_SECONDS, come_to_an_end, cut_off, history, settled
from tests.e2e.lab import on_machines
from tests.e2e.mirror import Mirror
from tests.e2e.site import THREE, Site, site, vm
from tests.waiting import until

pytestmark = [*on_machines(timeout=2400), pytest.mark.live]

LAST_3_6, ETCD_3_7 = ETCD_LATER
READY_WAITS = "ready updating"
LOOK_SECONDS = 0.5


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("upgrade")) as made:
        made.up(THREE)
        made.ready(THREE, BOOT_SECONDS)
        yield made


@pytest.fixture(scope="module")
def mirror(life: Site) -> Mirror:
    """From here on masters fetch all they run from there; the same releases as their image has, so nothing restarts."""
    made = Mirror(life.cloud.url, life.folder / "archives")
    _ask(life, made.config())
    come_to_an_end(life, THREE)
    return made


@pytest.mark.parametrize("way", ["back", "on"])
def test_kubernetes_goes_to_its_next_minor_one_master_at_a_time(life: Site, mirror: Mirror, way: str) -> None:
    """Cut off when the first master runs it; then taken back, and at the second try gone on with."""
    before, after = mirror.config(), mirror.config(KUBERNETES_LATER)
    with history(life, f"Kubernetes {KUBERNETES} to {KUBERNETES_LATER}, cut off and {way}"):
        _ask(life, after)
        with one_at_a_time(life, "apiserver", KUBERNETES_LATER):
            cut_off(life, THREE, READY_WAITS, lambda: _runs(life, "apiserver").count(KUBERNETES_LATER) > 0)
        _ask(life, before if way == "back" else after)
        wanted = KUBERNETES if way == "back" else KUBERNETES_LATER
        with one_at_a_time(life, "apiserver", wanted):
            come_to_an_end(life, THREE)
        settled(life, THREE)
    _all_run(life, "apiserver", wanted)
    _all_run(life, "kubelet", wanted)


def test_no_master_goes_back_a_minor_of_kubernetes(life: Site, mirror: Mirror) -> None:
    _ask(life, mirror.config())
    refused = life.stack.preview(THREE, check=False)
    assert refused.code != 0
    assert f'kubernetesVersion: "{KUBERNETES_LATER}" can\'t become "{KUBERNETES}"' in refused.output


def test_etcd_does_not_leave_too_early_a_patch_for_its_next_minor(life: Site, mirror: Mirror) -> None:
    _ask(life, mirror.config(_standing_kubernetes(life), ETCD_3_7))
    refused = life.stack.preview(THREE, check=False)
    assert refused.code != 0
    assert "Go to 3.6.11 or later first" in refused.output


def test_etcd_goes_to_a_later_patch(life: Site, mirror: Mirror) -> None:
    with history(life, f"etcd {ETCD} to {LAST_3_6}"), one_at_a_time(life, "etcd", LAST_3_6):
        _ask(life, mirror.config(_standing_kubernetes(life), LAST_3_6))
        come_to_an_end(life, THREE)
    _all_run(life, "etcd", LAST_3_6)


@pytest.mark.parametrize("way", ["back", "on"])
def test_etcd_goes_to_its_next_minor_one_member_at_a_time(life: Site, mirror: Mirror, way: str) -> None:
    kubernetes = _standing_kubernetes(life)
    before, after = mirror.config(kubernetes, LAST_3_6), mirror.config(kubernetes, ETCD_3_7)
    with history(life, f"etcd {LAST_3_6} to {ETCD_3_7}, cut off and {way}"):
        _ask(life, after)
        with one_at_a_time(life, "etcd", ETCD_3_7):
            cut_off(life, THREE, READY_WAITS, lambda: _runs(life, "etcd").count(ETCD_3_7) > 0)
        assert set(_runs(life, "etcdData")) == {"3.6"}, "some members run 3.6"
        _ask(life, before if way == "back" else after)
        wanted = LAST_3_6 if way == "back" else ETCD_3_7
        with one_at_a_time(life, "etcd", wanted):
            come_to_an_end(life, THREE)
        settled(life, THREE)
    _all_run(life, "etcd", wanted)


def test_no_member_goes_back_a_minor_of_etcd(life: Site, mirror: Mirror) -> None:
    _all_run(life, "etcdData", "3.7")
    _ask(life, mirror.config(_standing_kubernetes(life), LAST_3_6))
    refused = life.stack.preview(THREE, check=False)
    assert refused.code != 0
    assert f'etcd.version: "{ETCD_3_7}" can\'t become "{LAST_3_6}"' in refused.output


@contextmanager
def one_at_a_time(life: Site, what: str, wanted: str) -> Iterator[None]:
    """Tells when each master came to run `wanted`, and holds that never two were away at once: of etcd's members, by the
    leader's word.
    """
    over, began, times, worst = threading.Event(), time.monotonic(), dict[str, float](), [0]

    def look() -> None:
        while not over.wait(LOOK_SECONDS):
            for name, status in _statuses(life).items():
                if (status.get("versions") or {}).get(what) == wanted:
                    times.setdefault(name, time.monotonic() - began)
                view = status.get("etcd") or {}
                if view.get("leader") == name:
                    worst[0] = max(worst[0], sum(not each["healthy"] for each in view["members"]))

    looks = threading.Thread(target=look, daemon=True)
    looks.start()
    try:
        yield
    finally:
        over.set()
        looks.join(timeout=30)
        life.tell(
            f"{what} {wanted}: "
            + ", ".join(
                f"{name} after {seconds:.0f} s" for name, seconds in sorted(times.items(), key=lambda t: t[1])
            )
        )
    assert worst[0] <= 1


def _ask(life: Site, config: dict[str, Any]) -> None:
    life.stack.config |= config


def _standing_kubernetes(life: Site) -> str:
    """Whatever the chapters before have come to, these hold for it."""
    items = life.instance(vm(THREE[0]))["metadata"]["items"]
    told = next(item["value"] for item in items if item["key"] == "machine-config")
    return str(json.loads(told)["kubernetesVersion"])


def _runs(life: Site, what: str) -> list[str]:
    return [(status.get("versions") or {}).get(what, "") for status in _statuses(life).values()]


def _statuses(life: Site) -> dict[str, dict[str, Any]]:
    """None while the simulator doesn't answer in time: who watches an update must not end before it."""
    try:
        return life.statuses()
    except requests.RequestException:
        return {}


def _all_run(life: Site, what: str, wanted: str) -> None:
    until(
        f"{what} is {wanted} on all",
        lambda: set(_runs(life, what)) == {wanted},
        120,
        lambda: _runs(life, what),
    )
