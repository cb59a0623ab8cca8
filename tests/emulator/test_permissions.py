"""Who makes rolewatch's resources may do what CloudFormation's handlers ask for: rolewatch's own execution role."""

import json
import unittest

import handlers
from test_github_oidc import ALL, WITH_IDS, deployed
from test_template import RESOURCES

KINDS = {it["Type"] for it in RESOURCES.values()}


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


if __name__ == "__main__":
    unittest.main()
