"""Edits that did not come through go on, and go back, though the provider records a change that failed as made."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Living
from tests.stack.harness import Stack
from tests.stack.invariants import broken_promises

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

THREE = ["m1/b", "m2/c", "m3/d"]
REFUSAL = {"type": "http_error", "code": 403, "reason": "quotaExceeded", "message": "Quota exceeded."}


def disks(stack: Stack) -> list[tuple[str, str]]:
    """Id and size of the data disks."""
    found = (
        stack.cloud.compute("GET", f"zones/europe-west1-{each[-1]}/disks/dev-{each.replace('/', '-')}-data")
        for each in THREE
    )
    return [(disk["id"], disk["sizeGb"]) for disk in found]


def test_disks_that_google_does_not_let_grow_keep_their_size(living: Living) -> None:
    stack = living(THREE)
    before = disks(stack)
    stack.cloud.fault(method="compute.disks.resize", resource=".*", times=99, action=REFUSAL)
    larger = {"dataDiskSizeGb": 50}
    assert "Quota exceeded" in stack.up(THREE, etcd=larger, check=False).output
    stack.preview(THREE)
    stack.up(THREE)
    assert disks(stack) == before
    assert broken_promises(stack.cloud.entries()) == []


@pytest.mark.parametrize("then", ["back", pytest.param("on", marks=pytest.mark.matrix)])
def test_a_minor_that_reached_one_master_only(living: Living, then: str) -> None:
    stack = living(THREE, kubernetesVersion="1.35.2")
    second: dict[str, Any] = {"method": "compute.instances.setMetadata", "resource": ".*dev-m2-c.*"}
    stack.cloud.fault(**second, times=1, action=REFUSAL)
    assert "Quota exceeded" in stack.up(THREE, kubernetesVersion="1.36.3", check=False).output
    version = "1.36.3" if then == "on" else "1.35.2"
    stack.preview(THREE, kubernetesVersion=version)
    stack.up(THREE, kubernetesVersion=version)
    assert " the same 3 masters" in stack.preview(THREE, kubernetesVersion=version).output
    assert broken_promises(stack.cloud.entries()) == []
