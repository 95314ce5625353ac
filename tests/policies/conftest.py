"""A stack of three masters on the real engine, made by the account that the guides describe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import yaml

from lab.guest_model import GuestModel
from lab.simulator.permissions import Permissions
from lab.simulator.server import Simulator
from lab.toolchain import ensure
from tests.stack.harness import ROOT, Cloud, Outcome, Stack

ROLES = ROOT / "docs" / "guides" / "roles"
PACK = ("--policy-pack", "policies")
THREE = ["m1/b", "m2/c", "m3/d"]
ROLE_NAMES = ("preview", "update")


def included(role: str) -> list[str]:
    """The permissions of a role in the guides."""
    return list(yaml.safe_load((ROLES / f"{role}.yaml").read_text())["includedPermissions"])


@dataclass
class ActingStack(Stack):
    """A stack whose commands are run by `who`, one of the accounts in the guides."""

    who: str = "update"
    created: Outcome | None = None
    """What the update that made it said."""
    verbose: bool = False
    """Whether the engine knows the options that workflows use."""

    @property
    def environment(self) -> dict[str, str]:
        more = {"PULUMI_DEBUG_COMMANDS": "true"} if self.verbose else {}
        return super().environment | {"GOOGLE_OAUTH_ACCESS_TOKEN": f"lab-{self.who}"} | more

    def changed(self, after: int) -> list[str]:
        """What the accounts did since then: the methods of calls that Google was changed by."""
        return [
            entry["methodId"]
            for entry in self.cloud.entries(after)
            # The journal notes what is true after each call that changed something.
            if entry["kind"] == "call" and entry.get("principal") in ROLE_NAMES and "facts" in entry
        ]


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActingStack]:
    """A stack that has nothing yet. The first test of the group; `standing` grows it."""
    folder = tmp_path_factory.mktemp("policies")
    roles = {role: included(role) for role in ROLE_NAMES}
    allowed = Permissions({"principals": {role: [role] for role in roles}, "roles": roles})
    with Simulator(folder / "cloud", guests=GuestModel, permissions=allowed) as simulator:
        cloud = Cloud(simulator.url, None)  # type: ignore[arg-type]
        yield ActingStack(folder / "stack", cloud, ensure()).create()  # type: ignore[misc]


@pytest.fixture
def standing(empty: ActingStack) -> ActingStack:
    """Three masters, allowed by the pack. Made once a process, and again after the test that destroys them."""
    if empty.created is None:
        empty.created = empty.up(THREE, *PACK)
    return empty
