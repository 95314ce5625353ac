"""Seconds that both sides count on, and those that only make sense beside each other; a test holds their inequalities."""

from __future__ import annotations

from typing import Final

STATUS_BEAT: Final = 10.0
"""A master reports at each change, and this often at least."""

STATUS_FRESH: Final = 30.0
"""For so long a status is believed: two beats may be lost."""

APISERVER_DRAIN: Final = 20
"""`--shutdown-delay-duration`: for so long after SIGTERM the apiserver fails `/readyz` and serves everyone all the same.

It has to outlast the load balancer's health check, which sends new connections elsewhere after two or three failed
probes. Then it stops to listen, lets requests end, and tells those who watch to go.
"""

APISERVER_GRACE: Final = APISERVER_DRAIN + 70
"""The kubelet's patience: the delay, the 60 s that requests may take, and a little more."""

HEALTH_CHECK_INTERVAL: Final = 2
"""Between two probes of the load balancer."""

CONNECTION_DRAIN: Final = 30
"""For so long the load balancer leaves established connections to a backend that went."""

LEAVE: Final = 45.0
"""A machine that shuts down, and that nobody wants, has so long to leave etcd."""

AGENT_STOP: Final = 60.0
"""What systemd gives the agent to end in: `LEAVE`, and the step that it is about to finish."""

POWER_CUT: Final = 90.0
"""From the button to the cut on Google: https://cloud.google.com/compute/docs/instances/stop-start-instance."""

CLAIM: Final = 300.0
"""A claim in the bucket that is older has come to nothing: a machine that was to go is well all that time later."""
