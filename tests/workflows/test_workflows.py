"""What must hold of every workflow, and of each one."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.workflows import actionlint

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github"
WORKFLOWS = sorted((FOLDER / "workflows").glob("*.yml"))
ALL = [*WORKFLOWS, *sorted((FOLDER / "actions").glob("*/action.yml"))]


def parsed(path: Path) -> dict[Any, Any]:
    return dict(yaml.safe_load(path.read_text()))


def workflow(name: str) -> dict[Any, Any]:
    return parsed(FOLDER / "workflows" / f"{name}.yml")


def commands(job: dict[str, Any]) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


def triggers(name: str) -> Any:
    return workflow(name)[True]  # YAML 1.1 reads `on` as a truth value


def test_actionlint_has_nothing_to_say() -> None:
    executable = actionlint.executable()
    if executable is None:
        pytest.skip("actionlint is built by Go, and there is no go on PATH")
    done = subprocess.run([executable, "-no-color"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(FOLDER)))
def test_actions_of_others_are_pinned_to_a_full_version(path: Path) -> None:
    used = re.findall(r"uses: (\S+)", path.read_text())
    assert used
    loose = [each for each in used if not each.startswith("./") and not re.search(r"@v\d+\.\d+\.\d+$", each)]
    assert loose == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
class TestEachWorkflow:
    def test_may_nothing_unless_a_job_says_so(self, path: Path) -> None:
        assert parsed(path)["permissions"] == {}

    def test_a_job_may_only_write_what_it_reports_to(self, path: Path) -> None:
        for job in parsed(path)["jobs"].values():
            writes = {scope for scope, level in job["permissions"].items() if level == "write"}
            assert writes <= {"id-token", "pull-requests", "issues"}

    def test_fails_when_the_engine_fails_before_a_pipe(self, path: Path) -> None:
        assert parsed(path)["defaults"]["run"]["shell"] == "bash"

    def test_keeps_no_token_in_the_checkout(self, path: Path) -> None:
        for job in parsed(path)["jobs"].values():
            for step in job["steps"]:
                if str(step.get("uses", "")).startswith("actions/checkout"):
                    assert step["with"]["persist-credentials"] is False

    def test_holds_no_key(self, path: Path) -> None:
        assert "secrets." not in path.read_text()
        assert "credentials_json" not in path.read_text()

    def test_every_operation_has_the_policy_pack(self, path: Path) -> None:
        for job in parsed(path)["jobs"].values():
            for command in re.findall(r"pulumi (?:up|preview) --(?:[^\n]|\\\n)*", commands(job)):
                assert "--policy-pack policies" in command

    def test_no_expression_stands_in_a_script(self, path: Path) -> None:
        for job in parsed(path)["jobs"].values():
            assert "${{" not in commands(job)


def test_a_forks_code_never_has_our_identity() -> None:
    assert triggers("preview") == {"pull_request": None}
    for job in workflow("preview")["jobs"].values():
        if "id-token" in job["permissions"]:
            assert job["if"] == "github.event.pull_request.head.repo.full_name == github.repository"


def test_an_update_has_its_preview_and_an_approval() -> None:
    (job,) = workflow("up")["jobs"].values()
    assert "pulumi up --yes" in commands(job)
    assert "--skip-preview" not in commands(job)
    assert job["environment"] == "production"


def test_updates_never_overlap_and_none_is_cut_off() -> None:
    concurrency = workflow("up")["concurrency"]
    assert concurrency["cancel-in-progress"] is False
    assert "github." not in concurrency["group"]


def test_certificates_are_renewed_each_week_by_what_was_approved() -> None:
    assert len(triggers("renew")["schedule"]) == 1
    (job,) = workflow("renew")["jobs"].values()
    assert "last_approved.sh production" in commands(job)
    checkouts = [step for step in job["steps"] if "actions/checkout" in str(step.get("uses"))]
    assert checkouts[-1]["with"]["ref"] == "${{ steps.approved.outputs.commit }}"
    assert (job["environment"], job["if"]) == ("renewal", "vars.PULUMI_RENEWS == 'true'")
    assert workflow("renew")["concurrency"] == workflow("up")["concurrency"]


def test_a_master_is_healed_by_what_was_approved_and_only_if_asked_for() -> None:
    look, heal = workflow("heal")["jobs"].values()
    assert (look["if"], heal["if"]) == (
        "vars.PULUMI_HEALS == 'true'",
        "needs.look.outputs.status == '4'",
    )
    assert "--yes" not in commands(look)
    assert "admin heal --yes" in commands(heal)
    assert "-- --policy-pack policies" in commands(heal)
    for job in (look, heal):
        assert "last_approved.sh production" in commands(job)
        checkouts = [step for step in job["steps"] if "actions/checkout" in str(step.get("uses"))]
        assert checkouts[-1]["with"]["ref"] == "${{ steps.approved.outputs.commit }}"


def test_a_heal_queues_behind_updates_and_a_look_does_not() -> None:
    """Of those that wait in a group GitHub keeps one, so that looks would push waiting updates out of it:
    https://docs.github.com/en/actions/using-jobs/using-concurrency.
    """
    look, heal = workflow("heal")["jobs"].values()
    assert "concurrency" not in {*workflow("heal"), *look}
    assert heal["concurrency"] == workflow("up")["concurrency"]
    assert heal["environment"] == "healing"


def test_drift_is_looked_for_each_night() -> None:
    assert len(triggers("drift")["schedule"]) == 1
    (job,) = workflow("drift")["jobs"].values()
    assert "--refresh --expect-no-changes" in commands(job)


@pytest.mark.parametrize(
    ("printed", "passes"),
    [
        pytest.param("    dev now: all is well: 3 masters serve, 1 failure tolerated.", True, id="well"),
        pytest.param(
            "    warning: dev now: 1 failure tolerated, and there is something to mend.", False, id="ill"
        ),
        pytest.param(
            '  ~ now: ["dev now: all is well: 3 masters serve" => "dev now: not known"]', False, id="was well"
        ),
        pytest.param("Resources:\n    149 unchanged", False, id="nothing said"),
    ],
)
def test_only_a_cluster_seen_to_be_well_passes_by_night(printed: str, passes: bool, tmp_path: Path) -> None:
    (job,) = workflow("drift")["jobs"].values()
    (line,) = (line for line in commands(job).splitlines() if "grep" in line)
    (tmp_path / "output.txt").write_text(f"Previewing update (dev):\n{printed}\n")
    done = subprocess.run(
        ["bash", "-ec", line], env={"RUNNER_TEMP": str(tmp_path), "PATH": os.environ["PATH"]}, check=False
    )
    assert (done.returncode == 0) is passes


def test_only_the_update_acts_as_the_account_that_may_write() -> None:
    for path in WORKFLOWS:
        assert ("UPDATE_SERVICE_ACCOUNT" in path.read_text()) == (path.stem in ("up", "renew", "heal"))


def test_the_engine_is_the_one_that_the_program_is_locked_to() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (step,) = (
        step
        for step in parsed(FOLDER / "actions" / "pulumi" / "action.yml")["runs"]["steps"]
        if str(step.get("uses", "")).startswith("pulumi/actions")
    )
    assert f"pulumi=={step['with']['pulumi-version']}" in wanted
