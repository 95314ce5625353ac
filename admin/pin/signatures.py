"""Sigstore's signatures, by cosign where it is installed: to check them takes Sigstore's roots and its log, which nobody
should rebuild for one command. Who signs: https://kubernetes.io/docs/tasks/administer-cluster/verify-signed-artifacts/.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from admin.pin.evidence import PinError
from admin.pin.published import NotPublishedError, Published

FILES_BY = "krel-staging@k8s-releng-prod.iam.gserviceaccount.com"
IMAGES_BY = "krel-trust@k8s-releng-prod.iam.gserviceaccount.com"
ISSUER = "https://accounts.google.com"
VERIFY_SECONDS = 120.0

ABSENT = (
    "there is no cosign on the PATH; install it (https://docs.sigstore.dev/cosign/system_config/installation/) "
    "and run this again"
)


class Signatures:
    """What is signed, checked one by one. Each check returns why it could not be made, empty if it was made and is good; a
    signature that is bad is a PinError.
    """

    def __init__(self, published: Published, *, wanted: bool) -> None:
        self._published = published
        self._cosign = shutil.which("cosign") if wanted else None
        self._why = ABSENT if wanted else "--without-signatures was given"

    def of_file(self, url: str, file: Path) -> str:
        """`file` was fetched from `url`; its signature and certificate are fetched beside it."""
        if not self._cosign:
            return self._why
        parts = []
        for flag, suffix in (("--signature", ".sig"), ("--certificate", ".cert")):
            target = file.with_name(file.name + suffix)
            try:
                target.write_bytes(self._published.small(url + suffix))
            except NotPublishedError:
                return f"nothing is published as {url}{suffix}"
            parts += [flag, str(target)]
        self._run(url, "verify-blob", str(file), *parts, "--certificate-identity", FILES_BY)
        return ""

    def of_image(self, name: str, digest: str) -> str:
        if not self._cosign:
            return self._why
        reference = f"{self._published.host}/{name}@{digest}"
        self._run(reference, "verify", reference, "--certificate-identity", IMAGES_BY)
        return ""

    def _run(self, what: str, *arguments: str) -> None:
        command = [str(self._cosign), *arguments, "--certificate-oidc-issuer", ISSUER]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=VERIFY_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PinError(f"cosign can't check {what} ({error}). {_WAY}") from None
        if done.returncode:
            said = " ".join((done.stderr or done.stdout).split())[-300:]
            raise PinError(f"cosign does not accept the signature of {what}: {said}. {_WAY}")


_WAY = (
    "If a network of yours keeps cosign from Sigstore, mend that; --without-signatures pins without this check, and then "
    "the digests are worth as much as the connection that they came over."
)
