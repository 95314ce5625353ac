"""APIs that a project hasn't enabled: `POST /lab/v1/services {"secretmanager.googleapis.com": false}`."""

from __future__ import annotations

from collections.abc import Mapping

from lab.simulator.errors import ApiError
from lab.simulator.store import Store

KNOWN = (
    "compute.googleapis.com",
    "storage.googleapis.com",
    "secretmanager.googleapis.com",
    "iam.googleapis.com",
    "iamcredentials.googleapis.com",
    "dns.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "orgpolicy.googleapis.com",
)
ALWAYS = "serviceusage.googleapis.com"
"""It answers in every project: it is what says which others do."""


class EnabledServices:
    def __init__(self, store: Store) -> None:
        self._store = store

    def states(self) -> dict[str, bool]:
        return dict.fromkeys(KNOWN, True) | dict(self._store.get("lab", "services") or {})

    def set(self, states: Mapping[str, bool]) -> None:
        if unknown := set(states) - set(KNOWN):
            known = ", ".join(KNOWN)
            raise ValueError(f"the simulator serves no {', '.join(sorted(unknown))}; it does: {known}")
        with self._store.transaction():
            self._store.put("lab", "services", self.states() | {k: bool(v) for k, v in states.items()})

    def is_enabled(self, service: str) -> bool:
        return service == ALWAYS or self.states().get(service, False)

    def check(self, service: str, number: str) -> None:
        """Raises as Google does: https://cloud.google.com/apis/docs/troubleshooting, `SERVICE_DISABLED`."""
        if self.is_enabled(service):
            return
        where = f"https://console.developers.google.com/apis/api/{service}/overview?project={number}"
        text = f"{service} has not been used in project {number} before or it is disabled. Enable it by visiting {where} "
        text += "then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our "
        text += "systems and retry."
        info = {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "SERVICE_DISABLED",
            "domain": "googleapis.com",
            "metadata": {"consumer": f"projects/{number}", "service": service},
        }
        raise ApiError(403, "accessNotConfigured", text, details=[info])
