"""What the running stack asks for."""

from __future__ import annotations

from pathlib import Path

import pulumi

from components.addons.manifests import Addons, read
from components.config import ConfigErrors, StackConfig


def asked(config: StackConfig) -> Addons | None:
    """Returns None without add-ons. Raises RunError, which the engine shows without a traceback, before anything is made."""
    if not config.own_addons:
        return None
    try:
        # The engine runs a program in the folder of its stack's files.
        return read(config.own_addons, Path(), pulumi.get_project())
    except ConfigErrors as errors:
        raise pulumi.RunError(str(errors)) from errors
