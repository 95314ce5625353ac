"""Writes files whole or not at all, and only when they differ."""

from __future__ import annotations

import os
from pathlib import Path


def under(root: Path, path: str) -> Path:
    """Returns an absolute path of the machine, below `root`, which is `/` but in tests."""
    return root / path.lstrip("/")


def write(path: Path, content: str, mode: int = 0o644) -> bool:
    """Returns whether anything changed. Folders on the way are made; those of keys are closed by whoever owns them."""
    data = content.encode()
    try:
        if path.read_bytes() == data and path.stat().st_mode & 0o777 == mode:
            return False
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    # A leading dot: the kubelet takes no hidden file of the manifests' folder for a pod.
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(mode)
    draft.replace(path)
    return True
