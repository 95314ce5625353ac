"""How many masters there are, and where.

All rules read what `ControlPlane` records, the parent of everything and so the first that the engine registers. They are
resource rules, which run before it has children, in previews and in updates, `--skip-preview` included; a stack rule would
come after everything has been created.
"""

from collections import Counter

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)

from policies.resource_inputs import CONTROL_PLANE, Replica, listed, replicas


def _asked(args: ResourceValidationArgs) -> tuple[Replica, ...]:
    return replicas(args.props) if args.resource_type == CONTROL_PLANE else ()


def _not_two(args: ResourceValidationArgs, report: ReportViolation) -> None:
    asked = _asked(args)
    if len(asked) == 2:
        report(
            f"There would be two masters, {listed([each.identity for each in asked])}. Both must agree to each write, so "
            "the loss of either stops the API: twice the risk of one master. Ask for one or three. To pass through two on "
            "purpose, set two-replicas to advisory in the file of --policy-pack-config, for that update.",
            None,
        )


def _odd(args: ResourceValidationArgs, report: ReportViolation) -> None:
    count = len(_asked(args))
    if count > 2 and count % 2 == 0:
        report(
            f"There would be {count} masters. An even count tolerates no more failures than {count - 1}, and has one more "
            f"machine that can fail. Ask for {count - 1} or {count + 1}.",
            None,
        )


def _not_too_many(args: ResourceValidationArgs, report: ReportViolation) -> None:
    most = int(args.get_config().get("most", 7))
    count = len(_asked(args))
    if count > most:
        report(
            f"There would be {count} masters, more than {most}. Each write waits for a majority of them, so more voters "
            f"make etcd slower and hardly safer. Ask for {most} or fewer; add workers for load.",
            None,
        )


def _spread(args: ResourceValidationArgs, report: ReportViolation) -> None:
    zones = int(args.get_config().get("zonesInRegion", 3))
    asked = _asked(args)
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


def _zone_majority(args: ResourceValidationArgs, report: ReportViolation) -> None:
    asked = _asked(args)
    for zone, count in Counter(each.zone for each in asked).items():
        if len(asked) > 1 and count > len(asked) // 2:
            report(
                f"{zone} would hold {count} of {len(asked)} voters, a majority: without that zone there is no quorum, and "
                "the API stops however many zones are left. Spread the masters so that no zone has more than "
                f"{(len(asked) - 1) // 2 or 1}.",
                None,
            )


not_two = ResourceValidationPolicy(
    name="two-replicas",
    description="Two masters fail more often than one.",
    validate=_not_two,
    enforcement_level=EnforcementLevel.MANDATORY,
)
odd = ResourceValidationPolicy(
    name="even-replicas",
    description="An even count of masters tolerates no more than one less.",
    validate=_odd,
    enforcement_level=EnforcementLevel.MANDATORY,
)
not_too_many = ResourceValidationPolicy(
    name="too-many-replicas",
    description="Beyond seven voters etcd gets slower and hardly safer.",
    validate=_not_too_many,
    enforcement_level=EnforcementLevel.MANDATORY,
    config_schema=PolicyConfigSchema(
        properties={"most": {"type": "integer", "minimum": 1, "maximum": 9, "default": 7}}
    ),
)
spread = ResourceValidationPolicy(
    name="zones-spread",
    description="No zone gets a second master while another has none.",
    validate=_spread,
    enforcement_level=EnforcementLevel.MANDATORY,
    config_schema=PolicyConfigSchema(
        properties={"zonesInRegion": {"type": "integer", "minimum": 1, "maximum": 10, "default": 3}}
    ),
)
zone_majority = ResourceValidationPolicy(
    name="zone-majority",
    description="No zone holds a majority of the voters.",
    validate=_zone_majority,
    enforcement_level=EnforcementLevel.ADVISORY,
)
