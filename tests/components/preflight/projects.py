"""A project in which nothing stands in the way, and configs of stacks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from components.config import StackConfig, parse
from components.google.provider_config import ProviderConfig
from components.google.transport import Google
from components.preflight.facts import Image, MachineType, Quota, Seen
from lab import environment

ALLOWED = ({"allowAll": True},)
LEFT = {"CPUS": 24.0, "SSD_TOTAL_GB": 500.0, "STATIC_ADDRESSES": 8.0, "FIREWALLS": 100.0, "INSTANCES": 24.0}


def stack(count: int = 3, **more: Any) -> StackConfig:
    replicas = [
        {"name": f"m{number + 1}", "zone": f"europe-west1-{'bcd'[number]}"} for number in range(count)
    ]
    raw = {"clusterName": "dev", "replicas": replicas, **more}
    return parse(raw, region="europe-west1", project="lab-project")


def project(config: StackConfig, **other: Any) -> Seen:
    """`other` are facts that differ."""
    names = ("compute", "iam", "secretmanager", "storage", "dns")
    zones = dict.fromkeys(config.zones, "UP")
    well = Seen(
        services={f"{name}.googleapis.com": True for name in names},
        policies=dict.fromkeys(_every_policy(), ALLOWED),
        quotas=tuple(Quota(metric, limit, 0) for metric, limit in LEFT.items()),
        zones=dict(zones),
        types={(each.zone, each.machine_type): MachineType(2, "X86_64") for each in config.replicas},
        image=Image("ACTIVE", 10, "X86_64"),
        bucket="free",
    )
    return replace(well, **other)


def _every_policy() -> list[str]:
    from components.preflight.policies import CONSTRAINTS

    return [constraint.name for constraint in CONSTRAINTS]


def through() -> Google:
    return Google(ProviderConfig.read({"accessToken": environment.TOKEN}.get))
