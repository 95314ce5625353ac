"""The pack as a whole: its list, its documentation, its example files."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "policies"
RULES = importlib.import_module("policies.__main__").RULES


def test_every_rule_is_documented_with_its_level() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\w+) \|", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert rows == [(rule.name, rule.enforcement_level.value) for rule in RULES]


def test_every_rule_of_the_modules_is_listed() -> None:
    modules = [importlib.import_module(f"policies.{path.stem}") for path in FOLDER.glob("[a-z]*.py")]
    named = {
        value.name
        for module in modules
        for value in vars(module).values()
        if hasattr(value, "enforcement_level")
    }
    assert named == {rule.name for rule in RULES}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.name)
def test_example_files_name_rules_and_their_keys(path: Path) -> None:
    rules = {rule.name: rule for rule in RULES}
    for name, value in json.loads(path.read_text()).items():
        given = {} if isinstance(value, str) else {k: v for k, v in value.items() if k != "enforcementLevel"}
        schema = rules[name].config_schema
        assert set(given) <= set(schema.properties if schema else {})
        level = value if isinstance(value, str) else value.get("enforcementLevel", "advisory")
        assert level in ("mandatory", "advisory", "disabled")
