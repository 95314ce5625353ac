"""Times as Google and the engine write them, RFC 3339."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
