"""The program's only look at the past: the stack's last state, asked of the backend through the engine.

A preview can always reach the backend, while the cluster may be down. What the state says is read in
`components.standing.recorded`.
"""

from __future__ import annotations

import pulumi

from components.standing.facts import Standing
from components.standing.recorded import standing_of


def last_known() -> Standing:
    """Returns what the stack's state has now; nothing before its first update."""
    own = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    reply = pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", {"stackName": own}).value
    return standing_of((reply or {}).get("outputs") or {})
