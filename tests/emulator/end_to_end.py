"""What every test against the running stack asserts besides its own: nothing leaked, nothing is left."""

import json
import time
import unittest

import events
import world
from stack import DEAD_LETTERS, QUEUES

# In every sample's credentials. A session token is a key to the account while it lasts.
SESSION_TOKEN = "EXAMPLE-SESSION-TOKEN-NEVER-PRINTED"


def of_events(findings):
    """The checks that fired, by event; without those that depend on what the test sent before."""
    fired = {}
    for finding in findings:
        if finding["check"] not in events.OF_MEMORY:
            fired.setdefault(finding["event"]["event_id"], []).append(finding["check"])
    return fired


class EndToEnd(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.world = world.shared()
        cls.stack, cls.slack, cls.faults = cls.world.stack, cls.world.slack, cls.world.faults

    @classmethod
    def subscribed(cls, output):
        """A queue on a topic, for the tests of this class."""
        queue = cls.stack.subscribe(output)
        cls.addClassCleanup(cls.stack.unsubscribe, queue)
        return queue

    def setUp(self):
        self.stack.forget()
        self.stack.take_findings()
        self.slack.clear()
        self.faults.clear()
        # After the test, even a failed one: the next starts with nothing on the way.
        self.addCleanup(self.stack.settle, seconds=30)
        self.logged_before = {}

    def tearDown(self):
        self.stack.settle()
        for queue in (*QUEUES, *DEAD_LETTERS):
            self.assertEqual((0, 0), self.stack.messages_in(queue), f"{queue}: (waiting, in work)")
        for delivery in self.slack.deliveries:
            self.assertEqual([], delivery.problems, f"Slack would refuse {delivery.text}")
        for where, text in self.world.all_text():
            self.assertNotIn(SESSION_TOKEN, text, f"the session token is in {where}")
            self.assertNotIn(self.slack.signing_secret, text, f"the signing secret is in {where}")
            self.assertNotIn(self.slack.secret, text, f"the webhook's URL is in {where}")
            self.assertNotIn(self.slack.token, text, f"the bot's token is in {where}")

    def findings(self):
        """The findings published since the test began, each as machines get it."""
        return [json.loads(message["Message"]) for message in self.stack.take_findings()]

    def measure(self, function):
        """From here on what the function measures is of interest."""
        self.logged_before[function] = len(self.stack.function_logs(function))

    def measured(self, function, metric):
        """The values of a metric that alarms watch, as CloudWatch would read them from the function's log since then."""
        text = self.stack.function_logs(function)[self.logged_before[function]:]
        lines = [json.loads(line) for line in text.splitlines() if '"_aws"' in line]
        values = []
        for line in (it for it in lines if metric in it):
            (directive,) = line["_aws"]["CloudWatchMetrics"]
            self.assertEqual(("rolewatch", [["FunctionName"]]), (directive["Namespace"], directive["Dimensions"]))
            self.assertIn(metric, [it["Name"] for it in directive["Metrics"]])
            self.assertEqual(self.stack.outputs[f"{function}FunctionName"], line["FunctionName"])
            values.append(line[metric])
        return values

    def assert_told(self, findings):
        """Each finding is in exactly one message that people see, alone or in a digest, and no message is about anything
        else."""
        posts = self.slack.posts
        for finding in findings:
            about = [post for post in posts if finding["id"] in post]
            self.assertEqual(1, len(about), f"{len(about)} messages for {finding}")
            self.assertIn(finding["check"], about[0])
        for post in posts:
            self.assertTrue(any(finding["id"] in post for finding in findings), f"a message without a finding: {post}")

    def sweep_until(self, posts, seconds=60):
        """Sweeps once a second, instead of once a minute, until so many messages are in Slack."""
        deadline = time.monotonic() + seconds
        while not self.slack.wait_for_posts(posts, seconds=1):
            self.assertLess(time.monotonic(), deadline, f"{posts} messages\n{self.stack.function_logs('Detect')[-3000:]}")
            self.assertIsNone(self.stack.sweep())
        # Nothing more comes of another one.
        self.assertIsNone(self.stack.sweep())
        self.stack.settle()
