"""`python -m lab.machines` installs and builds what machines need, where they can run, and says so where they can't."""

from __future__ import annotations

import sys

from lab.machines import host, image
from lab.toolchain.build import ToolchainUnavailableError
from lab.toolchain.golang import BuildFailedError


def main() -> int:
    if why := host.obstacle(host.look()):
        print(f"No machine can run here: {why}.")
        return 0
    try:
        host.prepare(print)
        print(image.ensure().folder)
    except (
        host.HostError,
        image.ImageUnavailableError,
        ToolchainUnavailableError,
        BuildFailedError,
    ) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
