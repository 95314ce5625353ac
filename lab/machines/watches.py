"""inotify's limit of the host: all machines' processes count as root's, and a machine that comes to it hangs while it boots.

Debian allows 128 instances (fs.inotify.max_user_instances, inotify(7)). A worker has some 13, of systemd, containerd, its
kubelet and kube-proxy; a master some 24. The ninth or tenth machine beside the host's own processes is then one too many:
systemd says "Failed to create inotify object: Too many open files", and starts no unit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

LIMIT: Final = Path("/proc/sys/fs/inotify/max_user_instances")
ENOUGH: Final = 4096
"""For more machines than a computer has memory for. An instance that nobody makes costs nothing."""


def allow(limit: Path = LIMIT, enough: int = ENOUGH) -> None:
    """Raises the limit to `enough` until the computer starts anew; one that is higher stays."""
    if int(limit.read_text()) < enough:
        limit.write_text(f"{enough}\n")
