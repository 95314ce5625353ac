"""Running Go: one executable at a time, and how far each is."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from .recipe import HERE, SDK, Part

Progress = Callable[[str], None]
EVERY = 5.0
DOWNLOAD_SECONDS = 300


class BuildFailedError(Exception):
    """Go said no; the message is what it said."""


class Estimate:
    """How much is left, from what each part is known to take and how fast this machine has been so far."""

    def __init__(self, seconds: dict[str, int], clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._start = clock()
        self._share = dict.fromkeys(seconds, 0.0)

    def done(self, name: str, share: float) -> None:
        """`share`, from 0 to 1, of the part `name` is done."""
        self._share[name] = max(self._share[name], min(share, 1.0))

    def percent(self) -> int:
        return int(100 * self._worked() / sum(self._seconds.values()))

    def left(self) -> str:
        """Such as `2 min 30 s`. At first the known times count; the longer it runs, the more this machine's own pace."""
        worked = self._worked()
        rest = sum(self._seconds.values()) - worked
        # Fifteen known seconds of work weigh as much as what was measured, so that the first guess is not wild.
        pace = (self._clock() - self._start + 15) / (worked + 15)
        minutes, seconds = divmod(round(rest * pace / 5) * 5, 60)
        return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"

    def _worked(self) -> float:
        return sum(self._seconds[name] * share for name, share in self._share.items())


def environment() -> dict[str, str]:
    """Go's environment: no C compiler is needed, and no flag of the machine's counts but where modules come from."""
    return {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false -mod=readonly", "GOWORK": "off"}


def packages(part: Part) -> frozenset[str]:
    """The packages that `part` is made of. Asking fetches the modules, and no others than the build needs."""
    answer = subprocess.run(
        ["go", "list", "-deps", *(["-test"] if _of_tests(part) else []), part.package],
        cwd=HERE / part.module,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise BuildFailedError(f"{part.name}: {answer.stderr.strip()[-2000:]}")
    return frozenset(answer.stdout.splitlines())


def build(part: Part, target: Path, total: int, estimate: Estimate, progress: Progress) -> None:
    """Build `part` at `target`, which is there only once it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.unfinished")
    command = [
        "go",
        *(["test", "-c", "-vet=off"] if _of_tests(part) else ["build"]),
        "-v",
        "-trimpath",
        f"-ldflags={part.ldflags}",
        "-o",
        str(unfinished),
        part.package,
    ]
    said: list[str] = []
    with subprocess.Popen(
        command, cwd=HERE / part.module, env=environment(), stderr=subprocess.PIPE, text=True
    ) as go:
        reader = threading.Thread(target=lambda: said.extend(go.stderr or ()), daemon=True)
        reader.start()
        try:
            while True:
                try:
                    code = go.wait(timeout=EVERY)
                    break
                except subprocess.TimeoutExpired:
                    # Linking comes after the last package, and takes about a tenth of the time.
                    estimate.done(part.name, 0.9 * len(said) / max(total, 1))
                    progress(f"{part.name}: {estimate.percent()} %, about {estimate.left()} left")
        except BaseException:
            go.terminate()
            raise
        reader.join(timeout=5)
    if code:
        raise BuildFailedError(f"{part.name}: go build failed:\n{''.join(said)[-2000:]}")
    unfinished.replace(target)
    estimate.done(part.name, 1)


def _of_tests(part: Part) -> bool:
    """Whether the executable runs the package's tests: Go names those so."""
    return part.target.endswith(".test")


def sdk_folder() -> Path:
    """Where Go keeps the SDK's module, with the scripts that run Python programs."""
    return module_folder(SDK, "engine")


def module_folder(path: str, pinned_in: str) -> Path:
    """Where Go keeps the module `path`, fetched if need be, as the module in the folder `pinned_in` of this one pins it."""
    answer = subprocess.run(
        ["go", "mod", "download", "-json", path],
        cwd=HERE / pinned_in,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=DOWNLOAD_SECONDS,
    )
    return Path(json.loads(answer.stdout)["Dir"])
