"""Pulumi's provider of Kubernetes where the lab's engine looks for it: among the plugins of the engine's home.

    python -m lab.toolchain.kubernetes provider

It isn't part of the toolchain, whose key it leaves alone: only stacks with `addons` need it, and it takes longer than all
else together.
"""

from __future__ import annotations

from lab.toolchain import Toolchain

from .build import Progress, ensure
from .recipe import PROVIDER, groups


def install(toolchain: Toolchain, progress: Progress = print) -> None:
    """Builds the provider if need be, and links it into the home of an engine that was built here. An official engine
    fetches its own, as it does all plugins. Raises as `ensure` does.
    """
    if toolchain.home is None:
        return
    [part] = groups()[PROVIDER]
    program = ensure(PROVIDER, progress) / part.name
    link = toolchain.home / "plugins" / f"resource-kubernetes-v{part.version}" / part.name
    if link.is_symlink() and link.readlink() == program:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    made = link.with_name(f".{part.name}.made")
    made.unlink(missing_ok=True)
    made.symlink_to(program)
    made.replace(link)
