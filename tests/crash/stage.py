"""A scenario's state before and after, made once and copied for each point: a simulator's folder and a stack's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from lab.toolchain import Toolchain, ensure
from tests.crash.calls import Call, moments, mutating
from tests.crash.scenarios import Scenario
from tests.crash.world import World, world
from tests.stack.harness import Cloud, Stack, cloud
from tests.stack.invariants import BUCKET
from tests.waiting import until

_AWAKE_SECONDS = 30


@dataclass(frozen=True)
class Undisturbed:
    """What an update does that nobody disturbs: its calls, and how it leaves the state and Google.

    `moments`: the calls and what the guest model tells of its masters, in the order in which they came.
    """

    calls: tuple[Call, ...]
    moments: tuple[str, ...]
    inventory: tuple[str, ...]
    world: World


class Stage:
    """Prepared states in `folder`, which may be kept from one run to the next as long as the program is the same."""

    def __init__(self, folder: Path, toolchain: Toolchain | None = None) -> None:
        self.folder = folder
        self.toolchain = toolchain or ensure()

    @contextmanager
    def living(self, replicas: Sequence[str], **config: Any) -> Iterator[Stack]:
        """A stack of these masters with its cloud, as an update has left them; gone after the block."""
        made = self._prepare(replicas, config)
        copy = Path(mkdtemp(prefix="point-", dir=self.folder))
        try:
            shutil.copytree(made, copy, symlinks=True, dirs_exist_ok=True)
            with cloud(copy / "cloud") as running:
                stack = self._stack(copy / "stack", running)
                if replicas:
                    _awake(running)
                stack.cloud = replace(running, since=running.last())
                yield stack
        finally:
            shutil.rmtree(copy, ignore_errors=True)

    @contextmanager
    def before(self, scenario: Scenario, *, keep: bool = False) -> Iterator[Stack]:
        """A stack with its cloud, as the scenario finds them; gone after the block, or kept as it then is: `after`."""
        with self.living(scenario.before) as stack:
            scenario.befall(stack)
            yield stack
            stack.cloud.end()
            kept = self.folder / _name(scenario.after)
            if keep and scenario.only_lists:
                with self._alone(kept.name):
                    if not kept.exists():
                        stack.folder.parent.rename(kept)

    def undisturbed(self, scenario: Scenario) -> Undisturbed:
        """Run once, then remembered in `folder`."""
        file = self.folder / f"undisturbed-{scenario.name}.json"
        with self._alone(file.name):
            if not file.exists():
                file.write_text(json.dumps(self._watched(scenario), indent=1))
        known: dict[str, Any] = json.loads(file.read_text())
        return Undisturbed(
            tuple(Call.from_json(call) for call in known["calls"]),
            tuple(known["moments"]),
            tuple(known["inventory"]),
            dict(known["world"]),
        )

    def _watched(self, scenario: Scenario) -> dict[str, Any]:
        with self.before(scenario, keep=True) as stack:
            start = stack.cloud.last()
            scenario.carry_out(stack)
            entries = stack.cloud.entries(start)
            return {
                "calls": [call.to_json() for call in mutating(entries)],
                "moments": moments(entries),
                "inventory": stack.inventory(),
                "world": world(self.state(stack)),
            }

    def standing(self, replicas: Sequence[str]) -> World:
        """All that stands in Google once this list does."""
        return world(self._prepare(replicas) / "cloud" / "simulator.sqlite")

    @staticmethod
    def state(stack: Stack) -> Path:
        """Where the simulator of `stack` keeps what it knows."""
        return stack.folder.parent / "cloud" / "simulator.sqlite"

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """Among the processes of this run."""
        with (self.folder / f"{name}.lock").open("w") as lock:
            flock(lock, LOCK_EX)
            yield

    def _prepare(self, replicas: Sequence[str], config: Mapping[str, Any] | None = None) -> Path:
        made = self.folder / _name(replicas, config)
        with self._alone(made.name):
            if not made.exists():
                self._make(replicas, made, config or {})
        return made

    def _make(self, replicas: Sequence[str], made: Path, config: Mapping[str, Any]) -> None:
        draft = self.folder / f"draft-{made.name}"
        shutil.rmtree(draft, ignore_errors=True)
        with cloud(draft / "cloud") as running:
            stack = self._stack(draft / "stack", running).create()
            if replicas:
                stack.up(replicas, **config)
        draft.rename(made)

    def _stack(self, folder: Path, running: Cloud) -> Stack:
        return Stack(folder, running, self.toolchain)


def _awake(running: Cloud) -> None:
    """The masters of a copied cloud have to boot first: until then nobody sees a quorum."""

    def serve() -> bool:
        etcd = running.facts()["guestModel"].get(BUCKET)
        return bool(etcd and sorted(etcd["voters"]) == sorted(etcd["healthy"]))

    until("masters that serve", serve, _AWAKE_SECONDS, lambda: running.facts()["guestModel"])


def _name(replicas: Sequence[str], config: Mapping[str, Any] | None = None) -> str:
    listed = "with-" + ("-".join(replica.replace("/", "") for replica in replicas) or "none")
    return (
        f"{listed}-{sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()[:8]}"
        if config
        else listed
    )
