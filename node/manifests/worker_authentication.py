"""The `jwt` block by which an API server takes a worker's identity token for its node. Pure.

Google signs what is true of the VM. Each rule below is CEL over the token's claims, and a false one, or one that fails as
where a claim is missing, is 401 (apiserver/plugin/pkg/authenticator/token/oidc/oidc.go). A rule by rule:

- Only a VM's own metadata server writes `google.compute_engine`: a token that somebody mints for the account
  (`generateIdToken`) has none.
- Project and account: whoever isn't allowed to act as the workers' account can't start a VM that passes.
- Zone and name, together, as the pools have them. A master's name ends in its zone's letter and never in four characters,
  so no token makes anybody a master's node; the groups are a constant.
"""

from __future__ import annotations

import json
import re
from typing import Any

from node.contract import ports
from node.contract.pools import MACHINE, Pools
from node.contract.worker_config import audience
from node.contract.worker_identity import GROUP, ISSUER, USER_PREFIX, ZONE_KEY

_VM = "claims.google.compute_engine"


def discovery_url(loopback: str) -> str:
    """Where this machine's agent answers for the issuer; see `node.agent.workers.issuer`."""
    return f"https://{loopback}:{ports.ISSUER}/.well-known/openid-configuration"


def worker_jwt(pools: Pools, loopback: str, authority: str) -> dict[str, Any]:
    """JWTAuthenticator. `authority`, as PEM, vouches for the agent on `loopback`."""
    return {
        "issuer": {
            "url": ISSUER,
            "discoveryURL": discovery_url(loopback),
            "certificateAuthority": authority,
            "audiences": [audience(pools.cluster)],
        },
        "claimValidationRules": [
            {"expression": expression, "message": message} for expression, message in _rules(pools)
        ],
        "claimMappings": {
            "username": {"expression": f"'{USER_PREFIX}' + {_VM}.instance_name"},
            "groups": {"expression": f"['{GROUP}']"},
            "uid": {"expression": f"{_VM}.instance_id"},
            "extra": [{"key": ZONE_KEY, "valueExpression": f"{_VM}.zone"}],
        },
    }


def may_be_worker(pools: Pools, zone: str, name: str) -> bool:
    """Returns the same of name and zone as the API server finds."""
    return bool(groups(pools)) and re.fullmatch(_pattern(pools), f"{zone}/{name}") is not None


def groups(pools: Pools) -> list[str]:
    """Returns every managed group, as `<zone>/<base name of its VMs>`. Empty: nobody is a worker."""
    return sorted({f"{each.zone}/{each.group}" for pool in pools.pools for each in pool.zones})


def _pattern(pools: Pools) -> str:
    """For RE2 and `re` alike. Names of the contract are of letters, digits and dashes, so none says anything but itself."""
    return f"^({'|'.join(groups(pools))})-{MACHINE}$"


def _rules(pools: Pools) -> list[tuple[str, str]]:
    return [
        ("has(claims.google) && has(claims.google.compute_engine)", "the token is no VM's own"),
        (f"{_VM}.project_id == {json.dumps(pools.project)}", "the VM is of another project"),
        (
            f"claims.email_verified && claims.email == {json.dumps(pools.service_account)}",
            "the VM's account isn't the workers'",
        ),
        (
            f"({_VM}.zone + '/' + {_VM}.instance_name).matches({json.dumps(_pattern(pools))})",
            "no pool has a VM of that name in that zone",
        ),
    ]
