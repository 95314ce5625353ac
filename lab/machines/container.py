"""One VM while it runs: a systemd-nspawn container. Methods may be called from any thread and block."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lab import files
from lab.machines import cgroups
from lab.machines.disks import detach

log = logging.getLogger(__name__)

_LAUNCH = Path(__file__).with_name("launch.sh")


class ContainerError(Exception):
    """The machine can't do what was asked of it."""


def entered(pid: int, *command: str) -> list[str]:
    """Returns what runs `command` in the machine whose first process the host knows as `pid`. Its caller must be root."""
    namespaces = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")
    return ["nsenter", "--target", str(pid), *namespaces, "--", *command]


@dataclass(frozen=True)
class Hardware:
    """The parts of a machine. `loops` are loop devices by their paths in the machine."""

    name: str
    boot: Path
    root: Path
    namespace: str
    cgroup: str
    console: Path
    loops: dict[str, str]


class Container:
    """Constructing it powers the machine on. `ended` is called once, from a thread of its own, when the machine is off
    and nothing of it is left.
    """

    def __init__(self, hardware: Hardware, ended: Callable[[], None]) -> None:
        self._hardware = hardware
        self._ended = ended
        self._cleared = threading.Event()
        identity = hardware.boot / "uuid"
        if not identity.exists():
            files.write(identity, str(uuid.uuid4()))
        pairs = [part for inside, device in hardware.loops.items() for part in (device, inside)]
        arguments = [
            hardware.cgroup,
            str(hardware.boot),
            str(hardware.root),
            hardware.namespace,
            hardware.name,
        ]
        cgroups.make(hardware.cgroup)
        hardware.console.parent.mkdir(parents=True, exist_ok=True)
        with hardware.console.open("ab") as console:
            self._process = subprocess.Popen(
                ["bash", str(_LAUNCH), *arguments, *pairs],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        threading.Thread(target=self._reap, name=f"machine-{hardware.name}", daemon=True).start()

    @property
    def pid(self) -> int:
        """The first process's id, as the host has it. Raises ContainerError while there is none."""
        supervisor = self._process.pid
        with suppress(OSError):
            for child in Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split():
                return int(child)
        raise ContainerError(f"{self._hardware.name} is not up")

    def command(self, *command: str) -> list[str]:
        """Returns what runs `command` inside. Its caller must be root."""
        return entered(self.pid, *command)

    def press_power_button(self) -> None:
        """The machine shuts down in order, as by ACPI; a machine that doesn't hear it has its power cut."""
        with suppress(ContainerError, subprocess.SubprocessError):
            subprocess.run(
                self.command("systemctl", "poweroff", "--no-wall"),
                check=True,
                capture_output=True,
                timeout=10,
                stdin=subprocess.DEVNULL,
            )
            return
        self.cut()

    def cut(self) -> None:
        """Cuts the power at once: every process of it dies with its first one."""
        cgroups.thaw(self._hardware.cgroup)  # What is frozen doesn't die either.
        for pid in self._heads():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def freeze(self) -> None:
        cgroups.freeze(self._hardware.cgroup)

    def thaw(self) -> None:
        cgroups.thaw(self._hardware.cgroup)

    def memory_bytes(self) -> int:
        """Memory of all its processes, without what the page cache could give back."""
        return cgroups.memory_bytes(self._hardware.cgroup)

    def wait_cleared(self, seconds: float) -> bool:
        """Waits until it is off and nothing of it is left. Returns False if that takes longer."""
        return self._cleared.wait(seconds)

    def _heads(self) -> list[int]:
        try:
            return [self.pid]
        except ContainerError:
            return [self._process.pid]

    def _reap(self) -> None:
        self._process.wait()
        self._clear()
        for device in self._hardware.loops.values():
            detach(device)
        self._cleared.set()
        self._ended()

    def _clear(self) -> None:
        """Tries as long as it takes: a process that waits for a busy disk dies when the disk has answered."""
        while True:
            try:
                cgroups.clear(self._hardware.cgroup)
            except OSError as error:
                log.error("machine %s is not quite off yet: %s", self._hardware.name, error)
            else:
                return
