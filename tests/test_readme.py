"""What the documents tell people to type exists."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from lab.cli import main as lab
from lab.machines import faults
from tests.components.recording import run_program

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
TEXT = "\n".join(document.read_text() for document in DOCUMENTS)


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^\$? ?make ([a-z-]+)", TEXT, re.MULTILINE)) <= targets


def test_patterns_of_resources_match_the_dev_stack() -> None:
    stack = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    config = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in stack.items()
        if key.startswith("ha-masters:")
    }
    names = set(run_program(config).resources)
    patterns = set(re.findall(r"'\*\*::([\w-]+)'", TEXT))
    assert patterns
    assert patterns <= names


@pytest.mark.parametrize("command", sorted(set(re.findall(r"(?:uv run |`|\$ )lab ([a-z]+)", TEXT))))
def test_lab_commands_exist(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        lab([command, "--help"])
    assert ended.value.code == 0
    assert command in capsys.readouterr().out


def test_faults_exist() -> None:
    kinds = set(re.findall(r"lab fault ([a-z-]+)", TEXT))
    assert kinds
    assert kinds <= {*faults.KINDS, "zone-outage"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text()):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"
