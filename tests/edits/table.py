"""The table of edits: its rows, the stack that they are edits of, and what is said of each."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from components.config import StackConfig, parse
from components.edits import Findings, judge
from components.edits.rollout import rollout
from components.preview.announce import plan
from components.standing.facts import Standing
from components.standing.recorded import standing_of
from tests.components.recording import NAT_ADDRESS, run_program

FILE = Path(__file__).with_name("table.yaml")
GUIDE = Path(__file__).parents[2] / "docs/guides/edits.md"
PROJECT, REGION = "lab-project", "europe-west1"
ANSWERED = {"network-nat-address": {"address": NAT_ADDRESS}}
"""What the mocks answer and no input says."""

BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"


@dataclass(frozen=True)
class Edit:
    """One row. `sample`: tried on the engine in each `make test`; `sticks`: it can't be taken back; `addons`: it needs an
    API and the provider of Kubernetes, so `make addons` tries what it does.
    """

    key: str
    edit: str
    change: Mapping[str, Any]
    verdict: str
    says: tuple[str, ...]
    sample: bool
    sticks: bool
    addons: bool

    @property
    def name(self) -> str:
        return f"{self.key}: {self.edit}"

    @property
    def config(self) -> dict[str, Any]:
        """The stack's config with the edit: what is null there goes."""
        return merged(living(), self.change)


@cache
def document() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text()))


def living() -> dict[str, Any]:
    return copy.deepcopy(document()["living"])


def edits() -> list[Edit]:
    return [
        Edit(
            row["key"],
            row["edit"],
            row["set"],
            row.get("verdict", ""),
            tuple(row.get("says") or ()),
            row.get("sample", False),
            row.get("sticks", False),
            row.get("addons", False),
        )
        for row in document()["edits"]
    ]


def merged(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    whole = dict(base)
    for key, value in change.items():
        if value is None:
            whole.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(whole.get(key), Mapping):
            whole[key] = value if key == "labels" else merged(whole[key], value)
        else:
            whole[key] = value
    return whole


def raw(config: Mapping[str, Any]) -> dict[str, Any]:
    """Our keys as a stack file has them."""
    ours = {key: value for key, value in config.items() if not key.startswith("gcp:")}
    return {**ours, "replicas": [_replica(each) for each in config["replicas"]]}


def parsed(config: Mapping[str, Any]) -> StackConfig:
    return parse(
        raw(config), project=config.get("gcp:project", PROJECT), region=config.get("gcp:region", REGION)
    )


@cache
def standing() -> Standing:
    """What the living stack's state holds, from a run of the program against mocks."""
    return stood(living())


def stood(config: Mapping[str, Any]) -> Standing:
    given = {
        f"ha-masters:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in raw(config).items()
    }
    run = run_program(given)
    answered = {**ANSWERED, "api-internal-address": {"address": run.outputs.get("internalAddress")}}
    return standing_of(
        {
            f"urn::{each.name}": {
                "type": each.type,
                "outputs": {"project": PROJECT, **each.inputs, **answered.get(each.name, {})},
            }
            for each in run.resources.values()
        }
    )


def found(edit: Edit) -> Findings:
    return judge(standing(), parsed(edit.config))


def verdict(findings: Findings, plan_: str) -> str:
    if findings.refusals:
        return "refused"
    return "silent" if " the same " in plan_ else "told"


def said(findings: Findings) -> tuple[str, ...]:
    """Every refusal, or else every note and what they do to masters."""
    if findings.refusals:
        return tuple(map(str, findings.refusals))
    return (*map(str, findings.notes), *rollout(findings.notes, standing()))


def planned(edit: Edit) -> str:
    return plan(standing(), parsed(edit.config), found(edit))


def guide() -> str:
    """The table as the guide shows it."""
    lines = ["| key | edit | | what is said |", "|---|---|---|---|"]
    for edit in edits():
        text = "<br>".join(edit.says).replace("|", "\\|")
        lines.append(f"| `{edit.key}` | {edit.edit} | {edit.verdict} | {text} |")
    return "\n".join(lines) + "\n"


def _replica(each: Any) -> dict[str, Any]:
    if isinstance(each, Mapping):
        return dict(each)
    name, _, zone = each.partition("/")
    return {"name": name, "zone": zone if "-" in zone else f"{REGION}-{zone}"}
