"""The engine's automatic log, which a lab goes without.

The engine writes each command's log into its home, compressed and encrypted, and has no switch for it
(pulumi 3.259, `pkg/logging/encrypted.go`). That takes a fifth of the CPU seconds of an update that changes nothing, and
hundreds of megabytes. Where it can't make the folder it goes on without; so there is a file of that name.
The home of an official engine is the user's own, and keeps its log.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

_WHY: Final = "A file, so that the engine writes no automatic log here: see lab/toolchain/automatic_log.py.\n"


def leave_out(home: Path) -> None:
    """Once done, that is all; what was logged before goes. A command that runs meanwhile may make the folder again:
    then the next call does it.
    """
    logs = home / "logs"
    if logs.is_file():
        return
    shutil.rmtree(logs, ignore_errors=True)
    try:
        logs.write_text(_WHY)
    except IsADirectoryError:
        return
