"""The image that every machine of every lab boots: Debian with what a master runs already in it.

image = ensure()   # ~/.cache/ha-masters/machine-image/<key>
"""

from __future__ import annotations

from .build import Image, ImageUnavailableError, ensure

__all__ = ["Image", "ImageUnavailableError", "ensure"]
