"""When a machine's unattended upgrades begin: never on two masters within the same hours.

Debian starts `apt-daily-upgrade.timer` everywhere at 6:00 and up to an hour later (apt, debian/apt-daily-upgrade.timer), and
an upgrade restarts what it replaces: networkd, containerd of Debian's packages, whatever is linked to a library. Google's
images have unattended-upgrades, which upgrades from Debian's stable and security archives and by default never reboots
(unattended-upgrades, debian/50unattended-upgrades.Debian: `Automatic-Reboot "false"`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from node.host.commands import Commands, MachineError
from node.host.files import under, write

TIMER = "apt-daily-upgrade.timer"
DROP_IN = f"/etc/systemd/system/{TIMER}.d/50-ha-masters.conf"

FIRST_HOUR, HOURS_APART = 6, 2
"""In UTC. An upgrade begins within `DELAY_MINUTES` of its hour and takes minutes."""

DELAY_MINUTES = 15
_ON_HOURS_BETWEEN = 24 // HOURS_APART
_PLACES = ("/usr/lib/systemd/system", "/lib/systemd/system")


def hour(identity: str, wanted: Sequence[str]) -> int | None:
    """Each master has its own by its place among those that are wanted; from the thirteenth on, in the hours between. None
    for one that isn't wanted: it stays as it is.
    """
    if identity not in wanted:
        return None
    place = sorted(wanted).index(identity)
    return (FIRST_HOUR + HOURS_APART * place + place // _ON_HOURS_BETWEEN) % 24


def drop_in(at: int) -> str:
    """The empty line takes Debian's own time away. `Persistent`: a machine that was down at its hour would make up for it
    when it boots, beside another's.
    """
    return (
        f"[Timer]\nOnCalendar=\nOnCalendar=*-*-* {at:02}:00:00 UTC\nRandomizedDelaySec={DELAY_MINUTES}m\n"
        "Persistent=false\n"
    )


def keep(root: Path, identity: str, wanted: Sequence[str], commands: Commands) -> str:
    """Returns what is so now, in words. Costs nothing where it is so already. Raises MachineError, OSError."""
    if not any(under(root, f"{place}/{TIMER}").exists() for place in _PLACES):
        return "unattended upgrades: this image has no timer for them"
    at = hour(identity, wanted)
    if at is None:
        return "unattended upgrades: nobody has a turn who isn't wanted"
    if write(under(root, DROP_IN), drop_in(at)):
        try:
            commands.run("systemctl", "daemon-reload")
            commands.run("systemctl", "try-restart", TIMER)
        except MachineError:
            under(root, DROP_IN).unlink(missing_ok=True)  # So that the next look does it again.
            raise
    return f"unattended upgrades begin at {at:02}:00 UTC, another hour than any other master's"
