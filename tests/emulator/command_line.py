"""The binary `rolewatch`, built once, with the emulator for AWS."""

import functools
import os
import pathlib
import subprocess

import events
from emulator import CREDENTIALS

NAME = "command-line"


@functools.cache
def program() -> pathlib.Path:
    # With a test, so with the features of all tests: nothing is compiled a second time.
    build = ["build", "-q", "--locked", "--workspace", "--bin", "rolewatch", "--test", "architecture"]
    subprocess.run([os.environ.get("CARGO", "cargo"), *build], cwd=events.ROOT, check=True)
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", events.ROOT / "target")).absolute() / "debug/rolewatch"


def rolewatch(endpoint, home, *arguments, **environment):
    """What it answered: exit code, stdout, stderr. Nothing of this machine's settings is seen."""
    environment = CREDENTIALS | {
        "AWS_ENDPOINT_URL": endpoint, "AWS_REGION": CREDENTIALS["AWS_DEFAULT_REGION"], "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "HOME": str(home), "NO_PROXY": "127.0.0.1",
        "AWS_SDK_UA_APP_ID": NAME,    # told apart from the functions' calls by it
    } | environment
    done = subprocess.run([program(), *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr
