"""What the running stack asks for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pulumi

from components.addons.leaving import taken_along
from components.addons.manifests import Addons, read
from components.config import AddonSpec, ConfigErrors
from components.standing.facts import Standing


def asked(specs: Sequence[AddonSpec], standing: Standing) -> Addons | None:
    """Returns None without add-ons. Raises RunError, which the engine shows without a traceback, before anything is made."""
    if not specs:
        return None
    project = pulumi.get_project()
    try:
        # The engine runs a program in the folder of its stack's files.
        found = read(specs, Path(), project)
        lost = taken_along(
            found.manifests,
            specs,
            project,
            recorded=standing.addon_objects,
            defines=standing.definitions,
        )
        if problems := tuple(lost):
            raise ConfigErrors(problems)
    except ConfigErrors as errors:
        raise pulumi.RunError(str(errors)) from errors
    return found
