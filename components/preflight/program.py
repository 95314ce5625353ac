"""What the program does with the project's state: tells it before anything stands, and keeps the address served."""

from __future__ import annotations

import pulumi

from components.config import StackConfig
from components.google.running import google
from components.preflight.facts import Made
from components.preflight.judge import Line, judge
from components.preflight.look import look, rules_of
from components.preflight.policies import PROTOCOL_FORWARDING, allows, forwards
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
    by_list, managed = PROTOCOL_FORWARDING
    through = google()
    try:
        forbidden = [
            name
            for name, permitted in (
                (by_list, allows(rules_of(through, config, by_list), "EXTERNAL")),
                (managed, forwards(rules_of(through, config, managed), config)),
            )
            if permitted is False
        ]
    except Exception as error:
        pulumi.log.debug(f"Organization policies can't be read: {error}")
        return
    if forbidden:
        raise pulumi.RunError(
            f'ha-masters:api.loadBalancer: "auto" can\'t serve one master here: the organization policy {forbidden[0]} '
            "forbids the forwarding rule that points at a machine, and Google would refuse it only when everything else is "
            "done. Set api.loadBalancer to always."
        )


def _told(title: str, lines: list[Line]) -> str:
    return "\n".join([title, *(f"  - {line.text}" for line in lines)])
