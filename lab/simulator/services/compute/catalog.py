"""What Google has and nobody creates: regions, zones, machine and disk types. A selection."""

from __future__ import annotations

import re
import zlib
from typing import Any

NAME_PATTERN = r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?"
AUTO_RANGES: dict[str, str] = {
    "asia-east1": "10.140.0.0/20",
    "asia-northeast1": "10.146.0.0/20",
    "asia-south1": "10.160.0.0/20",
    "asia-southeast1": "10.148.0.0/20",
    "australia-southeast1": "10.152.0.0/20",
    "europe-central2": "10.186.0.0/20",
    "europe-north1": "10.166.0.0/20",
    "europe-southwest1": "10.204.0.0/20",
    "europe-west1": "10.132.0.0/20",
    "europe-west2": "10.154.0.0/20",
    "europe-west3": "10.156.0.0/20",
    "europe-west4": "10.164.0.0/20",
    "europe-west6": "10.172.0.0/20",
    "europe-west9": "10.200.0.0/20",
    "northamerica-northeast1": "10.162.0.0/20",
    "southamerica-east1": "10.158.0.0/20",
    "us-central1": "10.128.0.0/20",
    "us-east1": "10.142.0.0/20",
    "us-east4": "10.150.0.0/20",
    "us-east5": "10.202.0.0/20",
    "us-south1": "10.206.0.0/20",
    "us-west1": "10.138.0.0/20",
    "us-west2": "10.168.0.0/20",
    "us-west3": "10.180.0.0/20",
    "us-west4": "10.182.0.0/20",
}
"""The regions, and the ranges of auto mode networks in them:
https://docs.cloud.google.com/vpc/docs/subnets#ip-ranges.
"""
_OTHER_ZONES = {
    "europe-west1": ("b", "c", "d"),
    "us-central1": ("a", "b", "c", "f"),
    "us-east1": ("b", "c", "d"),
}
REGIONS: dict[str, tuple[str, ...]] = {r: _OTHER_ZONES.get(r, ("a", "b", "c")) for r in AUTO_RANGES}
ZONES: dict[str, str] = {f"{r}-{letter}": r for r, letters in REGIONS.items() for letter in letters}
DISK_TYPES: dict[str, tuple[int, int, str]] = {
    "pd-standard": (10, 65536, "Standard Persistent Disk"),
    "pd-balanced": (10, 65536, "Balanced Persistent Disk"),
    "pd-ssd": (10, 65536, "SSD Persistent Disk"),
    "pd-extreme": (500, 65536, "Extreme Persistent Disk"),
    "hyperdisk-balanced": (4, 65536, "Hyperdisk Balanced Disk"),
    "hyperdisk-extreme": (64, 65536, "Hyperdisk Extreme Disk"),
    "hyperdisk-ml": (4, 65536, "Hyperdisk ML Disk"),
    "hyperdisk-throughput": (2048, 32768, "Hyperdisk Throughput Disk"),
}
"""Smallest and largest size in GB and a description."""

_SHARED = {
    "f1-micro": (1, 614),
    "g1-small": (1, 1740),
    "e2-micro": (2, 1024),
    "e2-small": (2, 2048),
    "e2-medium": (2, 4096),
}
_FAMILIES: dict[str, tuple[tuple[int, ...], dict[str, int]]] = {
    "e2": ((2, 4, 8, 16), {"standard": 4096, "highmem": 8192, "highcpu": 1024}),
    "n1": ((1, 2, 4, 8, 16, 32, 64, 96), {"standard": 3840, "highmem": 6656, "highcpu": 921}),
    "n2": ((2, 4, 8, 16, 32, 48, 64, 80), {"standard": 4096, "highmem": 8192, "highcpu": 1024}),
    "n2d": ((2, 4, 8, 16, 32, 48, 64, 80, 96), {"standard": 4096, "highmem": 8192, "highcpu": 1024}),
    "t2d": ((1, 2, 4, 8, 16), {"standard": 4096}),
    "t2a": ((1, 2, 4, 8, 16), {"standard": 4096}),
    "c2": ((4, 8, 16, 30, 60), {"standard": 4096}),
    "c2d": ((2, 4, 8, 16), {"standard": 4096, "highmem": 8192, "highcpu": 2048}),
    "c3": ((4, 8, 22, 44, 88, 176), {"standard": 4096, "highmem": 8192, "highcpu": 2048}),
    "c3d": ((4, 8, 16), {"standard": 4096, "highmem": 8192, "highcpu": 2048}),
    "c4": ((2, 4, 8, 16, 24, 32, 48, 96), {"standard": 3840, "highmem": 7936, "highcpu": 2048}),
    "c4a": ((1, 2, 4, 8, 16), {"standard": 4096, "highmem": 8192, "highcpu": 2048}),
    "c4d": ((8, 16, 32), {"standard": 3968}),
    "n4": ((2, 4, 8, 16, 32, 48, 64, 80), {"standard": 4096, "highmem": 8192, "highcpu": 2048}),
    "n4a": ((1, 2, 4, 8, 16), {"standard": 4096, "highmem": 8192, "highcpu": 2048}),
    "n4d": ((2, 4, 8, 16, 32), {"standard": 4096, "highmem": 8192, "highcpu": 2048}),
}
_ABSENT = frozenset({"n1-highcpu-1", "n1-highmem-1"})
_ARM = frozenset({"c4a", "n4a", "t2a"})
_CUSTOM = re.compile(r"(?:(e2|n1|n2|n2d|n4|n4a|n4d)-)?custom-(\d+)-(\d+)")


