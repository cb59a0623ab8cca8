"""With a bot's token: channels, threads, mentions, and what a bot is refused."""

import contextlib
import json
import time
import unittest

import events
import pressing
from end_to_end import EndToEnd
from slack import CHANNEL, NotOk
from stack import TOKEN

ALERTS, PAYMENTS, PLATFORM = "C0ALERTS01", "C0PAYMENT1", "C0PLATFORM"
STRANGER = "unlisted-owner/fires-a-stranger"    # critical, of #team-platform
OF_PAYMENTS = "unlisted-context/fires-branch"    # high, of #team-payments
OF_NOBODY = "unreadable-record/fires-a-failure-that-says-nothing"


class Bot(EndToEnd):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.operations = cls.subscribed("OperationsTopicArn")
        cls.enterClassContext(cls.stack.notify_with(
            ROLEWATCH_SLACK_TOKEN=f"ssm:{TOKEN}", ROLEWATCH_SLACK_CHANNEL="#alerts", ROLEWATCH_SLACK_API=cls.slack.api,
            # Without routes an owner that is called like a channel has that one.
            ROLEWATCH_SLACK_MENTIONS="critical=here,S0123ABCD", ROLEWATCH_SLACK_ROUTES=""))

    def setUp(self):
        super().setUp()
        self.stack.take(self.operations)
        self.slack.channels.update({"#alerts": ALERTS, "#team-payments": PAYMENTS, "#team-platform": PLATFORM})
        self.slack.mentions.update({"<!here>", "<!subteam^S0123ABCD>"})

    def tearDown(self):
        super().tearDown()    # it looks into logs and messages
        remembered = json.dumps(self.stack.remembered())
        for secret in (self.slack.token, self.slack.secret, self.slack.signing_secret):
            self.assertNotIn(secret, remembered)

    def methods(self):
        return [delivery.method for delivery in self.slack.deliveries]

    def told(self):
        """What operations were told: (subject, text), and that no secret is in it."""
        told = [(message["Subject"], message["Message"]) for message in self.stack.take(self.operations)]
        for secret in (self.slack.token, self.slack.secret):
            self.assertNotIn(secret, json.dumps(told))
        return told


class Channels(Bot):
    def test_an_owner_has_the_channel_of_its_name_and_others_the_default_one(self):
        sent = [events.sample(name) for name in (OF_PAYMENTS, STRANGER, OF_NOBODY)]
        self.stack.put_events(sent)
        self.stack.settle()
        channels = [[it.channel for it in self.slack.deliveries if event.id in it.text] for event in sent]
        self.assertEqual([["#team-payments"], ["#team-platform"], ["#alerts"]], channels)
        self.assert_told(self.findings())

    def test_who_is_mentioned_depends_on_the_severity(self):
        sent = [events.sample(OF_PAYMENTS), events.sample(STRANGER)]    # high, critical
        self.stack.put_events(sent)
        self.stack.settle()
        mentioned = [["<!here> <!subteam^S0123ABCD>" in post for post in self.slack.posts if event.id in post] for event in sent]
        self.assertEqual([[False], [True]], mentioned)

    def test_a_second_between_two_messages_of_a_channel(self):
        self.stack.put_events(events.sample(STRANGER) for _ in range(6))
        self.stack.settle()
        times = [it.at for it in self.slack.deliveries if it.method == "chat.postMessage"]
        self.assertEqual(6, len(times))
        self.assertGreaterEqual(min(b - a for a, b in zip(times, times[1:])), 0.8)


