"""Rules on what a VM carries and boots."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from policies.instances import image_pinned, no_secrets
from policies.resource_inputs import INSTANCE
from tests.policies.judging import UNKNOWN, judged

KEY = "-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----\n"
OURS = {
    "startup-script": "#!/bin/bash\nexec /opt/bootstrap",
    "secret": "projects/my-project/secrets/dev-m1-b-pki/versions/3",
    "api-address": UNKNOWN,
    "api-server": '{"logLevel":2}',
    "config-hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param(OURS, id="ours"),
        pytest.param({**OURS, "secret": UNKNOWN}, id="a secret's name that is not known yet"),
        pytest.param(
            {"ca": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"}, id="a certificate"
        ),
        pytest.param({"token": ""}, id="an empty token"),
    ],
)
def test_metadata_without_secrets(metadata: dict[str, str]) -> None:
    assert judged(no_secrets, [INSTANCE], {"metadata": metadata}) == []


@pytest.mark.parametrize(
    ("metadata", "what"),
    [
        pytest.param({"kube-master-certs": f"CA_KEY: |\n{KEY}"}, "a private key", id="PEM"),
        pytest.param(
            {"kubeconfig": base64.b64encode(KEY.encode()).decode()}, "a private key", id="PEM in base64"
        ),
        pytest.param({"sa.json": '{"private_key": "x"}'}, "a service account's key", id="service account"),
        pytest.param(
            {"join": "kubeadm join --token abcdef.0123456789abcdef"}, "a bootstrap token", id="kubeadm"
        ),
        pytest.param({"auth": "Bearer ya29.a0AfH6SMBxxxxxxxx"}, "an access token", id="OAuth"),
        pytest.param({"etcd-password": "hunter2"}, "what its name calls a secret", id="by its name"),
        pytest.param({"secret": "hunter2"}, "what its name calls a secret", id="not a reference"),
    ],
)
def test_metadata_with_secrets(metadata: dict[str, str], what: str) -> None:
    key = next(iter(metadata))
    assert judged(no_secrets, [INSTANCE], {"metadata": {**OURS, **metadata}}, name="m1-b-vm") == [
        f"m1-b-vm has {what} in its metadata, under {key}. Every process on the machine, and everyone who may view "
        "instances, reads metadata. Put it in Secret Manager and its resource name in metadata."
    ]


def test_a_script_of_its_own_is_metadata_too() -> None:
    assert judged(no_secrets, [INSTANCE], {"metadataStartupScript": f"echo '{KEY}'"})


def test_unknown_metadata_is_no_note() -> None:
    assert judged(no_secrets, [INSTANCE], {"metadata": UNKNOWN}) == []


def test_a_key_that_is_allowed() -> None:
    inputs = {"metadata": {"join-token-id": "abcdef"}}
    assert judged(no_secrets, [INSTANCE], inputs, config={"allowedKeys": ["join-token-id"]}) == []


@pytest.mark.parametrize(
    ("image", "speaks"),
    [
        pytest.param(
            "projects/debian-cloud/global/images/debian-12-bookworm-v20251014", False, id="an image"
        ),
        pytest.param("projects/debian-cloud/global/images/family/debian-12", True, id="a family"),
        pytest.param("debian-cloud/debian-12", True, id="a family, in short"),
        pytest.param("debian-12", True, id="a name"),
    ],
)
def test_images(image: str, speaks: bool) -> None:
    inputs: dict[str, Any] = {"bootDisk": {"initializeParams": {"image": image}}}
    assert bool(judged(image_pinned, [INSTANCE], inputs)) == speaks
