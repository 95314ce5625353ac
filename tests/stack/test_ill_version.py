"""An update to a version that a master doesn't get well with stops there, says why, and goes on or back by another `up`."""

from __future__ import annotations

import json

import pytest

from components.releases import Releases, shipped
from components.releases.document import written
from tests.conftest import Living
from tests.stack.harness import Stack
from tests.stack.invariants import broken_promises
from tests.stack.test_present import told

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

M1, M2, M3 = THREE = ["m1/b", "m2/c", "m3/d"]
FORMER, NEXT = "1.36.3", "1.37.2"
PATIENCE_SECONDS = 15


def versions(stack: Stack) -> list[str]:
    """What each machine is told to run."""
    found = []
    for name in ("m1-b", "m2-c", "m3-d"):
        machine = stack.cloud.compute("GET", f"zones/europe-west1-{name[-1]}/instances/dev-{name}")
        items = {each["key"]: each["value"] for each in machine["metadata"]["items"]}
        found.append(json.loads(items["machine-config"])["kubernetesVersion"])
    return found


@pytest.mark.parametrize("way", [pytest.param("on", marks=pytest.mark.matrix), "back"])
def test_an_update_stops_at_the_master_that_is_not_well(living: Living, way: str) -> None:
    stack = living(THREE)
    (stack.folder / "pins").mkdir(exist_ok=True)
    pinned = Releases(kubernetes={NEXT: shipped().kubernetes[FORMER]})  # The model fetches nothing.
    (stack.folder / "pins" / f"{NEXT}.yaml").write_text(written(pinned))
    start = stack.cloud.last()
    stack.cloud.fault_guest("dev-m2-c", "ill-as", version=NEXT)
    stack.gate_deadline_seconds, patient = PATIENCE_SECONDS, stack.gate_deadline_seconds

    stopped = stack.up(THREE, check=False, kubernetesVersion=NEXT)
    assert stopped.code != 0
    assert (
        f"m2-c still runs its former configuration: its apiserver doesn't get ready as {NEXT}"
        in stopped.output
    )
    assert (
        "run `pulumi up` again; it goes on from here, or back if the change is taken back" in stopped.output
    )
    assert versions(stack) == [NEXT, NEXT, FORMER]

    code, status = told(stack)
    assert (code, status["verdict"]) == (1, "mend")
    assert next(row["kubernetes"] for row in status["masters"]) == NEXT
    assert "The apiserver of m2-c is not ready: its apiserver doesn't" in "\n".join(status["findings"])

    stack.gate_deadline_seconds = patient
    wanted = NEXT if way == "on" else FORMER
    if way == "on":
        stack.cloud.fault_guest("dev-m2-c", "clear")
    stack.up(THREE, kubernetesVersion=wanted)
    assert versions(stack) == [wanted] * 3
    assert broken_promises(stack.cloud.entries(start)) == []
    back = stack.preview(THREE, check=False, kubernetesVersion=FORMER)
    assert (back.code != 0) == (way == "on")
