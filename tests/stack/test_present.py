"""The plan and the outputs tell the truth about now (case 08)."""

from __future__ import annotations

import pytest

from components.present.program import EXPECT_WELL_VARIABLE
from tests.stack.harness import Stack

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

M1, M2, M3 = "m1/b", "m2/c", "m3/d"


def test_a_stopped_master_is_told_and_fails_the_check_by_night(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.up([M1, M2, M3])
    outputs = stack.outputs()
    assert (outputs["failuresTolerated"], outputs["failuresToleratedNow"]) == (1, 1)
    monkeypatch.setenv(EXPECT_WELL_VARIABLE, "yes")
    print("LOOK"); well = stack.preview([M1, M2, M3], "--expect-no-changes")
    assert "dev now: all 3 masters serve, 1 failure tolerated." in well.output
    stack.cloud.compute("POST", "zones/europe-west1-c/instances/dev-m2-c/stop")
    ill = stack.preview([M1, M2, M3], check=False)
    assert "dev now: tolerates 1 failure by design, none now: m2-c is TERMINATED." in ill.output
    assert "m2-c is TERMINATED: `pulumi up` starts it." in ill.output
    assert "failuresToleratedNow    : 1 => 0" in ill.output
    print(ill.code, ill.output); print(well.seconds, ill.seconds)
    assert ill.code != 0
    monkeypatch.delenv(EXPECT_WELL_VARIABLE)
    stack.preview([M1, M2, M3])


def test_swapping_the_only_master_that_is_down_is_told_to_be_in_vain(stack: Stack) -> None:
    stack.up([M1])
    stack.cloud.compute("POST", "zones/europe-west1-b/instances/dev-m1-b/stop")
    output = stack.preview([M2], check=False).output
    assert "dev now: quorum is lost" in output
    assert "The only copy of the cluster's data is on the disk of m1-b" in output
