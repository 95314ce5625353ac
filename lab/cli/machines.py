"""`lab ssh`, `console`, `net`, `fault`, `start` and `client`: machines, their network, and the world outside."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from lab.cli.lifecycle import show
from lab.cli.selection import existing, name_flag, up, with_machines
from lab.machines.container import entered
from lab.session import Session
from lab.settings import LabError
from lab.simulator.client import Client

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def ssh(given: argparse.Namespace) -> None:
    """Opens a shell in the machine, or runs the words in one, as ssh does. This process becomes it."""
    session = with_machines(given, up(given))
    on = session.ask("GET", "/lab/v1/machines").json()["machines"]
    pid = on.get(given.machine, {}).get("pid", 0)
    if not pid:
        others = f"There are: {', '.join(sorted(on)) or 'none'}."
        raise LabError(f"No machine {given.machine} is on. {others} Its console: lab console NAME")
    _need_root("lab ssh")
    words = _words(given.command)
    shell = ["/bin/bash", "-l", *(["-c", " ".join(words)] if words else [])]
    fresh = [f"{name}={value}" for name, value in _fresh(given.machine).items()]
    _become(entered(pid, "/usr/bin/env", "-i", "-C", "/root", *fresh, *shell))


def _fresh(machine: str) -> dict[str, str]:
    """The environment of a shell in a machine: nothing of the caller's but his terminal."""
    made = {"HOME": "/root", "USER": "root", "LOGNAME": "root", "PATH": _PATH, "LANG": "C.UTF-8"}
    return made | {"TERM": os.environ.get("TERM", "dumb"), "HOSTNAME": machine}


def console(given: argparse.Namespace) -> None:
    """Shows what the machine said on its serial port, also while it is off or the lab is down."""
    session = with_machines(given, existing(given))
    consoles = {file.stem: file for file in (session.machines / "consoles").glob("*.log")}
    if given.machine not in consoles:
        others = ", ".join(sorted(consoles)) or "none"
        raise LabError(f"No machine {given.machine} ever was on. There are consoles of: {others}.")
    show(consoles[given.machine], given.lines, follow=given.follow)


def net(given: argparse.Namespace) -> None:
    session = with_machines(given, up(given))
    print(session.ask("GET", "/lab/v1/network").text, end="")


def fault(given: argparse.Namespace) -> None:
    session = with_machines(given, up(given))
    if given.others and given.kind != "partition":
        raise LabError(f"--from goes with partition, not with {given.kind}.")
    for name in given.names:
        if given.kind == "zone-outage":
            struck = session.ask("POST", f"/lab/v1/zones/{name}/outage").json()["done"]
            print(f"zone-outage {name}: {', '.join(struck)}")
            continue
        order = {"kind": given.kind} | ({"from": given.others} if given.others else {})
        session.ask("POST", f"/lab/v1/machines/{name}/fault", order)
        print(f"{given.kind} {name}" + (f" from {', '.join(given.others)}" if given.others else ""))


def start(given: argparse.Namespace) -> None:
    """Starts instances, as `gcloud compute instances start` does."""
    session = up(given)
    instances = session.ask("GET", "/lab/v1/facts").json()["instances"]
    if unknown := [name for name in given.names if name not in instances]:
        raise LabError(
            f"no machine {', '.join(unknown)}; there are: {', '.join(sorted(instances)) or 'none'}"
        )
    cloud = Client(session.url, session.status().settings.project)
    for name in given.names:
        reply = cloud.post(f"zones/{instances[name]['zone']}/instances/{name}/start")
        if reply.status != 200:
            raise LabError(reply.message)
        print(f"start {name}")


def client(given: argparse.Namespace) -> None:
    """Runs a command in the outside world, where the API's clients are. This process becomes it."""
    session = with_machines(given, up(given))
    _need_root("lab client")
    environment = outside(session)
    if given.program == "kubectl" and not Path(environment["KUBECONFIG"].split(os.pathsep)[0]).exists():
        print(f"lab: no kubeconfig yet; write it with: lab kubeconfig{name_flag(given)}", file=sys.stderr)
    _become([*entering(session), given.program, *_words(given.arguments, first=False)], environment)


def entering(session: Session) -> list[str]:
    """Returns a prefix that runs a command in the outside world's namespace."""
    return ["ip", "netns", "exec", session.ask("GET", "/lab/v1/machines").json()["client"]]


def outside(session: Session) -> dict[str, str]:
    """The environment there: kubectl as built, and the lab's kubeconfig unless the caller has one of his own."""
    from lab.toolchain import kubernetes

    built = kubernetes.ensure("kubernetes", lambda line: print(line, file=sys.stderr, flush=True))
    path = os.pathsep.join([str(built), os.environ.get("PATH", os.defpath)])
    return {"KUBECONFIG": str(session.kubeconfig)} | os.environ | {"PATH": path}


def _words(given: list[str], *, first: bool = True) -> list[str]:
    """Drops the `--` that may stand before them."""
    return given[1:] if first and given[:1] == ["--"] else given


def _need_root(what: str) -> None:
    if os.geteuid() != 0:
        raise LabError(f"`{what}` enters namespaces, which needs root.")


def _become(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Replaces this process: the command's exit code, signals and terminal are the caller's."""
    sys.stdout.flush()
    try:
        os.execvpe(command[0], command, environment or dict(os.environ))
    except OSError as error:
        raise LabError(f"{command[0]} can't be run: {error.strerror}") from error
