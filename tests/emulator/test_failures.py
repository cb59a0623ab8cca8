"""What happens when SNS fails: nothing is lost, and nobody is told twice. Of Slack see test_notify."""

import time
import unittest

import events
from end_to_end import EndToEnd, of_events
from test_upkeep import call


class SnsFails(EndToEnd):
    def test_throttled_twice_then_well(self):
        event = events.sample("unlisted-owner/fires-a-stranger")
        with self.faults.throttle_sns(times=2):
            self.stack.put_events([event])
            self.stack.settle()
        self.assertEqual([True, True, False], [publish.throttled for publish in self.publishes()])
        findings = self.findings()
        self.assertEqual([event.id], [finding["event"]["event_id"] for finding in findings])
        self.assert_told(findings)

    def test_one_failed_publish_brings_back_exactly_that_item(self):
        names = ["unlisted-owner/fires-a-stranger", "unlisted-role/fires-forgotten-role", "unlisted-owner/quiet-our-own"]
        names += ["unlisted-context/fires-pull-request"]
        sent = [events.sample(name) for name in names]
        unlucky = sent[1]
        self.measure("Detect")
        # Longer than the function tries by itself.
        with self.stack.retried_after("EventsQueueUrl", seconds=12):
            with self.faults.throttle_sns(mentioning=unlucky.id):
                self.stack.send_batch([event.body for event in sent])
                self.wait_for("one item back", lambda: "an item has to come again" in self.logs_since_start())
                # Lambda has taken the other three out of the queue.
                self.wait_for("one item in the queue", lambda: sum(self.stack.messages_in("EventsQueueUrl")) == 1)
                first = of_events(self.findings())
                self.assertEqual({event.id: [event.check] for event in sent if event.check and event != unlucky}, first)
            # How old it is, the alarm hears: SQS's own metric leaves out what came back three times.
            (age,) = self.measured("Detect", "GivenBack")
            self.assertIn(age, range(1, 60))
            self.faults.clear()
            self.stack.settle()
        # The second time, that one alone.
        self.assertEqual([True], [unlucky.id in publish.message for publish in self.publishes()])
        self.assertEqual([unlucky.id], [finding["event"]["event_id"] for finding in self.findings()])
        self.assertEqual(4, len(self.slack.posts))    # the fourth is the first use that was expected

    def test_what_a_sweep_cannot_tell_is_measured_until_it_is_told(self):
        """It is in no queue: nothing else would say that SNS does not take it."""
        self.measure("Detect")
        rule = self.stack.outputs["RuleName"]
        with self.faults.throttle_sns(mentioning="watcher-tampered"):
            self.stack.events.put_events(Entries=[call("events", "DisableRule", "Vandal", name=rule)])
            self.stack.settle()
            self.assertEqual(0, sum(self.stack.messages_in("EventsQueueUrl")))
            (late,) = self.measured("Detect", "Overdue")
            self.assertIn(late, range(60))
        self.assertEqual([], self.findings())

    def setUp(self):
        super().setUp()
        self.logged = len(self.stack.function_logs("Detect"))

    def publishes(self):
        return self.faults.publishes_to(self.stack.outputs["FindingsTopicArn"])

    def logs_since_start(self):
        return self.stack.function_logs("Detect")[self.logged:]

    def wait_for(self, what, holds, seconds=30):
        deadline = time.monotonic() + seconds
        while not holds():
            self.assertLess(time.monotonic(), deadline, f"waited for {what}\n{self.logs_since_start()}")
            time.sleep(0.1)


if __name__ == "__main__":
    unittest.main()
