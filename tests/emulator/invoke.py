"""One event through `cargo lambda watch` and `cargo lambda invoke`, with the emulator's SNS and table behind it.

Called by infra/invoke. Everything that it starts ends with it."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import textwrap
import time

from emulator import CREDENTIALS, Emulator, free_port
from events import ROOT, SAMPLES
from faults import Faults

START_SECONDS = 120
TABLE = "memory"


def main(event=SAMPLES / "events" / "detect-event.json"):
    event = pathlib.Path(event).resolve()
    allowlist = pathlib.Path(os.environ.get("ALLOWLIST") or SAMPLES / "allowlist.toml").resolve()
    for file in (event, allowlist):
        if not file.is_file():
            raise SystemExit(f"{file} is not there")
    subprocess.run(["cargo", "build", "--quiet", "--locked", "--bin", "detect"], cwd=ROOT, check=True)
    with contextlib.ExitStack() as resources:
        folder = pathlib.Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="rolewatch-invoke-")))
        port, faults_port = free_port(), free_port()
        # In between only to see the message as it is published, with the text for people in it.
        sns = resources.enter_context(Faults(faults_port, port))
        emulator = resources.enter_context(Emulator(folder, port, sns.url))
        topic = emulator.client("sns").create_topic(Name="findings")["TopicArn"]
        create_table(emulator.client("dynamodb"))
        lambda_port, log = free_port(), folder / "function.log"
        # Nothing of the caller's account: neither credentials nor settings.
        ours = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment = ours | CREDENTIALS | {
            "AWS_REGION": CREDENTIALS["AWS_DEFAULT_REGION"],
            "AWS_ENDPOINT_URL": sns.url,
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "ROLEWATCH_ALLOWLIST": str(allowlist),
            "ROLEWATCH_TABLE": TABLE,
            "ROLEWATCH_TOPIC_ARN": topic,
        }
        resources.enter_context(watch(lambda_port, log, environment))
        answer = invoke(event, lambda_port, log, environment)
        show(log, answer, sns.publishes)


def create_table(dynamodb):
    """Memory of infra/rolewatch.yaml."""
    keys = {"pk": "HASH", "sk": "RANGE"}
    dynamodb.create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()])


@contextlib.contextmanager
def watch(port, log, environment):
    """The function, as `cargo lambda watch` runs it."""
    command = ["cargo", "lambda", "watch", "--quiet", "--ignore-changes", "--locked"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "-A", "127.0.0.1", "-P", str(port)],
            cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)    # cargo, cargo-lambda and the function
        process.wait(timeout=10)


def invoke(event, port, log, environment):
    """The function's answer, as soon as `cargo lambda watch` listens."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        done = subprocess.run(
            ["cargo", "lambda", "invoke", "-A", "127.0.0.1", "-P", str(port), "detect", "--data-file", str(event)],
            cwd=ROOT, env=environment, capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.strip()
        if time.monotonic() > deadline or "onnect" not in done.stderr:
            raise SystemExit(f"{done.stderr}\n{log.read_text(errors='replace')}")
        time.sleep(0.2)


def show(log, answer, publishes):
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("{")]
    print("\nThe function's log:\n", *lines, f"\nIts answer: {answer}", sep="\n")
    if not publishes:
        print("\nNothing was published.")
    for publish in publishes:
        message = json.loads(publish.message)
        print("\nPublished, as mail has it:\n", textwrap.indent(message["email"], "  "), sep="\n")
        print("\nand as machines have it:\n", message["default"].strip(), sep="\n")


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    main(*sys.argv[1:])
