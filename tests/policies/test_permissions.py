"""The roles in the guides, against the simulator's permission checks: each account can do its work, and no more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.simulator.permissions import permission_of
from tests.policies.conftest import ROLES, ActingStack, included

ORG_POLICIES = "orgpolicy.policy.get"
"""Asked before one master stands alone, and done without where it isn't granted."""

ENGINE = [pytest.mark.toolchain]


@pytest.mark.parametrize("role", ["preview", "update"])
def test_no_permission_is_listed_twice(role: str) -> None:
    assert len(included(role)) == len(set(included(role)))


def test_the_preview_account_only_reads_and_no_keys() -> None:
    verbs = {permission.rpartition(".")[2] for permission in included("preview")}
    assert verbs == {"get", "list", "getIamPolicy"}


def test_the_update_account_can_preview_too() -> None:
    assert set(included("preview")) <= set(included("update"))
    assert checked("preview") <= checked("update")


def checked(role: str) -> set[str]:
    """The first part of the file: what the simulator checks."""
    part = (ROLES / f"{role}.yaml").read_text().split("\n# ")[1]
    return {line.removeprefix("- ") for line in part.splitlines() if line.startswith("- ")}


@pytest.fixture
def reader(standing: ActingStack) -> Iterator[ActingStack]:
    standing.who = "preview"
    yield standing
    standing.who = "update"


class TestOnAStack:
    pytestmark = ENGINE

    def test_the_preview_account_previews_and_refreshes(self, reader: ActingStack) -> None:
        before = reader.cloud.last()
        output = reader.preview(["m1/b"], "--refresh").output
        assert reader.changed(before) == []
        assert "dev now: all is well" in output

    def test_a_preview_writes_nothing_to_the_backend(self, reader: ActingStack) -> None:
        def files() -> dict[str, int]:
            found = (reader.folder / "backend").rglob("*")
            return {str(file): file.stat().st_mtime_ns for file in found if file.is_file()}

        before = files()
        reader.preview(["m1/b"])
        assert files() == before

    def test_the_preview_account_can_not_update(self, reader: ActingStack) -> None:
        before = reader.cloud.last()
        refused = reader.up(["m1/b", "m4/c", "m3/d"], check=False)
        assert refused.code != 0
        assert "permission for" in refused.output or "does not have" in refused.output, refused.output
        assert reader.changed(before) == []

    def test_the_update_account_grows_shrinks_and_destroys_by_what_is_marked_as_tested(
        self, standing: ActingStack
    ) -> None:
        standing.up(["m1/b"])
        standing.destroy()
        standing.created = None
        asked = {
            permission_of(entry["methodId"])
            for entry in standing.cloud.entries()
            if entry["kind"] == "call" and entry.get("principal") == "update" and entry.get("methodId")
        } - {ORG_POLICIES}
        assert asked == checked("update")
