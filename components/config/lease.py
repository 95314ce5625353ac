"""The lease by which an API server tells the others that it lives."""

from __future__ import annotations

from components.config import values
from components.config.errors import Refused
from components.config.section import Section
from components.config.spec import LeaseSpec


def read_lease(section: Section) -> LeaseSpec:
    kubernetes = LeaseSpec()
    spec = LeaseSpec(
        lease_duration_seconds=section.read(
            "leaseDurationSeconds", values.whole(10, 86_400, "seconds"), kubernetes.lease_duration_seconds
        ),
        renew_interval_seconds=section.read(
            "renewIntervalSeconds", values.whole(1, 43_200, "seconds"), kubernetes.renew_interval_seconds
        ),
    )
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
