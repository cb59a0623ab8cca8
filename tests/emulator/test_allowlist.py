"""The allowlist while the service runs: another version, a broken one, none; in Systems Manager and in S3."""

import json
import unittest

import events
from end_to_end import EndToEnd
from stack import ALLOWLIST, Stack, small_allowlist

BUCKET, KEY = "team-allowlists", "rolewatch/allowlist.toml"
SECRET = "rolewatch/slack-webhook"
WIDER = '\n[[allow]]\nname = "anything"\nroles = ["arn:aws:iam::123456789012:role/forgotten*"]\n' \
        'repositories = ["my-org/*"]\ncontexts = ["any"]\n'
BROKEN = 'version = 1\n[[allow]]\nname = "<!channel>"\nrole = []\n'


class FromTheParameter(EndToEnd):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.write, small_allowlist())

    def write(self, text):
        """And has it told, as a minute later."""
        self.stack.ssm.put_parameter(Name=ALLOWLIST, Value=text, Overwrite=True)
        with self.stack.restarted():
            self.assertIsNone(self.stack.sweep())
        self.stack.settle()

    def test_a_change_is_told_with_who_made_it_and_what_it_lets_through(self):
        self.write(small_allowlist() + WIDER)
        (finding,) = self.findings()
        self.assertEqual(("allowlist-changed", "high", "allowlist", None),
                         tuple(finding[key] for key in ("check", "severity", "about", "event")))
        self.assertIn('"anything"', finding["message"])
        history = self.stack.ssm.get_parameter_history(Name=ALLOWLIST)["Parameters"]
        self.assertIn(f"by {history[-1]['LastModifiedUser']}", finding["message"])
        self.assert_told([finding])

    def test_a_broken_one_is_told_and_the_last_good_one_judges(self):
        expected = events.sample("unlisted-owner/quiet-our-own")
        stranger = events.sample("unlisted-owner/fires-a-stranger")
        self.write(BROKEN)
        (finding,) = self.findings()
        self.assertEqual(("allowlist-broken", "high"), (finding["check"], finding["severity"]))
        self.assertIn("line 4", finding["message"])
        with self.stack.restarted():    # one that never saw the good version
            self.stack.put_events([expected, stranger])
            self.stack.settle()
        found = {finding["event"]["event_id"]: finding["check"] for finding in self.findings()
                 if finding["check"] not in events.OF_MEMORY}
        self.assertEqual({stranger.id: "unlisted-owner"}, found)
        self.assertTrue(any("allowlist-broken" in post for post in self.slack.posts))
        self.assertFalse(any("<!channel>" in post for post in self.slack.posts))

    def test_the_same_version_is_not_told_again(self):
        for _ in range(2):
            with self.stack.restarted():
                self.assertIsNone(self.stack.sweep())
        self.stack.settle()
        self.assertEqual([], self.findings())


class FromABucket(EndToEnd):
    """A stack of its own, with its allowlist in S3 and its webhook in Secrets Manager: its roles allow that alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        world, cls.main = cls.world, cls.world.stack
        world.emulator.client("secretsmanager").create_secret(Name=SECRET, SecretString=cls.slack.webhook)
        s3 = world.emulator.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        cls.addClassCleanup(world.emulator.delete_bucket, BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        cls.s3 = s3
        cls.put(small_allowlist())
        cls.stack = Stack(world.emulator, world.folder / "apart", world.functions, name="apart",
                          Allowlist=f"s3://{BUCKET}/{KEY}", SlackWebhook=f"secretsmanager:{SECRET}", QuietWindow="0s")
        cls.addClassCleanup(cls.stack.destroy)

    @classmethod
    def put(cls, text):
        return cls.s3.put_object(Bucket=BUCKET, Key=KEY, Body=text.encode())["VersionId"]

    def sweep(self):
        with self.stack.restarted():
            self.assertIsNone(self.stack.sweep())
        self.stack.settle()
        return self.findings()

    def test_from_the_first_version_to_none(self):
        first = self.put(small_allowlist())
        told = self.sweep()
        self.assertEqual(["allowlist-changed"], [finding["check"] for finding in told])
        self.assertIn(first, told[0]["message"])
        self.assert_told(told)

        with self.subTest("an event is judged by it"):
            stranger = events.sample("unlisted-owner/fires-a-stranger")
            self.assertIsNone(self.stack.invoke(stranger.body))
            self.stack.settle()
            self.assertEqual(["unlisted-owner"], [finding["check"] for finding in self.findings()])
            lines = [json.loads(line) for line in self.stack.function_logs("Detect").splitlines() if stranger.id in line]
            self.assertEqual([first], [line["allowlist"] for line in lines])

        with self.subTest("a wider one"):
            second = self.put(small_allowlist() + WIDER)
            (finding,) = self.sweep()
            self.assertEqual("high", finding["severity"])
            self.assertIn(f"version {second} is in force instead of {first}", finding["message"])

        with self.subTest("one that cannot be used"):
            self.put(BROKEN)
            (finding,) = self.sweep()
            self.assertEqual("allowlist-broken", finding["check"])
            self.assertIn(f"version {second} stays in force", finding["message"])

        with self.subTest("none"):
            self.s3.delete_object(Bucket=BUCKET, Key=KEY)
            (finding,) = self.sweep()
            self.assertEqual("allowlist-broken", finding["check"])
            self.assertIn("cannot be read", finding["message"])
            self.assertEqual([], self.sweep())

        with self.subTest("its role may read this object and no other"):
            role = self.stack.lambda_.get_function_configuration(
                FunctionName=self.stack.outputs["DetectFunctionName"])["Role"].rpartition("/")[2]
            iam = self.world.emulator.client("iam")
            (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            (read,) = [it for it in document["Statement"] if it["Sid"] == "ReadAllowlist"]
            self.assertEqual([f"arn:aws:s3:::{BUCKET}/{KEY}"], [it for it in read["Resource"] if ":s3:" in it])
            self.assertFalse([it for it in read["Resource"] if "*" in it])


if __name__ == "__main__":
    unittest.main()
