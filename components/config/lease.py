"""The lease by which an API server tells the others that it lives."""

from __future__ import annotations

from dataclasses import dataclass

from components.config import values
from components.config.errors import Refused
from components.config.section import Section
from components.config.setting import setting


@dataclass(frozen=True, slots=True)
class LeaseSpec:
    """The section `identity`.

    The defaults are those of Kubernetes, and no API server of 1.34 to 1.37 has a flag to change them.
    """

    lease_duration_seconds: int = setting("leaseDurationSeconds", values.whole(10, 86_400, "seconds"), 3_600)
    renew_interval_seconds: int = setting("renewIntervalSeconds", values.whole(1, 43_200, "seconds"), 10)


def read_lease(section: Section) -> LeaseSpec:
    spec = section.fill(LeaseSpec)
    given = section.ok("leaseDurationSeconds", "renewIntervalSeconds")
    if given and spec.renew_interval_seconds * 2 > spec.lease_duration_seconds:
        where = "renewIntervalSeconds" if "renewIntervalSeconds" in section.values else "leaseDurationSeconds"
        section.refuse(
            where,
            Refused(
                f"renews every {spec.renew_interval_seconds} s a lease of {spec.lease_duration_seconds} s",
                "Renew at least twice in a lease, so that one missed renewal doesn't end it",
            ),
        )
    return spec
