"""What the program does with the project's state: tells it before anything stands, and keeps the address served."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pulumi

from components.config import BESIDE, ONLY, StackConfig
from components.google.running import google
from components.google.side_by_side import side_by_side, why
from components.preflight.facts import Made, Rule, Unasked
from components.preflight.judge import judge
from components.preflight.line import Line
from components.preflight.look import DEADLINE_SECONDS, look, rules_of
from components.preflight.policies import PROTOCOL_FORWARDING, applying
from components.standing.facts import Standing


def admit(standing: Standing, config: StackConfig) -> None:
    """Raises RunError where the API's address would not be served. In the previews of a stack of which nothing stands it
    prints what would stop the first update.

    What the caller may do isn't asked: in a pull request he only reads.
    """
    first = not standing.lives and pulumi.runtime.is_dry_run()
    seen = look(config, google()) if first else None
    behind = standing.balanced or standing.internal == ONLY
    if not config.load_balanced and (behind or not standing.lives):
        _keep_served(config, seen.policies if seen else _protocol_forwarding(config))
    if seen:
        _tell(judge(config, seen, made(standing)))


def made(standing: Standing) -> Made:
    workers = {(pool.name, zone): pool.size or 0 for pool in standing.pools for zone in pool.groups}
    return Made(
        standing.identities,
        standing.bucket,
        workers,
        standing.internal in (BESIDE, ONLY),
        bool(standing.balancer_tag),
    )


def _protocol_forwarding(config: StackConfig) -> dict[str, tuple[Rule, ...] | Unasked]:
    through = google()
    calls = {name: partial(rules_of, through, config, name) for name in PROTOCOL_FORWARDING}
    found = side_by_side(calls, DEADLINE_SECONDS)
    return {
        name: Unasked(why(rules)) if isinstance(rules, Exception) else rules for name, rules in found.items()
    }


def _keep_served(config: StackConfig, policies: Mapping[str, tuple[Rule, ...] | Unasked]) -> None:
    """Raises RunError where the API's address would lose its load balancer and the organization forbids what comes
    instead: Google would refuse the new rule only when the old one is gone.
    """
    for constraint in applying(config):
        if constraint.name not in PROTOCOL_FORWARDING:
            continue
        rules = policies[constraint.name]
        if isinstance(rules, Unasked):
            pulumi.log.debug(f"The organization policy {constraint.name} can't be read: {rules.why}")
        elif constraint.permits(rules, config) is False:
            raise pulumi.RunError(
                'ha-masters:api.loadBalancer: "auto" can\'t serve one master here: the organization policy '
                f"{constraint.name} forbids the forwarding rule that points at a machine, and Google would refuse it only "
                "when everything else is done. Set api.loadBalancer to always."
            )


def _tell(lines: list[Line]) -> None:
    if stops := [line for line in lines if line.verdict == "stop"]:
        pulumi.log.warn(_told("This project would stop the update:", stops))
    if others := [line for line in lines if line.verdict in ("unknown", "note")]:
        pulumi.log.info(_told("`python -m admin check` says more of the project:", others))


def _told(title: str, lines: list[Line]) -> str:
    return "\n".join([title, *(f"  - {line.text}" for line in lines)])
