"""The engine and the providers that run the program: the installed official ones, or the same built from Go modules.

    toolchain = ensure()
    subprocess.run(["pulumi", "preview"], env=os.environ | toolchain.environment())

How the pieces fit:

choose.py     decides: are an official `pulumi` and its plugins here, or must they be built
recipe.py     what is built from what, and the key that names the result
build.py      runs Go, tells how far it is, and puts each finished executable in its place
engine/       the Go module that pins the engine and CLI
providers/    the Go module of the Google and TLS providers, with the tables that map them to the published packages
tokens.py     makes the table of the Google provider's tokens from the installed pulumi_gcp
automatic_log.py  leaves out what the engine would log of each command
host/         the Python language host, which runs programs and policy packs

What is built stands in `~/.cache/ha-masters/toolchain/<key>`: `bin` for PATH, `home` as the engine's home, with the
providers among its plugins (on PATH the engine would warn of each at every run), and `lib` for the language host.
"""

from __future__ import annotations

from collections.abc import Callable

from . import automatic_log, build
from .place import Toolchain


def ensure(progress: Callable[[str], None] = print) -> Toolchain:
    """As `build.ensure`, with an engine that writes no automatic log where it was built here."""
    toolchain = build.ensure(progress)
    if toolchain.home:
        automatic_log.leave_out(toolchain.home)
    return toolchain


__all__ = ["Toolchain", "ensure"]
