"""Snapshots of etcd: how often, and for how many whole days they are kept, or in which steps."""

from __future__ import annotations

from dataclasses import dataclass

from components.config import values
from components.config.setting import section, setting


@dataclass(frozen=True, slots=True)
class KeepSpec:
    """The section `etcd.backup.keep`: of how many hours, days, weeks and months the last good snapshot stays. Where all
    are 0 nothing is asked for: then the bucket deletes by age alone.
    """

    hourly: int = setting("hourly", values.whole(0, 720, "hours"), 0)
    daily: int = setting("daily", values.whole(0, 366, "days"), 0)
    weekly: int = setting("weekly", values.whole(0, 260, "weeks"), 0)
    monthly: int = setting("monthly", values.whole(0, 120, "months"), 0)

    def __bool__(self) -> bool:
        return any((self.hourly, self.daily, self.weekly, self.monthly))


@dataclass(frozen=True, slots=True)
class BackupSpec:
    """The section `etcd.backup`. With `keep`, `retention_seconds` is for Google's snapshots of the disks alone."""

    interval_seconds: int = setting("interval", values.duration("5m", "1d"), 30 * 60)
    retention_seconds: int = setting("retention", values.duration("1d", "365d", whole_days=True), 7 * 86_400)
    keep: KeepSpec = section("keep", KeepSpec)

    @property
    def retention_days(self) -> int:
        return self.retention_seconds // 86_400