def singular(plural: str) -> str:
    if plural.endswith("ies"):
        return plural[:-3] + "y"
    return plural[:-2] if plural.endswith(("sses", "xes")) else plural[:-1]


def _stable_id(text: str) -> str:
    return str(1000 + zlib.crc32(text.encode()))


def machine_sizes(name: str) -> tuple[int, int] | None:
    """Returns CPUs and MB of memory; None for a type that doesn't exist."""
    if name in _SHARED:
        return _SHARED[name]
    if made := custom(name):
        return made
    parts = name.split("-")
    if name not in _ABSENT and len(parts) == 3 and parts[0] in _FAMILIES and parts[2].isdigit():
        cpus, memory = _FAMILIES[parts[0]]
        if int(parts[2]) in cpus and parts[1] in memory:
            return int(parts[2]), int(parts[2]) * memory[parts[1]]
    return None


def family(name: str) -> str:
    """Returns `n2` of `n2-standard-4`; a custom type without a family is of N1."""
    first = name.partition("-")[0]
    return "n1" if first == "custom" else first


def architecture(name: str) -> str:
    return "ARM64" if family(name) in _ARM else "X86_64"


def custom(name: str) -> tuple[int, int] | None:
    """Returns CPUs and MB of memory of a custom type."""
    found = _CUSTOM.fullmatch(name)
    return (int(found[2]), int(found[3])) if found else None


def machine_type_names() -> list[str]:
    names = list(_SHARED)
    for family, (cpus, memory) in _FAMILIES.items():
        names += [f"{family}-{kind}-{n}" for kind in memory for n in cpus]
    return sorted(set(names) - _ABSENT)


def zone(base: str, name: str) -> dict[str, Any]:
    """Returns the zone as the API shows it. `base` is `https://…/projects/p`."""
    return {
        "kind": "compute#zone",
        "id": _stable_id(name),
        "creationTimestamp": "1969-12-31T16:00:00.000-08:00",
        "name": name,
        "description": name,
        "status": "UP",
        "region": f"{base}/regions/{ZONES[name]}",
        "selfLink": f"{base}/zones/{name}",
        "availableCpuPlatforms": ["Intel Broadwell", "Intel Cascade Lake", "Intel Skylake"],
        "supportsPzs": False,
    }


def region(base: str, name: str) -> dict[str, Any]:
    return {
        "kind": "compute#region",
        "id": _stable_id(name),
        "creationTimestamp": "1969-12-31T16:00:00.000-08:00",
        "name": name,
        "description": name,
        "status": "UP",
        "zones": [f"{base}/zones/{name}-{letter}" for letter in REGIONS[name]],
        "selfLink": f"{base}/regions/{name}",
        "supportsPzs": False,
    }


def machine_type(base: str, zone_name: str, name: str) -> dict[str, Any]:
    sizes = machine_sizes(name)
    assert sizes is not None
    cpus, memory = sizes
    return {
        "kind": "compute#machineType",
        "id": _stable_id(name),
        "creationTimestamp": "1969-12-31T16:00:00.000-08:00",
        "name": name,
        "description": f"{cpus} vCPUs, {memory / 1024:g} GB RAM",
        "guestCpus": cpus,
        "memoryMb": memory,
        "imageSpaceGb": 0,
        "maximumPersistentDisks": 128,
        "maximumPersistentDisksSizeGb": "263168",
        "zone": zone_name,
        "selfLink": f"{base}/zones/{zone_name}/machineTypes/{name}",
        "isSharedCpu": name in _SHARED,
        "architecture": architecture(name),
    }


def disk_type(base: str, zone_name: str, name: str) -> dict[str, Any]:
    low, high, description = DISK_TYPES[name]
    return {
        "kind": "compute#diskType",
        "id": _stable_id(name),
        "creationTimestamp": "1969-12-31T16:00:00.000-08:00",
        "name": name,
        "description": description,
        "validDiskSize": f"{low}GB-{high}GB",
        "zone": f"{base}/zones/{zone_name}",
        "selfLink": f"{base}/zones/{zone_name}/diskTypes/{name}",
        "defaultDiskSizeGb": "500" if name == "pd-standard" else "100",
    }
