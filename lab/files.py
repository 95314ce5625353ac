"""Files that are whole or not there: readers of another process never see half of one."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write(path: Path, text: str, mode: int | None = None) -> None:
    """Writes a draft beside `path` and renames it. `mode` holds from the first byte on; without it, the umask decides.

    Two processes may write one file at once: the later one's text stays.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    draft.touch(0o666 if mode is None else mode, exist_ok=False)
    draft.write_text(text)
    draft.replace(path)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    write(path, json.dumps(value, indent=2) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Returns nothing if there is no such file, or only half of one."""
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found
