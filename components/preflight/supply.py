"""Whether Google has what the stack asks for: the image, the zones, machine types, and a name that is free."""

from __future__ import annotations

from collections.abc import Iterator

from components.config import StackConfig
from components.preflight.asked import machine_types, places
from components.preflight.facts import Image, MachineType, Seen, Unasked
from components.preflight.line import Line
from components.wording import listed


def image(config: StackConfig, seen: Seen) -> Iterator[Line]:
    name, masters = config.masters.image, config.masters
    match seen.image:
        case Unasked(why):
            yield Line("unknown", "image", f"The image {name} could not be asked for: {why}.")
        case None:
            yield Line(
                "stop",
                "image",
                f"masters.image: {name} doesn't exist, or you may not see it. Set another one.",
            )
        case Image(state="OBSOLETE" | "DELETED" as state):
            yield Line(
                "stop",
                "image",
                f"masters.image: {name} is {state}: no machine can be made of it. Set another one.",
            )
        case Image(size_gb=size) if size > masters.boot_disk_size_gb:
            yield Line(
                "stop",
                "image",
                f"masters.bootDiskSizeGb: {masters.boot_disk_size_gb} is smaller than the image {name}, of {size} GB. "
                f"Set it to {size} at least.",
            )
        case Image(state="DEPRECATED"):
            yield Line(
                "note", "image", f"The image {name} is DEPRECATED: machines can be made of it, for now."
            )
        case _:
            yield Line("ok", "image", f"The image {name} is there.")


def zones(config: StackConfig, seen: Seen) -> Iterator[Line]:
    bad = False
    asked = places(config)
    for zone in asked:
        found = seen.zones.get(zone)
        bad = bad or found != "UP"
        if isinstance(found, Unasked):
            yield Line("unknown", "zones", f"The zone {zone} could not be asked for: {found.why}.")
        elif found is None:
            yield Line(
                "stop",
                "zones",
                f"The zone {zone} doesn't exist for this project. Choose another for its machines.",
            )
        elif found != "UP":
            yield Line(
                "stop", "zones", f"The zone {zone} is {found}. Wait, or choose another for its machines."
            )
    if not bad:
        yield Line("ok", "zones", f"{listed(asked)} {'is' if len(asked) == 1 else 'are'} up.")


def types(config: StackConfig, seen: Seen) -> Iterator[Line]:
    image = seen.image.architecture if isinstance(seen.image, Image) else ""
    bad = False
    masters = {(replica.zone, replica.machine_type) for replica in config.replicas}
    for zone, name in sorted(machine_types(config)):
        found = seen.types.get((zone, name))
        if isinstance(found, Unasked):
            bad = True
            yield Line("unknown", "machine types", f"{name} in {zone} could not be asked for: {found.why}.")
        elif found is None:
            bad = True
            yield Line(
                "stop",
                "machine types",
                f"machineType: {name} doesn't exist in {zone}. Choose another type or zone.",
            )
        elif (zone, name) in masters and _differ(found, image):
            bad = True
            yield Line(
                "stop",
                "machine types",
                f"machineType: {name} is {found.architecture}, and masters.image: {config.masters.image} is {image}. "
                "Choose those that go together.",
            )
    if not bad:
        yield Line("ok", "machine types", "Every zone has the machine types asked for.")


def _differ(found: MachineType, image: str) -> bool:
    return bool(image and found.architecture and found.architecture != image)


def bucket(config: StackConfig, seen: Seen) -> Iterator[Line]:
    match seen.bucket:
        case Unasked(why):
            yield Line("unknown", "bucket", f"Whether the bucket's name is free could not be asked: {why}.")
        case "another's":
            yield Line(
                "stop",
                "bucket",
                f"clusterName: {config.cluster_name} gives the bucket a name that somebody else has, and names of buckets "
                "are unique in the world. Choose another clusterName.",
            )
        case "there":
            yield Line(
                "note",
                "bucket",
                "The bucket is there and isn't the stack's. If an update that was cut off made it, `python -m admin adopt` "
                "takes it in; else choose another clusterName.",
            )
        case _:
            yield Line("ok", "bucket", "The bucket's name is free.")
