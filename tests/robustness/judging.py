"""The recorded clients of a history, and what etcd's judge says of what they saw."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.toolchain.kubernetes import ensure
from node.host import paths
from node.host.files import under
from tests.node.agent.world import ADDRESSES, Replica

FIRST_ANSWER_SECONDS, LAST_ANSWER_SECONDS, VERDICT_SECONDS = 60, 120, 300


@dataclass(frozen=True)
class Verdict:
    """`said` is `Success`, or which guarantee of etcd's is broken; `stuck` tells of a change that didn't come to its end.
    The gap is in seconds, of all clients together, without an answer.
    """

    said: str
    operations: int
    events: int
    persisted: int
    acknowledged: int
    failed: int
    longest_gap: float
    answers: bool
    stuck: str

    @property
    def well(self) -> bool:
        return self.said == "Success" and self.answers and not self.stuck

    def __str__(self) -> str:
        last = "" if self.answers else "; NOBODY ANSWERS ANY MORE"
        return (
            f"{self.said}: {self.operations} operations, {self.failed} without an answer, {self.events} events, "
            f"{self.persisted} persisted, longest gap {self.longest_gap:.1f} s{last}{self.stuck and f'; {self.stuck}'}"
        )


def kept(replica: Replica, written: Path) -> None:
    """Adds what the members of a machine that is off have written, also what its agent has set aside, to what is judged."""
    for log in sorted(under(replica.root, paths.DATA_DISK).glob("*/member/wal")):
        number = len(list(written.iterdir()))
        shutil.copytree(log.parent.parent, written / f"server-{replica.name}-{number}")


class Clients:
    """They ask from now on, until `stop`. The network namespace is that of the thread that makes them."""

    def __init__(self, of: Replica, folder: Path) -> None:
        self._folder, secrets = folder, under(of.root, paths.SECRETS)
        self._judge = str(ensure("judge") / "judge")
        members = ",".join(ADDRESSES.values())
        files = {"ca": "etcd-client-ca.crt", "cert": "etcd-client.crt", "key": "etcd-client.key"}
        given = [f"--{flag}={secrets / file}" for flag, file in files.items()]
        self._process = subprocess.Popen(
            [self._judge, "record", f"--out={folder}", f"--members={members}", "--pause=80ms", *given],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr
        first = self._process.stderr.readline()
        assert first == "recording\n", first

    def stop(self) -> dict[str, Any]:
        """Once a write was acknowledged, or none for a minute."""
        self._process.terminate()
        said, problem = self._process.communicate(timeout=LAST_ANSWER_SECONDS)
        assert self._process.returncode == 0, problem
        return dict(json.loads(said))

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def verdict(self, told: dict[str, Any], written: Path, stuck: str) -> Verdict:
        """Of what the clients saw, beside what members have `written`, which `kept` has put there."""
        for data in written.iterdir():
            data.rename(self._folder / data.name)
        done = subprocess.run(
            [self._judge, "verdict", str(self._folder)],
            capture_output=True,
            text=True,
            timeout=VERDICT_SECONDS,
            check=False,
        )
        assert done.stdout, done.stderr
        said = json.loads(done.stdout)
        return Verdict(
            said["verdict"],
            said["operations"],
            said["events"],
            said["persisted"],
            told["acknowledged"],
            told["failed"],
            told["longestGap"],
            told["answers"],
            stuck,
        )
