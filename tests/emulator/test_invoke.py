"""`make invoke`, as the README has it: cargo-lambda builds, watches and invokes."""

import json
import os
import subprocess
import unittest

import events
from events import ROOT, SAMPLES

EVENT = SAMPLES / "events" / "detect-event.json"
BATCH = SAMPLES / "events" / "detect-batch.json"


class Invoke(unittest.TestCase):
    def test_an_event_is_judged_and_what_is_published_is_shown(self):
        logged, published = self.make_invoke()
        event_id = json.loads(EVENT.read_text())["detail"]["eventID"]
        self.assertEqual([event_id], [line["event_id"] for line in logged])
        published = {it["check"]: it["event"] for it in published}
        self.assertEqual(set(logged[0]["findings"]) | {"allowlist-changed"}, set(published))
        self.assertEqual(event_id, published[logged[0]["findings"][0]]["event_id"])

    def test_a_batch_with_an_allowlist_of_ones_own(self):
        logged, published = self.make_invoke(f"EVENT={BATCH.relative_to(ROOT)}", "ALLOWLIST=samples/allowlist.toml")
        bodies = [json.loads(message["body"]) for message in json.loads(BATCH.read_text())["Records"]]
        self.assertEqual([body["detail"]["eventID"] for body in bodies], [line["event_id"] for line in logged])
        told = {finding for line in logged for finding in line["findings"] if finding not in events.OF_MEMORY}
        self.assertTrue(told)
        self.assertLessEqual(told - {"denied-assumption"}, {it["check"] for it in published})    # those gather

    def test_a_file_that_is_not_there_is_named(self):
        done = self.run_make("EVENT=samples/events/none.json")
        self.assertNotEqual(0, done.returncode)
        self.assertIn("none.json is not there", done.stderr)

    def make_invoke(self, *variables):
        """What the function logged of events, and the findings that it published, both as printed."""
        done = self.run_make(*variables)
        self.assertEqual(0, done.returncode, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return ([it for it in lines if it.get("message") == "judged an event"],
                [it for it in lines if it.get("type") == "finding"])

    def run_make(self, *variables):
        # Of another make above this one only the environment is left.
        ours = {name: value for name, value in os.environ.items()
                if name not in ("ALLOWLIST", "EVENT", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
        return subprocess.run(["make", "invoke", *variables], cwd=ROOT, env=ours, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)


if __name__ == "__main__":
    unittest.main()
