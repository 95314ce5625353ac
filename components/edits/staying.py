"""Whom an edit reaches."""

from __future__ import annotations

from components.config import StackConfig
from components.standing.facts import Standing


def staying(standing: Standing, config: StackConfig) -> tuple[str, ...]:
    """Returns the identities of masters that stand and are on the list, in their order."""
    return tuple(sorted(standing.identities & {replica.identity for replica in config.replicas}))
