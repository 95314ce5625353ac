"""All that the program registers, scenario by scenario, as text: for a change that shall change nothing of it.

    python -m tests.components.registered > /tmp/before    # in a worktree of before
    python -m tests.components.registered > /tmp/after
    diff /tmp/before /tmp/after

Type, name, parent, inputs, dependencies and options of each resource, and the stack's outputs. What follows from the text of
`node/` (the zipapp's hash, and what is named by it) reads `<hash>`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from tests.components.recording import Run, run_program
from tests.components.stacks import stack
from tests.components.test_inventory import SCENARIOS

ALL_SCENARIOS = {
    **SCENARIOS,
    "options": stack(
        3,
        api={
            "audit": {"policy": {"rules": [{"level": "Metadata"}]}, "maxAge": "3d"},
            "authorizedNetworks": ["203.0.113.0/24"],
            "enableAdmissionPlugins": ["AlwaysPullImages"],
            "encryptionKeys": [1, 2],
            "extraNames": ["other.example.com", "10.1.2.3"],
            "loadBalancer": "always",
            "logLevel": 2,
            "oidc": [{"issuerUrl": "https://accounts.example.com", "audiences": ["kubernetes"]}],
            "users": [{"name": "alice", "role": "view"}],
        },
        etcd={"dataDiskType": "pd-ssd", "backup": {"interval": "1h"}, "quotaBytes": 2**31},
        labels={"team": "platform"},
        masters={"machineType": "n2-standard-4"},
    ),
}

_OF_NODE = re.compile(r"(?<=agent/)[0-9a-f]{64}|(?<=/dev-web-)[0-9a-f]{8}|(?<=^dev-web-)[0-9a-f]{8}$")
_HASHES = ("agent-sha256", "config-hash", "configHash")


def plain(value: object, key: str = "") -> Any:
    """Returns what JSON can say of a value, alike for two runs."""
    if isinstance(value, Mapping):
        return {str(name): plain(item, str(name)) for name, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, str):
        return "<hash>" if key in _HASHES else _OF_NODE.sub("<hash>", value)
    return value if value is None or isinstance(value, int | float) else type(value).__name__


def registered(run: Run) -> dict[str, Any]:
    resources = {
        plain(name): {each.name: plain(getattr(resource, each.name)) for each in fields(resource)}
        for name, resource in run.resources.items()
    }
    return {"resources": resources, "outputs": plain(run.outputs)}


if __name__ == "__main__":
    everything = {name: registered(run_program(config)) for name, config in ALL_SCENARIOS.items()}
    json.dump(everything, sys.stdout, indent=1, sort_keys=True)
    sys.stdout.write("\n")
