"""What CloudTrail recorded and nobody delivered: the reconcile function, from the history to Slack."""

import datetime
import json
import re
import threading
import unittest

import events
from end_to_end import EndToEnd
from test_upkeep import canary

HOME, OTHER = "eu-central-1", "us-east-1"
BRANCH = "unlisted-context/fires-branch"


def ago(**length):
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**length)


def called(name, when):
    """A fresh event of a sample, at another time."""
    event = events.sample(name)
    record = json.loads(event.detail)
    record["eventTime"] = when.strftime("%Y-%m-%dT%H:%M:%SZ")
    return events.Event(name, event.truth, event.id, json.dumps(record))


class Reconcile(EndToEnd):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail = cls.subscribed("ReportMailTopicArn")
        cls.enterClassContext(cls.stack.reports_without_tls())

    def setUp(self):
        super().setUp()
        self.history = self.faults.history
        self.history.clear()
        self.addCleanup(self.history.clear)

    def watched_since(self, moment):
        """It began to look at the regions then."""
        first = self.stack.reconcile()
        self.assertEqual((0, 0, 1800), (first["checked"], first["missed"], first["behind_seconds"]), first)
        self.stack.reconciled_until(moment)
        self.history.asked.clear()

    def missed(self, many, region=HOME):
        """So many calls, a minute each before the other, that nobody delivered."""
        happened = [called(BRANCH, ago(minutes=40 + number)) for number in range(many)]
        for event in happened:
            self.history.happened(region, event.detail)
        return happened

    def told(self):
        """The events that findings are about, once all is judged."""
        self.stack.settle()
        return sorted(found["event"]["event_id"] for found in self.findings() if found["check"] not in events.OF_MEMORY)

    def reported(self):
        """What a report of these days says of what was missed."""
        self.stack.take(self.mail)
        today = datetime.datetime.now(datetime.timezone.utc).date()
        self.stack.report(first=str(today - datetime.timedelta(days=1)), last=str(today), again=True)
        message = self.stack.take(self.mail)[-1]
        return re.search(r"(?m)^ *reconciled events {2,}(.*?)\s*$", message["Message"])[1]

    def test_what_was_missed_is_judged_and_told_once_and_counted(self):
        self.assertEqual("not measured", self.reported())
        self.slack.clear()
        self.stack.events.put_events(Entries=[canary(OTHER)])
        self.stack.settle()
        self.watched_since(ago(hours=5))
        arrived = called(BRANCH, ago(hours=2))
        self.stack.put_events([arrived])
        self.assertEqual([arrived.id], self.told())
        self.slack.clear()

        lost, elsewhere = called(BRANCH, ago(hours=1)), called(BRANCH, ago(hours=4))
        refused = called("denied-assumption/fires-trust-policy-said-no", ago(hours=1))
        pod = called("others/eks", ago(hours=1))
        self.assertIn("oidc.eks.", pod.detail)
        before, young = called(BRANCH, ago(hours=6)), called(BRANCH, ago(minutes=20))
        for event in (arrived, lost, refused, pod, before, young):
            self.history.happened(HOME, event.detail)
        self.history.happened(OTHER, elsewhere.detail)
        answer = self.stack.reconcile()
        self.assertEqual((4, 3, 1800), (answer["checked"], answer["missed"], answer["behind_seconds"]), answer)
        self.assertEqual([HOME, OTHER], sorted(answer["regions"]))
        self.assertEqual(sorted([lost.id, refused.id, elsewhere.id]), self.told())
        self.assertEqual(3, len(self.slack.posts))

        again = self.stack.reconcile()
        self.assertEqual(0, again["missed"], again)
        self.assertEqual([], self.told())
        self.slack.clear()
        self.assertRegex(self.reported(), r"^3\b")
        self.slack.clear()

    def test_pages_are_asked_for_no_faster_than_aws_answers_and_throttles_are_waited_out(self):
        self.watched_since(ago(hours=5))
        lost = self.missed(8)
        self.history.throttle_next(2)
        answer = self.stack.reconcile()
        self.assertEqual((8, 8), (answer["checked"], answer["missed"]), answer)
        self.assertEqual(sorted(event.id for event in lost), self.told())
        times = [when for when, *_ in self.history.asked]
        self.assertEqual(3 + 2, len(times))
        # Half a second from page to page, from when each was first asked for: the SDK tries again in between.
        self.assertGreater(times[-1] - times[0], 0.9)
        self.slack.clear()

    def test_a_run_that_dies_half_way_is_gone_on_with(self):
        self.watched_since(ago(hours=5))
        lost = self.missed(8)
        self.history.hold_call(3)
        run = threading.Thread(target=self.stack.reconcile)
        run.start()
        self.assertTrue(self.history.held.wait(20))
        self.assertEqual(1, self.world.emulator.kill_function(self.stack.outputs["ReconcileFunctionName"]))
        run.join(30)
        self.assertEqual(sorted(event.id for event in lost[:6]), self.told(), "two pages")
        whole = self.history.asked[0][2]

        self.history.asked.clear()
        answer = self.stack.reconcile()
        self.assertEqual((2, 1800), (answer["missed"], answer["behind_seconds"]), answer)
        rest = self.history.asked[0][2]
        self.assertEqual(whole["StartTime"], rest["StartTime"])
        self.assertLess(rest["EndTime"], whole["EndTime"], "what was looked through is not looked through again")
        self.assertEqual(sorted(event.id for event in lost[6:]), self.told())
        self.slack.clear()

    def test_a_region_that_fails_is_an_error_and_keeps_no_other_from_being_looked_through(self):
        self.stack.events.put_events(Entries=[canary(OTHER)])
        self.stack.settle()
        self.watched_since(ago(hours=5))
        (lost,) = self.missed(1)
        self.missed(1, OTHER)
        with self.history.refused_in(OTHER):
            failed = self.stack.reconcile()
        self.assertIn("us-east-1: AccessDeniedException", failed)
        self.assertEqual([lost.id], self.told())
        lines = [json.loads(it) for it in self.stack.function_logs("Reconcile").splitlines() if '"_aws"' in it]
        self.assertEqual(1, [it["Missed"] for it in lines if "Missed" in it][-1])
        self.assertGreaterEqual([it["Behind"] for it in lines if "Behind" in it][-1], 5 * 3600 - 60)
        # The alarms watch what is counted.
        alarms = self.world.emulator.client("cloudwatch").describe_alarms(AlarmNamePrefix="rolewatch-")["MetricAlarms"]
        for name in ("Missed", "Behind"):
            (alarm,) = [it for it in alarms if it["MetricName"] == name]
            (dimension,) = alarm["Dimensions"]
            self.assertEqual(self.stack.outputs["ReconcileFunctionName"], dimension["Value"])
            self.assertEqual(alarm["Namespace"], lines[-1]["_aws"]["CloudWatchMetrics"][0]["Namespace"])
            self.assertTrue(all(it["FunctionName"] == dimension["Value"] for it in lines))
        self.assertEqual(1, self.stack.reconcile()["missed"], "made up for")
        self.told()
        self.slack.clear()


if __name__ == "__main__":
    unittest.main()
