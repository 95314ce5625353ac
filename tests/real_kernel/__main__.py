"""`python -m tests.real_kernel`: the lab's machines on Debian's cloud kernel with cgroups of version 2 alone.

Takes root, and 10 GB of memory. By software emulation a command takes some ten times as long as it does here.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.real_kernel.computer import run
from tests.real_kernel.packages import install

CLONE = Path(__file__).resolve().parents[2]
MACHINES = (
    ".venv/bin/python -m pytest -v --color=no -n 0 -p no:cacheprovider --basetemp /mnt/tmp/pytest --timeout 1800"
    " tests/lab/machines/test_cgroups.py tests/lab/machines/test_life.py"
)
"""State lies on the computer's own disk, because nothing can lie over an overlay whose upper part is one."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.real_kernel", description=__doc__)
    parser.add_argument("--command", default=MACHINES, help="a line for bash, run in this clone")
    parser.add_argument(
        "--accelerator", default="tcg,thread=multi", help="`kvm` where that works; default: emulation"
    )
    parser.add_argument("--minutes", type=float, default=60)
    given = parser.parse_args(arguments)
    began = time.monotonic()
    install()
    code = run(
        given.command,
        CLONE,
        home=str(Path.home()),
        path=os.environ["PATH"],
        accelerator=given.accelerator,
        seconds=60 * given.minutes,
    )
    print(f"{given.command} ended with {code}, after {time.monotonic() - began:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
