"""Edits of a living cluster on the real engine: what is refused touches nothing, what goes through keeps every promise.

One stack of three masters; each edit is made and taken back. `make test` tries a fixed sample, `make edits` all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests
import yaml

from lab.toolchain import ensure
from tests.crash.calls import mutating
from tests.edits import table
from tests.edits.table import Edit, edits, living, merged, raw
from tests.stack.harness import Cloud, Outcome, Stack, cloud
from tests.stack.invariants import broken_promises

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

WHOLE = "HA_MASTERS_ALL_EDITS"
TRIED = [edit for edit in edits() if edit.sample or (os.environ.get(WHOLE) and not edit.addons)]

STICKING = [edit for edit in TRIED if edit.sticks]


@pytest.fixture(scope="module")
def alive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The living stack of the table."""
    folder = tmp_path_factory.mktemp("edits")
    with cloud(folder / "cloud") as running:
        for zone in ("example", "other"):
            _managed_zone(running, zone)
        stack = Stack(folder / "stack", running, ensure(), records_each_step=False).create()
        assert _up(stack, living()).code == 0
        yield stack
        assert broken_promises(running.entries()) == []


@pytest.mark.parametrize(
    "edit", [edit for edit in TRIED if edit.verdict == "refused"], ids=lambda edit: edit.name
)
def test_a_refused_edit_touches_nothing(alive: Stack, edit: Edit) -> None:
    start = alive.cloud.last()
    for refuse in (_preview, _up) if edit.sample else (_up,):
        outcome = refuse(alive, edit.config)
        assert outcome.code != 0
        for text in edit.says:
            assert text in outcome.output
    assert mutating(alive.cloud.entries(start)) == []


@pytest.mark.parametrize(
    "edit",
    [edit for edit in TRIED if edit.verdict != "refused" and not edit.sticks],
    ids=lambda edit: edit.name,
)
def test_an_edit_that_goes_through_keeps_every_promise(alive: Stack, edit: Edit) -> None:
    start = alive.cloud.last()
    _configure(alive, edit.config)
    silent = ["--expect-no-changes"] if edit.verdict == "silent" else []
    done = alive.run("up", "--yes", *silent, check=False)  # Its preview tells the plan.
    assert done.code == 0, done.output
    assert all(text in done.output for text in edit.says), done.output
    assert (edit.verdict == "silent") == (" the same 3 masters" in done.output)
    taken_back = _up(alive, living())
    assert taken_back.code == 0, taken_back.output
    assert broken_promises(alive.cloud.entries(start)) == []


@pytest.mark.skipif(not STICKING, reason="make edits tries them")
def test_edits_that_can_not_be_taken_back(alive: Stack) -> None:
    """They come last, one on top of the other."""
    start, config = alive.cloud.last(), living()
    for edit in STICKING:
        config = merged(config, edit.change)
        done = _up(alive, config)
        assert done.code == 0, done.output
        back = _up(alive, living())
        assert back.code != 0
        assert f"ha-masters:{edit.key.split('[')[0]}" in back.output
    assert broken_promises(alive.cloud.entries(start)) == []


def _up(stack: Stack, config: Mapping[str, Any], *flags: str) -> Outcome:
    _configure(stack, config)
    return stack.run("up", "--yes", "--skip-preview", *flags, check=False)


def _preview(stack: Stack, config: Mapping[str, Any]) -> Outcome:
    _configure(stack, config)
    return stack.run("preview", check=False)


def _configure(stack: Stack, config: Mapping[str, Any]) -> None:
    """Writes the stack's file, with keys of the provider too."""
    file = stack.folder / f"Pulumi.{stack.name}.yaml"
    document = yaml.safe_load(file.read_text())
    document["config"] = {
        "gcp:project": config.get("gcp:project", table.PROJECT),
        "gcp:region": config.get("gcp:region", table.REGION),
        **{f"ha-masters:{key}": value for key, value in raw(config).items()},
    }
    file.write_text(yaml.safe_dump(document))


def _managed_zone(running: Cloud, name: str) -> None:
    body = {"name": name, "dnsName": "example.com.", "description": "a zone"}
    url = f"{running.url}/dns/v1/projects/{table.PROJECT}/managedZones"
    requests.post(url, json=body, timeout=30).raise_for_status()
