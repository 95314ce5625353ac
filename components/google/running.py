"""The running stack's provider, as the engine hands its configuration to the program."""

from __future__ import annotations

import pulumi

from components.google.provider_config import ProviderConfig, ProviderRefusedError
from components.google.transport import Google


def google() -> Google:
    """Raises RunError, which the engine shows without a traceback, where only the provider itself could sign in."""
    try:
        return Google(ProviderConfig.read(pulumi.Config("gcp").get))
    except ProviderRefusedError as refused:
        raise pulumi.RunError(str(refused)) from refused
