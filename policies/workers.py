"""Where workers are, and of what sort. All rules read what `Workers` records, before any of it is made."""

from __future__ import annotations

from collections import Counter

from pulumi_policy import ReportViolation, ResourceValidationArgs

from policies.resource_inputs import WORKERS, listed, pools
from policies.rule import ADVISORY, on


@on(
    WORKERS,
    name="zone-without-worker",
    says="A zone with a master has no worker, while others have several.",
    level=ADVISORY,
)
def every_zone(args: ResourceValidationArgs, report: ReportViolation) -> None:
    there: Counter[str] = Counter()
    for pool in pools(args.props):
        there.update(dict.fromkeys(pool.zones, pool.size))
    without = sorted(set(args.props.get("zones") or ()) - {zone for zone, size in there.items() if size})
    several = sorted(zone for zone, size in there.items() if size > 1)
    if without and several:
        report(
            f"{listed(without)} would have no worker, while {listed(several)} would have several. Pods that are to survive "
            "a zone can't be spread over one that takes none. Add it to the zones of a pool, or take its master elsewhere.",
            None,
        )


@on(
    WORKERS,
    name="pool-in-one-zone",
    says="A pool of several machines is in a single zone.",
    level=ADVISORY,
)
def not_one_zone(args: ResourceValidationArgs, report: ReportViolation) -> None:
    for pool in pools(args.props):
        if pool.size > 1 and len(pool.zones) == 1:
            report(
                f"All {pool.size} machines of the pool {pool.name} would be in {pool.zones[0]}: that zone's loss takes "
                "whatever runs on them, and another machine elsewhere costs no more. Name a second zone, and a smaller "
                "size.",
                None,
            )


@on(
    WORKERS,
    name="spot-alone",
    says="All workers are Spot VMs, which Google may take back at once.",
    level=ADVISORY,
)
def not_spot_alone(args: ResourceValidationArgs, report: ReportViolation) -> None:
    asked = [pool for pool in pools(args.props) if pool.size]
    if asked and all(pool.spot for pool in asked):
        report(
            f"{listed([pool.name for pool in asked])} would be of Spot VMs, and there would be no others. Google takes "
            "these back with 30 s of notice, all at once where it must, and no budget of a pod holds it. Add a pool without "
            "spot for what has to go on.",
            None,
        )
