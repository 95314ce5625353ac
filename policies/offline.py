"""The pack on an exported state: `python -m policies.offline STATE.json [CONFIG.json]`.

Needs `pulumi` on PATH and nothing else: no backend, no cloud and no key. The engine would decrypt a state's secrets before
it shows them to rules, so they are taken out of the copy that it gets. Rules on transitions compare the state with itself,
which is to say with nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from policies.__main__ import RULES

PACK = Path(__file__).parent
SECRET_MARK = "4dabf18193072939515e22adb298388d"  # noqa: S105
"""The key by which the engine knows an object of its own in a state, here a secret."""


def without_secrets(state: Any) -> Any:
    """Returns a copy with `[secret]` where a secret was, and no word of how to decrypt it."""
    if isinstance(state, list):
        return [without_secrets(each) for each in state]
    if not isinstance(state, dict):
        return state
    if SECRET_MARK in state:
        return "[secret]"
    return {key: without_secrets(value) for key, value in state.items() if key != "secrets_providers"}


def configuration(given: Mapping[str, Any], state_file: str) -> dict[str, Any]:
    """Returns `given`, with the state itself as the last one known to every rule that asks for it."""
    merged = dict(given)
    for rule in RULES:
        if rule.config_schema and "stateFile" in rule.config_schema.properties:
            own = merged.get(rule.name, {})
            level = {"enforcementLevel": own} if isinstance(own, str) else own
            merged[rule.name] = {"stateFile": state_file, **level}
    return merged


def analyze(state: Mapping[str, Any], config: Mapping[str, Any]) -> int:
    """Runs the pack, which prints what its rules say. Not 0: a mandatory rule was broken, or the pack couldn't run."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        copy, levels = folder / "state.json", folder / "config.json"
        copy.write_text(json.dumps(without_secrets(state)))
        levels.write_text(json.dumps(configuration(config, str(copy))))
        command = ["pulumi", "policy", "analyze", "--file", str(copy), "--non-interactive"]
        command += ["--policy-pack", str(PACK), "--policy-pack-config", str(levels)]
        return subprocess.run(
            command,
            env=os.environ | {"PULUMI_BACKEND_URL": folder.as_uri(), "PULUMI_CONFIG_PASSPHRASE": ""},
            check=False,
        ).returncode


def main(arguments: Sequence[str]) -> int:
    if len(arguments) not in (1, 2):
        print("usage: python -m policies.offline STATE.json [CONFIG.json]", file=sys.stderr)
        return 2
    if shutil.which("pulumi") is None:
        print(
            "There is no pulumi on PATH. Install it, or use the one that was built: make policies",
            file=sys.stderr,
        )
        return 2
    state, config = [*(json.loads(Path(path).read_text()) for path in arguments), {}][:2]
    return analyze(state, config)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
