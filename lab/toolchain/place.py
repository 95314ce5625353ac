"""Where a toolchain stands, and the environment that makes commands use it and nothing else."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

# Each keeps the engine from asking the network for something that the lab has, or does not want.
QUIET: dict[str, str] = {
    "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK": "true",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
    "PULUMI_SKIP_UPDATE_CHECK": "true",
}


@dataclass(frozen=True)
class Toolchain:
    """An engine with its plugins.

    `bin` holds `pulumi` and, where it was built, the language host. `home` is the engine's home (PULUMI_HOME) with
    the built providers, or None where the official ones are used, which are found in the user's own.
    """

    bin: Path
    home: Path | None = None

    def environment(self) -> dict[str, str]:
        """Variables to add to a command's environment."""
        made = {"PATH": os.pathsep.join([str(self.bin), os.environ.get("PATH", os.defpath)]), **QUIET}
        if self.home is not None:
            made["PULUMI_HOME"] = str(self.home)
            # Without compiled modules, importing pulumi_gcp takes three seconds of every run instead of one. They are kept
            # beside their sources: a folder of their own would hold them once for each path that leads to a program.
            made["PYTHONDONTWRITEBYTECODE"] = ""
            made["PYTHONPYCACHEPREFIX"] = ""
            # The language host needs the protocol classes of the `pulumi` package, which this interpreter has.
            made["HA_MASTERS_PYTHON"] = sys.executable
        return made


def cache() -> Path:
    """The folder that holds every toolchain built here, outside the clone, so that clones share it."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "ha-masters" / "toolchain"
