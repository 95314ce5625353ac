"""Named network namespaces: making and removing them, and doing things inside one."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_NAMED = Path("/run/netns")
_CLONE_NEWNET = 0x40000000
_TOOLS = {"ip": "iproute2", "nft": "nftables"}


class NetworkUnavailableError(Exception):
    """This machine can't have the lab's network; the text says what to install or do."""


def require() -> None:
    """Raises NetworkUnavailableError unless namespaces can be made here."""
    if os.geteuid() != 0:
        raise NetworkUnavailableError(
            "The lab's network needs root, for network namespaces. Run the lab as root, or without machines."
        )
    missing = [package for tool, package in _TOOLS.items() if shutil.which(tool) is None]
    if missing:
        raise NetworkUnavailableError(f"The lab's network needs: apt-get install {' '.join(missing)}")


def names(prefix: str) -> list[str]:
    """Of the namespaces that there are."""
    return sorted(p.name for p in _NAMED.glob(f"{prefix}*")) if _NAMED.is_dir() else []


def add(name: str) -> None:
    _run(["ip", "netns", "add", name])


def delete(name: str) -> None:
    """Its name; what still runs inside keeps the namespace itself alive. Deleting what isn't there is no error."""
    if (_NAMED / name).exists():
        _run(["ip", "netns", "delete", name])


def enter(name: str) -> None:
    """Moves the calling thread, and what it starts from now on, for good. Never the main thread."""
    if threading.current_thread() is threading.main_thread():
        raise RuntimeError("the main thread stays in the host's namespace")
    libc = ctypes.CDLL(None, use_errno=True)
    handle = os.open(_NAMED / name, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.setns(handle, _CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, f"namespace {name}: {os.strerror(number)}")
    finally:
        os.close(handle)


def inside(name: str, fn: Callable[[], T]) -> T:
    """What `fn` gives in the namespace; it runs in a thread that lives only for this."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            enter(name)
            results.append(fn())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name=f"inside-{name}", daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def ip(lines: Iterable[str], name: str | None = None, *, force: bool = False) -> None:
    """A batch of `ip` commands in a namespace, or in that of the calling thread. `force`: what fails is left out."""
    where = ["-n", name] if name else []
    if text := "".join(f"{line}\n" for line in lines):
        _run(["ip", *where, *(["-force"] if force else []), "-batch", "-"], text, check=not force)


def nft(ruleset: str) -> None:
    """One transaction, in the namespace of the calling thread."""
    _run(["nft", "-f", "-"], ruleset)


def configure(name: str, settings: dict[str, str]) -> None:
    """Kernel settings below /proc/sys/net/ipv4 of a namespace."""

    def write() -> None:
        for key, value in settings.items():
            Path("/proc/sys/net/ipv4", key).write_text(value)

    inside(name, write)


def _run(command: list[str], text: str = "", *, check: bool = True) -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode and check:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}\n{text}")
