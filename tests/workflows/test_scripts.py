"""The shell scripts, with a `gh` that writes down what it is asked and answers what it is told."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / ".github" / "scripts"
FAKE_GH = """#!/bin/bash
echo "$*" >> "$GH_LOG"
case "$*" in *"--jq"*) cat "$GH_ANSWER" ;; esac
"""
Run = Callable[..., list[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a script where `gh` finds `answer`, and returns the calls of `gh`."""
    (tmp_path / "gh").write_text(FAKE_GH)
    (tmp_path / "gh").chmod(0o755)
    log, text = tmp_path / "log", tmp_path / "text"
    text.write_text("<!-- preview of dev -->\nthe rest\n")

    def script(name: str, *arguments: str, answer: str) -> list[str]:
        (tmp_path / "answer").write_text(answer)
        subprocess.run(
            [SCRIPTS / name, *arguments, str(text)],
            env={
                "PATH": f"{tmp_path}:{os.environ['PATH']}",
                "GH_LOG": str(log),
                "GH_ANSWER": str(tmp_path / "answer"),
                "GITHUB_REPOSITORY": "us/masters",
                "GITHUB_SERVER_URL": "https://forge.example",
                "GITHUB_RUN_ID": "7",
                "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
                "STACK": "prod",
            },
            check=True,
        )
        return log.read_text().splitlines()

    return script


def test_the_first_preview_makes_a_comment(run: Run) -> None:
    *_, last = run("comment.sh", "12", answer="")
    assert last.startswith("api --silent --method POST repos/us/masters/issues/12/comments ")


def test_later_ones_edit_it(run: Run) -> None:
    calls = run("comment.sh", "12", answer="345\n678\n")
    assert len(calls) == 2
    assert calls[-1].startswith("api --silent --method PATCH repos/us/masters/issues/comments/345 ")


def test_the_commit_that_was_approved_last(run: Run) -> None:
    *_, last = run("last_approved.sh", "production", answer="0123abcd\n")
    assert "-f owner=us -f name=masters -f environment=production" in last


def test_nothing_was_approved(run: Run) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        run("last_approved.sh", "production", answer="")


def test_drift_opens_an_issue(run: Run) -> None:
    *_, last = run("drift_issue.sh", "failure", answer="")
    assert last.startswith("issue create --repo us/masters --label drift --title Drift in stack prod ")


def test_what_is_ill_now_stands_on_top_of_the_issue(run: Run, tmp_path: Path) -> None:
    (tmp_path / "text").write_text(
        "  pulumi:pulumi:Stack (ha-masters-prod):\n"
        "    warning: prod now: 1 failure tolerated, and there is something to mend.\n"
        "      ! m2-c is failed: the disk is full.\n"
        "\nResources:\n    149 unchanged\n"
    )
    run("drift_issue.sh", "failure", answer="")
    told = (tmp_path / "summary").read_text().partition("```diff")[0]
    assert (
        "```text\n    warning: prod now: 1 failure tolerated, and there is something to mend.\n      ! m2-c is"
        in told
    )
    assert "Resources" not in told


def test_drift_that_stays_edits_it(run: Run) -> None:
    *_, last = run("drift_issue.sh", "failure", answer="5\n")
    assert last.startswith("issue edit 5 --repo us/masters ")


def test_drift_that_is_gone_closes_it(run: Run) -> None:
    *_, last = run("drift_issue.sh", "success", answer="5\n")
    assert last.startswith("issue close 5 --repo us/masters ")


HEALED, REFUSED = "Healed: m2-c is TERMINATED.\nRan pulumi up --yes\n", "Refused: m1-b is the only master.\n"


@pytest.mark.parametrize(
    ("status", "report", "issue", "does"),
    [
        pytest.param("0", HEALED, "", "issue create --repo us/masters --label heal ", id="healed"),
        pytest.param("0", HEALED, "5\n", "issue comment 5 --repo us/masters ", id="healed, known"),
        pytest.param("1", REFUSED, "", "issue create --repo us/masters --label heal ", id="refused"),
        pytest.param("1", REFUSED, "5\n", "issue edit 5 --repo us/masters ", id="still refused"),
        pytest.param("0", "Every master runs.\n", "5\n", "issue close 5 --repo us/masters ", id="well again"),
        pytest.param("0", "Every master runs.\n", "", "issue list --repo us/masters ", id="well"),
    ],
)
def test_a_heal_is_told_in_one_issue(
    run: Run, tmp_path: Path, status: str, report: str, issue: str, does: str
) -> None:
    (tmp_path / "text").write_text(report)
    *_, last = run("heal_issue.sh", status, answer=issue)
    assert last.startswith(does)


def test_no_drift_and_no_issue_is_silence(run: Run) -> None:
    assert len(run("drift_issue.sh", "success", answer="")) == 1
