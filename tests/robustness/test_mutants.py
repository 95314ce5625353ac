"""What the judge is worth: two builds of ours that break a promise are caught, each by a history in which ours survives.

(A learner that is promoted too early, or a voter that goes before the newcomer votes, is nothing that the judge could see:
etcd refuses the first, and the second loses what a later fault needs. The planner's own tests hold those.)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from node.agent.etcd.gateway import EtcdError
from node.planner import plan
from node.planner.restoring import Restoring
from node.planner.steps import Bootstrap, Step
from tests.node.agent.world import REAL_PROGRAMS, World
from tests.robustness.histories import Change, Fault, History
from tests.robustness.living import live

pytestmark = [*REAL_PROGRAMS, pytest.mark.slow]

THREE = ("m1-b", "m2-b", "m3-b")
LOSES_A_DISK = History(0, THREE, (Change(THREE, (Fault("disk", 3.0, 1, 0.5),), Fault("kill", 3.0, 0, 0.0)),))
IS_ASKED_FOR_A_RESTORE = History(0, THREE, (Change(THREE, then=Fault("restore", 3.0, 1, 3.0)),))


def _blank_disks_found_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(machine: Any) -> Step:
        return Bootstrap(machine.me, takeover=True)

    monkeypatch.setattr(plan._Machine, "_on_blank_disk", found)


def _a_quorum_that_lives_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Restoring, "_living", lambda _: set())


class Split:
    """Masters of two clusters have answered, and clients have asked both since."""

    ASKED_SECONDS = 12.0

    def __init__(self) -> None:
        self._since: float | None = None

    def __call__(self, world: World) -> bool:
        clusters = set()
        for replica in world.replicas.values():
            with suppress(EtcdError):
                clusters.add(replica.gateway.status(replica.address).cluster_id)
        if len(clusters) > 1 and self._since is None:
            self._since = time.monotonic()
        return self._since is not None and time.monotonic() > self._since + self.ASKED_SECONDS


@pytest.mark.parametrize(
    ("history", "mutant"),
    [
        pytest.param(
            LOSES_A_DISK, _blank_disks_found_clusters, id="a blank disk founds a cluster of its own"
        ),
        pytest.param(
            IS_ASKED_FOR_A_RESTORE, _a_quorum_that_lives_is_not_seen, id="a restore over a quorum that lives"
        ),
    ],
)
def test_a_broken_build_is_caught(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    history: History,
    mutant: Callable[[pytest.MonkeyPatch], None],
) -> None:
    begun = partial(mutant, monkeypatch)
    verdict = live(world, history, tmp_path / "judged", print, begun=begun, hopeless=Split())
    assert "linearization" in verdict.said, verdict
    assert (tmp_path / "judged/history.html").exists()


@pytest.mark.matrix
@pytest.mark.parametrize("history", [LOSES_A_DISK, IS_ASKED_FOR_A_RESTORE], ids=["a disk", "a restore"])
def test_ours_survives(world: World, tmp_path: Path, history: History) -> None:
    verdict = live(world, history, tmp_path / "judged", print)
    assert verdict.well, verdict
