"""Changes of what API servers do: each takes the changed flags or files over, one after another, as it starts anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.config import StackConfig
from components.edits.findings import NOTHING, Findings, Missing, Reach, note
from components.standing.facts import Standing
from components.wording import count
from node.contract.api_server import ApiServer

PLAIN = {
    "api.audit.maxAge": ("auditMaxAgeDays", f"{ApiServer().audit_max_age_days}d"),
    "api.audit.maxBackups": ("auditMaxBackups", ApiServer().audit_max_backups),
    "api.audit.maxSizeMb": ("auditMaxSizeMb", ApiServer().audit_max_size_mb),
    "api.logLevel": ("logLevel", ApiServer().log_level),
    "api.enableAdmissionPlugins": ("enableAdmissionPlugins", []),
    "api.disableAdmissionPlugins": ("disableAdmissionPlugins", []),
}
"""Keys, what they are called there, and the value that isn't written."""


def api_server(standing: Standing, config: StackConfig, who: tuple[str, ...]) -> Findings:
    """Tells what changes for the API servers of `who`, the masters that stay. Where an update was cut off, the first that
    differs speaks for all.
    """
    wanted = config.api.server.to_fields()
    different = [
        former for master in standing.masters if master.settings and (former := master.api_server) != wanted
    ]
    if not different:
        return NOTHING
    former, found = different[0], NOTHING
    found += _issuers(former.get("oidc", []), wanted.get("oidc", []), who)
    if former.get("auditPolicy") != wanted.get("auditPolicy"):
        found += note(
            "api.audit.policy",
            _rules(former.get("auditPolicy")),
            _rules(wanted.get("auditPolicy")),
            ""
            if wanted.get("auditPolicy") is None
            else "It says alone what is logged, instead of the program's own",
            reach=Reach.TAKEN_OVER,
            masters=who,
        )
    for key, (name, default) in PLAIN.items():
        was, will = _plain(name, former, default), _plain(name, wanted, default)
        if was != will:
            found += note(key, was, will, reach=Reach.TAKEN_OVER, masters=who)
    return found


def _issuers(
    former: list[Mapping[str, Any]], wanted: list[Mapping[str, Any]], who: tuple[str, ...]
) -> Findings:
    if former == wanted:
        return NOTHING
    were, will = _by_url(former), _by_url(wanted)
    gone, other = (
        sorted(were.keys() - will.keys()),
        sorted(url for url in were if will.get(url, were[url]) != were[url]),
    )
    says = []
    if gone:
        says.append(f"Who signs in by {' or '.join(gone)} is nobody from then on")
    if other:
        says.append(
            f"Other audiences, claims or authority for {' and '.join(other)}: users may get other names"
        )
    return note(
        "api.oidc",
        sorted(were) or Missing,
        sorted(will) or Missing,
        ". ".join(says),
        reach=Reach.TAKEN_OVER,
        masters=who,
    )


def _by_url(issuers: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {str(each.get("issuerUrl")): each for each in issuers}


def _rules(policy: object) -> object:
    """Returns a policy as the number of its rules: its text would fill the plan."""
    if not isinstance(policy, Mapping):
        return Missing
    return count(len(policy.get("rules", [])), "rule")


def _plain(name: str, settings: Mapping[str, Any], default: object) -> object:
    value = settings.get(name, default)
    return f"{value}d" if name == "auditMaxAgeDays" and name in settings else value
