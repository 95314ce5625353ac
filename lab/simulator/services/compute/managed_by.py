"""Which managed group a VM is of, by the metadata that the group gave it; and that the group looks at what became of it.

https://cloud.google.com/compute/docs/instance-groups/getting-info-about-migs#checking_if_a_vm_instance_is_part_of_a_mig
"""

from __future__ import annotations

from lab.simulator import operations
from lab.simulator.context import Lab
from lab.simulator.services.compute import metadata
from lab.simulator.services.compute.resources import Doc

CREATED_BY = "created-by"
INSTANCE_TEMPLATE = "instance-template"


def numbered(lab: Lab, key: str) -> str:
    """A relative path with the project's number in place of its name, as metadata has it."""
    return key.replace(f"projects/{lab.project}/", f"projects/{lab.number}/", 1)


def look_again(lab: Lab, instance: Doc) -> None:
    """The group that a VM is of, if any, does next what the VM's new state asks of it."""
    written = metadata.value(instance["metadata"], CREATED_BY) or ""
    group = written.replace(f"projects/{lab.number}/", f"projects/{lab.project}/", 1)
    if group and lab.store.get("instanceGroupManagers", group) is not None:
        operations.later(lab, 0.0, "instanceGroupManagers.look", {"key": group})
