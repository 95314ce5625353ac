"""The LanguageRuntime service."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from types import FrameType
from typing import Any

import grpc  # type: ignore[import-untyped]
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import language_pb2 as proto
from pulumi.runtime.proto import language_pb2_grpc, plugin_pb2

from . import child
from .installed import ListingError, chosen, listed
from .interpreter import Interpreter, InterpreterMissingError, interpreter, plugin_packages

# The program's runner ends with this code when it has already told the user what is wrong.
SHOWN_TO_THE_USER = 32

_LIMIT = 400 * 1024 * 1024


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Answers the engine. What is not here is answered 'unimplemented': code generation and packing."""

    def __init__(self, engine: str) -> None:
        self.engine = engine

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        self.engine = request.engine_address or self.engine
        return proto.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version=os.environ.get("HA_MASTERS_PULUMI", ""))

    def GetRequiredPackages(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        python = _interpreter(request.info, context)
        packages = [
            plugin_pb2.PackageDependency(
                name=found.name, kind="resource", version=found.version, server=found.server
            )
            for found in plugin_packages(python, _listed(python, request.info, context, transitive=True))
        ]
        return proto.GetRequiredPackagesResponse(packages=packages)

    def GetProgramDependencies(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        python = _interpreter(request.info, context)
        found = _listed(python, request.info, context, transitive=request.transitiveDependencies)
        return proto.GetProgramDependenciesResponse(
            dependencies=[proto.DependencyInfo(name=name, version=version) for name, version in found.items()]
        )

    def About(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        python = _interpreter(request.info, context)
        return proto.AboutResponse(executable=str(python.python), version=python.version())

    def Run(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        python = _interpreter(request.info, context)
        arguments = {
            "monitor": request.monitor_address,
            "engine": self.engine,
            "project": request.project,
            "root_directory": request.info.root_directory,
            "stack": request.stack,
            "pwd": request.pwd,
            "dry_run": "true" if request.dryRun else "",
            "parallel": str(request.parallel) if request.parallel else "0",
            "organization": request.organization,
        }
        command = [str(python.python), "-u", child.beside("pulumi-language-python-exec")]
        for name, value in arguments.items():
            if value:
                command += [f"--{name}", value]
        command += [_program(request), *request.args]
        environment = python.environment(os.environ)
        environment["PULUMI_CONFIG"] = json.dumps(dict(request.config))
        environment["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(list(request.configSecretKeys))
        code = child.run(command, request.pwd, environment, context.is_active)
        if code == 0:
            return proto.RunResponse()
        if code == SHOWN_TO_THE_USER:
            return proto.RunResponse(bail=True)
        return proto.RunResponse(error=f"Program exited with non-zero exit code: {code}")

    def RunPlugin(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:  # noqa: N802
        python = _interpreter(request.info, context)
        environment = python.environment(dict(item.split("=", 1) for item in request.env if "=" in item))
        # The engine itself, not the pack, decides what a policy pack sees of its own project.
        command = [str(python.python), "-u", request.info.program_directory, *request.args]
        for piece in child.stream(command, request.pwd, environment, context.is_active):
            # The answer holds one of the three: naming another, even empty, would wipe the first.
            if piece.exit_code is not None:
                yield proto.RunPluginResponse(exitcode=piece.exit_code)
            elif piece.stdout:
                yield proto.RunPluginResponse(stdout=piece.stdout)
            else:
                yield proto.RunPluginResponse(stderr=piece.stderr)

    def InstallDependencies(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:  # noqa: N802
        options = _options(request.info)
        folder = Path(request.directory)
        for command in _install(folder, folder / str(options.get("virtualenv", ".venv"))):
            for piece in child.stream(command, request.directory, os.environ, context.is_active):
                if piece.exit_code:
                    context.abort(grpc.StatusCode.UNKNOWN, f"{command[0]} exited with {piece.exit_code}")
                elif piece.stdout:
                    yield proto.InstallDependenciesResponse(stdout=piece.stdout)
                elif piece.stderr:
                    yield proto.InstallDependenciesResponse(stderr=piece.stderr)

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        child.stop_all()
        return empty_pb2.Empty()


def _program(request: Any) -> str:
    return str(request.info.entry_point or request.program or ".")


def _options(info: Any) -> dict[str, Any]:
    return dict(json_format.MessageToDict(info.options))


def _interpreter(info: Any, context: grpc.ServicerContext) -> Interpreter:
    try:
        return interpreter(Path(info.root_directory), _options(info))
    except InterpreterMissingError as missing:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(missing))
        raise  # abort has raised already


def _listed(
    python: Interpreter, info: Any, context: grpc.ServicerContext, *, transitive: bool
) -> dict[str, str]:
    program = Path(info.program_directory or info.root_directory)
    by = chosen(program, _options(info))
    try:
        return listed(by, [python.python], python.environment(os.environ), program, transitive=transitive)
    except ListingError as failed:
        context.abort(grpc.StatusCode.UNKNOWN, str(failed))
        raise  # abort has raised already


def _install(folder: Path, virtualenv: Path) -> Iterator[list[str]]:
    """The commands that make `virtualenv` and fill it from the project's list of packages."""
    uv = shutil.which("uv")
    python = str(virtualenv / "bin" / "python")
    if not virtualenv.exists():
        yield [uv, "venv", str(virtualenv)] if uv else ["python3", "-m", "venv", str(virtualenv)]
    for name in ("requirements.lock", "requirements.txt"):
        if (folder / name).exists():
            yield (
                [uv, "pip", "install", "--python", python, "-r", name]
                if uv
                else [python, "-m", "pip", "install", "-r", name]
            )
            return


def serve(engine: str) -> None:
    """Listen on a port of loopback, print it, and answer until interrupted."""
    options = [("grpc.max_receive_message_length", _LIMIT), ("grpc.max_send_message_length", _LIMIT)]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16), options=options)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(engine), server)
    port = server.add_insecure_port("127.0.0.1:0")
    done = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        done.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    server.start()
    print(port, flush=True)
    done.wait()
    child.stop_all()
    # Waiting for what is open would only delay the end: the engine has stopped asking.
    os._exit(0)
