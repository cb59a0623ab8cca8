"""What all tests share: the emulator with the stack in it, the faults before it, Slack behind it. Started once."""

import atexit
import contextlib
import functools
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from emulator import Emulator, free_port
from events import ROOT
from faults import Faults
from inventory import inventory
from slack import Slack
from stack import Stack

ATTEMPTS = 3    # somebody else may take a port between our finding and our using it


class World:
    def __init__(self, resources: contextlib.ExitStack):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rolewatch-emulator-"))
        self.folder_goes = not os.environ.get("KEEP")
        if self.folder_goes:
            resources.callback(shutil.rmtree, self.folder, ignore_errors=True)
        functions = build_functions()
        self.slack = resources.enter_context(Slack())
        started = time.monotonic()
        for attempt in range(ATTEMPTS):
            port, faults_port = free_port(), free_port()
            try:
                with contextlib.ExitStack() as attempted:
                    self.faults = attempted.enter_context(Faults(faults_port, port))
                    self.emulator = attempted.enter_context(
                        Emulator(self.folder / f"attempt-{attempt}", port, self.faults.url))
                    resources.enter_context(attempted.pop_all())
                break
            except (OSError, RuntimeError):
                if attempt == ATTEMPTS - 1:
                    raise
        self.functions = functions
        self.stack = Stack.listening(self.emulator, self.folder / "stack", functions, self.slack)
        self.seconds_to_start = time.monotonic() - started
        self._inventory = inventory(self.emulator)

    def changes(self):
        """What is in the emulator and was not when this was last asked, or at the start; or the other way round."""
        before, self._inventory = self._inventory, inventory(self.emulator)
        return sorted(before ^ self._inventory)

    def all_text(self):
        """Everything that anybody could read: (where, text)."""
        yield "the emulator's log", self.emulator.log.read_text(errors="replace")
        yield "the functions' logs", self.stack.function_logs()
        for publish in self.faults.publishes:
            yield "an SNS message", publish.message
        for delivery in self.slack.deliveries:
            yield "a Slack message", delivery.text


def build_functions() -> pathlib.Path:
    """The folder of the zips: FUNCTIONS where it is set, else built for this machine in the quick profile."""
    if given := os.environ.get("FUNCTIONS"):
        return pathlib.Path(given)
    folder = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).absolute() / "function-test-zips"
    environment = os.environ | {"ARCH": machine(), "LAMBDA_DIR": str(folder)}
    build = subprocess.Popen([ROOT / "infra/build", "function-test"], env=environment, process_group=0)
    try:
        if build.wait() != 0:
            raise RuntimeError("the functions cannot be built")
    except KeyboardInterrupt:
        os.killpg(build.pid, signal.SIGTERM)    # cargo and all compilers
        raise
    return folder


def machine():
    """This machine, in Lambda's words: the emulator runs the functions as processes of it."""
    return {"aarch64": "arm64", "arm64": "arm64"}.get(os.uname().machine, os.uname().machine)


@functools.cache
def start() -> World | Exception:
    resources = contextlib.ExitStack()
    atexit.register(resources.close)
    try:
        return World(resources)
    except Exception as error:
        return error    # remembered, or every class of tests would try again and take its time to fail


def shared() -> World:
    """Ends with this process, whatever ends it: an exception, a signal (see run.py), or its death (see launcher.py)."""
    started = start()
    if isinstance(started, Exception):
        raise started
    return started


def running() -> World | None:
    """The same, if it was started."""
    started = start() if start.cache_info().currsize else None
    return started if isinstance(started, World) else None
