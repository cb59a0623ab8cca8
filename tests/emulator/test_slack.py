"""The stand-in for Slack refuses what Slack refuses; else its silence would say nothing."""

import json
import unittest
import urllib.error
import urllib.request

from emulator import NO_PROXY
from slack import NotOk, Slack, problems

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}


def message(*blocks, text="hello"):
    return {"text": text, "blocks": list(blocks)}


def section(text):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def fields(*texts):
    return {"type": "section", "fields": [{"type": "mrkdwn", "text": text} for text in texts]}


class Messages(unittest.TestCase):
    def test_good_ones_pass(self):
        for good in (
            message(SECTION),
            message(*[SECTION] * 50),
            message(fields(*["x" * 2000] * 10)),
            message(section("x" * 3000)),
            message({"type": "header", "text": {"type": "plain_text", "text": "x" * 150}}, {"type": "divider"}),
            message(section("a &lt;b&gt; &amp; <https://github.com/o/r/actions/runs/1|run> <!date^1^{date}|then>")),
            message({"type": "section", "text": {"type": "plain_text", "text": "a <b> & c"}}),
        ):
            self.assertEqual([], problems(good))

    def test_bad_ones_do_not(self):
        for bad in (
            [],
            message(),
            message(SECTION, text=""),
            message(SECTION, text=" "),
            message(SECTION, text="<!channel>"),
            message(*[SECTION] * 51),
            message({"type": "sektion"}),
            message(fields(*["x"] * 11)),
            message(fields("x" * 2001)),
            message(fields("")),
            message(section("x" * 3001)),
            message(section("")),
            message({"type": "section"}),
            message({"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}),
            message({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}),
            message({"type": "actions", "elements": []}),
            message({"type": "context", "elements": []}),
            message(section("<!channel>")),
            message(section("<!here>")),
            message(section("<@U012AB3CD>")),
            message(section("<#C012AB3CD>")),
            message(section("<https://evil.example|click>")),
            message(section("<https://github.com@evil.example/|click>")),
            message(section("a > b")),
            message(section("a & b")),
            message(section("a\x1b[2Kb")),
            message(section("a\u202eb")),
            message(fields("<!channel>")),
            message({"type": "context", "elements": [{"type": "mrkdwn", "text": "<!channel>"}]}),
        ):
            self.assertNotEqual([], problems(bad), json.dumps(bad)[:200])


class Webhook(unittest.TestCase):
    def setUp(self):
        self.slack = self.enterContext(Slack())

    def post(self, body, url=None, kind="application/json"):
        request = urllib.request.Request(url or self.slack.webhook, body, {"Content-Type": kind})
        try:
            with NO_PROXY.open(request, timeout=5) as answer:
                return answer.status, dict(answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers)

    def test_answers_as_planned_and_remembers(self):
        good = json.dumps(message(SECTION)).encode()
        self.slack.answer_next((429, {"Retry-After": "7"}), 500)
        status, headers = self.post(good)
        self.assertEqual((429, "7"), (status, headers["Retry-After"]))
        self.assertEqual(500, self.post(good)[0])
        self.assertEqual(200, self.post(good)[0])
        self.assertEqual([429, 500, 200], [delivery.status for delivery in self.slack.deliveries])
        self.assertEqual(1, len(self.slack.posts))

    def test_refuses_what_slack_refuses(self):
        self.assertEqual(400, self.post(b"not JSON")[0])
        self.assertEqual(400, self.post(json.dumps(message()).encode())[0])
        self.assertEqual(400, self.post(json.dumps(message(SECTION)).encode(), kind="text/plain")[0])
        self.assertEqual(404, self.post(json.dumps(message(SECTION)).encode(), url=self.slack.webhook + "x")[0])
        self.assertEqual([], self.slack.posts)


class Bot(unittest.TestCase):
    def setUp(self):
        self.slack = self.enterContext(Slack())
        self.slack.channels["#alerts"] = "C0ALERTS01"

    def call(self, method, token=None, **payload):
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token or self.slack.token}"}
        body = json.dumps(message(SECTION) | payload).encode()
        with NO_PROXY.open(urllib.request.Request(f"{self.slack.api}/{method}", body, headers), timeout=5) as answer:
            return json.load(answer)

    def test_a_message_can_be_replied_to_and_changed(self):
        first = self.call("chat.postMessage", channel="#alerts")
        self.assertEqual((True, "C0ALERTS01"), (first["ok"], first["channel"]))
        reply = self.call("chat.postMessage", channel="C0ALERTS01", thread_ts=first["ts"])
        self.assertTrue(reply["ok"] and reply["ts"] != first["ts"])
        self.assertEqual(first["ts"], self.call("chat.update", channel="C0ALERTS01", ts=first["ts"])["ts"])
        self.assertEqual(2, len(self.slack.posts))    # what is changed is not seen twice

    def test_it_says_no_as_slack_does(self):
        def post(**payload):
            return self.call("chat.postMessage", **payload)["error"]

        self.assertEqual("channel_not_found", post(channel="#other"))
        self.assertEqual("invalid_auth", post(channel="#alerts", token="xoxb-1-other"))
        self.assertEqual("thread_not_found", post(channel="#alerts", thread_ts="1.2"))
        self.assertEqual("invalid_blocks", post(channel="#alerts", blocks=[section("<!here>")]))
        self.assertEqual("message_not_found", self.call("chat.update", channel="#alerts", ts="1.2")["error"])
        self.slack.answer_next(NotOk("ratelimited"))
        self.assertEqual("ratelimited", post(channel="#alerts"))
        self.slack.mentions.add("<!here>")
        self.assertTrue(self.call("chat.postMessage", channel="#alerts", blocks=[section("<!here>")])["ok"])


if __name__ == "__main__":
    unittest.main()
