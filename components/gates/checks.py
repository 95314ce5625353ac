"""What each kind of gate does when the engine reaches it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from components.gates import verdicts
from components.gates.observed import Google
from components.gates.verdicts import OPEN, Verdict
from components.gates.wait import until_open

DEADLINE_SECONDS = {
    "turn": 300.0,
    "disk-turn": 300.0,
    "ready": 900.0,
    "joined": 1200.0,
    "api": 600.0,
    "left": 900.0,
}
DEADLINE_VARIABLE = "HA_MASTERS_GATE_DEADLINE_SECONDS"
"""Overrides every gate's deadline, for those whose machines are slower or whose patience is shorter."""


def run(kind: str, props: dict[str, Any], occasion: str, access_token: str | None) -> None:
    """Waits until the gate of `kind` may open; raises `GateClosedError` with the reason when its deadline passes."""
    if kind == "ready" and occasion == "create":
        return
    look = _look(kind, props, Google(access_token))
    until_open(_title(kind, props), look, deadline_seconds=_deadline(kind), say=_say)


def _look(kind: str, props: dict[str, Any], google: Google) -> Callable[[], Verdict]:
    bucket = props["bucket"]
    match kind:
        case "turn":
            return lambda: verdicts.turn(google.cluster(bucket), props["replica"])
        case "disk-turn":
            return lambda: verdicts.disk_turn(google.cluster(bucket), props["replica"])
        case "ready":
            return lambda: verdicts.ready(
                google.cluster(bucket), props["replica"], props["instanceId"], props["configHash"]
            )
        case "joined":
            return lambda: verdicts.joined(google.cluster(bucket), props["members"], props["instances"])
        case "left":
            return lambda: verdicts.left(google.cluster(bucket), props["members"])
        case "api":
            return lambda: _api(google, props)
        case _:
            return lambda: OPEN


def _api(google: Google, props: dict[str, Any]) -> Verdict:
    seen = google.cluster(props["bucket"])
    service = props["wanted"].get("backendService")
    if service:
        seen = replace(seen, health=google.backend_health(props["project"], props["region"], service))
    return verdicts.api(seen, props["replicas"])


def _title(kind: str, props: dict[str, Any]) -> str:
    match kind:
        case "turn":
            return f"turn of {props['replica']}"
        case "disk-turn":
            return f"turn of {props['replica']}'s disk"
        case "ready":
            return f"{props['replica']} ready"
        case "joined":
            return f"all of {', '.join(props['members'])} joined"
        case "left":
            return f"nobody but {', '.join(props['members'])} a member"
        case _:
            return "API served"


def _deadline(kind: str) -> float:
    return float(os.environ.get(DEADLINE_VARIABLE) or DEADLINE_SECONDS[kind])


def _say(line: str) -> None:
    """The engine shows what a provider prints."""
    print(line, flush=True)
