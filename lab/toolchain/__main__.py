"""Build the toolchain from the command line.

python -m lab.toolchain        build it, and say where it stands
python -m lab.toolchain env    the same, then print the variables for a shell: eval "$(python -m lab.toolchain env)"
"""

from __future__ import annotations

import shlex
import sys
from functools import partial

from . import ensure
from .build import ToolchainUnavailableError
from .golang import BuildFailedError


def main(arguments: list[str]) -> int:
    try:
        toolchain = ensure(partial(print, file=sys.stderr, flush=True))
    except (BuildFailedError, ToolchainUnavailableError) as problem:
        print(problem, file=sys.stderr)
        return 1
    if arguments == ["env"]:
        for name, value in toolchain.environment().items():
            print(f"export {name}={shlex.quote(value)}")
    else:
        print(toolchain.bin)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
