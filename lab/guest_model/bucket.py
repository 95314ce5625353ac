"""The cluster's bucket as its machines read it: kept until an event says that an object has changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from lab.guest_model.cloud import Cloud, CloudError, Text
from node.agent.reports import report
from node.contract import bucket_layout, timings
from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.bucket_layout import MARKER, MEMBERS, RESTORE, RETAINED
from node.contract.desired import Members, Retained
from node.contract.fields import FormatError
from node.contract.restore import Restore
from node.contract.status import ReplicaStatus
from node.planner.observed import Desired, Report


@dataclass(frozen=True)
class _Status:
    generation: str
    updated: float
    status: ReplicaStatus | None


class Bucket:
    """One bucket as one service account reads it. Not for use by two threads."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self.name = name
        self._cloud = cloud
        self._texts: dict[str, Text | None] = {}
        self._statuses: dict[str, _Status] = {}
        self._listed = False

    def changed(self, name: str) -> None:
        """Forgets this object, which is read again when it is next needed."""
        self._texts.pop(name, None)
        if name.startswith(bucket_layout.STATUSES):
            self._listed = False

    def forget(self) -> None:
        self._texts.clear()
        self._listed = False

    def generation(self, name: str) -> str:
        text = self._texts.get(name)
        return text.generation if text else ""

    def desired(self) -> Desired:
        """Returns what is asked for. Never raises: what can't be read or understood is a `problem`."""
        try:
            members, retained, restore = (self._text(name) for name in (MEMBERS, RETAINED, RESTORE))
            if members is None:
                return Desired(None, None, f"{MEMBERS} isn't there yet")
            return Desired(
                Members.parse(members.text),
                Retained.parse(retained.text) if retained else None,
                restore=Restore.parse(restore.text) if restore else None,
            )
        except (CloudError, FormatError) as error:
            return Desired(None, None, str(error))

    def marker(self) -> tuple[BootstrapMarker | None, str]:
        """The marker, and why it can't be read."""
        try:
            text = self._text(MARKER)
            return (BootstrapMarker.parse(text.text) if text else None), ""
        except (CloudError, FormatError) as error:
            return None, str(error)

    def snapshot(self, name: str) -> dict[str, object] | None:
        """What a snapshot of the model's holds; None if there is no such object."""
        text = self._cloud.read(self.name, name)
        return dict(json.loads(text.text)) if text else None

    def write(self, name: str, text: str, *, match: str | None = None) -> str:
        self.changed(name)
        return self._cloud.write(self.name, name, text, match=match)

    def write_marker(self, marker: BootstrapMarker) -> bool:
        """Returns False if someone else was faster."""
        try:
            self.write(MARKER, marker.to_json(), match=self.generation(MARKER) or "0")
        except CloudError as error:
            if error.status != 412:
                raise
            self.changed(MARKER)
            return False
        return True

    def reports(self, now: float) -> tuple[dict[str, Report], dict[str, float]]:
        """The fresh statuses, by replica, and for how many seconds the others have been silent."""
        if not self._listed:
            self._list()
        ages = {replica: max(0.0, now - seen.updated) for replica, seen in self._statuses.items()}
        fresh = {replica: age for replica, age in ages.items() if age <= timings.STATUS_FRESH}
        found = {replica: report(self._statuses[replica].status, age) for replica, age in fresh.items()}
        return found, {replica: age for replica, age in ages.items() if replica not in fresh}

    def _text(self, name: str) -> Text | None:
        if name not in self._texts:
            self._texts[name] = self._cloud.read(self.name, name)
        return self._texts[name]

    def _list(self) -> None:
        seen = {}
        for item in self._cloud.list(self.name, bucket_layout.STATUSES):
            replica = item["name"].removeprefix(bucket_layout.STATUSES).removesuffix(".json")
            known = self._statuses.get(replica)
            updated = datetime.fromisoformat(item["updated"]).timestamp()
            if known and known.generation == item["generation"]:
                seen[replica] = known
                continue
            text = self._cloud.read(self.name, item["name"])
            try:
                status = ReplicaStatus.parse(text.text) if text else None
            except FormatError:
                status = None
            seen[replica] = _Status(item["generation"], updated, status)
        self._statuses, self._listed = seen, True
