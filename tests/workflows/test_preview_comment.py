"""The text of a pull request's comment."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / ".github" / "scripts" / "preview_comment.py"


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("preview_comment", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


comment = _loaded()
PLAN = "dev: 3 masters → 1 master, no failure tolerated.\n  Address: its rule is deleted and created again."
ENDED = {"summaryEvent": {"resourceChanges": {}, "result": "succeeded"}}


def step(operation: str, name: str, type_: str = "gcp:compute/instance:Instance") -> dict[str, Any]:
    urn = f"urn:pulumi:dev::ha-masters::ha-masters:index:MasterReplica${type_}::{name}"
    return {"resourcePreEvent": {"metadata": {"op": operation, "urn": urn, "type": type_}}}


def told(severity: str, message: str) -> dict[str, Any]:
    return {"diagnosticEvent": {"severity": severity, "message": f"{message}\n", "color": "never"}}


def rule(name: str, level: str, message: str) -> dict[str, Any]:
    urn = "urn:pulumi:dev::ha-masters::ha-masters:index:ControlPlane::control-plane"
    event = {"resourceUrn": urn, "message": f"What it is for.\n{message}\n", "policyName": name}
    return {"policyEvent": event | {"enforcementLevel": level}}


SHRINK = [
    told("info", PLAN),
    told("debug", "registering resource"),
    step("same", "m1-b-vm"),
    step("delete-replaced", "api-rule", "gcp:compute/forwardingRule:ForwardingRule"),
    step("replace", "api-rule", "gcp:compute/forwardingRule:ForwardingRule"),
    step("create-replacement", "api-rule", "gcp:compute/forwardingRule:ForwardingRule"),
    step("delete", "m2-c-vm"),
    rule("voters-leave-one-by-one", "advisory", "m2-c and m3-d would leave."),
    rule("two-replicas", "mandatory", "There would be two."),
    ENDED,
]


def test_short_on_top_and_the_rest_folded() -> None:
    assert comment.render("dev", SHRINK, "Previewing update (dev):\n").splitlines() == [
        "<!-- preview of dev -->",
        "### Preview of `dev`",
        "",
        "```text",
        *PLAN.splitlines(),
        "```",
        "",
        "**Resources:** 1 to replace, 1 to delete.",
        "",
        "- ❌ `two-replicas` (mandatory) on `control-plane`: There would be two.",
        "- ⚠️ `voters-leave-one-by-one` (advisory) on `control-plane`: m2-c and m3-d would leave.",
        "",
        "<details>",
        "<summary>3 steps</summary>",
        "",
        "```text",
        "delete, to be replaced: api-rule (gcp:compute/forwardingRule:ForwardingRule)",
        "create anew: api-rule (gcp:compute/forwardingRule:ForwardingRule)",
        "delete: m2-c-vm (gcp:compute/instance:Instance)",
        "```",
        "",
        "</details>",
        "",
        "<details>",
        "<summary>What the engine printed</summary>",
        "",
        "```text",
        "Previewing update (dev):",
        "```",
        "",
        "</details>",
    ]


def test_what_is_true_now_stands_on_top() -> None:
    now = "dev now: tolerates 1 failure by design, none now: m2-c is TERMINATED.\n  ! m2-c is TERMINATED."
    top = comment.render("dev", [told("info", PLAN), told("warning", now), ENDED], "").partition("<details>")[
        0
    ]
    assert f"**Warning:**\n```text\n{now}\n```" in top


def test_what_was_only_looked_at_is_left_out() -> None:
    output = (
        "Previewing update (dev):\n"
        " ~  gcp:compute:Instance m1-b-vm refreshing \n"
        " ~  gcp:compute:Instance m1-b-vm refresh (0.05s) \n"
        " ~  gcp:compute:Instance m1-b-vm update [diff: ~labels]\n"
    )
    text = comment.render("dev", [ENDED], output)
    assert "refresh" not in text
    assert "m1-b-vm update" in text


def test_nothing_to_do() -> None:
    said = comment.render("dev", [step("same", "m1-b-vm"), ENDED], "")
    assert "**Resources:** no changes." in said
    assert "steps</summary>" not in said


def test_a_refused_config_is_told_and_counts_nothing() -> None:
    events = [told("error", "The stack's config has a problem"), told("error", "preview failed"), ENDED]
    top = comment.render("dev", events, "").partition("<details>")[0]
    assert "**Error:**\n```text\nThe stack's config has a problem\n```" in top
    assert "did not come to its end" in top
    assert "preview failed" not in top
    assert "Resources" not in top


def test_an_engine_that_never_came_up_leaves_its_output() -> None:
    said = comment.render("dev", [], "error: could not open the bucket")
    assert "did not come to its end" in said
    assert "error: could not open the bucket" in said


def test_no_text_can_end_its_own_fence() -> None:
    assert "````text\n```\nfree\n````" in comment.render("dev", [ENDED], "```\nfree")


@pytest.mark.parametrize("size", [10, 64_000, 70_000, 1_000_000])
def test_never_longer_than_github_takes(size: int) -> None:
    said = comment.render("dev", SHRINK, "x" * size)
    assert len(said) <= 65_000
    assert PLAN in said
    assert said.rstrip().endswith("</details>")


def test_ten_thousand_steps_are_cut_too() -> None:
    said = comment.render(
        "dev", [told("info", PLAN), *[step("create", f"vm-{n}") for n in range(10_000)]], ""
    )
    assert len(said) <= 65_000
    assert PLAN in said


def test_a_log_that_was_cut_off_is_read_up_to_there() -> None:
    assert comment.read(f'{json.dumps(ENDED)}\n{{"sequence": 4, "res') == [ENDED]
