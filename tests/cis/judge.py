"""Whether a check passes on a machine. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from tests.cis.facts import Facts

CHECKS = Path(__file__).with_name("checks.yaml")
EXPECTED = ("is", "not", "has", "lacks", "least", "set", "default", "differs")


@dataclass(frozen=True, slots=True)
class Check:
    """`says` is the entry as it stands in checks.yaml."""

    id: str
    of: str
    title: str
    says: Mapping[str, Any]

    @property
    def why(self) -> str:
        return str(self.says.get("why", "")).strip()

    def is_for(self, role: str) -> bool:
        return self.of == role or (self.of == "node" and role in ("master", "worker"))

    def passes_on(self, role: str) -> bool:
        """Whether it is expected to pass there; `except` names the only role whose exception is explained."""
        return not self.why or self.says.get("except", role) != role


def checks() -> list[Check]:
    found = yaml.safe_load(CHECKS.read_text())["checks"]
    return [Check(str(each["id"]), each["of"], each["title"], each) for each in found]


def judge(check: Check, facts: Facts) -> str:
    """Returns why it doesn't pass; empty if it does."""
    says = check.says
    if "file" in says:
        return _file(says, facts)
    if "flag" in says:
        return _value(says, _flag(facts, says["flag"]), facts)
    if "config" in says:
        return _value(says, _at(facts.config, says["config"].split(".")), facts)
    return "only people can tell"


def _flag(facts: Facts, where: str) -> str | None:
    program, _, name = where.partition(" ")
    if program not in facts.flags:
        raise LookupError(f"{program} doesn't run on {facts.name}")
    return facts.flags[program].get(name)


def _at(config: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    found: Any = config
    for key in keys:
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return str(found).lower() if isinstance(found, bool) else str(found)


def _value(says: Mapping[str, Any], value: str | None, facts: Facts) -> str:
    (kind,) = (each for each in EXPECTED if each in says)
    wanted, listed = says[kind], (value or "").split(",")
    match kind:
        case "set":
            passes = (value is not None) is wanted
        case "default":
            passes = value in (None, wanted)
        case "is":
            passes = value == wanted
        case "not":
            passes = value not in (None, wanted)
        case "has":
            passes = wanted in listed
        case "lacks":
            passes = wanted not in listed
        case "least":
            passes = value is not None and int(value) >= wanted
        case _:
            passes = value is not None and value != _flag(facts, wanted)
    return "" if passes else f"is {value if value is not None else 'not set'}; expected: {kind} {wanted}"


def _file(says: Mapping[str, Any], facts: Facts) -> str:
    path = says["file"]
    if path == "authority":
        path = _at(facts.config, ["authentication", "x509", "clientCAFile"]) or ""
    found = {name: file for name, file in facts.files.items() if fnmatchcase(name, path)}
    if not found:
        return "" if says.get("missing") == "passes" else f"{path} is not there"
    for name, file in sorted(found.items()):
        if "owner" in says and file.owner != says["owner"]:
            return f"{name} belongs to {file.owner}"
        if "mode" in says and int(file.mode, 8) & ~int(says["mode"], 8):
            return f"{name} has mode {file.mode}"
        if "says" in says and says["says"] not in file.text:
            return f"{name} doesn't say {says['says']}"
    return ""
