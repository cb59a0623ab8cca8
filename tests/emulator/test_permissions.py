"""Who makes rolewatch's resources may do what CloudFormation's handlers ask for: rolewatch's own execution role, and whoever
installs it."""

import json
import re
import unittest

from cfnlint.decode import cfn_yaml

import handlers
from events import ROOT
from test_github_oidc import ALL, WITH_IDS, deployed
from test_template import RESOURCES

KINDS = {it["Type"] for it in RESOURCES.values()}
FORWARDER = {it["Type"] for it in cfn_yaml.load(str(ROOT / "infra" / "forwarder.yaml"))["Resources"].values()}
# What the commands of infra/deploy ask for. The CLI makes of `deploy` and `wait` several calls.
STACK = "cloudformation:DescribeStacks"
COMMANDS = {
    "aws configure get": (), "aws sts get-caller-identity": (),
    "aws cloudtrail describe-trails": ("cloudtrail:DescribeTrails",),
    "aws account list-regions": ("account:ListRegions",),
    "aws cloudformation package": ("s3:PutObject", "s3:GetObject"),
    "aws cloudformation deploy": (STACK, "cloudformation:CreateChangeSet", "cloudformation:DescribeChangeSet",
                                  "cloudformation:ExecuteChangeSet", "cloudformation:DeleteChangeSet"),
    "aws cloudformation create-change-set": ("cloudformation:CreateChangeSet",),
    "aws cloudformation describe-change-set": ("cloudformation:DescribeChangeSet",),
    "aws cloudformation delete-change-set": ("cloudformation:DeleteChangeSet",),
    "aws cloudformation execute-change-set": ("cloudformation:ExecuteChangeSet",),
    "aws cloudformation describe-stack-events": ("cloudformation:DescribeStackEvents",),
    "aws cloudformation describe-stacks": (STACK,), "aws cloudformation delete-stack": ("cloudformation:DeleteStack",),
    "aws cloudformation wait": (STACK,),
}
ON = {"cloudtrail": "*", "account": "*", "s3": "arn:aws:s3:::my-org-code/rolewatch/1a2b",
      "cloudformation": f"arn:aws:cloudformation:{handlers.HERE}:stack/rolewatch/1a2b"}


def statements(**parameters):
    role = deployed(Repository=WITH_IDS, Environment="production", **ALL | parameters)["RolewatchExecutionRole"]
    return role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]


class Permissions(unittest.TestCase):
    def test_the_execution_role_can_make_change_and_take_away_every_resource(self):
        self.assertEqual([], list(handlers.missing(statements(), KINDS)))

    def test_without_your_key_and_topic_it_may_touch_neither(self):
        without = statements(KeyArn="", ExistingFindingsTopicArn="")
        self.assertFalse([it for it in without if "kms:" in str(it) or "central" in str(it["Resource"]).replace("eu-central-1", "")])
        self.assertEqual({"kms"}, {it.split(": ")[1].split(":")[0] for it in handlers.missing(without, KINDS)})

    def test_it_may_subscribe_to_your_topic(self):
        for action in ("Subscribe", "Unsubscribe", "GetSubscriptionAttributes", "SetSubscriptionAttributes"):
            for on in (ALL["ExistingFindingsTopicArn"], ALL["ExistingFindingsTopicArn"] + ":1a2b"):
                self.assertTrue(handlers.allows(statements(), f"sns:{action}", on), action)
        self.assertFalse(handlers.allows(statements(), "sns:Publish", ALL["ExistingFindingsTopicArn"]))

    def test_a_grant_of_your_key_goes_to_services_alone(self):
        (grant,) = [it for it in statements() if "kms:CreateGrant" in it["Action"]]
        self.assertEqual({"Bool": {"kms:GrantIsForAWSResource": "true"}}, grant["Condition"])

    def test_each_exception_is_needed(self):
        kinds = list(handlers.asked_for(KINDS))
        for entry in handlers.NEVER:
            for pattern in entry[2]:
                self.assertTrue([1 for kind, permission in kinds if handlers.matches(kind, entry[1])
                                 and handlers.matches(permission, pattern)], f"{entry[1]} {pattern}")

    def test_a_role_takes_no_more_than_this(self):
        self.assertLess(len(json.dumps(statements(), separators=(",", ":"))), 10_240)


