"""The cluster of a stack, found once and looked at again and again: by `admin status` and by `admin metrics`."""

from __future__ import annotations

from dataclasses import dataclass

from admin.check import last_state, stack_config
from admin.engine import Engine, State, provider
from components.config import StackConfig
from components.google.transport import Google
from components.present.facts import Present, Unseen
from components.present.findings import Told, tell
from components.present.look import look
from components.standing.facts import Standing


@dataclass(frozen=True, slots=True)
class Watched:
    """What doesn't change from one look to the next."""

    config: StackConfig
    standing: Standing
    google: Google
    address: str
    pending: int = 0
    """Operations of the engine that never ended."""

    def look(self) -> tuple[Present | Unseen, Told]:
        """Now, and what is to be said of it: of the bucket, the machines and the load balancer, never of the API."""
        config = self.config
        present = look(list(self.standing.masters), config, self.google)
        wanted = {replica.identity for replica in config.replicas}
        interval = config.etcd.backup.interval_seconds
        return present, tell(present, wanted, config.cluster_name, interval, config.kubernetes_version)


def watched(engine: Engine) -> Watched:
    """The stack's cluster, as its last update left it.

    Raises EngineError, ConfigErrors, ProviderRefusedError or ReleasesError with what is to be mended first.
    """
    settings, state = engine.config(), engine.export()
    standing = last_state(state)
    config = stack_config(settings, standing)
    pending = len(state["deployment"].get("pending_operations") or [])
    return Watched(config, standing, Google(provider(settings)), api_address(state), pending)


def api_address(state: State) -> str:
    """Returns the address as the last update exported it; empty before the first one has ended."""
    for resource in state["deployment"].get("resources") or []:
        if resource["type"] == "pulumi:pulumi:Stack":
            return str((resource.get("outputs") or {}).get("address") or "")
    return ""
