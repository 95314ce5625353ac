"""Make providers/gcp/tokens.json: which of the provider's names answers to which token of the published pulumi_gcp.

    python -m lab.toolchain.tokens PROVIDER

PROVIDER is a built `pulumi-resource-gcp`, asked for the names it has. The tokens come from the installed package, so
that the table follows it. The rule is the one the published names were made by: the module, then the name, both
without regard to case and underscores. A test holds the table against the package.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

# The modules that a control plane may need, and what their names begin with in the provider.
MODULES: dict[str, tuple[str, ...]] = {
    "compute": ("compute", ""),
    "dns": ("dns", ""),
    "kms": ("kms", ""),
    "organizations": ("organization", ""),
    "projects": ("project", ""),
    "secretmanager": ("secretmanager",),
    "serviceaccount": ("serviceaccount",),
    "storage": ("storage",),
}

# Published names that the rule does not give.
IRREGULAR: dict[str, str] = {
    "gcp:compute/routerPeer:RouterPeer": "google_compute_router_peer",
    "gcp:projects/getProject:getProject": "google_projects",
    "gcp:serviceaccount/account:Account": "google_service_account",
    "gcp:serviceaccount/getAccount:getAccount": "google_service_account",
}

Table = dict[str, dict[str, str]]


def squeezed(name: str) -> str:
    """`name` without what the two sides write differently."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def provider_name(token: str, names: Iterable[str]) -> str | None:
    """The provider's name for a published token, or None if the provider has none.

    >>> provider_name("gcp:projects/iAMMember:IAMMember", ["google_project_iam_member"])
    'google_project_iam_member'
    """
    if token in IRREGULAR:
        return IRREGULAR[token]
    _, path, last = token.split(":")
    by_squeezed = {squeezed(name.removeprefix("google_")): name for name in names}
    wanted = squeezed(last.removeprefix("get") if last.startswith("get") else last)
    for prefix in MODULES.get(path.split("/")[0], ()):
        if found := by_squeezed.get(prefix + wanted):
            return found
    return None


def published_tokens(package: Path) -> tuple[list[str], list[str]]:
    """Tokens of the resources and of the functions in the installed package."""
    resources: set[str] = set()
    functions: set[str] = set()
    for module in MODULES:
        for file in sorted((package / module).glob("*.py")):
            text = file.read_text()
            # Resources of an older name, kept as aliases, say so; the newer one takes the mapping.
            if "deprecated(" not in text or "super(" not in text.split("deprecated(")[0]:
                pattern = r"super\(\w+, __self__\).__init__\(\s*'(gcp:[^']+)'"
                resources.update(re.findall(pattern, text))
            functions.update(re.findall(r"invoke(?:_output)?\('(gcp:[^']+)'", text))
    return sorted(resources), sorted(functions)


def table(package: Path, names: dict[str, list[str]]) -> Table:
    """The whole table: provider's name to published token, for all that both sides have."""
    resources, functions = published_tokens(package)
    return {
        "resources": {
            found: token
            for token in resources
            if (found := provider_name(token, names["resources"])) is not None
        },
        "functions": {
            found: token
            for token in functions
            if (found := provider_name(token, names["functions"])) is not None
        },
    }


def main(provider: str) -> None:
    """Write the table beside the provider's source."""
    import pulumi_gcp

    asked = subprocess.run([provider, "-names"], capture_output=True, text=True, check=True)
    made = table(Path(str(pulumi_gcp.__file__)).parent, json.loads(asked.stdout))
    target = Path(__file__).parent / "providers" / "gcp" / "tokens.json"
    target.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n")
    print(f"{len(made['resources'])} resources and {len(made['functions'])} functions in {target.name}")


if __name__ == "__main__":
    main(sys.argv[1])