class Threads(Bot):
    def storm(self, count, name="storm"):
        return [events.sample(OF_PAYMENTS, change=("refs/heads/dev", f"refs/heads/{name}-{number}")) for number in range(count)]

    def test_a_window_s_summary_goes_into_the_thread_and_the_first_says_how_many(self):
        with self.stack.quiet_window("30s"), self.stack.retried_after("EventsQueueUrl", seconds=2):
            self.stack.put_events(self.storm(12))
            self.stack.settle()
            self.sweep_until(posts=2)
        first, summary, update = self.slack.deliveries
        self.assertEqual(["chat.postMessage", "chat.postMessage", "chat.update"], self.methods())
        self.assertEqual((None, first.ts, False), (first.thread, summary.thread, summary.broadcast))
        self.assertEqual((PAYMENTS, first.ts), (update.channel, update.ts))
        was, now = json.loads(first.text)["blocks"], json.loads(update.text)["blocks"]
        self.assertEqual(was, now[:-1])
        self.assertIn("*11 more like it* in its thread", json.dumps(now[-1]))
        told = [finding["id"] for finding in self.findings()]
        self.assertEqual([True, True], [finding in post.text for finding, post in zip(told, (first, summary), strict=True)])

    def test_what_is_told_again_is_in_the_thread_and_what_is_grave_in_the_channel_as_well(self):
        for number in range(3):
            self.stack.put_events(self.storm(1, name=f"again-{number}"))
            self.stack.settle()
        posts = [it for it in self.slack.deliveries if it.posted]
        self.assertEqual([(None, False), (posts[0].ts, True), (posts[0].ts, True)], [(it.thread, it.broadcast) for it in posts])
        updates = [it.text for it in self.slack.deliveries if it.method == "chat.update"]
        self.assertEqual([True, True], [f"*{more} more like it*" in text for more, text in enumerate(updates, 1)])
        self.assert_told(self.findings())

    def test_a_thread_that_is_gone_and_a_count_that_cannot_be_shown_cost_nothing(self):
        self.stack.put_events(self.storm(1, name="first"))
        self.stack.settle()
        self.slack.answer_next(NotOk("thread_not_found"))
        self.stack.put_events(self.storm(1, name="second"))
        self.stack.settle()
        self.slack.answer_next(200, NotOk("ratelimited", {"Retry-After": "1"}), NotOk("cant_update_message"))
        self.stack.put_events(self.storm(1, name="third"))
        self.stack.settle()
        first, refused, second, third, *updates = self.slack.deliveries
        self.assertEqual([None, first.ts, None, second.ts], [it.thread for it in (first, refused, second, third)])
        self.assertEqual(["ratelimited", "cant_update_message"], [it.status for it in updates])
        self.assertEqual([], self.told())
        self.assert_told(self.findings())


class Refusals(Bot):
    def test_a_channel_that_is_not_there_is_made_up_for_by_the_others(self):
        """The owner's, the default one, the webhook: whatever takes it, and one mail for each that did not."""
        del self.slack.channels["#team-payments"]
        self.stack.put_events([events.sample(OF_PAYMENTS)])
        self.stack.settle()
        del self.slack.channels["#alerts"]
        self.stack.put_events([events.sample(OF_PAYMENTS)])
        self.stack.settle()
        tried = [(it.channel, it.status) for it in self.slack.deliveries]
        gone = [("#team-payments", "channel_not_found"), ("#alerts", "channel_not_found")]
        self.assertEqual([gone[0], ("#alerts", 200), *gone, (CHANNEL, 200)], tried)
        self.assertIn("meant for the channel #team-payments: Slack: channel_not_found", self.slack.posts[0])
        texts = [text for _, text in self.told()]
        self.assertEqual(2, len(texts), texts)
        self.assertIn("Slack refused the channel #team-payments for good: Slack: channel_not_found.", texts[0])
        self.assert_told(self.findings())

    def test_a_token_that_is_not_good_is_told_once(self):
        with self.another_token():
            self.slack.answer_next(404)    # nor is the webhook
            self.stack.put_events([events.sample(OF_PAYMENTS)])
            self.stack.settle()
            self.stack.put_events([events.sample(STRANGER)])
            self.stack.settle()
        ((body, reason),) = self.stack.take_dead_letters()
        self.assertEqual("the default webhook: Slack: 404 no_service", reason)
        bot, webhook = sorted(text for _, text in self.told())
        self.assertIn("Slack refused the bot for good: Slack: invalid_auth.", bot)
        self.assertIn("chat:write", bot)
        self.assertIn("Slack refused the default webhook for good", webhook)
        # The webhook is well again, and takes the second; the first comes back.
        self.stack.sqs.send_message(QueueUrl=self.stack.outputs["AlertsQueueUrl"], MessageBody=body)
        self.stack.settle()
        self.assert_told(self.findings())

    def test_what_no_place_takes_is_a_dead_letter_and_operations_hear_of_each_reason_once(self):
        for word, cure, mails in (("token_revoked", "install the app again", 1), ("not_in_channel", "Invite the app", 2)):
            with self.subTest(word):
                self.stack.forget()
                for _ in range(2):
                    # The owner's channel, the default one, the webhook.
                    self.slack.answer_next(NotOk(word), NotOk(word), 404)
                    self.stack.put_events([events.sample(STRANGER)])
                    self.stack.settle()
                letters = self.stack.take_dead_letters()
                self.assertEqual(["the default webhook: Slack: 404 no_service"] * 2, [reason for _, reason in letters])
                self.assertNotIn(self.slack.token, json.dumps(letters))
                texts = [text for _, text in self.told()]
                of_bot = [text for text in texts if f"Slack: {word}." in text]
                self.assertEqual((mails, mails + 1), (len(of_bot), len(texts)), texts)
                self.assertTrue(all(cure in text for text in of_bot), texts)
        self.assertEqual([], self.slack.posts)

    @contextlib.contextmanager
    def another_token(self):
        good, self.slack.token = self.slack.token, "xoxb-1-another"
        try:
            yield
        finally:
            self.slack.token = good

    def test_too_fast_and_down(self):
        """Said with status 200 or by HTTP: it waits, as long as it is told to."""
        for refusal, silence in ((NotOk("ratelimited", {"Retry-After": "2"}), "dropped"), ((429, {"Retry-After": "2"}), "hangs")):
            self.stack.forget()    # threads, too
            self.slack.deliveries.clear()
            self.slack.answer_next(refusal, NotOk("internal_error"), 503, silence)
            self.stack.put_events([events.sample(STRANGER)])
            self.stack.settle(seconds=120)
            first, second, *_, last = self.slack.deliveries
            self.assertGreaterEqual(second.at - first.at, 1.9)
            self.assertEqual(("#team-platform", 200, 5), (last.channel, last.status, len(self.slack.deliveries)))
            self.assert_told(self.findings())
        self.assertEqual([], self.told())

    def test_a_lost_answer_may_tell_twice_and_no_more(self):
        self.slack.answer_next("lost")
        self.stack.put_events([events.sample(STRANGER)])
        self.stack.settle()
        self.assertEqual(["lost", 200], [it.status for it in self.slack.deliveries])

    def test_blocks_that_are_not_taken_are_said_in_words(self):
        self.slack.answer_next(NotOk("invalid_blocks"))
        self.stack.put_events([events.sample(STRANGER)])
        self.stack.settle()
        ((_, text),) = self.told()
        self.assertIn("defect", text)
        (post,) = self.slack.posts
        self.assertNotIn("blocks", json.loads(post))
        self.assertIn("<!here>", post)
        (finding,) = self.findings()
        self.assertIn(finding["id"], post)


