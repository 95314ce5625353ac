"""What a look at a project means for the stack: one line a check, worst first. It asks nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from components.config import StackConfig
from components.preflight.facts import NOTHING_MADE, Image, MachineType, Made, Seen, Unasked
from components.preflight.policies import applying
from components.preflight.quotas import shortages
from components.wording import listed

Verdict = Literal["stop", "unknown", "note", "ok"]
ORDER: tuple[Verdict, ...] = ("stop", "unknown", "note", "ok")


@dataclass(frozen=True, slots=True)
class Line:
    """`stop`: an update would fail. `unknown`: it could not be asked. `text` is whole sentences, with the remedy."""

    verdict: Verdict
    check: str
    text: str


def services(config: StackConfig) -> tuple[str, ...]:
    """The APIs that the stack's own calls go to."""
    names = ["compute", "iam", "secretmanager", "storage"]
    if config.api.managed_zone:
        names.append("dns")
    return tuple(f"{name}.googleapis.com" for name in names)


def judge(
    config: StackConfig, seen: Seen, made: Made = NOTHING_MADE, wanted: Sequence[str] = ()
) -> list[Line]:
    """`wanted` are the permissions that an update takes."""
    lines = [
        *_services(config, seen),
        *_permissions(config, seen, wanted),
        *_policies(config, seen),
        *_quotas(config, seen, made),
        *_image(config, seen),
        *_zones(config, seen),
        *_types(config, seen),
        *(() if made.bucket else _bucket(config, seen)),
    ]
    return sorted(lines, key=lambda line: ORDER.index(line.verdict))


def _services(config: StackConfig, seen: Seen) -> Iterator[Line]:
    asked = services(config)
    if isinstance(seen.services, Unasked):
        yield Line("unknown", "apis", f"Which APIs are enabled could not be asked: {seen.services.why}.")
        return
    missing = [name for name in asked if not seen.services.get(name)]
    if missing:
        enable = f"gcloud services enable {' '.join(missing)} --project={config.project}"
        are = "is" if len(missing) == 1 else "are"
        yield Line(
            "stop",
            "apis",
            f"{listed(missing)} {are} not enabled in the project {config.project}. Run `{enable}`.",
        )
    else:
        yield Line("ok", "apis", f"{len(asked)} APIs are enabled.")


def _permissions(config: StackConfig, seen: Seen, wanted: Sequence[str]) -> Iterator[Line]:
    granted = seen.permissions
    if granted is None:
        return
    if isinstance(granted, Unasked):
        yield Line("unknown", "permissions", f"What you may do could not be asked: {granted.why}.")
    elif missing := [each for each in wanted if each not in granted]:
        yield Line(
            "stop",
            "permissions",
            f"In the project {config.project} you lack {listed(missing)}. docs/guides/permissions.md has the role that "
            "an update takes.",
        )
    else:
        yield Line("ok", "permissions", f"You have the {len(wanted)} permissions that an update takes.")


def _policies(config: StackConfig, seen: Seen) -> Iterator[Line]:
    asked = applying(config)
    unasked: dict[str, list[str]] = {}
    refused = False
    for constraint in asked:
        rules = seen.policies.get(constraint.name, Unasked("nobody looked"))
        if isinstance(rules, Unasked):
            unasked.setdefault(rules.why, []).append(constraint.name)
            continue
        permitted = constraint.permits(rules, config)
        if permitted is False:
            refused = True
            yield Line(
                "stop",
                "policies",
                f"The organization policy {constraint.name} {constraint.refuses}. {constraint.remedy}.",
            )
        elif permitted is None:
            yield Line(
                "unknown",
                "policies",
                f"The organization policy {constraint.name} has conditions or groups of values: whether it lets the "
                "stack through can't be told from here.",
            )
    for why, names in unasked.items():
        yield Line(
            "unknown",
            "policies",
            f"The organization policies {listed(names)} could not be read: {why}. It takes the API "
            "orgpolicy.googleapis.com and the role roles/orgpolicy.policyViewer.",
        )
    if not (refused or unasked):
        yield Line("ok", "policies", f"{len(asked)} organization policies were read.")


def _quotas(config: StackConfig, seen: Seen, made: Made) -> Iterator[Line]:
    if isinstance(seen.quotas, Unasked):
        yield Line("unknown", "quotas", f"Quotas could not be asked: {seen.quotas.why}.")
        return
    short = shortages(config, made, seen.types, seen.quotas)
    for each in short:
        yield Line(
            "stop",
            "quotas",
            f"The stack takes {each.needed:g} of the quota {each.metric}, and {each.left:g} are left in {config.region}. "
            f"Ask for more: https://console.cloud.google.com/iam-admin/quotas?project={config.project}.",
        )
    if not short:
        yield Line("ok", "quotas", f"Quotas in {config.region} have room.")


def _image(config: StackConfig, seen: Seen) -> Iterator[Line]:
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


def _zones(config: StackConfig, seen: Seen) -> Iterator[Line]:
    bad = False
    for zone in config.zones:
        found = seen.zones.get(zone)
        bad = bad or found != "UP"
        if isinstance(found, Unasked):
            yield Line("unknown", "zones", f"The zone {zone} could not be asked for: {found.why}.")
        elif found is None:
            yield Line(
                "stop",
                "zones",
                f"The zone {zone} doesn't exist for this project. Choose another for its replica.",
            )
        elif found != "UP":
            yield Line(
                "stop", "zones", f"The zone {zone} is {found}. Wait, or choose another for its replica."
            )
    if not bad:
        yield Line("ok", "zones", f"{listed(config.zones)} {'is' if len(config.zones) == 1 else 'are'} up.")


def _types(config: StackConfig, seen: Seen) -> Iterator[Line]:
    image = seen.image.architecture if isinstance(seen.image, Image) else ""
    bad = False
    for zone, name in sorted({(replica.zone, replica.machine_type) for replica in config.replicas}):
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
        elif _differ(found, image):
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


def _bucket(config: StackConfig, seen: Seen) -> Iterator[Line]:
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
