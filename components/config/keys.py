"""The keys that are ours, by section, as the sections' classes declare them."""

from __future__ import annotations

from collections.abc import Mapping

from components.config.setting import keys_of, known_below
from components.config.spec import StackConfig

KNOWN: Mapping[str, tuple[str, ...]] = {
    "": keys_of(StackConfig),
    **{home: keys_of(spec) for home, spec, _ in known_below(StackConfig)},
}
"""`labels` is missing, also a pool's, and what stands in `requiredClaims`: those are the operator's."""
