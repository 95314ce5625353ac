"""What an update would take away, compared with the stack's last known state (`policies.last_state` says how that is had).

A deletion shows only once the whole program has run, so it takes a stack rule: that stops `pulumi up` at its preview, and
comes too late with `--skip-preview`; protection (`policies.protection`) is what holds then.
"""

from collections.abc import Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.last_state import CONFIG, KnownStack, last_known
from policies.resource_inputs import (
    CONTROL_PLANE,
    is_api_address,
    is_data_disk,
    known_items,
    listed,
    replicas,
)

ADDRESS_FIXED = ("name", "region", "project", "addressType", "networkTier", "address", "description")
DISK_FIXED = ("name", "zone", "project", "type", "snapshot", "image")
"""What Google can't change in place: another value means another resource."""


def _changed(before: Mapping[str, Any], after: Mapping[str, Any], fixed: tuple[str, ...]) -> list[str]:
    known = dict(known_items(after))
    return [key for key in fixed if key in known and key in before and known[key] != before[key]]


def _voters_leave(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type != CONTROL_PLANE:
        return
    asked = {replica.identity for replica in replicas(args.props)}
    leaving = [
        replica.identity for replica in last_known(args, args.urn).replicas if replica.identity not in asked
    ]
    if len(leaving) > 1:
        report(
            f"{listed(leaving)} would leave in one update. They go one at a time and quorum is kept, but the data of "
            f"{len(leaving)} voters is gone by the end of it, and there is no point to stop and look. Take them off the "
            "list one update at a time.",
            None,
        )


def _address_replaced(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if not is_api_address(args):
        return
    before = last_known(args, args.urn).addresses.get(args.urn)
    if before is not None and (changed := _changed(before, args.props, ADDRESS_FIXED)):
        report(
            f"The API's address would be replaced, for its {listed(changed)}. Every kubeconfig, certificate and kubelet "
            "names the one there is. Take the change back; another region or cluster name is another stack.",
            None,
        )


def _data_disk_replaced(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if not is_data_disk(args):
        return
    before = last_known(args, args.urn).data_disks.get(args.urn)
    if before is None:
        return
    changed = _changed(before, args.props, DISK_FIXED)
    if (args.props.get("size") or 0) < (before.get("size") or 0):
        changed.append("size")
    if changed:
        report(
            f"{args.name} would be replaced by an empty disk, for its {listed(changed)}. Its voter loses its data and has "
            "to join anew; several at once lose the cluster. Take the change back, or swap the replica: a new name on the "
            "list brings a new disk, and the old one leaves after the new one has joined.",
            None,
        )


_asked_for: set[str] = set()
"""URNs of what the program has registered in this run.

A stack rule is shown more: also what the engine read from Google Cloud before, whether anybody still wants it or not.
"""


def _note(args: ResourceValidationArgs, _: ReportViolation) -> None:
    _asked_for.add(args.urn)


def _gone(args: StackValidationArgs, of: str) -> dict[str, Mapping[str, Any]]:
    """What the last state has and nobody asks for any more; nothing when the whole stack goes."""
    urns = {resource.urn for resource in args.resources}
    stack = next((urn for urn in urns if "::pulumi:pulumi:Stack::" in urn), None)
    if stack is None:
        return {}
    if stack in _asked_for:  # Otherwise the rule that notes them is switched off.
        urns = _asked_for
    before: KnownStack = last_known(args, stack)
    kept: Mapping[str, Mapping[str, Any]] = getattr(before, of)
    return {urn: inputs for urn, inputs in kept.items() if urn not in urns}


def _address_deleted(args: StackValidationArgs, report: ReportViolation) -> None:
    for urn in _gone(args, "addresses"):
        report(
            f"The API's address, {urn.split('::')[-1]}, would be deleted. Once released it can't be had again, and every "
            "kubeconfig, certificate and kubelet names it. Keep the endpoint in the program.",
            None,
        )


def _data_disk_deleted(args: StackValidationArgs, report: ReportViolation) -> None:
    for urn, disk in sorted(_gone(args, "data_disks").items(), key=lambda item: item[0]):
        last = "after a snapshot" if disk.get("createSnapshotBeforeDestroy") else "without a snapshot"
        report(
            f"{urn.split('::')[-1]} would be deleted, {last}: its replica is no longer asked for. Going back means a new "
            "member that copies its data from the others. Keep the replica on the list if that isn't meant.",
            None,
        )


asked_for = ResourceValidationPolicy(
    name="asked-for",
    description="Says nothing. It notes what the program asks for, which the rules on deletions compare with.",
    validate=_note,
    enforcement_level=EnforcementLevel.ADVISORY,
)
voters_leave_one_by_one = ResourceValidationPolicy(
    name="voters-leave-one-by-one",
    description="One voter leaves in an update.",
    validate=_voters_leave,
    enforcement_level=EnforcementLevel.ADVISORY,
    config_schema=CONFIG,
)
address_replaced = ResourceValidationPolicy(
    name="address-replaced",
    description="The API's address is never replaced.",
    validate=_address_replaced,
    enforcement_level=EnforcementLevel.MANDATORY,
    config_schema=CONFIG,
)
address_deleted = StackValidationPolicy(
    name="address-deleted",
    description="The API's address is never deleted.",
    validate=_address_deleted,
    enforcement_level=EnforcementLevel.MANDATORY,
    config_schema=CONFIG,
)
data_disk_replaced = ResourceValidationPolicy(
    name="data-disk-replaced",
    description="A replica that stays keeps its data disk.",
    validate=_data_disk_replaced,
    enforcement_level=EnforcementLevel.MANDATORY,
    config_schema=CONFIG,
)
data_disk_deleted = StackValidationPolicy(
    name="data-disk-deleted",
    description="A data disk goes with its replica.",
    validate=_data_disk_deleted,
    enforcement_level=EnforcementLevel.ADVISORY,
    config_schema=CONFIG,
)
