"""What a declaration alone makes of a key: it is known, read, refused, and found again when it is misspelt."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from components.config import values
from components.config.errors import Problem
from components.config.section import Section
from components.config.setting import each, required, section, setting

CONFIG = Path(__file__).parents[3] / "components/config"


@dataclass(frozen=True, slots=True)
class Compaction:
    """One more section, with its first setting."""

    interval_seconds: int = setting("interval", values.duration("1m", "1h"), 300)


@dataclass(frozen=True, slots=True)
class Etcd:
    """A section above it."""

    version: str = required("version", values.text, "", "Name a version")
    names: tuple[str, ...] = each("names", values.text, "[a]")
    compaction: Compaction = section("compaction", Compaction)


def read(raw: Mapping[str, Any]) -> tuple[Etcd, list[Problem]]:
    problems: list[Problem] = []
    return Section(problems, "ha-masters:", raw, Etcd).fill(Etcd), problems


def test_what_is_not_given_is_as_by_default() -> None:
    assert read({"version": "1"}) == (Etcd("1", (), Compaction(300)), [])


def test_what_is_given_fills_its_field() -> None:
    raw = {"version": "1", "names": ["a", "b"], "compaction": {"interval": "10m"}}
    assert read(raw) == (Etcd("1", ("a", "b"), Compaction(600)), [])


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        pytest.param({}, "ha-masters:version is missing. Name a version.", id="not given, and has to be"),
        pytest.param(
            {"version": "1", "compaction": {"interval": "2h"}},
            'ha-masters:compaction.interval: "2h" is out of range. Choose from 1m to 1h.',
            id="out of bounds, in a section below",
        ),
        pytest.param(
            {"version": "1", "compaction": {"intervall": "2m"}},
            'ha-masters:compaction.intervall: "2m" is not a key of ours. Did you mean interval?',
            id="misspelt",
        ),
        pytest.param(
            {"version": "1", "interval": "2m"},
            'ha-masters:interval: "2m" is not a key of ours. Did you mean compaction.interval?',
            id="in another section",
        ),
        pytest.param(
            {"version": "1", "names": ["a", "a"]},
            'ha-masters:names[1]: "a" stands there twice. Remove one.',
            id="twice in a list",
        ),
    ],
)
def test_a_declaration_is_enough_to_refuse(raw: Mapping[str, Any], says: str) -> None:
    assert [str(problem) for problem in read(raw)[1]] == [says]


BY_THEMSELVES = {
    "artifacts.py": {"reference"},  # A tag must be that of a version that another section names.
}
"""Keys that are read by name, as `own` declares them."""


@pytest.mark.parametrize("module", sorted(CONFIG.glob("*.py")), ids=lambda path: path.name)
def test_no_reader_repeats_a_key(module: Path) -> None:
    """A key that is read where it isn't declared would stand twice, with a reader and a default of its own."""
    calls = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call)]
    named = {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("read", "require")
        if isinstance(call.args[0], ast.Constant)
    }
    assert named - {"project", "region"} == BY_THEMSELVES.get(module.name, set())
