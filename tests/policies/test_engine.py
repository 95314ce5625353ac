"""The pack in the real engine, on a stack of the program: what fixtures can't show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from policies.resource_inputs import ADDRESS, DISK
from tests.policies.conftest import PACK, THREE, ActingStack
from tests.workflows.test_preview_comment import comment

pytestmark = [pytest.mark.toolchain]


def spoke(output: str) -> set[tuple[str, str]]:
    """Level and name of the rules that said something."""
    return set(re.findall(r"^ +- \[(mandatory|advisory)\] +([a-z-]+) ", output, re.MULTILINE))


def test_two_masters_are_refused_before_anything_is_created(empty: ActingStack) -> None:
    before = empty.cloud.last()
    refused = empty.up(["m1/b", "m2/c"], "--skip-preview", *PACK, check=False)
    assert refused.code != 0, refused.output
    assert spoke(refused.output) == {("mandatory", "two-replicas")}
    assert empty.changed(before) == []


def test_three_masters_keep_every_rule(standing: ActingStack) -> None:
    assert standing.created
    assert spoke(standing.created.output) == set()


def test_two_voters_leaving_in_one_update_and_a_zone_with_a_majority_are_told(standing: ActingStack) -> None:
    told = standing.preview(["m1/b", "m2/b", "m3/b"], *PACK, check=False)
    assert spoke(told.output) == {
        ("advisory", "voters-leave-one-by-one"),
        ("advisory", "zone-majority"),
        ("advisory", "data-disk-deleted"),
        ("mandatory", "zones-spread"),
    }
    assert "m2-c and m3-d would leave in one update." in told.output
    assert "europe-west1-b would hold 3 of 3 voters" in told.output


def test_what_a_disk_and_an_address_are_for_life_stops_a_preview(standing: ActingStack) -> None:
    """The program refuses such edits before the pack hears of them; the pack is for programs that were changed."""
    state = json.loads(standing.run("stack", "export").output)
    for resource in state["deployment"]["resources"]:
        if resource["type"] == DISK and resource["urn"].endswith("::m1-b-data"):
            resource["inputs"]["type"] = "pd-balanced"
        if resource["type"] == ADDRESS and "ApiEndpoint" in resource["urn"]:
            resource["inputs"]["name"] = "prod-api"
    former, given = standing.folder / "former.json", standing.folder / "pack.json"
    former.write_text(json.dumps(state))
    rules = ("data-disk-replaced", "address-replaced")
    given.write_text(json.dumps({rule: {"stateFile": str(former)} for rule in rules}))
    refused = standing.preview(THREE, *PACK, "--policy-pack-config", str(given), check=False)
    assert refused.code != 0, refused.output
    assert spoke(refused.output) == {("mandatory", rule) for rule in rules}


def test_a_pull_requests_comment_tells_the_plan_and_the_rule_that_is_deleted_first(
    standing: ActingStack,
) -> None:
    log = standing.folder / "events.json"
    standing.verbose = True
    output = standing.preview(["m1/b"], "--event-log", str(log), *PACK).output
    standing.verbose = False
    text = comment.render("test", comment.read(log.read_text()), output)
    top, _, folded = text.partition("<details>")
    assert top.splitlines()[:5] == [
        "<!-- preview of test -->",
        "### Preview of `test`",
        "",
        "```text",
        "dev: 3 masters → 1 master, no failure tolerated.",
    ]
    assert "1 to replace" in top
    assert "`voters-leave-one-by-one` (advisory) on `control-plane`: m2-c and m3-d would leave" in top
    assert "delete, to be replaced: api-rule" in folded
    assert "PRIVATE KEY" not in text


@pytest.fixture
def without_program(standing: ActingStack) -> Iterator[ActingStack]:
    """The same stack, unprotected and with a program that asks for nothing."""
    program = standing.folder / "__main__.py"
    target = program.readlink()
    program.unlink()
    program.write_text("import pulumi\n")
    standing.run("state", "unprotect", "--all", "--yes")
    yield standing
    program.unlink()
    program.symlink_to(target)


def test_an_address_that_would_be_deleted_stops_a_preview(without_program: ActingStack) -> None:
    refused = without_program.preview(THREE, *PACK, check=False)
    assert refused.code != 0, refused.output
    assert spoke(refused.output) == {("mandatory", "address-deleted"), ("advisory", "data-disk-deleted")}
