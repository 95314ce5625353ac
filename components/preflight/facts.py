"""A project as one look found it. What could not be asked is `Unasked`, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Rule = Mapping[str, Any]
"""Of an organization policy, as API v2 has it: `allowAll`, `denyAll`, `values`, `enforce`, `parameters`, `condition`."""


@dataclass(frozen=True, slots=True)
class Made:
    """What the stack has made already, and so counts as used. `masters` are identities; the bucket is among what is made
    once, and first. `workers` were asked for, by pool and zone. `inside`: the API has its internal address.
    `serves_services`: masters make load balancers for Services.
    """

    masters: frozenset[str] = frozenset()
    bucket: bool = False
    workers: Mapping[tuple[str, str], int] = field(default_factory=dict)
    inside: bool = False
    serves_services: bool = False


NOTHING_MADE = Made()


@dataclass(frozen=True, slots=True)
class Unasked:
    """`why` is the end of a sentence."""

    why: str


@dataclass(frozen=True, slots=True)
class Quota:
    """A region's, as Compute Engine has it: `usage` of `limit`, in the metric's own unit."""

    metric: str
    limit: float
    usage: float


@dataclass(frozen=True, slots=True)
class MachineType:
    """`architecture` is `X86_64`, `ARM64` or, where Google doesn't say, empty."""

    cpus: int
    architecture: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """`state` is `ACTIVE`, or what has become of it: `DEPRECATED`, `OBSOLETE`, `DELETED`."""

    state: str
    size_gb: int
    architecture: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """None stands for what isn't there. `permissions` are those granted; None where nobody asked for them.

    `services` says of each API whether it is enabled; `quotas` are the region's and the project's; `zones` maps each zone to
    its status, `types` maps zone and machine type.
    """

    services: Mapping[str, bool] | Unasked
    policies: Mapping[str, tuple[Rule, ...] | Unasked]
    quotas: tuple[Quota, ...] | Unasked
    zones: Mapping[str, str | Unasked | None]
    types: Mapping[tuple[str, str], MachineType | Unasked | None]
    image: Image | Unasked | None
    bucket: Literal["free", "there", "another's"] | Unasked
    permissions: frozenset[str] | Unasked | None = field(default=None)
