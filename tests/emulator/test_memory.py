"""What detect remembers between its calls: who was told what, and what came before."""

import json
import time
import unittest

import events
from end_to_end import EndToEnd

TRUTH = json.loads((events.SAMPLES / "memory-truth.json").read_text())


class Windows(EndToEnd):
    def test_twelve_refused_tries_are_one_message_that_says_12(self):
        with self.stack.quiet_window("15s"):    # findings of low severity gather for as long, here
            self.stack.put_events(events.sample("denied-assumption/fires-trust-policy-said-no") for _ in range(12))
            self.stack.settle()
            self.assertEqual([], self.slack.posts)
            self.sweep_until(posts=1)
        (finding,) = self.findings()
        self.assertEqual(("denied-assumption", 11), (finding["check"], finding["repeats"]))
        self.assertTrue(finding["title"].startswith("12 times: "), finding["title"])
        (post,) = self.slack.posts
        self.assertIn("12 times", post)

    def test_thirty_branches_are_one_alert_and_one_summary(self):
        sent = [events.sample("unlisted-context/fires-branch", change=("refs/heads/dev", f"refs/heads/storm-{number}"))
                for number in range(30)]
        # Those that come while the first alert is on its way come again.
        with self.stack.quiet_window("30s"), self.stack.retried_after("EventsQueueUrl", seconds=2):
            self.stack.put_events(sent)
            self.stack.settle()
            self.assertEqual(1, len(self.slack.posts), self.slack.posts)
            self.sweep_until(posts=2)
        findings = self.findings()
        self.assertEqual([("unlisted-context", None), ("unlisted-context", 29)],
                         [(finding["check"], finding.get("repeats")) for finding in findings])
        self.assertTrue(findings[1]["title"].startswith("29 more: "), findings[1]["title"])
        self.assertIn("29 subjects", findings[1]["message"])
        self.assertEqual(2, len(self.slack.posts))

    def test_while_sns_fails_nothing_is_a_repeat(self):
        """Two alike, and no way to tell: both come again, the first is told once, the second is counted."""
        sent = [events.sample("unlisted-owner/fires-a-stranger") for _ in range(2)]
        # Shorter than the four tries of a call take: a second call begins while the first still tries.
        with self.stack.quiet_window("1h"), self.stack.retried_after("EventsQueueUrl", seconds=3):
            with self.faults.throttle_sns():
                self.stack.send_batch([event.body for event in sent])
                deadline = time.monotonic() + 60
                while len(self.faults.publishes) < 5:    # a call is tried four times: the fifth is of the next round
                    self.assertLess(time.monotonic(), deadline, self.stack.function_logs("Detect")[-3000:])
                    time.sleep(0.1)
            self.stack.settle()
        findings = self.findings()
        self.assertEqual(1, len(findings))
        self.assertIn(findings[0]["event"]["event_id"], {event.id for event in sent})
        self.assert_told(findings)


class Events(EndToEnd):
    def test_the_same_event_in_two_calls(self):
        """Though every finding is told at once here: it is the event that is known."""
        event = events.sample("unlisted-owner/fires-a-stranger")
        for _ in range(2):
            self.stack.send_batch([event.body])
            self.stack.settle()
        findings = self.findings()
        self.assertEqual([event.id], [finding["event"]["event_id"] for finding in findings])
        self.assert_told(findings)
        lines = [json.loads(line) for line in self.stack.function_logs("Detect").splitlines() if event.id in line]
        self.assertEqual([False, True], [line["seen"] for line in lines])

    def test_what_came_before_decides(self):
        """One sample of each check that depends on it."""
        for name in (
            "first-use/fires-another-branch",
            "repository-id-mismatch/fires-not-the-remembered-id",
            "classic-after-immutable/fires-the-form-was-set-back",
            "repository-renamed/fires-new-name",
            "probing/fires-third-role",
        ):
            with self.subTest(name):
                self.stack.forget()
                self.stack.put_events(events.before(name))
                self.stack.settle()
                event = events.sample(name)
                self.stack.put_events([event])
                self.stack.settle()
                fired = {finding["check"] for finding in self.findings() if finding["event"]["event_id"] == event.id}
                self.assertEqual(set(TRUTH[f"records/{name}.json"].split()), fired)


class Sweeps(EndToEnd):
    def test_without_its_table_a_sweep_fails(self):
        """So that Lambda counts it among the function's errors, and it is not counted among the good ones."""
        self.measure("Detect")
        with self.stack.detect_with(ROLEWATCH_TABLE="no-such-table"):
            self.assertIn("no-such-table", self.stack.sweep() or "")
        self.assertEqual([], self.measured("Detect", "Sweeps"))
        self.assertIsNone(self.stack.sweep())
        self.assertEqual([1], self.measured("Detect", "Sweeps"))


if __name__ == "__main__":
    unittest.main()
