"""Which disks and which architecture a machine takes: each is right alone, and Compute Engine refuses them together.

Tables: https://docs.cloud.google.com/compute/docs/disks/persistent-disks and `…/disks/hd-types/hyperdisk-balanced`, sections
"Machine series support", of the families in the catalog. That C3 takes no pd-standard:
https://github.com/GoogleCloudPlatform/cluster-toolkit/pull/1601.

Texts: "hyperdisk-balanced disk type cannot be used by n2-standard-4 machine type." with the reason badRequest, from creating
and from attaching alike (before 2024: "[pd-standard] features are not compatible for creating instance.",
kubernetes-sigs/gcp-compute-persistent-disk-csi-driver#1212); for the architecture
https://docs.cloud.google.com/compute/docs/troubleshooting/troubleshooting-arm-vms.
"""

from __future__ import annotations

from lab.simulator import operations
from lab.simulator.errors import ApiError, bad_request
from lab.simulator.registry import Call
from lab.simulator.services.compute import catalog, urls
from lab.simulator.services.compute.resources import Doc

_PERSISTENT = frozenset({"pd-standard", "pd-balanced", "pd-ssd"})
_SOLID = frozenset({"pd-balanced", "pd-ssd", "hyperdisk-balanced", "hyperdisk-throughput"})
_HYPERDISK = frozenset({"hyperdisk-balanced"})
TAKES: dict[str, frozenset[str]] = {
    **dict.fromkeys(("c2", "c2d", "e2", "f1", "g1", "n1", "n2d", "t2a", "t2d"), _PERSISTENT),
    "n2": _PERSISTENT | {"pd-extreme", "hyperdisk-throughput"},
    **dict.fromkeys(("c3", "c3d"), _SOLID),
    **dict.fromkeys(("c4", "c4a", "c4d", "n4", "n4a", "n4d"), _HYPERDISK),
}


def default_disk(machine: str) -> str:
    """Returns the type that an `initializeParams` without one makes, by the API's reference on it."""
    taken = TAKES[catalog.family(machine)]
    return next(each for each in ("pd-standard", "pd-balanced", "hyperdisk-balanced") if each in taken)


_CUSTOM_GB = {"n1": (0.9, 6.5), **dict.fromkeys(("e2", "n2", "n2d"), (0.5, 8.0))}
"""Memory for each CPU of a custom machine, at least and at most; of other families it isn't checked:
https://docs.cloud.google.com/compute/docs/general-purpose-machines.
"""


def check_custom(family: str, cpus: int, memory_mb: int) -> None:
    """Raises ApiError where there is no custom machine of that size. Words: https://bugzilla.redhat.com/show_bug.cgi?id=1878108
    and, of memory for so many CPUs, nf-core/configs#386.
    """
    if memory_mb % 256:
        raise _usage(f"Memory should be a multiple of 256MiB, while {memory_mb}MiB is requested")
    if cpus > 2 and cpus % 2:
        raise _usage(f"Number of vCPUs should be multiple of 2 if greater than 2, while {cpus} is requested")
    if family in _CUSTOM_GB:
        least, most = (cpus * each * 1024 for each in _CUSTOM_GB[family])
        least = -(-least // 256) * 256
        if not least <= memory_mb <= most:
            between = f"should be between {least:.0f}MiB and {most:.0f}MiB, while {memory_mb}MiB is requested"
            raise _usage(f"Memory size for {cpus:.1f} vCPU instance {between}")


def _usage(text: str) -> ApiError:
    return ApiError(400, "invalidResourceUsage", f"Invalid resource usage: '{text}'.")


def check_accelerators(machine: str, accelerators: list[Doc], scheduling: Doc) -> None:
    """Raises ApiError where a machine doesn't take accelerators beside it, or couldn't be moved with them: of the families
    here only N1 takes them (https://docs.cloud.google.com/compute/docs/gpus#n1-gpus).
    """
    if not accelerators:
        return
    if catalog.family(machine) != "n1":
        kind = urls.last(str(accelerators[0].get("acceleratorType")))
        text = f"[{machine}, {kind}] features are not compatible for creating instance."
        raise bad_request(text, "badRequest")
    if scheduling["onHostMaintenance"] != "TERMINATE":
        raise bad_request("Instances with guest accelerators do not support live migration.", "badRequest")


def check(call: Call, machine_url: str, entries: list[Doc]) -> None:
    """Raises ApiError where the machine doesn't take the disks that `entries` of an instance attach."""
    machine = urls.last(machine_url)
    for entry in entries:
        disk = call.store.get("disks", entry["source"].removeprefix(operations.API)) or {}
        kind = urls.last(disk["type"])
        if kind not in TAKES[catalog.family(machine)]:
            raise bad_request(f"{kind} disk type cannot be used by {machine} machine type.")
        ours, its = catalog.architecture(machine), disk.get("architecture")
        if entry["boot"] and its not in (None, "ARCHITECTURE_UNSPECIFIED", ours):
            text = f"Requested boot disk architecture ({its}) is not compatible with machine type architecture ({ours})."
            raise _usage(text)
