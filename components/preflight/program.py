"""What the program does with the project's state: tells it before anything stands, and keeps the address served."""

from __future__ import annotations

from functools import partial

import pulumi

from components.config import StackConfig
from components.google.running import google
from components.google.side_by_side import side_by_side
from components.preflight.facts import Made
from components.preflight.judge import judge
from components.preflight.line import Line
from components.preflight.look import DEADLINE_SECONDS, look, rules_of
from components.preflight.policies import PROTOCOL_FORWARDING, applying
from components.standing.facts import Standing


def announce_preflight(standing: Standing, config: StackConfig) -> None:
    """Prints, in the previews of a stack of which nothing stands, what would stop its first update.

    What the caller may do isn't asked: in a pull request he only reads.
    """
    if standing.lives or not pulumi.runtime.is_dry_run():
        return
    lines = judge(config, look(config, google()), made(standing))
    if stops := [line for line in lines if line.verdict == "stop"]:
        pulumi.log.warn(_told("This project would stop the update:", stops))
    if others := [line for line in lines if line.verdict in ("unknown", "note")]:
        pulumi.log.info(_told("`python -m admin check` says more of the project:", others))


def made(standing: Standing) -> Made:
    return Made(standing.identities, standing.bucket)


def keep_served(standing: Standing, config: StackConfig) -> None:
    """Raises RunError where the API's address would lose its load balancer and the organization forbids what comes
    instead: Google would refuse the new rule only when the old one is gone.
    """
    if config.load_balanced or (standing.lives and not standing.balanced):
        return
    through = google()
    asked = {each.name: each for each in applying(config) if each.name in PROTOCOL_FORWARDING}
    found = side_by_side({name: partial(rules_of, through, config, name) for name in asked}, DEADLINE_SECONDS)
    forbidden = []
    for name, rules in found.items():
        if isinstance(rules, Exception):
            pulumi.log.debug(f"The organization policy {name} can't be read: {rules}")
        elif asked[name].permits(rules, config) is False:
            forbidden.append(name)
    if forbidden:
        raise pulumi.RunError(
            f'ha-masters:api.loadBalancer: "auto" can\'t serve one master here: the organization policy {forbidden[0]} '
            "forbids the forwarding rule that points at a machine, and Google would refuse it only when everything else is "
            "done. Set api.loadBalancer to always."
        )


def _told(title: str, lines: list[Line]) -> str:
    return "\n".join([title, *(f"  - {line.text}" for line in lines)])
