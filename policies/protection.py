"""What must not be lost by a slip: the address that clients and certificates name, and etcd's data."""

from __future__ import annotations

from pulumi_policy import ReportViolation, ResourceValidationArgs, StackValidationArgs

from policies.resource_inputs import ADDRESS, API_ENDPOINT, DISK, DISK_SCHEDULE, MASTER_REPLICA, is_child
from policies.rule import ADVISORY, on, on_stack


@on(
    ADDRESS,
    child_of=API_ENDPOINT,
    name="address-protected",
    says="The API's address is protected.",
)
def address_protected(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if not args.opts.protect:
        report(
            "The API's address is not protected. Every kubeconfig, certificate and kubelet names it; once released, it "
            "can't be had again. Set api.protectAddress to true, or leave it out.",
            None,
        )


@on(
    DISK,
    child_of=MASTER_REPLICA,
    name="data-disk-protected",
    says="Data disks are protected, or leave a snapshot.",
)
def data_disk_protected(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if not (args.opts.protect or args.props.get("createSnapshotBeforeDestroy")):
        report(
            f"{args.name} would be destroyed without a trace. It holds etcd's data, the state of the whole cluster. Set "
            "etcd.dataDiskProtection to snapshot (Google keeps one before the disk goes) or to protect.",
            None,
        )


@on_stack(
    name="snapshot-schedule",
    says="Every data disk has a snapshot schedule.",
    level=ADVISORY,
)
def snapshot_schedule(args: StackValidationArgs, report: ReportViolation) -> None:
    scheduled = {
        disk.urn
        for resource in args.resources
        if resource.resource_type == DISK_SCHEDULE
        for disk in resource.property_dependencies.get("disk", [])
    }
    for disk in args.resources:
        if is_child(disk.urn, DISK, MASTER_REPLICA) and disk.urn not in scheduled:
            report(
                f"{disk.name} has no snapshot schedule. etcd's own backups don't help when a bucket or a key is lost too. "
                "Attach a resource policy to it by a DiskResourcePolicyAttachment.",
                disk.urn,
            )
