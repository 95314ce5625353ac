"""What the official engine asks of the program's virtual environment, which the lab's language host reads by itself."""

from __future__ import annotations

import json
import subprocess
import sys


def test_pip_lists_what_is_installed() -> None:
    """`pulumi-language-python` finds the plugins that a program needs by `pip list`, and no preview begins without.

    Source: pulumi/pulumi, sdk/python/toolchain/pip.go, ListPackages.
    """
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "list", "--format", "json"], capture_output=True, check=True
    )
    assert {"pulumi", "pulumi-gcp", "pulumi-tls"} <= {
        each["name"].replace("_", "-") for each in json.loads(listed.stdout)
    }
