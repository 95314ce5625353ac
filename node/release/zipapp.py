"""The zipapp of `node/` that machines run: the same bytes for the same sources, so its checksum names it.

    data = zipapp()          # bytes, for an object in the bucket
    digest = sha256(data)    # for the VM's metadata

`python -m node.release.zipapp FILE` writes it.
"""

from __future__ import annotations

import hashlib
import io
import sys
import zipfile
from pathlib import Path

NODE = Path(__file__).parents[1]
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT = frozenset({"release/zipapp.py"})

_MAIN = '''"""Run as `python3 node.pyz bootstrap`, `… agent` on a master, `… worker` or `… identity AUDIENCE` on a worker."""

import sys

match sys.argv[1:]:
    case ["bootstrap"]:
        from node.bootstrap.command import main
    case ["agent"]:
        from node.agent.command import main
    case ["worker"]:
        from node.worker.command import main
    case ["identity", _]:
        from node.worker.credential import main
    case _:
        sys.exit(__doc__)
main()
'''


def zipapp() -> bytes:
    """Uncompressed (zlib's output differs from version to version), sorted, without times or owners."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, "__main__.py", _MAIN.encode())
        for source in sorted(NODE.rglob("*.py")):
            name = source.relative_to(NODE).as_posix()
            if name not in _LEFT_OUT:
                _add(archive, f"node/{name}", source.read_bytes())
    return buffer.getvalue()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system = 3  # Unix, wherever it is built
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data)


if __name__ == "__main__":
    made = zipapp()
    Path(sys.argv[1]).write_bytes(made)
    print(sha256(made))
