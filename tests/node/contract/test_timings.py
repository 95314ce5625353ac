"""Seconds that only make sense beside each other."""

from __future__ import annotations

import pytest

from components.api_load_balancer import FAILURES_TO_LEAVE
from lab.guest_model.durations import HEARTBEAT_SECONDS
from node.contract import timings


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        pytest.param(2 * timings.STATUS_BEAT, timings.STATUS_FRESH, id="two lost beats are no silence"),
        pytest.param(
            (FAILURES_TO_LEAVE + 1) * timings.HEALTH_CHECK_INTERVAL,
            timings.APISERVER_DRAIN,
            id="the balancer has looked away before the apiserver stops to listen",
        ),
        pytest.param(
            timings.APISERVER_DRAIN + 60, timings.APISERVER_GRACE, id="requests end before the kubelet kills"
        ),
        pytest.param(timings.LEAVE, timings.AGENT_STOP, id="etcd is left before systemd kills the agent"),
        pytest.param(timings.AGENT_STOP, timings.POWER_CUT, id="the agent has ended before the power is cut"),
        pytest.param(timings.STATUS_FRESH, timings.CLAIM, id="who is silent is known before a claim ends"),
    ],
)
def test_one_is_over_before_the_other(shorter: float, longer: float) -> None:
    assert shorter < longer


def test_modelled_masters_report_as_often_as_real_ones() -> None:
    assert HEARTBEAT_SECONDS == timings.STATUS_BEAT
