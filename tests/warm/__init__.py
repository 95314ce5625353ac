"""A Python that has Pulumi's SDK loaded already, for tests with the real engine.

Much of a `pulumi up` that changes nothing is Python that loads the same packages: for the program, for the dynamic provider,
and for the language host. Here a process loads them once (`server.py`), and forks for each command that a stack's
`.venv/bin/python` is given (`client.py`). The project's own modules are loaded by that command, as ever.

Neither the product nor the lab knows of this, and `tests/stack/test_first_hour.py` and `tests/lab/cli` run without.
"""

from __future__ import annotations

import atexit
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.warm.client import ADDRESS

ROOT = Path(__file__).parents[2]
SEEDS = 2
"""So many servers. All that one of them forks has one hash seed, which would hide an order that sets have by chance."""

START_DEADLINE_SECONDS = 60


def virtualenv(folder: Path) -> None:
    """Makes `folder` look to the engine as the clone's `.venv` does. Where no server is named, it starts the same Python."""
    own = ROOT / ".venv"
    (folder / "bin").mkdir(parents=True)
    for part in ("lib", "pyvenv.cfg"):
        (folder / part).symlink_to(own / part)
    python = folder / "bin" / "python"
    python.write_text(f"#!{own}/bin/python -IS\n{(Path(__file__).parent / 'client.py').read_text()}")
    python.chmod(0o755)


def variables(turn: int) -> dict[str, str]:
    """Returns what names a server to a command of the engine: another one each turn."""
    return {ADDRESS: _server(turn % SEEDS)}


@cache
def _server(_number: int) -> str:
    """Starts a server that ends with this process, however that ends: its standard input is then closed."""
    socket = Path(mkdtemp(prefix="warm-")) / "socket"
    command = [sys.executable, "-u", str(Path(__file__).parent / "server.py"), str(socket)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdin
    assert process.stdout
    assert process.stdout.readline() == b"ready\n", "the warm Python did not come up"
    atexit.register(process.wait, START_DEADLINE_SECONDS)
    atexit.register(process.stdin.close)
    return str(socket)
