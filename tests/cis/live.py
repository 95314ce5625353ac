"""What of a machine of the lab is looked at: its processes, the kubelet's file, modes and owners, in one call."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.cis.facts import Facts, File, flags_of

LAB = Path(sys.executable).with_name("lab")
PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet")
PATHS = (
    "/etc/kubernetes/manifests/*.json",
    "/etc/kubernetes/*.json",
    "/etc/kubernetes/*.crt",
    "/etc/kubernetes/*.conf",
    "/etc/cni/net.d/*",
    "/etc/systemd/system/kubelet.service",
    "/srv/kubernetes",
    "/srv/kubernetes/*",
    "/mnt/disks/etcd/data",
)
TEXTS = (
    "/srv/kubernetes/encryption.json",
    "/etc/kubernetes/audit-policy.json",
    "/etc/kubernetes/kubelet.json",
)
"""Of the first only whether a provider's name stands there leaves the machine."""

_NUL, _LINE = "\\0", "\\n"
SCRIPT = f"""
for directory in /proc/[0-9]*; do
  read -r name < "$directory/comm" 2>/dev/null || continue
  case "$name" in {"|".join(each[:15] for each in PROGRAMS)})
    printf 'process '; tr '{_NUL}' ' ' < "$directory/cmdline"; echo ;;
  esac
done
for path in {" ".join(PATHS)}; do
  [ -e "$path" ] && stat -c 'file %a %U:%G %n' "$path"
done
grep -q secretbox {TEXTS[0]} 2>/dev/null && echo 'text {TEXTS[0]} secretbox'
for path in {" ".join(TEXTS[1:])}; do
  [ -e "$path" ] && {{ printf 'text %s ' "$path"; tr -d '{_LINE}' < "$path"; echo; }}
done
true
"""


def ask(machine: str, run: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run) -> Facts:
    """Raises CalledProcessError where the machine can't be asked."""
    done = run(
        [str(LAB), "ssh", machine, "bash", "-s"], input=SCRIPT, check=True, capture_output=True, text=True
    )
    return parse(machine, done.stdout)


def parse(machine: str, said: str) -> Facts:
    flags: dict[str, dict[str, str]] = {}
    files: dict[str, File] = {}
    texts: dict[str, str] = {}
    for line in said.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "process":
            first, *words = rest.split()
            flags[first.rpartition("/")[2]] = flags_of(words)
        elif kind == "file" and (found := re.fullmatch(r"(\d+) (\S+) (.+)", rest)):
            files[found[3]] = File(found[1][-3:], found[2])
        elif kind == "text":
            path, _, texts[path] = rest.partition(" ")
    for path, text in texts.items():
        if path in files:
            files[path] = File(files[path].mode, files[path].owner, text)
    config = json.loads(texts.get("/etc/kubernetes/kubelet.json", "{}"))
    role = "master" if "kube-apiserver" in flags else "worker"
    return Facts(machine, role, flags, config, files)  # type: ignore[arg-type]