class TheInstaller(unittest.TestCase):
    def setUp(self):
        self.text = (ROOT / "infra" / "installer-policy.json").read_text()
        text = self.text
        for word, value in (("BUCKET", ALL["CodeBucket"]), ("KEY_ARN", ALL["KeyArn"]), ("TOPIC_ARN", ALL["ExistingFindingsTopicArn"])):
            self.assertIn(word, text)
            text = text.replace(word, value)
        self.statements = json.loads(text)["Statement"]

    def allows(self, permission, on):
        return handlers.allows(self.statements, permission, on)

    def test_they_can_make_change_and_take_away_every_resource_of_both_templates(self):
        self.assertEqual([], list(handlers.missing(self.statements, KINDS | FORWARDER)))
        for action in ("Subscribe", "Unsubscribe", "GetSubscriptionAttributes", "SetSubscriptionAttributes"):
            self.assertTrue(self.allows(f"sns:{action}", ALL["ExistingFindingsTopicArn"]), action)

    def test_and_run_every_command_of_the_script(self):
        script = (ROOT / "infra" / "deploy").read_text()
        used = {f"aws {one} {two}" for one, two in re.findall(r"\baws ([a-z]+) ([a-z]+(?:-[a-z]+)*)", script)}
        used -= {"aws cloudtrail create-trail", "aws sso login"}    # cures, for whoever may
        self.assertEqual(set(COMMANDS), used)
        for command, permissions in COMMANDS.items():
            for permission in permissions:
                self.assertTrue(self.allows(permission, ON[permission.split(":")[0]]), f"{command}: {permission}")
        forwarder = "arn:aws:cloudformation:us-east-1:123456789012:stack/rolewatch-forwarder/1a2b"
        for permission in COMMANDS["aws cloudformation deploy"]:
            self.assertTrue(self.allows(permission, forwarder), permission)
        self.assertTrue(self.allows("cloudformation:CreateChangeSet", "arn:aws:cloudformation:eu-central-1:aws:transform/Serverless-2016-10-31"))

    def test_and_what_the_readme_has_them_put_there(self):
        for permission, on in (("s3:PutObject", "arn:aws:s3:::my-org-code/rolewatch/allowlist.toml"),
                               ("ssm:PutParameter", f"arn:aws:ssm:{handlers.HERE}:parameter/rolewatch/slack-webhook"),
                               ("sns:Subscribe", "arn:aws:sns:us-east-1:123456789012:rolewatch-forwarder-Operations-1A2B")):
            self.assertTrue(self.allows(permission, on), permission)

    def test_and_touch_nothing_of_anybody_else(self):
        for permission, on in (("s3:PutObject", "arn:aws:s3:::my-org-code/shop/x"), ("s3:PutBucketPolicy", "arn:aws:s3:::my-org-code"),
                               ("iam:PutRolePolicy", "arn:aws:iam::123456789012:role/Admin"), ("iam:AttachRolePolicy", handlers.ARNS["iam"]),
                               ("sqs:DeleteQueue", f"arn:aws:sqs:{handlers.HERE}:shop"), ("ssm:GetParameter", "*"),
                               ("cloudformation:DeleteStack", f"arn:aws:cloudformation:{handlers.HERE}:stack/shop/1a2b")):
            self.assertFalse(self.allows(permission, on), permission)
        for statement in self.statements:
            if statement["Sid"] not in ("Parts", "ReportsBucket"):
                self.assertNotIn("*", "".join(handlers.listed(statement["Action"])), statement["Sid"])

    def test_it_fits_into_one_managed_policy_and_names_actions_that_there_are(self):
        self.assertLess(len(re.sub(r"\s", "", self.text)), 6144)
        for statement in self.statements:
            for action in handlers.listed(statement["Action"]):
                service, name = action.split(":")
                known = handlers.ACTIONS[service]["Actions"]
                self.assertTrue("*" in name or name.lower() in known, action)


if __name__ == "__main__":
    unittest.main()
