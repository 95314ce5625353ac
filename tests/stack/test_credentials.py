"""Gates, looks and commands sign in as the provider does: nobody else calls, whatever way the operator chose."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.components.google.token_endpoint import TokenEndpoint, token_endpoint
from tests.crash.operator import adopt
from tests.stack.harness import Stack

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

M1 = ["m1/b"]
NO_TOKEN = {"GOOGLE_OAUTH_ACCESS_TOKEN": ""}


@pytest.fixture
def tokens() -> Iterator[TokenEndpoint]:
    with token_endpoint("lab-ci@lab") as running:
        yield running


def callers(stack: Stack, after: int) -> set[str]:
    """Who has called Google's APIs, the machines themselves apart."""
    called = {entry["principal"] for entry in stack.cloud.entries(after) if "methodId" in entry}
    return {each for each in called if not each.startswith("serviceAccount:")}


def test_a_key_is_everybodys(stack: Stack, tokens: TokenEndpoint) -> None:
    key = tokens.key()
    (stack.folder / "key.json").write_text(key)
    stack.variables = NO_TOKEN
    stack.config["gcp:credentials"] = "key.json"
    began = stack.cloud.last()
    stack.up(M1)
    stack.preview(M1)
    assert adopt(stack).code == 0
    assert callers(stack, began) == {"ci@lab"}

    del stack.config["gcp:credentials"]
    tokens.token = "lab-other@lab"
    stack.variables = {**NO_TOKEN, "GOOGLE_CREDENTIALS": key}
    began = stack.cloud.last()
    stack.up(M1, "--expect-no-changes")
    assert "PRIVATE KEY" not in stack.run("stack", "export").output
    stack.destroy()
    assert callers(stack, began) == {"other@lab"}


def test_what_only_the_provider_could_do_is_refused_before_anything_is_made(stack: Stack) -> None:
    refused = stack.preview(M1, check=False, **{"gcp:universeDomain": "example.com"})
    assert refused.code != 0
    assert 'gcp:universeDomain is "example.com": machines and program call' in refused.output
