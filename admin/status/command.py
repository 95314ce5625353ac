"""Tells how the cluster is now: verdict first, then what to do, then each master. It changes nothing.

It asks the cluster's bucket, the machines and the load balancer, never the cluster's own API: it works when that is gone.
Exit status: 0 if all is well, 1 if something is to be mended, 2 if that could not be told, 3 if etcd's quorum is lost.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence

from admin.engine import Engine, EngineError
from admin.status.rows import (
    EXIT,
    authorities,
    backup,
    deprecated_apis,
    document,
    encryption,
    pool_rows,
    rows,
    verdict,
)
from admin.status.screen import screen
from admin.watched import Watched, watched
from components.config import ConfigErrors
from components.google.provider_config import ProviderRefusedError
from components.releases import ReleasesError

WATCH_SECONDS = 5.0
_CLEAR = "\x1b[2J\x1b[H"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m admin status", description=__doc__)
    parser.add_argument("--stack", help="the stack; by default the one that is selected")
    parser.add_argument(
        "--json",
        action="store_true",
        help="print one object: verdict, title, findings, masters, pools and more",
    )
    parser.add_argument(
        "--watch",
        nargs="?",
        type=float,
        const=WATCH_SECONDS,
        metavar="SECONDS",
        help=f"look again and again until interrupted, every {WATCH_SECONDS:.0f} seconds by default",
    )
    given = parser.parse_args(arguments)
    if given.watch is not None and given.watch <= 0:
        parser.error(f"argument --watch: {given.watch:g} is no time to wait. Give seconds, 1 or more")
    try:
        cluster = watched(Engine(given.stack))
    except (EngineError, ConfigErrors, ProviderRefusedError, ReleasesError) as error:
        print(error, file=sys.stderr)
        return EXIT["unknown"]
    if not cluster.standing.masters:
        print("No master stands in this stack yet: `pulumi up` makes them.", file=sys.stderr)
        return EXIT["unknown"]
    code = EXIT["unknown"]
    try:
        while True:
            code = _tell(cluster, as_json=given.json, watching=given.watch is not None)
            if given.watch is None:
                return code
            time.sleep(given.watch)
    except KeyboardInterrupt:
        return code


def _tell(cluster: Watched, *, as_json: bool, watching: bool) -> int:
    """Looks once, prints it, and returns the exit status that it comes to."""
    present, told = cluster.look()
    masters = list(cluster.standing.masters)
    found = verdict(present, told)
    if as_json:
        # A line for each look: what is watched by a program is read line by line.
        print(
            json.dumps(document(present, told, masters, cluster.address), indent=None if watching else 2),
            flush=True,
        )
        return EXIT[found]
    terminal = sys.stdout.isatty()
    text = screen(
        found,
        told.title,
        told.findings,
        (rows(present, masters), pool_rows(present)),
        [
            ("address", cluster.address),
            ("backup", backup(present)),
            ("secrets", encryption(present)),
            ("authorities", authorities(present)),
            ("deprecated", deprecated_apis(present)),
        ],
        width=shutil.get_terminal_size().columns,
        coloured=terminal and "NO_COLOR" not in os.environ,
    )
    print(f"{_CLEAR if terminal and watching else ''}{text}", flush=True)
    return EXIT[found]
