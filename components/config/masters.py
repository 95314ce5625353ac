"""What every master's machine is, unless its replica says otherwise: defaults and bounds."""

from __future__ import annotations

from dataclasses import dataclass

from components.config import families, values
from components.config.setting import setting

BOOT_DISK_TYPE = values.one_of(*families.BOOT_DISKS)


@dataclass(frozen=True, slots=True)
class MastersSpec:
    """The section `masters`. `boot_disk_type` is None where it follows the machine."""

    machine_type: str = setting("machineType", values.machine_type, "e2-standard-2")
    image: str = setting(
        "image", values.image, "projects/debian-cloud/global/images/debian-12-bookworm-v20251014"
    )
    boot_disk_type: str | None = setting("bootDiskType", BOOT_DISK_TYPE, None)
    boot_disk_size_gb: int = setting("bootDiskSizeGb", values.whole(10, 2_048, "GB"), 20)
    public_addresses: bool = setting("publicAddresses", values.boolean, False)
