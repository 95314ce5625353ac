"""The program's own refusal of an edit, before anything is registered and so before anything is touched."""

from __future__ import annotations

from datetime import UTC, datetime

import pulumi

from components.config import StackConfig
from components.edits.findings import Findings
from components.edits.judge import judge
from components.edits.truth import actual
from components.google.balancer import Balancer
from components.google.compute import Compute
from components.google.running import google
from components.standing.facts import Standing
from node.release import zipapp


def admit(standing: Standing, config: StackConfig) -> Findings:
    """Returns what the edit costs. Raises RunError, which the engine shows without a traceback, for one that can't be."""
    agent, now = zipapp.sha256(zipapp.zipapp()), datetime.now(UTC)
    left = _balancers(standing, config)
    findings = judge(standing, config, agent=agent, now=now, balancers=left)
    if findings.refused:
        findings = judge(_really(standing), config, agent=agent, now=now, balancers=left)
    if findings.refused:
        raise pulumi.RunError(findings.refused)
    return findings


def _balancers(standing: Standing, config: StackConfig) -> list[Balancer] | None:
    """Returns load balancers of Services that would be left behind; None where Google isn't asked, or doesn't answer."""
    if not standing.balancer_tag or config.serves_services:
        return None
    try:
        return Compute(google()).balancers(config.project, standing.balancer_tag)
    except Exception as error:
        pulumi.log.warn(
            f"Whether load balancers of Services are left can't be asked of Google Cloud: {error}"
        )
        return None


def _really(standing: Standing) -> Standing:
    """Returns what really stands; the recorded state where Google doesn't answer."""
    try:
        return actual(standing, Compute(google()).document)
    except Exception as error:
        pulumi.log.debug(f"What stands can't be read from Google Cloud: {error}")
        return standing
