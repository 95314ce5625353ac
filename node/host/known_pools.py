"""The pools that this machine last heard of, as a file: a master that boots while the bucket can't be read knows them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from node.contract.fields import FormatError
from node.contract.pools import Pools
from node.host import paths
from node.host.files import under, write

FILE: Final = f"{paths.WORKERS}/pools.json"


def known(root: Path) -> Pools | None:
    """Returns None where there are none, or another release wrote what this one can't read: the bucket has it again."""
    try:
        return Pools.parse(under(root, FILE).read_bytes())
    except (FileNotFoundError, FormatError):
        return None


def remember(root: Path, pools: Pools | None) -> None:
    file = under(root, FILE)
    if pools is None:
        file.unlink(missing_ok=True)
    else:
        write(file, pools.to_json())
