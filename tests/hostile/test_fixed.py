"""Histories that are always lived through; `make hostile` draws others. Those with names of their own were once broken."""

from __future__ import annotations

import os

import pytest

from tests.crash.stage import Stage
from tests.hostile.histories import History
from tests.hostile.trial import trial

pytestmark = [
    pytest.mark.toolchain,
    pytest.mark.slow,
    pytest.mark.timeout(1200),
]

ONCE_BROKEN = [
    pytest.param(
        "1-2-1 | m1-b promotes m2-c | sigint-twice | revert",
        id="a voter's machine went, and its quorum with it",
    ),
    pytest.param(
        "1-2-1 | compute.instances.insert dev-m2-c | sigkill | revert",
        id="a newcomer's machine that no state knew stayed a member",
        marks=pytest.mark.matrix,
    ),
    pytest.param(
        "disk | compute.disks.delete dev-m2-c-data | sigint-twice | revert",
        id="a machine that had gone was deleted once more, for ever",
        marks=pytest.mark.matrix,
    ),
    pytest.param(
        "machine | compute.instanceGroups.removeInstances dev-api-c | halt m1-b | other",
        id="a second master died between a guard's word and the delete",
    ),
]
FIXED = [
    "1-2-1 | m1-b adds m2-c as a learner | sigint | revert",
    "1-3-1 | m1-b promotes m2-c | sigint-twice | revert",
    "3-1-3 | m1-b removes m2-c | sigint-twice | revert",
    "1-2-1 | compute.disks.insert dev-m2-c-data | sigkill | other",
    "1-2-1 | m1-b promotes m2-c | halt m2-c | revert",
    "1-3-1 | compute.forwardingRules.delete dev-api | sigkill | revert",
    "1-3-1 | compute.forwardingRules.insert dev-api | sigint | on",
    "1-3-1 | compute.instances.insert dev-m3-d | hang m1-b | other",
    "3-1-3 | compute.instances.delete dev-m3-d | sigkill | revert",
    "3-1-3 | compute.forwardingRules.insert dev-api | sigint | other",
    "3-5-3 | compute.instances.insert dev-m5-c | sigkill | on",
    "swap | m1-b promotes m4-b | sigint-twice | revert",
    "swap | compute.instances.delete dev-m2-c | sigkill | revert",
    "swap | m1-b promotes m4-b | halt m1-b | on",
    "zone-move | m1-b promotes m2-d | sigkill | revert",
    "zone-move | compute.disks.delete dev-m2-c-data | sigint | on",
    "machine | compute.instances.delete dev-m2-c | sigkill | revert",
    "machine | compute.instances.delete dev-m2-c | halt m1-b | on",
    "disk | compute.disks.insert dev-m2-c-data | sigkill | other",
    "version | compute.instances.setMetadata dev-m1-b | sigint-twice | revert",
    "image | compute.instances.delete dev-m1-b | sigkill | revert",
    "destroy | compute.instances.delete dev-m2-c | sigkill | revert",
]


WHOLE = "HA_MASTERS_ALL_HISTORIES"
TRIED = FIXED if os.environ.get(WHOLE) else []
"""Each takes about as long as five updates, so `make test` lives through those alone that were broken once."""


@pytest.mark.parametrize("line", [*ONCE_BROKEN, *TRIED])
def test_no_promise_is_broken(stage: Stage, line: str) -> None:
    report = trial(stage, History.parse(line))
    assert report.befell
    assert report.complaints == []
