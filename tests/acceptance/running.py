"""One acceptance test, against a simulator of its own. What came of it is kept until the simulator changes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from lab import environment, files
from lab.simulator.server import Simulator
from tests.acceptance.credentials import metadata_server
from tests.acceptance.judging import Ended, Outcome, Reason, told
from tests.acceptance.project import REGION, furnish

HERE = Path(__file__).parent
_SIMULATOR = HERE.parents[1] / "lab" / "simulator"
_SECONDS = 1800
"""Of one test, at most: most take ten, with both cores to themselves."""
_NOWHERE = "http://127.0.0.1:9"
"""The proxy for all that isn't the simulator: nothing listens there, so no test reaches anything."""
_TOO_OLD = "expected Terraform CLI version above"
_ELSEWHERE = (
    "ARTIFACT_REGISTRY",
    "CONTAINER",
    "IAM2",
    "KMS",
    "NETWORK_SECURITY",
    "PUBSUB",
    "SERVICE_DIRECTORY",
    "TAGS",
)
"""APIs that tests call and the lab has none of; the simulator says so."""


@dataclass(frozen=True)
class Test:
    __test__ = False

    name: str
    kind: str
    service: str


def chosen(folder: Path) -> Iterator[Test]:
    """The tests of the kinds in use, as the executables of `folder` list them."""
    listed: dict[str, list[str]] = {}
    for kind, of in yaml.safe_load((HERE / "kinds.yaml").read_text()).items():
        service = of["service"]
        if service not in listed:
            command = [str(folder / f"{service}.test"), "-test.list", "^TestAcc"]
            listed[service] = subprocess.run(
                command, capture_output=True, text=True, check=True
            ).stdout.split()
        beginnings = tuple(f"TestAcc{each}" for each in of["tests"])
        for name in sorted(listed[service]):
            if name.startswith(beginnings):
                yield Test(name, kind, service)


def excused() -> dict[str, Reason]:
    given = yaml.safe_load((HERE / "excused.yaml").read_text()) or []
    return {each["name"]: Reason(each["reason"]) for each in given}


def run(test: Test, built: Path, terraform: str, kept: Path) -> Outcome:
    """Runs the test, or tells what is known. `<name>.log` in `kept` is what it said, and what the simulator refused."""
    version = _version()
    if (known := recorded(test, kept)) and known[1] == version:
        return known[0]
    with (
        TemporaryDirectory(prefix="acceptance-") as state,
        Simulator(state, region=REGION) as simulator,
        metadata_server() as metadata,
    ):
        furnish(simulator)
        variables = _environment(simulator, terraform, Path(state))
        said = _said(test, built, variables | {"GCE_METADATA_HOST": f"127.0.0.1:{metadata.port}"})
        refused = [
            entry for entry in simulator.lab.journal.read(0, 100_000, "call") if entry.get("code", 0) >= 400
        ]
    outcome = Outcome(test.name, test.kind, *_ended(test.name, said))
    kept.mkdir(parents=True, exist_ok=True)
    files.write(kept / f"{test.name}.log", said + "\n".join(json.dumps(entry) for entry in refused))
    files.write_json(kept / f"{test.name}.json", {"outcome": asdict(outcome), "version": version})
    return outcome


def recorded(test: Test, kept: Path) -> tuple[Outcome, str] | None:
    """What came of the test last, and which simulator that was."""
    path = kept / f"{test.name}.json"
    if not path.exists():
        return None
    known = json.loads(path.read_text())
    return Outcome(**known["outcome"] | {"ended": Ended(known["outcome"]["ended"])}), known["version"]


def _said(test: Test, built: Path, variables: dict[str, str]) -> str:
    command = [
        str(built / f"{test.service}.test"),
        "-test.v",
        f"-test.run=^{test.name}$",
        f"-test.timeout={_SECONDS}s",
    ]
    answer = subprocess.run(
        command,
        cwd=built / "source" / "google" / "services" / test.service,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=_SECONDS + 60,
        check=False,
    )
    return answer.stdout


def _environment(simulator: Simulator, terraform: str, home: Path) -> dict[str, str]:
    lab = simulator.lab
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        **environment.google(simulator.url, lab.project, REGION),
        **{f"GOOGLE_{name}_CUSTOM_ENDPOINT": f"{simulator.url}/v1/" for name in _ELSEWHERE},
        "GOOGLE_USE_DEFAULT_CREDENTIALS": "true",
        "GOOGLE_PROJECT_NUMBER": lab.number,
        "GOOGLE_ZONE": f"{REGION}-a",
        "HTTPS_PROXY": _NOWHERE,
        "HTTP_PROXY": _NOWHERE,
        "NO_PROXY": "127.0.0.1",
        "TF_ACC": "1",
        "TF_ACC_REFRESH_AFTER_APPLY": "1",
        "TF_ACC_TERRAFORM_PATH": terraform,
        "TF_CLI_CONFIG_FILE": os.devnull,
        "CHECKPOINT_DISABLE": "1",
    }


def _ended(name: str, said: str) -> tuple[Ended, str]:
    for ended, word in ((Ended.PASSED, "PASS"), (Ended.SKIPPED, "SKIP")):
        if re.search(rf"^--- {word}: {name} ", said, re.MULTILINE):
            return ended, ""
    if _TOO_OLD in said:
        return Ended.SKIPPED, "needs a newer terraform"
    return Ended.FAILED, told(said)


def _version() -> str:
    digest = hashlib.sha256()
    for file in sorted(_SIMULATOR.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
