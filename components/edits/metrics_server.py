"""`metricsServer`: what `kubectl top` and autoscaling by load ask, in a cluster that has had workers and keeps them."""

from __future__ import annotations

from components.config import StackConfig
from components.edits.findings import NOTHING, Findings, note
from components.standing.facts import Standing

COMES = "Pods may ask every node's kubelet from then on, which lets in whom API servers vouch for"
GOES = "`kubectl top` and autoscaling by load have nobody to ask; objects named metrics-server are deleted in kube-system"


def metrics_server(standing: Standing, config: StackConfig) -> Findings:
    if not standing.pools or not config.pools or standing.metrics_server == config.metrics_server:
        return NOTHING
    says = COMES if config.metrics_server else GOES
    return note("metricsServer", standing.metrics_server, config.metrics_server, says)
