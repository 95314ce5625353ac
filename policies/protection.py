"""What must not be lost by a slip: the address that clients and certificates name, and etcd's data."""

from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.resource_inputs import (
    DISK,
    DISK_SCHEDULE,
    MASTER_REPLICA,
    is_api_address,
    is_child,
    is_data_disk,
)


def _address_protected(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if is_api_address(args) and not args.opts.protect:
        report(
            "The API's address is not protected. Every kubeconfig, certificate and kubelet names it; once released, it "
            "can't be had again. Set api.protectAddress to true, or leave it out.",
            None,
        )


def _data_disk_protected(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if is_data_disk(args) and not (args.opts.protect or args.props.get("createSnapshotBeforeDestroy")):
        report(
            f"{args.name} would be destroyed without a trace. It holds etcd's data, the state of the whole cluster. Set "
            "etcd.dataDiskProtection to snapshot (Google keeps one before the disk goes) or to protect.",
            None,
        )


def _snapshot_schedule(args: StackValidationArgs, report: ReportViolation) -> None:
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


address_protected = ResourceValidationPolicy(
    name="address-protected",
    description="The API's address is protected.",
    validate=_address_protected,
    enforcement_level=EnforcementLevel.MANDATORY,
)
data_disk_protected = ResourceValidationPolicy(
    name="data-disk-protected",
    description="Data disks are protected, or leave a snapshot.",
    validate=_data_disk_protected,
    enforcement_level=EnforcementLevel.MANDATORY,
)
snapshot_schedule = StackValidationPolicy(
    name="snapshot-schedule",
    description="Every data disk has a snapshot schedule.",
    validate=_snapshot_schedule,
    enforcement_level=EnforcementLevel.ADVISORY,
)
