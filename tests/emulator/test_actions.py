"""The button in Slack: a signed request to the real function, with the rights that its role has."""

import json
import time
import unittest

import events
import pressing
from end_to_end import EndToEnd


class Actions(EndToEnd):
    def press(self, finding, secret=None, **signing):
        """Returns the request."""
        action = {"type": "button", "action_id": "rolewatch-snooze", "value": finding}
        return pressing.request(action, secret or self.slack.signing_secret, **signing)

    def answer(self, request):
        return pressing.answer(self.stack, request)

    def told(self, *names):
        self.stack.put_events([events.sample(name) for name in names])
        self.stack.settle()
        return {it["check"]: it["id"] for it in self.findings() if it["check"] not in events.OF_MEMORY}

    def test_what_was_pressed_is_quiet_and_what_is_critical_is_not(self):
        told = self.told("unlisted-context/fires-branch", "unlisted-owner/fires-a-stranger")
        request = self.press(told["unlisted-context"])
        self.assertEqual([200, 409], [self.answer(request), self.answer(request)])
        self.assertEqual(200, self.answer(self.press(told["unlisted-owner"])))
        again = self.told("unlisted-context/fires-branch", "unlisted-owner/fires-a-stranger")
        self.assertEqual({"unlisted-owner"}, set(again))
        lines = [json.loads(it) for it in self.stack.function_logs("Actions").splitlines() if it.startswith("{")]
        pressed = {it["finding"]: it["message"] for it in lines if "finding" in it}
        self.assertEqual("snoozed by button", pressed[told["unlisted-context"]])
        self.assertEqual("not snoozed by button", pressed[told["unlisted-owner"]])

    def test_what_slack_did_not_sign_does_nothing(self):
        finding = self.told("unlisted-context/fires-branch")["unlisted-context"]
        for request in (self.press(finding, secret="another-secret-of-32-characters!"), self.press(finding, signed=b"else"),
                        self.press(finding, timestamp=int(time.time()) - 301)):
            self.assertEqual(401, self.answer(request))
        self.assertIn("unlisted-context", self.told("unlisted-context/fires-branch"))

    def test_its_url_is_there(self):
        self.assertRegex(self.stack.outputs["ActionsUrl"], r"^https://[^/]+/$")


if __name__ == "__main__":
    unittest.main()
