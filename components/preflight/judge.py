"""What a look at a project means for the stack: one line a check, worst first. It asks nobody."""

from __future__ import annotations

from collections.abc import Sequence

from components.config import StackConfig
from components.preflight import project, supply
from components.preflight.facts import NOTHING_MADE, Made, Seen
from components.preflight.line import Line, worst_first


def judge(
    config: StackConfig, seen: Seen, made: Made = NOTHING_MADE, wanted: Sequence[str] = ()
) -> list[Line]:
    """Returns the lines, worst first. `wanted` are the permissions that an update takes."""
    lines = [
        *project.apis(config, seen),
        *project.permissions(config, seen, wanted),
        *project.policies(config, seen),
        *project.quotas(config, seen, made),
        *supply.image(config, seen),
        *supply.zones(config, seen),
        *supply.types(config, seen),
        *(() if made.bucket else supply.bucket(config, seen)),
    ]
    return worst_first(lines)
