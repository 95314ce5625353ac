"""The running stack's config."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret

from components.config.builds import NOTHING, Stood
from components.config.errors import ConfigErrors
from components.config.reserved_address import Reserved
from components.config.spec import StackConfig
from components.config.stack import parse
from components.releases import ReleasesError, known

T = TypeVar("T")


def load(stood: Stood = NOTHING) -> StackConfig:
    """Returns what the selected stack asks for. Raises RunError, which the engine shows without a traceback. What `stood`
    before isn't refused.

    Reads all keys of our namespace, not only those that we know: the engine ignores unknown ones.
    """
    namespace = pulumi.get_project()
    everything = {**get_config_env(), **CONFIG.get()}
    ours = {
        key.removeprefix(f"{namespace}:"): value
        for key, value in everything.items()
        if key.startswith(f"{namespace}:")
    }
    gcp = pulumi.Config("gcp")
    project = gcp.get("project") or ""
    try:
        return parse(
            ours,
            project_name=namespace,
            region=gcp.get("region") or "",
            project=project,
            secret_keys=[key for key in ours if is_config_secret(f"{namespace}:{key}")],
            zone_dns_name=partial(_zone_dns_name, project),
            reserved=partial(_reserved, project, gcp.get("region") or ""),
            stood=stood,
            releases=known(Path()),  # The engine runs a program in the folder of its stack's files.
        )
    except (ConfigErrors, ReleasesError) as errors:
        raise pulumi.RunError(str(errors)) from errors


def _reserved(project: str, region: str, name: str) -> Reserved:
    """Asks Compute Engine, in previews too: the rule that is to hold the address comes last."""
    from pulumi_gcp import compute

    found = _found(lambda: compute.get_address(name=name, project=project, region=region))
    # The published package has the first user only.
    users = (found.users.rpartition("/")[2],) if found.users else ()
    return Reserved(str(found.address_type or "EXTERNAL"), str(found.network_tier or ""), users)


def _zone_dns_name(project: str, zone: str) -> str:
    """Asks Cloud DNS, in previews too: a record outside its zone would be refused when half the cluster stands."""
    from pulumi_gcp import dns

    return str(_found(lambda: dns.get_managed_zone(name=zone, project=project)).dns_name)


def _found(ask: Callable[[], T]) -> T:
    """Returns what the provider finds. Raises LookupError, with its reason on one line."""
    try:
        return ask()
    except Exception as error:
        raise LookupError(" ".join(str(error).split())) from error
