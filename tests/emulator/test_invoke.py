"""`make invoke`, as a developer runs it: cargo-lambda builds, watches and invokes."""

import json
import os
import subprocess
import unittest

from events import ROOT, SAMPLES

EVENT = SAMPLES / "events" / "detect-event.json"


class Invoke(unittest.TestCase):
    def test_an_event_is_judged_and_what_is_published_is_shown(self):
        done = subprocess.run(
            [ROOT / "infra/invoke", EVENT], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            env={name: value for name, value in os.environ.items() if name != "ALLOWLIST"})
        self.assertEqual(0, done.returncode, done.stderr)
        event_id = json.loads(EVENT.read_text())["detail"]["eventID"]
        messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        logged = [it for it in messages if it.get("message") == "judged an event"]
        self.assertEqual([event_id], [line["event_id"] for line in logged])
        published = {it["check"]: it["event"] for it in messages if it.get("type") == "finding"}
        self.assertEqual(set(logged[0]["findings"]) | {"allowlist-changed"}, set(published))
        self.assertEqual(event_id, published[logged[0]["findings"][0]]["event_id"])


if __name__ == "__main__":
    unittest.main()
