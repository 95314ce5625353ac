"""A release that only the operator knows, under the real engine: refused by name, then found beside the stack's files."""

from __future__ import annotations

import pytest

from components.releases import Releases, shipped
from components.releases.document import written
from tests.stack.harness import Stack

pytestmark = pytest.mark.toolchain

NEW = "1.36.99"


def test_a_preview_refuses_a_release_until_it_is_pinned(stack: Stack) -> None:
    refused = stack.preview(["m1/b"], check=False, kubernetesVersion=NEW)
    assert refused.code != 0
    assert (
        f'ha-masters:kubernetesVersion: "{NEW}" is not among the releases whose digests are known.'
        in refused.output
    )
    assert f"Run `python -m admin pin {NEW}`" in refused.output
    (stack.folder / "pins").mkdir()
    pinned = Releases(kubernetes={NEW: shipped().kubernetes["1.36.3"]})
    (stack.folder / "pins" / f"{NEW}.yaml").write_text(written(pinned))
    assert "1 master" in stack.preview(["m1/b"], kubernetesVersion=NEW).output
