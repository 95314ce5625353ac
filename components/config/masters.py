"""What every master's machine is: defaults and bounds."""

from __future__ import annotations

from components.config import families, values
from components.config.section import Section
from components.config.spec import MastersSpec

MACHINE_TYPE = "e2-standard-2"
IMAGE = "projects/debian-cloud/global/images/debian-12-bookworm-v20251014"
BOOT_DISK_GB = 20

BOOT_DISK_TYPE = values.one_of(*families.BOOT_DISKS)


def read_masters(section: Section) -> MastersSpec:
    return MastersSpec(
        machine_type=section.read("machineType", values.machine_type, MACHINE_TYPE),
        image=section.read("image", values.image, IMAGE),
        boot_disk_type=section.read("bootDiskType", BOOT_DISK_TYPE, None),
        boot_disk_size_gb=section.read("bootDiskSizeGb", values.whole(10, 2_048, "GB"), BOOT_DISK_GB),
        public_addresses=section.read("publicAddresses", values.boolean, False),
    )
