"""After any order of events, the router is what it would be if it were made from nothing."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess

import pytest

from lab.network import links
from tests.lab.network.stage import IMAGE, NEEDS_ROOT, B, R, Stage

pytestmark = [pytest.mark.root, pytest.mark.skipif(os.geteuid() != 0, reason=NEEDS_ROOT)]


def ways(stage: Stage) -> tuple[set[str], set[str]]:
    """Routes to VMs and rules by mark, as the kernel has them; numbers of VMs and tables left out."""

    def ask(*what: str) -> list[dict[str, str]]:
        command = ["ip", "-n", stage.network.router_namespace, "-j", *what]
        found: list[dict[str, str]] = json.loads(
            subprocess.run(command, capture_output=True, text=True, check=True).stdout
        )
        return found

    routes = [r for r in ask("route", "show", "table", "all") if r.get("dev", "").startswith("v")]
    routes = [r for r in routes if r.get("type", "unicast") == "unicast" and ":" not in r["dst"]]
    tables = {str(r["table"]): r["gateway"] for r in routes if r.get("table")}
    marked = {str(r["table"]) for r in ask("rule", "show") if "fwmark" in r}
    found = {f"{r['dst']} {r.get('gateway', '')} {r['dev']} {bool(r.get('table'))}" for r in routes}
    return found, {tables.get(table, f"nothing in table {table}") for table in marked}


def expected(stage: Stage, attached: set[str]) -> tuple[set[str], set[str]]:
    machines = [m for m in stage.network.topology().machines if m.name in attached]
    routes = set()
    for machine in machines:
        device = links.interface(machine.id)
        routes.add(f"{machine.address}  {device} False")
        routes |= {f"{alias} {machine.address} {device} False" for alias in machine.aliases}
        routes.add(f"default {machine.address} {device} True")
    return routes, {machine.address for machine in machines}


@pytest.mark.parametrize("seed", range(4))
def test_any_order(stage: Stage, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    names = [f"m{n}" for n in range(4)]
    exist: set[str] = set()
    attached: set[str] = set()

    def insert(name: str) -> None:
        nic = {"subnetwork": f"{R}/subnetworks/n"}
        disk = {"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": IMAGE}}
        body = {"name": name, "machineType": f"{B}/machineTypes/e2-medium", "disks": [disk]}
        made = stage.cloud.made(f"{B}/instances", body | {"networkInterfaces": [nic]})
        stage.ids[name] = made["id"]
        exist.add(name)

    def alias(name: str) -> None:
        nic = stage.cloud.get(f"{B}/instances/{name}").body["networkInterfaces"][0]
        ranges = [{"ipCidrRange": f"10.10.0.{16 * chance.randrange(4)}/28", "subnetworkRangeName": "pods"}]
        body = {"fingerprint": nic["fingerprint"], "aliasIpRanges": chance.choice([[], ranges])}
        path = f"{B}/instances/{name}/updateNetworkInterface?networkInterface=nic0"
        stage.cloud.patch(path, body)  # refused when another VM has the range: fine

    for _ in range(40):
        name = chance.choice(names)
        if name not in exist:
            insert(name)
        elif (
            step := chance.choice(["attach", "attach", "detach", "alias", "alias", "delete", "stop"])
        ) == "attach":
            stage.network.attach(stage.ids[name])
            attached.add(name)
        elif step == "detach":
            stage.network.detach(stage.ids[name])
            attached.discard(name)
        elif step == "alias":
            alias(name)
        elif step == "delete":
            stage.ok(stage.cloud.call("DELETE", f"{B}/instances/{name}"))
            exist.discard(name)
            attached.discard(name)
            if chance.random() < 0.5:
                stage.network.detach(stage.ids[name])
        else:
            stage.cloud.post(f"{B}/instances/{name}/{chance.choice(['stop', 'start'])}")
    stage.settled()
    assert ways(stage) == expected(stage, attached)
    rules = subprocess.run(
        ["ip", "netns", "exec", stage.network.router_namespace, "nft", "list", "ruleset"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    named = set(re.findall(r'"(v[0-9a-f]{13})"', rules))
    assert named == {links.interface(stage.ids[name]) for name in attached}
