"""Whether the project lets an update through: its APIs, the caller's permissions, organization policies, quotas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components.config import StackConfig
from components.preflight.facts import Made, Seen, Unasked
from components.preflight.line import Line
from components.preflight.policies import applying
from components.preflight.quotas import shortages
from components.wording import listed


def services(config: StackConfig) -> tuple[str, ...]:
    """Returns the APIs that the stack's own calls go to."""
    names = ["compute", "iam", "secretmanager", "storage"]
    if config.api.managed_zone:
        names.append("dns")
    return tuple(f"{name}.googleapis.com" for name in names)


def apis(config: StackConfig, seen: Seen) -> Iterator[Line]:
    asked = services(config)
    if isinstance(seen.services, Unasked):
        yield Line("unknown", "apis", f"Which APIs are enabled could not be asked: {seen.services.why}.")
        return
    missing = [name for name in asked if not seen.services.get(name)]
    if missing:
        enable = f"gcloud services enable {' '.join(missing)} --project={config.project}"
        are = "is" if len(missing) == 1 else "are"
        yield Line(
            "stop",
            "apis",
            f"{listed(missing)} {are} not enabled in the project {config.project}. Run `{enable}`.",
        )
    else:
        yield Line("ok", "apis", f"{len(asked)} APIs are enabled.")


def permissions(config: StackConfig, seen: Seen, wanted: Sequence[str]) -> Iterator[Line]:
    granted = seen.permissions
    if granted is None:
        return
    if isinstance(granted, Unasked):
        yield Line("unknown", "permissions", f"What you may do could not be asked: {granted.why}.")
    elif missing := [each for each in wanted if each not in granted]:
        yield Line(
            "stop",
            "permissions",
            f"In the project {config.project} you lack {listed(missing)}. docs/guides/permissions.md has the role that "
            "an update takes.",
        )
    else:
        yield Line("ok", "permissions", f"You have the {len(wanted)} permissions that an update takes.")


def policies(config: StackConfig, seen: Seen) -> Iterator[Line]:
    asked = applying(config)
    unasked: dict[str, list[str]] = {}
    refused = False
    for constraint in asked:
        rules = seen.policies.get(constraint.name, Unasked("nobody looked"))
        if isinstance(rules, Unasked):
            unasked.setdefault(rules.why, []).append(constraint.name)
            continue
        permitted = constraint.permits(rules, config)
        if permitted is False:
            refused = True
            yield Line(
                "stop",
                "policies",
                f"The organization policy {constraint.name} {constraint.refuses}. {constraint.remedy}.",
            )
        elif permitted is None:
            yield Line(
                "unknown",
                "policies",
                f"The organization policy {constraint.name} has conditions or groups of values: whether it lets the "
                "stack through can't be told from here.",
            )
    for why, names in unasked.items():
        yield Line(
            "unknown",
            "policies",
            f"The organization policies {listed(names)} could not be read: {why}. It takes the API "
            "orgpolicy.googleapis.com and the role roles/orgpolicy.policyViewer.",
        )
    if not (refused or unasked):
        yield Line("ok", "policies", f"{len(asked)} organization policies were read.")


def quotas(config: StackConfig, seen: Seen, made: Made) -> Iterator[Line]:
    if isinstance(seen.quotas, Unasked):
        yield Line("unknown", "quotas", f"Quotas could not be asked: {seen.quotas.why}.")
        return
    short = shortages(config, made, seen.types, seen.quotas)
    for each in short:
        yield Line(
            "stop",
            "quotas",
            f"The stack takes {each.needed:g} of the quota {each.metric}, and {each.left:g} are left in {config.region}. "
            f"Ask for more: https://console.cloud.google.com/iam-admin/quotas?project={config.project}.",
        )
    if not short:
        yield Line("ok", "quotas", f"Quotas in {config.region} have room.")
