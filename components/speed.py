"""What makes a run of the program quick."""

from __future__ import annotations

import atexit
import gc


def without_garbage_collection() -> None:
    """The SDK's thousands of classes, loaded on first use, stay to the end: looking for garbage among them, while they are
    loaded and once more at the interpreter's end, would take a sixth of every preview.
    """
    gc.disable()
    atexit.register(gc.freeze)
