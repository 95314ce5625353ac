"""What a VM carries and what it boots."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pulumi_policy import ReportViolation, ResourceValidationArgs

from policies.resource_inputs import INSTANCE, known_items
from policies.rule import ADVISORY, on

_SECRETS = {
    "a private key": re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----|LS0tLS1CRUdJTi(?:BQUklWQVRF|BSU0EgUFJJ|BFQyBQUklW)"
    ),
    "a service account's key": re.compile(r'"private_key"\s*:'),
    "an access token": re.compile(r"\bya29\.[\w-]{10}|\beyJ[\w-]{10,}\.eyJ[\w-]{10}"),
    "a bootstrap token": re.compile(r"\b[a-z0-9]{6}\.[a-z0-9]{16}\b"),
    "an API key": re.compile(r"\bAIza[\w-]{35}"),
}
"""What gives itself away. Private keys also in base64, as kubeconfigs carry them."""

_TELLING_NAME = re.compile(r"passw|token|secret|credential|private.?key", re.IGNORECASE)
_REFERENCE = re.compile(r"projects/[^/]+/secrets/[^/]+(?:/versions/[^/]+)?")
"""The name of a secret in Secret Manager, which may stand in metadata: what it names is guarded there."""

_IMAGE = re.compile(r"(?:.*/)?projects/[^/]+/global/images/[^/]+")


def _metadata(args: ResourceValidationArgs) -> Iterator[tuple[str, str]]:
    yield from known_items(dict(known_items(args.props)).get("metadata"))
    for key, value in known_items(args.props):
        if key == "metadataStartupScript":
            yield key, value


@on(
    INSTANCE,
    name="no-secrets-in-metadata",
    says="A VM's metadata holds no key, token or password.",
    config={"allowedKeys": {"type": "array", "items": {"type": "string"}, "default": []}},
)
def no_secrets(args: ResourceValidationArgs, report: ReportViolation) -> None:
    allowed = args.get_config().get("allowedKeys") or []
    for key, value in _metadata(args):
        if key in allowed or _REFERENCE.fullmatch(str(value)):
            continue
        found = next((what for what, pattern in _SECRETS.items() if pattern.search(str(value))), None)
        if found is None and _TELLING_NAME.search(key) and value:
            found = "what its name calls a secret"
        if found:
            report(
                f"{args.name} has {found} in its metadata, under {key}. Every process on the machine, and everyone who may "
                "view instances, reads metadata. Put it in Secret Manager and its resource name in metadata.",
                None,
            )


@on(
    INSTANCE,
    name="image-pinned",
    says="Machines boot a pinned image.",
    level=ADVISORY,
)
def image_pinned(args: ResourceValidationArgs, report: ReportViolation) -> None:
    boot = args.props.get("bootDisk") or {}
    image = (boot.get("initializeParams") or {}).get("image")
    if image and _IMAGE.fullmatch(image) is None:
        report(
            f"{args.name} boots {image}, which means another image each time its family gets one: masters of one cluster "
            "would differ, and an update would replace machines nobody touched. Name one image in masters.image.",
            None,
        )
