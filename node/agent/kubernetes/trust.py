"""By which generations of the cluster's authorities this machine lives: whom its processes trust, and who has issued what it
holds. `pulumi up` lets a stage of a rotation follow another by this.

It is said only while any generation isn't the first, and only once every process runs with the configuration that the
files are of: before that, nobody knows whom a process trusts that has read them once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from node.contract.authorities import SERVICE_ACCOUNTS
from node.contract.metadata import Machine
from node.contract.status import AuthoritiesView
from node.host import paths
from node.host.certificates import CertificateError
from node.host.files import under, write
from node.host.issuers import lived_by

SIGNS = f"{paths.STATE}/signs-tokens.json"
"""By which generation of key tokens are signed here, and since when: a file, for an agent that starts anew knows nothing."""

_TIME = "%Y-%m-%dT%H:%M:%SZ"


class Trust:
    def __init__(self, root: Path) -> None:
        self._root = root

    def look(
        self, machine: Machine, runs: Callable[[], bool], now: datetime | None = None
    ) -> AuthoritiesView | None:
        """`runs`: whether all processes run with the machine's configuration. None where there is nothing to say, or it
        can't be said.
        """
        if not runs():
            return None
        signs = machine.authorities.of(SERVICE_ACCOUNTS)[0]
        try:
            since = self._signs(signs, now or datetime.now(UTC))
            if not machine.authorities.generations:
                return None
            files = {file.name: file.read_text() for file in under(self._root, paths.SECRETS).glob("*.crt")}
            return lived_by(machine.cluster, machine.authorities, files, since)
        except (OSError, UnicodeDecodeError, CertificateError):
            return None

    def _signs(self, generation: int, now: datetime) -> str:
        """Since when tokens are signed by this generation; what isn't known begins now."""
        file = under(self._root, SIGNS)
        try:
            known = json.loads(file.read_text())
            if known["generation"] == generation:
                return datetime.strptime(known["since"], _TIME).strftime(_TIME)
        except (OSError, ValueError, KeyError, TypeError):
            pass
        since = now.strftime(_TIME)
        write(file, json.dumps({"generation": generation, "since": since}) + "\n", 0o600)
        return since
