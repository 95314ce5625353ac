"""What an update would take away, compared with the stack's last known state (`policies.last_state` says how that is had).

A deletion shows only once the whole program has run, so it takes a stack rule: that stops `pulumi up` at its preview, and
comes too late with `--skip-preview`; protection (`policies.protection`) is what holds then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_policy import ReportViolation, ResourceValidationArgs, StackValidationArgs

from policies.last_state import CONFIG, gone, last_known
from policies.resource_inputs import (
    ADDRESS,
    API_ENDPOINT,
    CONTROL_PLANE,
    DISK,
    MASTER_REPLICA,
    known_items,
    listed,
    replicas,
)
from policies.rule import ADVISORY, on, on_stack

ADDRESS_FIXED = ("name", "region", "project", "addressType", "networkTier", "address", "description")
DISK_FIXED = ("name", "zone", "project", "type", "snapshot", "image")
"""What Google can't change in place: another value means another resource."""


def _changed(before: Mapping[str, Any], after: Mapping[str, Any], fixed: tuple[str, ...]) -> list[str]:
    known = dict(known_items(after))
    return [key for key in fixed if key in known and key in before and known[key] != before[key]]


@on(
    CONTROL_PLANE,
    name="voters-leave-one-by-one",
    says="One voter leaves in an update.",
    level=ADVISORY,
    config=CONFIG,
)
def voters_leave_one_by_one(args: ResourceValidationArgs, report: ReportViolation) -> None:
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


@on(
    ADDRESS,
    child_of=API_ENDPOINT,
    name="address-replaced",
    says="The API's address is never replaced.",
    config=CONFIG,
)
def address_replaced(args: ResourceValidationArgs, report: ReportViolation) -> None:
    before = last_known(args, args.urn).addresses.get(args.urn)
    if before is not None and (changed := _changed(before, args.props, ADDRESS_FIXED)):
        report(
            f"The API's address would be replaced, for its {listed(changed)}. Every kubeconfig, certificate and kubelet "
            "names the one there is. Take the change back; another region or cluster name is another stack.",
            None,
        )


@on(
    DISK,
    child_of=MASTER_REPLICA,
    name="data-disk-replaced",
    says="A replica that stays keeps its data disk.",
    config=CONFIG,
)
def data_disk_replaced(args: ResourceValidationArgs, report: ReportViolation) -> None:
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


@on_stack(
    name="address-deleted",
    says="The API's address is never deleted.",
    config=CONFIG,
)
def address_deleted(args: StackValidationArgs, report: ReportViolation) -> None:
    for urn in gone(args, lambda stack: stack.addresses):
        report(
            f"The API's address, {urn.split('::')[-1]}, would be deleted. Once released it can't be had again, and every "
            "kubeconfig, certificate and kubelet names it. Keep the endpoint in the program.",
            None,
        )


@on_stack(
    name="data-disk-deleted",
    says="A data disk goes with its replica.",
    level=ADVISORY,
    config=CONFIG,
)
def data_disk_deleted(args: StackValidationArgs, report: ReportViolation) -> None:
    for urn, disk in sorted(gone(args, lambda stack: stack.data_disks).items(), key=lambda item: item[0]):
        last = "after a snapshot" if disk.get("createSnapshotBeforeDestroy") else "without a snapshot"
        report(
            f"{urn.split('::')[-1]} would be deleted, {last}: its replica is no longer asked for. Going back means a new "
            "member that copies its data from the others. Keep the replica on the list if that isn't meant.",
            None,
        )
