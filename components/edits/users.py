"""Changes of who has a kubeconfig of his own: masters keep the bindings, and no machine is touched."""

from __future__ import annotations

from collections.abc import Mapping

from components.config import StackConfig
from components.edits.findings import NOTHING, Findings, Missing, note
from components.standing.facts import Standing


def users(standing: Standing, config: StackConfig) -> Findings:
    """Without the key, nobody keeps the bindings any more, and what they say goes on."""
    former = standing.users
    wanted = None if config.api.users is None else {user.name: user.role for user in config.api.users}
    if former == wanted:
        return NOTHING
    gone = " and ".join(sorted((former or {}).keys() - (wanted or {}).keys()))
    says = ""
    if gone and wanted is None:
        says = f"Nobody keeps the bindings from then on, and {gone} may go on: write [] first, which ends it"
    elif gone:
        says = f"What a role of the list lets {gone} do ends within a minute"
    return note("api.users", _roles(former), _roles(wanted), says)


def _roles(roles: Mapping[str, str] | None) -> object:
    """Returns the roles as `alice: view`."""
    if roles is None:
        return Missing
    return [f"{name}: {role}" if role else name for name, role in sorted(roles.items())]
