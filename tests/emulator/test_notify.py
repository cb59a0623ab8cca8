"""From the queue of alerts to Slack, whatever Slack does: nothing is lost, and who can act is told.

What a bot does besides is in test_bot, and what an hour of every kind of failure comes to in test_hour."""

import json
import time
import unittest

import events
from end_to_end import EndToEnd
from slack import CHANNEL
from stack import ROUTES, WEBHOOK


class SlackFails(EndToEnd):
    def setUp(self):
        super().setUp()
        self.event = events.sample("unlisted-owner/fires-a-stranger")

    def statuses(self):
        return [delivery.status for delivery in self.slack.deliveries]

    def test_too_many_requests(self):
        """Slack says how long to wait; sooner would be refused again."""
        self.slack.answer_next((429, {"Retry-After": "2"}))
        self.stack.put_events([self.event])
        self.stack.settle()
        first, second = self.slack.deliveries
        self.assertEqual([429, 200], [first.status, second.status])
        self.assertGreaterEqual(second.at - first.at, 1.9)
        self.assert_told(self.findings())

    def test_down_for_a_while(self):
        self.measure("Notify")
        self.slack.answer_next(500, 503, 500)
        self.stack.put_events([self.event])
        self.stack.settle()
        self.assertEqual([500, 503, 500, 200], self.statuses())
        self.assert_told(self.findings())
        # Each time that it is given back it is older: after a second, and two more.
        first, *_, last = self.measured("Notify", "GivenBack")
        self.assertGreaterEqual(last - first, 2)

    def test_one_refused_message_does_not_hold_up_the_others(self):
        sent = [self.event, events.sample("unlisted-role/fires-forgotten-role")]
        self.slack.answer_next(500)
        self.stack.send_batch([event.body for event in sent])
        self.stack.settle()
        self.assertEqual(3, len(self.slack.deliveries))
        self.assert_told(self.findings())


class SlackRefuses(EndToEnd):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.operations = cls.subscribed("OperationsTopicArn")

    def setUp(self):
        super().setUp()
        self.stack.take(self.operations)
        self.event = events.sample("unlisted-owner/fires-a-stranger")

    def test_a_revoked_webhook(self):
        """Parked at once, told once with the cure; moved back it is posted."""
        another = events.sample("unlisted-subject/fires-workflow-of-another-branch")    # its owner has no route
        self.slack.answer_next(404, 404)
        self.stack.put_events([self.event])
        self.stack.settle()
        self.stack.put_events([another])
        self.stack.settle()
        letters = self.stack.take_dead_letters()
        self.assertEqual(["the default webhook: Slack: 404 no_service"] * 2, [reason for _, reason in letters])
        (told,) = self.stack.take(self.operations)
        self.assertEqual("rolewatch: alerts do not reach Slack", told["Subject"])
        self.assertIn("404 no_service", told["Message"])
        self.assertIn("docs/operations.md#dead-letters-of-notify", told["Message"])
        self.assertNotIn(self.slack.secret, json.dumps(told))
        self.slack.clear()
        for body, _ in letters:
            self.stack.sqs.send_message(QueueUrl=self.stack.outputs["AlertsQueueUrl"], MessageBody=body)
        self.stack.settle()
        self.assert_told(self.findings())

    def test_blocks_that_slack_does_not_take_are_said_in_words(self):
        self.slack.answer_next(400)
        self.stack.put_events([self.event])
        self.stack.settle()
        (told,) = self.stack.take(self.operations)
        self.assertIn("defect", told["Message"])
        (post,) = self.slack.posts
        self.assertNotIn("blocks", json.loads(post))
        (finding,) = self.findings()
        self.assertIn(finding["id"], post)

    def test_what_is_no_alert(self):
        self.stack.sqs.send_message(QueueUrl=self.stack.outputs["AlertsQueueUrl"], MessageBody="<!channel> not an alert")
        self.stack.settle()
        self.assertEqual([("<!channel> not an alert", "the message is not a notification of SNS")], self.stack.take_dead_letters())
        (told,) = self.stack.take(self.operations)
        self.assertNotIn("<!channel>", json.dumps(told))

    def test_an_address_that_cannot_be_read(self):
        """The alert waits, somebody is told, and it is posted when the address is there again."""
        ssm = self.world.emulator.client("ssm")
        ssm.delete_parameter(Name=WEBHOOK)
        with self.stack.notify_with():
            self.stack.put_events([self.event])
            deadline = time.monotonic() + 30
            while not (told := self.stack.take(self.operations)):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.2)
        self.assertIn("ssm:/rolewatch/slack-webhook: ParameterNotFound", told[0]["Message"])
        self.assertEqual((0, 1), self.stack.messages_in("AlertsQueueUrl"))
        ssm.put_parameter(Name=WEBHOOK, Value=self.slack.webhook, Type="SecureString")
        self.stack.settle(seconds=90)
        self.assert_told(self.findings())


    def test_routes_that_are_none_hold_up_nobody(self):
        """What has another place goes there, and somebody is told."""
        ssm = self.world.emulator.client("ssm")
        good = ssm.get_parameter(Name=ROUTES, WithDecryption=True)["Parameter"]["Value"]
        of_payments = events.sample("unlisted-context/fires-branch")
        ssm.put_parameter(Name=ROUTES, Value=good[:-1], Type="SecureString", Overwrite=True)
        try:
            with self.stack.notify_with():
                self.stack.put_events([of_payments])
                self.stack.settle()
        finally:
            ssm.put_parameter(Name=ROUTES, Value=good, Type="SecureString", Overwrite=True)
        self.assertEqual([CHANNEL], [it.channel for it in self.slack.deliveries if of_payments.id in it.text])
        (told,) = self.stack.take(self.operations)
        self.assertEqual("rolewatch: some alerts do not reach their place in Slack", told["Subject"])
        self.assertIn("the routes are not an object of JSON", told["Message"])
        self.assertNotIn(self.slack.secret, json.dumps(told))


class Routes(EndToEnd):
    def test_an_owner_has_a_webhook_of_its_own(self):
        of_payments = events.sample("unlisted-context/fires-branch")
        of_nobody = events.sample("unlisted-owner/fires-a-stranger")
        self.stack.put_events([of_payments, of_nobody])
        self.stack.settle()
        channels = {event.id: [it.channel for it in self.slack.deliveries if event.id in it.text]
                    for event in (of_payments, of_nobody)}
        self.assertEqual({of_payments.id: ["B0PAYMENTS"], of_nobody.id: [CHANNEL]}, channels)

    def test_one_that_is_gone_is_made_up_for_by_the_default(self):
        self.slack.answer_next(404)
        self.stack.put_events([events.sample("unlisted-context/fires-branch")])
        self.stack.settle()
        self.assertEqual([("B0PAYMENTS", 404), (CHANNEL, 200)], [(it.channel, it.status) for it in self.slack.deliveries])
        self.assertIn("meant for the webhook of #team-payments: Slack: 404 no_service", self.slack.posts[0])
        self.assert_told(self.findings())


if __name__ == "__main__":
    unittest.main()
