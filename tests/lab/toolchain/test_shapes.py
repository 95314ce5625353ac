"""The built providers have the shapes that the published packages declare."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.toolchain import Toolchain, recipe
from lab.toolchain.tokens import published_tokens

from .shapes import differences

HERE = Path(__file__).parent
USED = yaml.safe_load((HERE / "used.yaml").read_text())
KNOWN = yaml.safe_load((HERE / "missing.yaml").read_text())
TABLE = json.loads((recipe.HERE / "providers" / "gcp" / "tokens.json").read_text())

pytestmark = pytest.mark.toolchain


def schema(toolchain: Toolchain, name: str) -> dict[str, Any]:
    if toolchain.home is None:
        pytest.skip("the official providers are in use")
    made = subprocess.run(
        [toolchain.bin / "pulumi", "package", "get-schema", toolchain.home.parent / recipe.plugin(name)],
        env=os.environ | toolchain.environment(),
        capture_output=True,
        check=True,
    )
    parsed: dict[str, Any] = json.loads(made.stdout)
    return parsed


@pytest.mark.parametrize("name", recipe.PROVIDERS)
def test_every_input_agrees_but_those_known_to_be_missing(toolchain: Toolchain, name: str) -> None:
    found = list(differences(schema(toolchain, name), f"pulumi_{name}", set(USED[name]["resources"])))
    assert {path for path, problem in found if problem == "missing in provider"} == set(KNOWN[name])
    assert [(path, problem) for path, problem in found if problem != "missing in provider"] == []


def test_every_mapped_token_is_a_published_one() -> None:
    import pulumi_gcp

    resources, functions = published_tokens(Path(str(pulumi_gcp.__file__)).parent)
    assert set(TABLE["resources"].values()) <= set(resources)
    assert set(TABLE["functions"].values()) <= set(functions)


def test_what_the_program_may_use_is_mapped() -> None:
    assert set(USED["gcp"]["resources"]) <= set(TABLE["resources"].values())
    assert set(USED["gcp"]["functions"]) <= set(TABLE["functions"].values())
