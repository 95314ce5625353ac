"""Prometheus' own tool: the installed one, or Debian's, unpacked into the cache."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from lab.toolchain import place

DOWNLOAD_SECONDS = 120


def promtool() -> str:
    """Skips the test where there is neither."""
    installed, cached = shutil.which("promtool"), place.cache().parent / "promtool" / "promtool"
    if installed or cached.exists():
        return installed or str(cached)
    if shutil.which("apt-get") is None:
        pytest.skip("there is no promtool, and no apt-get to fetch Debian's package `prometheus` with")
    cached.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cached.parent) as folder:
        fetched = subprocess.run(
            ["apt-get", "download", "prometheus"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=DOWNLOAD_SECONDS,
            check=False,
        )
        packages = list(Path(folder).glob("*.deb"))
        if not packages:
            pytest.skip(f"Debian's package `prometheus` can't be fetched: {fetched.stderr.strip()[-200:]}")
        subprocess.run(["dpkg-deb", "-x", str(packages[0]), folder], check=True)
        Path(folder, "usr/bin/promtool").rename(cached)
    return str(cached)


def said(*arguments: str) -> tuple[int, str]:
    done = subprocess.run([promtool(), *arguments], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr
