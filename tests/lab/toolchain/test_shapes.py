"""The built providers have the shapes that the published packages declare.

`python -m tests.lab.toolchain.test_shapes` prints how many properties are compared, how many of them the program sends, and
each that differs.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.toolchain import Toolchain, ensure, recipe
from lab.toolchain.tokens import published_tokens
from tests.components.recording import run_program
from tests.components.stacks import stack
from tests.components.test_inventory import SCENARIOS

from .shapes import LACKING, Compared, inputs, outputs, sent

HERE = Path(__file__).parent
USED = yaml.safe_load((HERE / "used.yaml").read_text())
KNOWN = yaml.safe_load((HERE / "missing.yaml").read_text())
DIFFERING: dict[str, dict[str, str]] = yaml.safe_load((HERE / "differing.yaml").read_text())
GIVEN = {
    "gcp:projects/iAMCustomRole:IAMCustomRole.roleId": "must be given in provider only",
    "gcp:secretmanager/secret:Secret.secretId": "must be given in provider only",
    "tls:index/certRequest:CertRequest.privateKeyPem": "must be given in provider only",
    "tls:index/locallySignedCert:LocallySignedCert.caPrivateKeyPem": "must be given in provider only",
    "tls:index/selfSignedCert:SelfSignedCert.privateKeyPem": "must be given in provider only",
}
"""What the program gives always, though the published provider would do without."""

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


@dataclass(frozen=True)
class Counted:
    """One provider: what was compared, what the program sends of it, and its resources that nobody compares."""

    compared: Mapping[str, Compared]
    results: int
    results_differing: int
    sent: frozenset[str]
    strange: frozenset[str]

    @property
    def differing(self) -> dict[str, str]:
        return {each.path: each.problem for each in self.compared.values() if each.problem}

    @classmethod
    def of(cls, toolchain: Toolchain, name: str, given: Sequence[tuple[str, Mapping[str, Any]]]) -> Counted:
        served, package, tokens = schema(toolchain, name), f"pulumi_{name}", USED[name]["resources"]
        compared = {each.path: each for each in inputs(served, package, tokens)}
        results = list(outputs(served, package, tokens))
        ours = [(token, values) for token, values in given if token.startswith(f"{name}:")]
        return cls(
            compared=compared,
            results=len(results),
            results_differing=sum(bool(each.problem) for each in results),
            sent=frozenset(path for token, values in ours for path in sent(token, values, compared)),
            strange=frozenset(token for token, _values in ours) - set(tokens),
        )


def program() -> list[tuple[str, Mapping[str, Any]]]:
    """Type and inputs of all that the program registers in the scenarios of the inventory, and in one with all else."""
    everything = stack(
        1,
        api={"loadBalancer": "always", "authorizedNetworks": ["198.51.100.0/24"]},
        labels={"team": "platform"},
        masters={"publicAddresses": True},
        pools=[{"name": "web", "zones": ["europe-west1-b"], "size": 1, "spot": True}],
    )
    runs = [run_program(config) for config in (*SCENARIOS.values(), everything)]
    return [(each.type, each.inputs) for run in runs for each in run.resources.values()]


@pytest.mark.parametrize("name", recipe.PROVIDERS)
def test_every_input_agrees_but_those_known_to_differ(toolchain: Toolchain, name: str) -> None:
    compared = inputs(schema(toolchain, name), f"pulumi_{name}", USED[name]["resources"])
    problems = {each.path: each.problem for each in compared if each.problem}
    assert problems == dict.fromkeys(KNOWN[name], LACKING) | DIFFERING[name]


@pytest.mark.parametrize("name", recipe.PROVIDERS)
def test_outputs_differ_where_inputs_do_and_nowhere_else(toolchain: Toolchain, name: str) -> None:
    compared = outputs(schema(toolchain, name), f"pulumi_{name}", USED[name]["resources"])
    assert {each.path for each in compared if each.problem} <= {*KNOWN[name], *DIFFERING[name]}


def test_what_the_program_sends_is_the_same_to_both(toolchain: Toolchain) -> None:
    counted = [Counted.of(toolchain, name, program()) for name in recipe.PROVIDERS]
    assert [each for each in counted if each.strange or not each.sent <= set(each.compared)] == []
    assert {path: by for each in counted for path, by in each.differing.items() if path in each.sent} == GIVEN


def test_every_mapped_token_is_a_published_one() -> None:
    import pulumi_gcp

    resources, functions = published_tokens(Path(str(pulumi_gcp.__file__)).parent)
    assert set(TABLE["resources"].values()) <= set(resources)
    assert set(TABLE["functions"].values()) <= set(functions)


def test_what_the_program_may_use_is_mapped() -> None:
    assert set(USED["gcp"]["resources"]) <= set(TABLE["resources"].values())
    assert set(USED["gcp"]["functions"]) <= set(TABLE["functions"].values())


def table(name: str, counted: Counted) -> str:
    differing = counted.differing
    lines = [
        f"{name}: {len(counted.compared)} inputs compared, {len(differing)} differ;"
        f" {counted.results} outputs compared, {counted.results_differing} differ;"
        f" the program sends {len(counted.sent)} inputs, of which {len(counted.sent & set(differing))} differ",
        *(
            f"  {'sent    ' if path in counted.sent else 'not sent'}  {path}: {problem}"
            for path, problem in differing.items()
        ),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    built, registered = ensure(), program()
    for provider in recipe.PROVIDERS:
        print(table(provider, Counted.of(built, provider, registered)))
