"""How the Google provider signs in and where it calls: its configuration and its variables, in its order.

`hashicorp/terraform-provider-google`, `google/provider/provider.go` (ProviderConfigure): a token or a key in the
configuration beats every variable; of the variables, `google/transport/config.go` (GetCredentials) takes the token before
the key; what neither gives is the default credentials. Impersonation comes on top of any of them. Both values may be a
path or what would stand in the file (`google/verify/path_or_contents.go`).

Files are read here, nobody is asked. Nothing here shows a token or a key: neither `repr` nor a refusal.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ENDPOINTS: Mapping[str, tuple[str, str]] = {
    "compute": ("computeCustomEndpoint", "https://compute.googleapis.com/compute/v1/"),
    "dns": ("dnsCustomEndpoint", "https://dns.googleapis.com/dns/v1/"),
    "iam": ("iamCustomEndpoint", "https://iam.googleapis.com/v1/"),
    "iam_credentials": ("iamCredentialsCustomEndpoint", "https://iamcredentials.googleapis.com/v1/"),
    "org_policy": ("orgPolicyCustomEndpoint", "https://orgpolicy.googleapis.com/v2/"),
    "resource_manager": (
        "resourceManagerCustomEndpoint",
        "https://cloudresourcemanager.googleapis.com/v1/",
    ),
    "secret_manager": ("secretManagerCustomEndpoint", "https://secretmanager.googleapis.com/v1/"),
    "service_usage": ("serviceUsageCustomEndpoint", "https://serviceusage.googleapis.com/v1/"),
    "storage": ("storageCustomEndpoint", "https://storage.googleapis.com/storage/v1/"),
}
"""By service: the provider's key and the address without it. The variable is `GOOGLE_<SERVICE>_CUSTOM_ENDPOINT`."""

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
KEY_VARIABLES = ("GOOGLE_CREDENTIALS", "GOOGLE_CLOUD_KEYFILE_JSON", "GCLOUD_KEYFILE_JSON")
TOKEN_VARIABLE = "GOOGLE_OAUTH_ACCESS_TOKEN"  # noqa: S105
DEFAULT_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
IMPERSONATE_VARIABLE = "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT"

KEY_TYPES = (
    "authorized_user",
    "service_account",
    "external_account",
    "external_account_authorized_user",
    "impersonated_service_account",
    "gdch_service_account",
)
"""What the library that signs in here reads: google-auth, `google/auth/_default.py`."""

UNIVERSE = "googleapis.com"

Settings = Callable[[str], Any]
"""A value of the provider's configuration by its key without `gcp:`; None where it isn't set."""


class ProviderRefusedError(Exception):
    """The provider could sign in, or call, in a way that nothing else here does; or in none at all."""


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """`token`, or else `key` (a JSON document), or else whatever the machine is that the program runs on.

    `said_by` is the key or variable that gave it.
    """

    token: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    said_by: str = ""
    impersonated: str = ""
    delegates: tuple[str, ...] = ()
    scopes: tuple[str, ...] = SCOPES
    endpoints: tuple[tuple[str, str], ...] = tuple(
        (service, address) for service, (_, address) in ENDPOINTS.items()
    )

    @staticmethod
    def read(settings: Settings, environment: Mapping[str, str] | None = None) -> ProviderConfig:
        """Raises ProviderRefusedError, with the key and what to do, for what isn't supported."""
        variables = os.environ if environment is None else environment
        _refuse_what_only_the_provider_can(settings)
        said_by, token, key = _signed_in(settings, variables)
        return ProviderConfig(
            token,
            key,
            said_by,
            settings("impersonateServiceAccount") or variables.get(IMPERSONATE_VARIABLE, ""),
            _listed("impersonateServiceAccountDelegates", settings),
            _listed("scopes", settings) or SCOPES,
            tuple(
                (
                    service,
                    settings(key) or variables.get(f"GOOGLE_{service.upper()}_CUSTOM_ENDPOINT") or address,
                )
                for service, (key, address) in ENDPOINTS.items()
            ),
        )


def _signed_in(settings: Settings, variables: Mapping[str, str]) -> tuple[str, str, str]:
    """Returns who says it, the token, and the key."""
    if token := settings("accessToken"):
        return "gcp:accessToken", _contents(token).strip(), ""
    if key := settings("credentials"):
        return "gcp:credentials", "", _key("gcp:credentials", key)
    if token := variables.get(TOKEN_VARIABLE):
        return TOKEN_VARIABLE, _contents(token).strip(), ""
    for name in KEY_VARIABLES:
        if key := variables.get(name):
            return name, "", _key(name, key)
    return _default(variables)


def _default(variables: Mapping[str, str]) -> tuple[str, str, str]:
    """Returns what Google's library for Go finds (cloud.google.com/go/auth, `internal/credsfile`): it is the provider's.

    Google's library for Python would look below `CLOUDSDK_CONFIG` too, where the provider doesn't.
    """
    if named := variables.get(DEFAULT_VARIABLE):
        if not Path(named).is_file():
            raise ProviderRefusedError(
                f"{DEFAULT_VARIABLE} names {named}, which is no file. Name the file with the credentials, or unset it."
            )
        return DEFAULT_VARIABLE, "", _key(DEFAULT_VARIABLE, named)
    home = variables.get("HOME") or str(Path.home())
    well_known = Path(home, ".config", "gcloud", "application_default_credentials.json")
    if well_known.is_file():
        return str(well_known), "", _key(str(well_known), str(well_known))
    return "", "", ""


def _key(said_by: str, value: str) -> str:
    """Returns the document. Raises, without a word of it, where it can't be one."""
    text = _contents(value)
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ProviderRefusedError(
            f"{said_by} is neither a file that is there nor credentials as JSON. Set it to the path of a key file, or to "
            "what stands in it."
        )
    if document.get("type") not in KEY_TYPES:
        raise ProviderRefusedError(
            f'{said_by} holds credentials of type "{document.get("type", "")}", which the program can\'t use. '
            f"Use one of {', '.join(KEY_TYPES)}, or gcp:accessToken."
        )
    return text


def _contents(value: str) -> str:
    """Returns what stands in the file, if the value is the path of one; else the value."""
    try:
        return Path(value).expanduser().read_text()
    except (OSError, ValueError, RuntimeError):
        return value


def _listed(key: str, settings: Settings) -> tuple[str, ...]:
    """Returns a list, which the engine hands over as JSON."""
    raw = settings(key)
    if not raw:
        return ()
    try:
        found: object = json.loads(raw) if isinstance(raw, str) else raw
    except ValueError:
        found = None
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise ProviderRefusedError(f'gcp:{key} is no list. Write one, such as ["…"].')
    return tuple(str(each) for each in found)


def _refuse_what_only_the_provider_can(settings: Settings) -> None:
    if settings("externalCredentials"):
        raise ProviderRefusedError(
            "gcp:externalCredentials is set: the provider would sign in by it, and what waits for the masters and reads "
            "what stands can't. Use the file of `gcloud iam workload-identity-pools create-cred-config` as gcp:credentials "
            f"or {DEFAULT_VARIABLE}, or gcp:accessToken."
        )
    universe = settings("universeDomain") or UNIVERSE
    if universe != UNIVERSE:
        raise ProviderRefusedError(
            f'gcp:universeDomain is "{universe}": machines and program call Google Cloud at {UNIVERSE} only. Remove it.'
        )
