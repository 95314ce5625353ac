"""The environment in which pulumi, gcloud and Google's clients talk to a lab and to nothing else.

Endpoints of the provider: `CustomEndpointEnvVar` in its `services/*/product.go`. Endpoints of gcloud: its
`api_endpoint_overrides/…` properties as `CLOUDSDK_API_ENDPOINT_OVERRIDES_…`.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from lab import files

PASSPHRASE = "lab"  # noqa: S105
"""Of the lab's stacks; `Pulumi.dev.yaml` carries its salt. It guards nothing: a lab's keys open only the lab."""

WHOLE_FILES = "metadata=skip"
"""Of a folder that is a backend. By default the engine keeps a second file beside its state, and if it is killed while it
writes that one, neither can be read any more.
"""

TOKEN = "lab-owner@lab"  # noqa: S105
"""`lab-<principal>`, see lab.simulator.permissions: who calls from a shell owns the project."""

FORGOTTEN = (
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CREDENTIALS",
    "GOOGLE_CLOUD_KEYFILE_JSON",
    "GCLOUD_KEYFILE_JSON",
    "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
    "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE",
    "CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
)
"""Real credentials, which have no business in a lab."""

_PATHS = {
    "compute/v1/": ("COMPUTE",),
    "storage/v1/": ("STORAGE",),
    "dns/v1/": ("DNS",),
    "v1/": (
        "SECRET_MANAGER",
        "IAM",
        "IAM_BETA",
        "IAM_CREDENTIALS",
        "RESOURCE_MANAGER",
        "CLOUD_RESOURCE_MANAGER",
        "SERVICE_USAGE",
        "CLOUD_BILLING",
    ),
    "v2/": ("ORG_POLICY",),
    "v3/": ("RESOURCE_MANAGER_V3",),
}
_GCLOUD = {
    "COMPUTE": "compute/v1/",
    "STORAGE": "storage/v1/",
    "DNS": "dns/v1/",
    "SECRETMANAGER": "",
    "IAM": "",
    "CLOUDRESOURCEMANAGER": "",
    "SERVICEUSAGE": "",
    "ORGPOLICY": "",
}


def google(url: str, project: str, region: str) -> dict[str, str]:
    """Returns variables for the provider and for Google's clients; `url` is the simulator's."""
    return {
        "GOOGLE_OAUTH_ACCESS_TOKEN": TOKEN,
        "GOOGLE_PROJECT": project,
        "GOOGLE_CLOUD_PROJECT": project,
        "GOOGLE_REGION": region,
        "STORAGE_EMULATOR_HOST": url,
        "NO_GCE_CHECK": "true",
        **endpoints(url),
    }


def endpoints(url: str) -> dict[str, str]:
    """Returns the variables that lead the provider, and the program, to the simulator at `url`."""
    return {
        f"GOOGLE_{name}_CUSTOM_ENDPOINT": f"{url}/{path}" for path, names in _PATHS.items() for name in names
    }


def gcloud(url: str, project: str, region: str, state: Path) -> dict[str, str]:
    """Returns variables for gcloud. The token lies in a file: gcloud takes none from the environment."""
    made = {
        "CLOUDSDK_CONFIG": str(state / "gcloud"),
        "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(state / "token"),
        "CLOUDSDK_CORE_PROJECT": project,
        "CLOUDSDK_COMPUTE_REGION": region,
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "true",
        "CLOUDSDK_SURVEY_DISABLE_PROMPTS": "true",
    }
    made |= {f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{name}": f"{url}/{path}" for name, path in _GCLOUD.items()}
    return made


def pulumi(state: Path) -> dict[str, str]:
    return {
        "PULUMI_BACKEND_URL": f"file://{state / 'backend'}?{WHOLE_FILES}",
        "PULUMI_HOME": str(state / "pulumi"),
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
    }


def prepare(state: Path, plugins: Path | None) -> None:
    """Makes the folders and files that the variables name. `plugins` are the toolchain's, or None for the user's own."""
    for name in ("backend", "pulumi", "gcloud"):
        (state / name).mkdir(parents=True, exist_ok=True)
    files.write(state / "token", TOKEN, mode=0o600)
    link = state / "pulumi" / "plugins"
    target = plugins or Path.home() / ".pulumi" / "plugins"
    if link.is_symlink() and link.readlink() != target:
        link.unlink()
    if not link.exists() and not link.is_symlink():
        link.symlink_to(target)


def exports(variables: dict[str, str], path: Path | None) -> str:
    """Returns lines for `eval` in a POSIX shell. Evaluating twice does no harm."""
    lines = [f"unset {' '.join(FORGOTTEN)}"]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in sorted(variables.items())]
    if path and str(path) not in os.environ.get("PATH", "").split(os.pathsep)[:1]:
        lines.append(f'export PATH={shlex.quote(str(path))}:"$PATH"')
    return "\n".join(lines)
