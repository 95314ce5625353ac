"""Users' own add-ons: manifests, or a Python file, that Pulumi gives to the cluster once its API is up.

What stands in their files is read by `components.addons`, for it depends on more than the config.
"""

from __future__ import annotations

from dataclasses import dataclass

from components.config import dns, values
from components.config.errors import Refused
from components.config.section import Section
from components.config.setting import required, setting

EXAMPLE = "{name: web, manifests: addons/web/*.yaml}"
MOST_ADDONS = 50

_SUFFIXES = (".yaml", ".yml", ".json")


def _namespace(value: object) -> str:
    if dns.LABEL.fullmatch(values.text(value)) is None:
        raise Refused(
            "is not a namespace's name", "Use lower-case letters, digits and hyphens, at most 63 of them"
        )
    return str(value)


def _path(value: object) -> str:
    path = values.text(value)
    if "://" in path:
        raise Refused(
            "is an address, and what stands there may change",
            "Keep the file beside the stack's, and write its path",
        )
    return path


def _manifests(value: object) -> str:
    path = _path(value)
    if not path.endswith(_SUFFIXES):
        raise Refused(
            "names no file that ends with .yaml, .yml or .json",
            f"Write a file or a pattern, such as {path.rstrip('/*')}/*.yaml",
        )
    return path


def _program(value: object) -> str:
    path = _path(value)
    if not path.endswith(".py"):
        raise Refused("is no Python file", "Write its path, such as addons/web.py")
    return path


@dataclass(frozen=True, slots=True)
class AddonSpec:
    """One of `addons`: either `manifests`, a file or a pattern of several, or `program`, a Python file. Paths begin in the
    folder of the stack's files. `namespace` is for objects that name none. Unless it shall `wait`, an update takes an object
    for done that the API has taken.
    """

    name: str = required("name", values.label, "", "Name the add-on, such as web")
    manifests: str = setting("manifests", _manifests, "")
    program: str = setting("program", _program, "")
    namespace: str = setting("namespace", _namespace, "")
    wait: bool = setting("wait", values.boolean, True)


def read_addons(top: Section) -> tuple[AddonSpec, ...]:
    """Returns the add-ons in the operator's order."""
    sections = top.items("own_addons")
    found: list[AddonSpec] = []
    for section in sections:
        addon = section.fill(AddonSpec)
        _check(section, addon, found)
        found.append(addon)
    if len(sections) > MOST_ADDONS:
        remedy = f"Keep {MOST_ADDONS} or fewer: a pattern takes many files"
        top.refuse("addons", Refused(f"are {len(sections)} add-ons", remedy), "")
    return tuple(found)


def _check(section: Section, addon: AddonSpec, others: list[AddonSpec]) -> None:
    """Refuses what its keys can't be together."""
    if section.ok("name") and addon.name in {each.name for each in others}:
        section.refuse("name", Refused("is the name of another add-on too", "Give each one of its own"))
    if not section.values or not section.ok("manifests", "program"):
        return
    if addon.manifests and addon.program:
        section.refuse(
            "program", Refused("stands beside manifests", "Make two add-ons of it, each with one of them")
        )
    if not addon.manifests and not addon.program:
        remedy = "Write a file or a pattern, such as addons/web/*.yaml, or a program, such as addons/web.py"
        section.refuse("manifests", Refused("is missing", remedy))
    for key in ("namespace", "wait"):
        if addon.program and key in section.values:
            section.refuse(
                key, Refused("is for manifests alone", "Leave it out: the program says it of its objects")
            )
