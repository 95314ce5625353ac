"""docs/guides/first-hour.md, typed word for word, with gcloud and the engine, against the lab."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from lab import environment
from tests.stack.harness import PROJECT, REGION, ROOT, Stack

pytestmark = [
    pytest.mark.toolchain,
    pytest.mark.slow,
    pytest.mark.gcloud,
    pytest.mark.skipif(shutil.which("gcloud") is None, reason="gcloud isn't installed"),
]

GUIDE = (ROOT / "docs/guides/first-hour.md").read_text()
OWN = {"PROJECT=my-project": f"PROJECT={PROJECT}"}
"""What the reader puts in for his own."""

DEADLINE_SECONDS = 400


def typed() -> str:
    blocks = re.findall(r"^```bash\n(.*?)^```$", GUIDE, flags=re.M | re.S)
    text = "\n".join(blocks)
    for theirs, ours in OWN.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    return text


def test_from_an_empty_project_to_a_cluster_and_back(stack: Stack) -> None:
    folder = stack.folder.parent / "reader"
    folder.mkdir()
    for part in ("Pulumi.yaml", "__main__.py", "admin", "components", "docs", "node", ".venv"):
        (folder / part).symlink_to(ROOT / part)
    shutil.copy(ROOT / "Pulumi.gcp-example.yaml", folder)
    state = stack.folder.parent / "state"
    state.mkdir()
    environment.prepare(state, None)
    variables = {
        **stack.environment,
        **environment.google(stack.cloud.url, PROJECT, REGION),
        **environment.gcloud(stack.cloud.url, PROJECT, REGION, state),
        # The engine's own client of Cloud Storage puts the scheme before it, Google's others want it there.
        "STORAGE_EMULATOR_HOST": stack.cloud.url.removeprefix("http://"),
        "PULUMI_SKIP_CONFIRMATIONS": "true",
        "PATH": f"{ROOT / '.venv/bin'}:{stack.environment['PATH']}",
    }
    del variables["PULUMI_BACKEND_URL"], variables["PULUMI_STACK"]
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-x", "-c", typed()],
        cwd=folder,
        env=variables,
        input="a passphrase\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=DEADLINE_SECONDS,
    )
    assert done.returncode == 0, done.stdout
    assert "Nothing stands in the way of `pulumi up`." in done.stdout
    assert "apiVersion: v1" in (folder / "kubeconfig").read_text()
    assert not stack.cloud.facts()["instances"]
