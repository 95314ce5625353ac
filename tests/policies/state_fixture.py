"""A state of three masters for rules to read: `python -m tests.policies.state_fixture` makes it anew on the real engine.

Certificates, traces and times are left out: no rule reads them, and they differ at each run and on each machine.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lab.toolchain import ensure
from policies.offline import without_secrets
from tests.stack.harness import Stack, cloud

FILE = Path(__file__).with_name("state.three-masters.json")
LEFT_OUT = ("created", "modified", "sourcePosition", "stackTrace", "dependencies")


def _kept(urn: str) -> bool:
    return "tls:" not in urn and "pulumi-python:" not in urn


def _shortened(resource: Mapping[str, Any]) -> dict[str, Any]:
    short = {key: value for key, value in resource.items() if key not in LEFT_OUT}
    uses = {
        key: [urn for urn in urns if _kept(urn)]
        for key, urns in resource.get("propertyDependencies", {}).items()
    }
    return short | {"propertyDependencies": {key: urns for key, urns in uses.items() if urns}}


def shortened(state: Mapping[str, Any]) -> dict[str, Any]:
    resources = without_secrets(state)["deployment"]["resources"]
    return {
        "version": state["version"],
        "deployment": {
            "manifest": {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""},
            "resources": [_shortened(resource) for resource in resources if _kept(resource["urn"])],
        },
    }


def write(state: Mapping[str, Any]) -> None:
    FILE.write_text(json.dumps(shortened(state), indent=1) + "\n")


def main() -> None:
    with TemporaryDirectory() as name, cloud(Path(name) / "cloud") as running:
        stack = Stack(Path(name) / "stack", running, ensure()).create()
        stack.up(["m1/b", "m2/c", "m3/d"])
        write(json.loads(stack.run("stack", "export").output))


if __name__ == "__main__":
    sys.exit(main())
