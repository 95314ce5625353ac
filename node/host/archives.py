"""Archives of programs: fetched once, known by their checksum, and unpacked file by file into one folder.

A file takes the place of the former one whole, also under a process that runs it. What was unpacked stands in a mark, which
is written last: after a power cut all of it is done again.
"""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path

from node.contract.machine_config import CNI_PLUGINS, CONTAINERD, Artifacts, Binary
from node.host import paths
from node.host.commands import MachineError
from node.host.fetch import Download, fetch
from node.host.files import under, write

FOLDERS: Mapping[str, str] = {CONTAINERD: paths.LOCAL_BINARIES, CNI_PLUGINS: paths.CNI_PLUGINS}
"""Where their documentation unpacks them; containerd looks for CNI plugins there by itself."""

_MARKS = f"{paths.STATE}/archives"


def install(root: Path, artifacts: Artifacts, download: Download) -> None:
    """Raises WebError or MachineError. Who runs the programs restarts them."""
    for archive in artifacts.archives:
        if archive.name not in FOLDERS:
            raise MachineError(
                f"nobody knows where the archive {archive.name} is to be unpacked; update the agent first"
            )
        mark = under(root, f"{_MARKS}/{archive.name}")
        if mark.exists() and mark.read_text() == archive.sha256:
            continue
        packed = under(root, f"{_MARKS}/{archive.name}.packed")
        fetch(packed, archive.path, archive.sha256, download, 0o600)
        _unpack(packed, archive, under(root, FOLDERS[archive.name]))
        write(mark, archive.sha256)
        packed.unlink()


def _unpack(packed: Path, archive: Binary, folder: Path) -> None:
    """Regular files only, by their last name: nothing lands outside of the folder, whatever an archive says."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(packed) as opened:
            for member in opened:
                content = opened.extractfile(member) if member.isfile() else None
                if content is None:
                    continue
                target = folder / Path(member.name).name
                draft = target.with_name(f".{target.name}.new")
                with draft.open("wb") as file:
                    shutil.copyfileobj(content, file)
                    file.flush()
                    os.fsync(file.fileno())
                draft.chmod(0o755)
                draft.replace(target)
    except (tarfile.TarError, EOFError) as error:
        raise MachineError(f"{archive.path} is no archive that can be unpacked: {error}") from None
