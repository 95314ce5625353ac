"""Snapshots of etcd: how often, and for how many whole days they are kept."""

from __future__ import annotations

from dataclasses import dataclass

from components.config import values
from components.config.setting import setting


@dataclass(frozen=True, slots=True)
class BackupSpec:
    """The section `etcd.backup`."""

    interval_seconds: int = setting("interval", values.duration("5m", "1d"), 30 * 60)
    retention_seconds: int = setting("retention", values.duration("1d", "365d", whole_days=True), 7 * 86_400)

    @property
    def retention_days(self) -> int:
        return self.retention_seconds // 86_400
