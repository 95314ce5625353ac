"""The built engine runs a real program: a certificate chain and a dynamic resource, under a policy pack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.toolchain import Toolchain

pytestmark = [pytest.mark.toolchain]

PROGRAM = """
import os

import pulumi
import pulumi_tls as tls
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class Echo(ResourceProvider):
    def create(self, props):
        return CreateResult("one", props)


class Copy(Resource):
    pass


early = pulumi.Config().get_int("early") or 0
key = tls.PrivateKey("key", algorithm="ECDSA", ecdsa_curve="P256")
ca = tls.SelfSignedCert(
    "ca", private_key_pem=key.private_key_pem, is_ca_certificate=True, validity_period_hours=100,
    early_renewal_hours=early, allowed_uses=["cert_signing"], subject={"common_name": "ca"},
)
request = tls.CertRequest("request", private_key_pem=key.private_key_pem, subject={"common_name": "server"})
tls.LocallySignedCert(
    "cert", cert_request_pem=request.cert_request_pem, ca_private_key_pem=key.private_key_pem,
    ca_cert_pem=ca.cert_pem, validity_period_hours=100, allowed_uses=["server_auth"],
)
Copy(Echo(), "echo", {"cert": ca.cert_pem})
print("a line of the program")
pulumi.export("subject", request.subject)
pulumi.export("told", os.environ.get("TOLD", "nothing"))
if pulumi.Config().get_bool("fail"):
    raise ValueError("as asked")
"""

PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy


def no_keys(args, report):
    if args.resource_type == "tls:index/privateKey:PrivateKey":
        report("no keys here")


PolicyPack("pack", [ResourceValidationPolicy("no-keys", "No keys.", no_keys, EnforcementLevel.MANDATORY)])
"""


class Stack:
    """A project with one stack, and the engine to run it."""

    def __init__(self, toolchain: Toolchain, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            **toolchain.environment(),
            "PULUMI_BACKEND_URL": f"file://{folder}",
            "PULUMI_CONFIG_PASSPHRASE": "for tests",
        }
        self.pulumi("stack", "init", "test")

    def pulumi(self, *arguments: str, fails: bool = False, project: str = "program") -> str:
        answer = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--stack=test"]
            if arguments[0] != "stack"
            else ["pulumi", *arguments, "--non-interactive"],
            cwd=self.folder / project,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        said = answer.stdout + answer.stderr
        assert (answer.returncode != 0) is fails, said
        return said


@pytest.fixture(scope="module")
def stack(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    folder = tmp_path_factory.mktemp("engine")
    runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
    for name, text, project in (("program", PROGRAM, "Pulumi.yaml"), ("pack", PACK, "PulumiPolicy.yaml")):
        (folder / name).mkdir()
        (folder / name / "__main__.py").write_text(text)
        # JSON is YAML.
        (folder / name / project).write_text(
            json.dumps({"name": "scratch", "version": "0.0.1", "runtime": runtime})
        )
    made = Stack(toolchain, folder)
    made.pulumi("up", "--yes", "--skip-preview")
    return made


def test_a_second_update_changes_nothing(stack: Stack) -> None:
    assert "6 unchanged" in stack.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_an_output_that_changes_is_no_change(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The outputs about now differ from update to update; `components.outputs` rests on this."""
    monkeypatch.setitem(stack.environment, "TOLD", "news")
    assert "6 unchanged" in stack.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    assert "news" in stack.pulumi("stack", "output", "told")


def test_a_program_whose_environment_lacks_pip_does_not_begin(stack: Stack) -> None:
    """As under the official engine, which shows its users this sentence (pulumi/pulumi#22231)."""
    bare = stack.folder / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare / ".venv"], check=True)
    runtime = {"name": "python", "options": {"virtualenv": ".venv"}}
    (bare / "Pulumi.yaml").write_text(json.dumps({"name": "scratch", "runtime": runtime}))
    said = stack.pulumi("preview", fails=True, project="bare")
    assert f"failed to discover package requirements: calling `{bare}/.venv/bin/python -m pip list" in said


def test_a_refresh_changes_nothing(stack: Stack) -> None:
    assert "6 unchanged" in stack.pulumi("refresh", "--yes", "--expect-no-changes")


def test_the_programs_output_is_shown(stack: Stack) -> None:
    assert "a line of the program" in stack.pulumi("preview")


def test_no_plugin_is_warned_of(stack: Stack) -> None:
    assert "warning" not in stack.pulumi("preview")


def test_the_subject_is_one_object_as_in_the_published_package(stack: Stack) -> None:
    assert json.loads(stack.pulumi("stack", "output", "subject", "--json")) == {"common_name": "server"}


def test_keys_are_secret_in_the_state(stack: Stack) -> None:
    assert "PRIVATE KEY" not in stack.pulumi("stack", "export")


def test_a_certificate_whose_renewal_is_due_is_replaced(stack: Stack) -> None:
    assert "replace" in stack.pulumi(
        "preview", "-c", "early=100", "--config-file", str(stack.folder / "early.yaml")
    )


def test_an_error_of_the_program_is_shown_once_and_fails(stack: Stack) -> None:
    said = stack.pulumi(
        "preview", "-c", "fail=true", "--config-file", str(stack.folder / "fail.yaml"), fails=True
    )
    assert "ValueError: as asked" in said
    assert "non-zero exit code" not in said


def test_a_mandatory_policy_stops_the_preview(stack: Stack) -> None:
    assert "no keys here" in stack.pulumi("preview", "--policy-pack", str(stack.folder / "pack"), fails=True)


def test_about_names_the_interpreter(stack: Stack) -> None:
    assert f"{sys.prefix}/bin/python" in stack.pulumi("about")
