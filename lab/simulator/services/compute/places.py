"""Zones, regions, machine types, disk types."""

from __future__ import annotations

from lab.simulator.errors import not_found
from lab.simulator.quotas import Quotas
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import catalog, disks, resources, urls
from lab.simulator.services.compute.resources import Doc


def _base(call: Call) -> str:
    return urls.link(f"projects/{urls.project(call)}")


@handles("compute.zones.get")
def get_zone(call: Call) -> Doc:
    name = call.params["zone"]
    if name not in catalog.ZONES:
        raise not_found(f"projects/{urls.project(call)}/zones/{name}")
    return catalog.zone(_base(call), name)


@handles("compute.zones.list")
def list_zones(call: Call) -> Doc:
    found = [catalog.zone(_base(call), z) for z in sorted(catalog.ZONES)]
    return resources.listing(call, "compute#zoneList", f"{_base(call)}/zones", found)


def _region(call: Call, name: str) -> Doc:
    """With the quotas that a test may have set; usage is counted where the simulator enforces it."""
    parent = f"projects/{urls.project(call)}/regions/{name}/"
    machines = [doc for key, doc in call.store.list("instances") if urls.region_of(key) == name]
    sizes = [catalog.machine_sizes(urls.last(doc["machineType"])) for doc in machines]
    counted = {
        "INSTANCES": len(machines),
        "CPUS": sum(size[0] for size in sizes if size),
        **{metric: disks.space(call.store, name, metric) for metric in set(disks.SPACE.values())},
        "STATIC_ADDRESSES": sum(
            a["addressType"] == "EXTERNAL" for _, a in call.store.list("addresses", parent)
        ),
        "FORWARDING_RULES": len(call.store.list("forwardingRules", parent)),
    }
    limits = Quotas(call.store).limits()
    quotas = [{"metric": m, "limit": v, "usage": float(counted.get(m, 0))} for m, v in limits.items()]
    return catalog.region(_base(call), name) | {"quotas": quotas}


@handles("compute.regions.get")
def get_region(call: Call) -> Doc:
    name = call.params["region"]
    if name not in catalog.REGIONS:
        raise not_found(f"projects/{urls.project(call)}/regions/{name}")
    return _region(call, name)


@handles("compute.regions.list")
def list_regions(call: Call) -> Doc:
    found = [_region(call, r) for r in sorted(catalog.REGIONS)]
    return resources.listing(call, "compute#regionList", f"{_base(call)}/regions", found)


@handles("compute.machineTypes.get")
def get_machine_type(call: Call) -> Doc:
    parent, name = urls.container(call, "zones"), call.params["machineType"]
    if catalog.machine_sizes(name) is None:
        raise not_found(f"{parent}/machineTypes/{name}")
    return catalog.machine_type(_base(call), call.params["zone"], name)


@handles("compute.machineTypes.list")
def list_machine_types(call: Call) -> Doc:
    parent, zone = urls.container(call, "zones"), call.params["zone"]
    found = [catalog.machine_type(_base(call), zone, n) for n in catalog.machine_type_names()]
    return resources.listing(call, "compute#machineTypeList", urls.link(f"{parent}/machineTypes"), found)


@handles("compute.machineTypes.aggregatedList")
def aggregated_machine_types(call: Call) -> Doc:
    names = catalog.machine_type_names()
    found = [catalog.machine_type(_base(call), z, n) for z in sorted(catalog.ZONES) for n in names]
    return resources.aggregate(call, "machineTypes", "compute#machineType", found)


@handles("compute.diskTypes.get")
def get_disk_type(call: Call) -> Doc:
    parent, name = urls.container(call, "zones"), call.params["diskType"]
    if name not in catalog.DISK_TYPES:
        raise not_found(f"{parent}/diskTypes/{name}")
    return catalog.disk_type(_base(call), call.params["zone"], name)


@handles("compute.diskTypes.list")
def list_disk_types(call: Call) -> Doc:
    parent, zone = urls.container(call, "zones"), call.params["zone"]
    found = [catalog.disk_type(_base(call), zone, n) for n in catalog.DISK_TYPES]
    return resources.listing(call, "compute#diskTypeList", urls.link(f"{parent}/diskTypes"), found)


@handles("compute.diskTypes.aggregatedList")
def aggregated_disk_types(call: Call) -> Doc:
    found = [catalog.disk_type(_base(call), z, n) for z in sorted(catalog.ZONES) for n in catalog.DISK_TYPES]
    return resources.aggregate(call, "diskTypes", "compute#diskType", found)
