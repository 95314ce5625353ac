"""How many masters there are, and where.

All rules read what `ControlPlane` records, the parent of everything and so the first that the engine registers. They are
resource rules, which run before it has children, in previews and in updates, `--skip-preview` included; a stack rule would
come after everything has been created.
"""

from __future__ import annotations

from collections import Counter

from pulumi_policy import ReportViolation, ResourceValidationArgs

from policies.resource_inputs import CONTROL_PLANE, listed, replicas
from policies.rule import ADVISORY, on


@on(
    CONTROL_PLANE,
    name="two-replicas",
    says="Two masters fail more often than one.",
)
def not_two(args: ResourceValidationArgs, report: ReportViolation) -> None:
    asked = replicas(args.props)
    if len(asked) == 2:
        report(
            f"There would be two masters, {listed([each.identity for each in asked])}. Both must agree to each write, so "
            "the loss of either stops the API: twice the risk of one master. Ask for one or three. To pass through two on "
            "purpose, set two-replicas to advisory in the file of --policy-pack-config, for that update.",
            None,
        )


@on(
    CONTROL_PLANE,
    name="even-replicas",
    says="An even count of masters tolerates no more than one less.",
)
def odd(args: ResourceValidationArgs, report: ReportViolation) -> None:
    count = len(replicas(args.props))
    if count > 2 and count % 2 == 0:
        report(
            f"There would be {count} masters. An even count tolerates no more failures than {count - 1}, and has one more "
            f"machine that can fail. Ask for {count - 1} or {count + 1}.",
            None,
        )


@on(
    CONTROL_PLANE,
    name="too-many-replicas",
    says="Beyond seven voters etcd gets slower and hardly safer.",
    config={"most": {"type": "integer", "minimum": 1, "maximum": 9, "default": 7}},
)
def not_too_many(args: ResourceValidationArgs, report: ReportViolation) -> None:
    most = int(args.get_config().get("most", 7))
    count = len(replicas(args.props))
    if count > most:
        report(
            f"There would be {count} masters, more than {most}. Each write waits for a majority of them, so more voters "
            f"make etcd slower and hardly safer. Ask for {most} or fewer; add workers for load.",
            None,
        )


@on(
    CONTROL_PLANE,
    name="zones-spread",
    says="No zone gets a second master while another has none.",
    config={"zonesInRegion": {"type": "integer", "minimum": 1, "maximum": 10, "default": 3}},
)
def spread(args: ResourceValidationArgs, report: ReportViolation) -> None:
    zones = int(args.get_config().get("zonesInRegion", 3))
    asked = replicas(args.props)
    used = Counter(each.zone for each in asked)
    if len(used) >= zones:
        return
    for zone, count in sorted(used.items()):
        if count > 1:
            names = [each.identity for each in asked if each.zone == zone]
            report(
                f"{listed(names)} would share {zone}, while the region has {zones} zones and {len(used)} "
                f"{'is' if len(used) == 1 else 'are'} used. The loss of that zone would take {count} of {len(asked)} "
                "voters at once. Give one of them a zone that has no master; a move is one update, and grows first.",
                None,
            )


@on(
    CONTROL_PLANE,
    name="zone-majority",
    says="No zone holds a majority of the voters.",
    level=ADVISORY,
)
def zone_majority(args: ResourceValidationArgs, report: ReportViolation) -> None:
    asked = replicas(args.props)
    for zone, count in Counter(each.zone for each in asked).items():
        if len(asked) > 1 and count > len(asked) // 2:
            report(
                f"{zone} would hold {count} of {len(asked)} voters, a majority: without that zone there is no quorum, and "
                "the API stops however many zones are left. Spread the masters so that no zone has more than "
                f"{(len(asked) - 1) // 2 or 1}.",
                None,
            )
