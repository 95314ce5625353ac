"""Tells Prometheus how the cluster is: one look to standard output, or a page for it at each scrape.

It asks the cluster's bucket, the machines and the load balancer, never the cluster's own API: it works when that is gone.
It runs wherever `pulumi stack` and its credentials are, and changes nothing. A look takes seconds, so a scrape gets the last
one as long as it is younger than --every, and its time as `ha_masters_look_timestamp_seconds`.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from admin.engine import Engine, EngineError
from admin.metrics.series import PREFIX, series
from admin.watched import Watched, watched
from components.config import ConfigErrors
from components.google.provider_config import ProviderRefusedError
from components.releases import ReleasesError

EVERY_SECONDS = 30.0
"""A look takes seconds. Masters write their status at each change, and every 10 s at least."""
PORT = 9464
"""Of OpenTelemetry's Prometheus exporters, and nobody else's here: https://github.com/prometheus/prometheus/wiki/Default-port-allocations."""


class LastLook(Collector):
    """Looks when asked, at most once in `every` seconds; who asks meanwhile waits for the look that is under way."""

    def __init__(
        self,
        cluster: str,
        look: Callable[[], Iterable[Metric]],
        every: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._cluster, self._look, self._every, self._clock = cluster, look, every, clock
        self._lock = threading.Lock()
        self._at, self._seen = float("-inf"), list[Metric]()

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            if self._clock() - self._at >= self._every:
                self._seen = list(self._look())
                self._at = self._clock()
            looked = GaugeMetricFamily(
                f"{PREFIX}_look_timestamp_seconds", "When the cluster was last looked at", labels=["cluster"]
            )
            looked.add_metric([self._cluster], self._at)
            return [looked, *self._seen]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m admin metrics", description=__doc__)
    parser.add_argument("--stack", help="the stack; by default the one that is selected")
    parser.add_argument(
        "--listen",
        nargs="?",
        type=_address,
        const=("127.0.0.1", PORT),
        metavar="ADDRESS:PORT",
        help=f"serve http://ADDRESS:PORT/metrics until interrupted; without an address 127.0.0.1:{PORT}",
    )
    parser.add_argument(
        "--every",
        type=_seconds,
        default=EVERY_SECONDS,
        metavar="SECONDS",
        help="look at most once in so many seconds (default: 30)",
    )
    given = parser.parse_args(arguments)
    try:
        cluster = watched(Engine(given.stack))
    except (EngineError, ConfigErrors, ProviderRefusedError, ReleasesError) as error:
        print(error, file=sys.stderr)
        return 1
    registry = CollectorRegistry(auto_describe=False)
    registry.register(LastLook(cluster.config.cluster_name, lambda: _series(cluster), given.every))
    if given.listen is None:
        sys.stdout.write(generate_latest(registry).decode())
        return 0
    return _serve(registry, *given.listen)


def _serve(registry: CollectorRegistry, host: str, port: int) -> int:
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        print(f"argument --listen: {host}:{port} can't be listened on: {error.strerror}", file=sys.stderr)
        return 1
    print(f"http://{host}:{server.server_port}/metrics", file=sys.stderr, flush=True)
    try:
        thread.join()
    except KeyboardInterrupt:
        server.shutdown()
    return 0


def _series(cluster: Watched) -> Iterable[Metric]:
    present, told = cluster.look()
    config = cluster.config
    return series(
        present, told, config.cluster_name, len(config.replicas), config.etcd.backup.interval_seconds
    )


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isdigit() and int(port) < 1 << 16):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no address and port: give one such as 127.0.0.1:{PORT}"
        )
    return host, int(port)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no time to wait: give seconds, 1 or more")
    return seconds
