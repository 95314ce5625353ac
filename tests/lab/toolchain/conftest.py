"""The built toolchain, made once for all tests that need it."""

from __future__ import annotations

import pytest

from lab.toolchain import Toolchain, ensure


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return ensure()
