"""The program's own no, before anything is registered and so before anything is touched."""

from __future__ import annotations

from datetime import UTC, datetime

import pulumi

from components.config import StackConfig
from components.edits.findings import Findings
from components.edits.judge import judge
from components.standing import Standing
from node import build


def admit(standing: Standing, config: StackConfig) -> Findings:
    """What the edit costs; RunError, which the engine shows without a traceback, for one that can't be."""
    findings = judge(standing, config, agent=build.sha256(build.zipapp()), now=datetime.now(UTC))
    if findings.refused:
        raise pulumi.RunError(findings.refused)
    return findings
