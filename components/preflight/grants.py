"""What a cluster's machines have been granted: whoever takes it from them cuts them off, and nothing says so until then.

Nobody can test another account's permissions as his own, so the policies themselves are read:
https://cloud.google.com/iam/docs/reference/rest/v1/Policy. What a folder or an organization grants or denies isn't in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from components.config import StackConfig
from components.google.side_by_side import side_by_side, why
from components.google.transport import Google
from components.preflight.facts import Made, Unasked
from components.preflight.line import Line
from components.preflight.look import DEADLINE_SECONDS
from components.resource_names import Names
from components.wording import count

Policy = Mapping[str, Any]
"""As every service has it: `bindings` of a role and its members."""


@dataclass(frozen=True, slots=True)
class Grant:
    """`on` names a policy to people, and is its key in what was found."""

    on: str
    account: str
    role: str


@dataclass(frozen=True, slots=True)
class Found:
    """Accounts map e-mail to whether they are disabled, None where one isn't there; policies are by what they are on."""

    accounts: Mapping[str, bool | Unasked | None]
    policies: Mapping[str, Policy | Unasked | None]


def wanted(config: StackConfig, made: Made) -> list[Grant]:
    """Returns what the stack has granted, as far as it has been made: of the bucket at first, and of each master that
    stands.
    """
    names = Names(config.cluster_name, config.project)
    masters = _email(names.service_account_id, config.project)
    grants = (
        [Grant(f"the bucket {names.bucket}", masters, "roles/storage.objectUser")] if made.masters else []
    )
    for identity in sorted(made.masters):
        secret = names.of(identity, "pki")
        grants.append(Grant(f"the secret {secret}", masters, "roles/secretmanager.secretAccessor"))
    if made.workers:
        workers = _email(names.workers_account_id, config.project)
        role = f"projects/{config.project}/roles/{names.workers_role_id}"
        grants.append(Grant(f"the bucket {names.bucket}", workers, "roles/storage.objectViewer"))
        grants.append(Grant(f"the project {config.project}", masters, role))
    if made.serves_services:
        role = f"projects/{config.project}/roles/{names.cloud_controller_role_id}"
        grants.append(Grant(f"the project {config.project}", masters, role))
    return grants


def find(config: StackConfig, google: Google, grants: Sequence[Grant]) -> Found:
    """Asks for each account and each policy, side by side. Raises for nothing that Google does."""
    calls = {account: partial(_disabled, google, config.project, account) for account in _accounts(grants)}
    places = {grant.on for grant in grants}
    found = side_by_side(
        {**calls, **{on: partial(google.found, *_asked(google, config.project, on)) for on in places}},
        DEADLINE_SECONDS,
    )
    said = {key: Unasked(why(one)) if isinstance(one, Exception) else one for key, one in found.items()}
    return Found({each: said[each] for each in calls}, {each: said[each] for each in places})


def judge(grants: Sequence[Grant], found: Found) -> list[Line]:
    """Returns one line a fault, or one for all that is well. What is gone is the stack's own, so the next update gives it
    back.
    """
    lines = [*_faults(grants, found)]
    if lines or not grants:
        return lines
    return [
        Line(
            "ok",
            "grants",
            f"The machines' accounts have the {count(len(grants), 'role')} that they were given.",
        )
    ]


def _faults(grants: Sequence[Grant], found: Found) -> Iterator[Line]:
    for account in _accounts(grants):
        match found.accounts.get(account):
            case Unasked(reason):
                yield Line("unknown", "grants", f"The account {account} could not be asked for: {reason}.")
            case None:
                yield Line(
                    "stop",
                    "grants",
                    f"The account {account} is gone, and the machines are nobody to Google. Within 30 days "
                    "`gcloud iam service-accounts undelete` brings it back with its roles; one made anew has none of them.",
                )
            case True:
                yield Line(
                    "note",
                    "grants",
                    f"The account {account} is disabled: machines read no secret and write no status. Run `pulumi up`, or "
                    f"`gcloud iam service-accounts enable {account}`.",
                )
    for grant in grants:
        policy = found.policies.get(grant.on)
        if isinstance(policy, Unasked):
            yield Line("unknown", "grants", f"Who may use {grant.on} could not be asked: {policy.why}.")
        elif policy is None:
            yield Line(
                "note", "grants", f"There is no policy of {grant.on}: it isn't there. Run `pulumi up`."
            )
        elif not _holds(policy, grant):
            yield Line(
                "note", "grants", f"{grant.account} lacks {grant.role} on {grant.on}. Run `pulumi up`."
            )


def _holds(policy: Policy, grant: Grant) -> bool:
    member = f"serviceAccount:{grant.account}"
    return any(
        binding.get("role") == grant.role and member in (binding.get("members") or ())
        for binding in policy.get("bindings") or ()
    )


def _accounts(grants: Sequence[Grant]) -> list[str]:
    return sorted({grant.account for grant in grants})


def _disabled(google: Google, project: str, account: str) -> bool | None:
    found = google.found(google.url("iam", f"projects/{project}/serviceAccounts/{account}"))
    return None if found is None else bool(found.get("disabled", False))


def _asked(google: Google, project: str, on: str) -> tuple[str, Mapping[str, str] | None, str]:
    """Address, parameters and method. Policies with conditions are shown from version 3 on."""
    kind, name = on.removeprefix("the ").split(" ", 1)
    match kind:
        case "bucket":
            url = google.url("storage", f"b/{quote(name, safe='')}/iam")
            return url, {"optionsRequestedPolicyVersion": "3"}, "GET"
        case "secret":
            url = google.url("secret_manager", f"projects/{project}/secrets/{name}:getIamPolicy")
            return url, {"options.requestedPolicyVersion": "3"}, "GET"
    return google.url("resource_manager", f"projects/{project}:getIamPolicy"), None, "POST"


def _email(account: str, project: str) -> str:
    """Of a project that belongs to a domain (`example.com:dev`), the domain comes last."""
    domain, _, name = project.rpartition(":")
    return f"{account}@{name}{'.' + domain if domain else ''}.iam.gserviceaccount.com"
