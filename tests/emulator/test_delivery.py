"""From an event on the bus to a message in Slack, through everything between."""

import json
import re
import unittest

import events
from end_to_end import EndToEnd, of_events

# What Lambda writes around the lines of a function.
PLATFORM = re.compile(r"(START|END|REPORT) RequestId: ")


class Delivery(EndToEnd):
    def test_every_sample_comes_to_what_it_has_to(self):
        """Some hundred records: each finding reaches Slack once, and nobody hears of anything that was expected."""
        sent = events.all_samples()
        # Calls at the same time change the same items: one that comes off badly too often comes again. Not before its
        # first try is over, or it would be told twice.
        with self.stack.retried_after("EventsQueueUrl", seconds=15):
            self.stack.put_events(sent)
            self.stack.settle(seconds=240)    # a storm: what comes last is gathered more than once
        findings = self.findings()
        fired = of_events(findings)
        for event in sent:
            with self.subTest(event.name):
                checks = fired.pop(event.id, [])
                if event.check is None and checks == ["repository-id-mismatch"]:
                    continue    # each sample is a story of its own; here one's repository was seen with another's id
                self.assertEqual([event.check] if event.check else [], checks)
        self.assertEqual({}, fired, "findings about events that nobody sent")
        self.assert_told(findings)

    def test_an_sns_message_is_fit_for_every_subscriber(self):
        self.stack.put_events(events.sample(name) for name in (
            "unlisted-context/fires-branch-that-writes-to-slack",
            "unlisted-context/fires-branch-not-ascii",
            "unlisted-context/fires-branch-of-4-kb",
            "unreadable-record/fires-no-subject",
        ))
        self.stack.settle()
        messages = self.stack.take_findings()
        self.assertEqual(4, len(messages))
        for message in messages:
            finding = json.loads(message["Message"])
            with self.subTest(finding["check"]):
                # SNS takes other subjects too, and drops the mail. Nothing in it comes from the record.
                self.assertRegex(message["Subject"], r"^[\x20-\x7e]{1,99}$")
                self.assertIn(finding["check"], message["Subject"])
                self.assertNotIn("my-org", message["Subject"])
                self.assertEqual("rolewatch.finding/1", finding["schema"])
                attributes = {name: it["Value"] for name, it in message["MessageAttributes"].items()}
                self.assertEqual(finding["severity"], attributes["severity"])
                self.assertEqual(finding["check"], attributes["check"])
        for publish in self.faults.publishes_to(self.stack.outputs["FindingsTopicArn"]):
            variants = json.loads(publish.message)
            self.assertIn("email", variants)    # people get text, and only machines the JSON
            self.assertNotIn('"schema"', variants["email"])
            self.assertTrue(variants["email"].replace("\n", "").isprintable(), variants["email"])

    def test_a_hostile_branch_arrives_harmless(self):
        """Pings nobody, links nowhere, hides nothing: the stand-in refuses messages that do (see slack.py)."""
        sent = [events.sample(f"unlisted-context/fires-branch-that-writes-to-{place}") for place in ("slack", "the-terminal")]
        self.stack.put_events(sent)
        self.stack.settle()
        findings = self.findings()
        self.assertEqual({event.id for event in sent}, set(of_events(findings)))
        self.assert_told(findings)
        slack = next(post for post in self.slack.posts if "evil.example" in post)
        self.assertIn("&lt;!channel&gt;", slack)    # it is still to be seen

    def test_one_poison_record_in_a_batch_of_ten(self):
        """Nine are handled, the tenth becomes a finding, and none comes back."""
        names = ["unlisted-owner/fires-a-stranger", "unlisted-role/fires-forgotten-role", "others/terraform-cloud"]
        names += ["unlisted-owner/quiet-our-own", "session-too-long/fires-asked-for-an-hour"]
        names += ["unlisted-context/fires-pull-request", "unlisted-repository/quiet-listed", "others/eks"]
        names += ["denied-assumption/fires-trust-policy-said-no"]
        good = [events.sample(name) for name in names]
        poison = good[0].body[:-200]    # cut off in the middle of the record
        self.stack.send_batch([event.body for event in good[:4]] + [poison] + [event.body for event in good[4:]])
        self.stack.settle()
        self.assertIn("processed 10 SQS messages", self.world.emulator.log.read_text())
        findings = self.findings()
        unreadable = [finding for finding in findings if finding["check"] == "unreadable-record"]
        self.assertEqual(1, len(unreadable), findings)
        readable = [finding for finding in findings if finding["check"] != "unreadable-record"]
        self.assertEqual({event.id: [event.check] for event in good if event.check}, of_events(readable))
        self.assert_told(findings)

    def test_bodies_that_are_no_events_at_all(self):
        """What only a mistake of an operator, or an attack, puts into the queue."""
        bodies = ["not JSON", "{}", "[]", "null", '"text"', "{" * 5000, '{"detail": null}', '{"detail": {"eventSource": 1}}']
        self.stack.send_batch(bodies)
        self.stack.settle()
        findings = self.findings()
        self.assertLessEqual({finding["check"] for finding in findings}, {"unreadable-record"})
        self.assertGreaterEqual(len(findings), 2)    # of what is not JSON, at least
        self.assert_told(findings)

    def test_the_same_event_twice(self):
        """CloudTrail and EventBridge both deliver at least once; here both copies come in one batch."""
        event = events.sample("unlisted-owner/fires-a-stranger")
        self.stack.send_batch([event.body, event.body])    # two envelopes, one record
        self.stack.settle()
        findings = self.findings()
        self.assertEqual({event.id: ["unlisted-owner"]}, of_events(findings))
        self.assert_told(findings)

    def test_the_search_for_secrets_sees_everything(self):
        """After every test all that anybody could read is searched for secrets: an event's id is found there."""
        event = events.sample("unlisted-owner/fires-a-stranger")
        self.stack.put_events([event])
        self.stack.settle()
        self.findings()
        places = {where for where, text in self.world.all_text() if event.id in text}
        self.assertEqual({"the emulator's log", "the functions' logs", "an SNS message", "a Slack message"}, places)

    def test_every_line_of_the_logs_is_json_and_every_record_has_one(self):
        sent = [events.sample("unlisted-owner/fires-a-stranger"), events.sample("unlisted-owner/quiet-our-own")]
        self.stack.put_events(sent)
        self.stack.settle()
        self.findings()
        lines = [line for line in self.stack.function_logs().splitlines() if line and not PLATFORM.match(line)]
        parsed = []
        for line in lines:
            with self.subTest(line[:300]):
                parsed.append(json.loads(line))
                self.assertIsInstance(parsed[-1], dict)
        for event, decision in zip(sent, ("unexpected", "expected")):
            (line,) = [line for line in parsed if line.get("event_id") == event.id]
            self.assertEqual((decision, False), (line["decision"], line["seen"]))
            self.assertIsInstance(line["lag_ms"], int)


if __name__ == "__main__":
    unittest.main()