class Buttons(Bot):
    def posted(self, *names):
        """The messages about fresh events of these samples."""
        sent = [events.sample(name) for name in names]
        before = len(self.slack.posts)
        self.stack.put_events(sent)
        self.stack.settle()
        posts = self.slack.posts[before:]
        return [[post for post in posts if event.id in post] for event in sent]

    def test_what_was_pressed_is_quiet_and_nothing_critical_can_be(self):
        ((of_payments,), (critical,)) = self.posted(OF_PAYMENTS, STRANGER)
        (button,) = pressing.buttons(of_payments)
        self.assertEqual([], pressing.buttons(critical))
        forged = pressing.request(button, "another-secret-of-32-characters!")
        self.assertEqual(401, pressing.answer(self.stack, forged))
        pressed = pressing.request(button, self.slack.signing_secret)
        self.assertEqual(200, pressing.answer(self.stack, pressed))
        before = len(self.stack.function_logs("Detect"))
        quiet, (_,) = self.posted(OF_PAYMENTS, STRANGER)
        self.assertEqual([], quiet)
        self.assertIn('"snoozed":1', self.stack.function_logs("Detect")[before:])

    def test_a_count_leaves_the_button(self):
        self.posted(OF_PAYMENTS)
        self.posted(OF_PAYMENTS)
        (update,) = [it.text for it in self.slack.deliveries if it.method == "chat.update"]
        first, reply = self.slack.posts
        self.assertEqual(pressing.buttons(first), pressing.buttons(update))
        self.assertEqual(1, len(pressing.buttons(reply)))    # of the later finding

    def test_a_digest_a_webhook_and_a_stack_without_the_url_have_none(self):
        with self.stack.mapping_off("Notify"):
            self.stack.put_events(events.sample(OF_PAYMENTS) for _ in range(8))
            deadline = time.monotonic() + 30
            while self.stack.messages_in("AlertsQueueUrl") != (8, 0):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.2)
        self.stack.settle()
        digests = [post for post in self.slack.posts if "alerts at once" in post]
        self.assertTrue(digests)
        self.assertEqual([], sum(map(pressing.buttons, digests), []))
        self.stack.forget()    # the storm is over
        del self.slack.channels["#team-payments"], self.slack.channels["#alerts"]
        ((by_webhook,),) = self.posted(OF_PAYMENTS)
        self.assertEqual(CHANNEL, self.slack.deliveries[-1].channel)
        self.assertEqual([], pressing.buttons(by_webhook))
        self.slack.channels.update({"#alerts": ALERTS, "#team-payments": PAYMENTS})
        with self.stack.notify_with(ROLEWATCH_SLACK_BUTTONS=""):
            ((by_bot,),) = self.posted(OF_PAYMENTS)
        self.assertEqual([], pressing.buttons(by_bot))


if __name__ == "__main__":
    unittest.main()
