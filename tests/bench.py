"""The figures that people ask for: `make bench`. One run, instant profile, a simulator and a stack of its own.

Run it on an otherwise idle machine; every command of the engine costs about five seconds of one core.
"""

from __future__ import annotations

import os
import platform
import tempfile
import time
from pathlib import Path

from lab.toolchain import ensure
from tests.e2e import bench
from tests.e2e.site import ONE, THREE
from tests.stack.harness import Outcome, Stack, cloud

AIMS = {"preview of three": 5.0, "up of three": 20.0}


def main() -> None:
    start = time.monotonic()
    toolchain = ensure()
    bench.tell("toolchain ready", time.monotonic() - start)
    print(f"({platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()})")
    with tempfile.TemporaryDirectory() as folder, cloud(Path(folder) / "cloud") as running:
        first = Stack(Path(folder) / "first", running, toolchain, hurries=False).create()
        first.preview(THREE)  # Compiles the SDK's bytecode, once for all.
        _tell("preview of three", first.preview(THREE))
        _tell("up of three", first.up(THREE))
        _tell("up, nothing to do", first.run("up", "--yes", "--skip-preview", "--expect-no-changes"))
        _tell("refresh", first.run("refresh", "--yes", "--skip-preview", "--expect-no-changes"))
        _tell("destroy", first.destroy())
    with tempfile.TemporaryDirectory() as folder, cloud(Path(folder) / "cloud") as running:
        second = Stack(Path(folder) / "second", running, toolchain, hurries=False).create()
        _tell("up of one", second.up(ONE))
        _tell("preview 1→3", second.preview(THREE))
        _tell("up 1→3", second.up(THREE))
        _tell("preview 3→1", second.preview(ONE))
        _tell("up 3→1", second.up(ONE))
    print("\nLive masters")
    bench.main()


def _tell(title: str, outcome: Outcome) -> None:
    bench.tell(title, outcome.seconds, AIMS.get(title, 0.0))


if __name__ == "__main__":
    main()
