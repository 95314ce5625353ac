"""The last complaint of a static pod, from the log that the kubelet keeps of it on this machine."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from node.host import paths
from node.host.files import under

NAMESPACE: Final = "kube-system"
_TAIL_BYTES, _MOST_CHARACTERS = 1 << 14, 240
_KLOG = re.compile(r"[EF]\d{4} [\d:.]+ +\d+ [^ ]+\] (.*)")
"""Of klog's lines those of errors and of what ended the process: `E1126 15:43:06.123456 1 run.go:72] "command failed" …`."""

_ETCDS = frozenset({"error", "fatal", "panic"})


def complaint(root: Path, pod: str) -> str:
    """Empty where there is no log, or none in its last lines, or where the kubelet takes it away at this moment."""
    try:
        lines = _last_lines(under(root, f"{paths.LOGS}/pods"), pod)
    except OSError:
        return ""
    return next((found for line in reversed(lines) if (found := _error(line))), "")[:_MOST_CHARACTERS]


def _last_lines(folder: Path, pod: str) -> list[str]:
    logs = sorted(
        folder.glob(f"{NAMESPACE}_{pod}-*/{pod}/*.log"),
        key=lambda file: file.stat().st_mtime,
    )
    if not logs:
        return []
    with logs[-1].open("rb") as log:
        log.seek(max(0, logs[-1].stat().st_size - _TAIL_BYTES))
        return log.read().decode(errors="replace").splitlines()


def _error(line: str) -> str:
    """`line` is of the form of the CRI: time, stream, `F`, text."""
    text = line.split(" ", 3)[-1]
    if klog := _KLOG.fullmatch(text):
        return klog[1]
    if text.startswith(("Error: ", "panic: ")):
        return text
    try:
        said = json.loads(text)
    except ValueError:
        return ""
    if not isinstance(said, dict) or said.get("level") not in _ETCDS:
        return ""
    return ": ".join(str(said[key]) for key in ("msg", "error") if said.get(key))
