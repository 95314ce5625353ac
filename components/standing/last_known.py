"""The program's only look at the past: the stack's last state, asked of the backend through the engine.

A preview can always reach the backend, while the cluster may be down. What the state says is read in
`components.standing.facts`.
"""

from __future__ import annotations

import pulumi

from components.standing.facts import Standing, standing_of

__all__ = ["Standing", "last_known"]


def last_known() -> Standing:
    """What stands of this stack as of now; nothing before its first update."""
    own = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    reply = pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", {"stackName": own}).value
    return standing_of((reply or {}).get("outputs") or {})
