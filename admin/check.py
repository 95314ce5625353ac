"""Asks whether the project would let `pulumi up` through, before it is run. It changes nothing.

Exit status: 0 if nothing stands in the way, 1 if an update would fail, 2 if that could not be told.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import yaml

from admin.engine import Engine, EngineError, State, provider
from components.config import ConfigErrors, StackConfig, parse
from components.google.provider_config import ProviderRefusedError
from components.google.transport import Google
from components.preflight import Line, artifacts, grants, judge, look, made, worst_first
from components.releases import ReleasesError, known
from components.standing.facts import Standing
from components.standing.recorded import standing_of

ROLE = Path(__file__).parents[1] / "docs" / "guides" / "roles" / "update.yaml"
_NAMESPACE = "ha-masters"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m admin check", description=__doc__)
    parser.add_argument("--stack", help="the stack; by default the one that is selected")
    parser.add_argument("--json", action="store_true", help="print a list of objects: verdict, check, text")
    parser.add_argument(
        "--artifacts",
        action="store_true",
        help="also fetch what machines will fetch, as everybody may, and compare its digests (some 250 MB, minutes)",
    )
    given = parser.parse_args(arguments)
    engine = Engine(given.stack)
    try:
        settings = engine.config()
        google = Google(provider(settings))
        standing = last_state(engine.export())
        config = stack_config(settings, standing)
    except (EngineError, ConfigErrors, ProviderRefusedError, ReleasesError) as error:
        print(error, file=sys.stderr)
        return 2
    wanted = permissions()
    seen, there = look(config, google, wanted), made(standing)
    granted = grants.wanted(config, there)
    lines = worst_first(
        [
            *judge(config, seen, there, wanted),
            *grants.judge(granted, grants.find(config, google, granted)),
            *(artifacts.lines(config, google, _progress) if given.artifacts else ()),
        ]
    )
    print(json.dumps([asdict(line) for line in lines], indent=2) if given.json else table(lines))
    return status(lines)


def stack_config(settings: Mapping[str, str], standing: Standing) -> StackConfig:
    """Raises ConfigErrors, as a preview would. Whether a DNS zone has the API's name is asked in previews only."""
    ours = {
        key.removeprefix(f"{_NAMESPACE}:"): value
        for key, value in settings.items()
        if key.startswith(f"{_NAMESPACE}:")
    }
    region, project = settings.get("gcp:region", ""), settings.get("gcp:project", "")
    return parse(
        ours,
        project_name=_NAMESPACE,
        region=region,
        project=project,
        releases=known(Path()),
        stood=standing.stood,
    )


def last_state(state: State) -> Standing:
    return standing_of({each["urn"]: each for each in state["deployment"].get("resources") or []})


def permissions() -> list[str]:
    """Returns the permissions of the role that an update takes."""
    return list(yaml.safe_load(ROLE.read_text())["includedPermissions"])


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def table(lines: Sequence[Line]) -> str:
    width = max(len(line.check) for line in lines)
    rows = [f"{line.verdict:<7}  {line.check:<{width}}  {line.text}" for line in lines]
    return "\n".join([*rows, "", _summary(lines)])


def status(lines: Sequence[Line]) -> int:
    verdicts = {line.verdict for line in lines}
    return 1 if "stop" in verdicts else 2 if "unknown" in verdicts else 0


def _summary(lines: Sequence[Line]) -> str:
    stops = sum(line.verdict == "stop" for line in lines)
    unknown = sum(line.verdict == "unknown" for line in lines)
    if stops:
        return f"`pulumi up` would fail: {stops} of {len(lines)} checks say so."
    if unknown:
        return f"Nothing is known to stand in the way of `pulumi up`; {unknown} of {len(lines)} checks could not be made."
    return "Nothing stands in the way of `pulumi up`."
