"""infra/forwarder.yaml: what it hands on is what the home region's rule takes, and nothing is handed on twice."""

import json
import unittest

import each_template
from events import ROOT

HOME, FORWARDER = (each_template.Template(name) for name in ("rolewatch.yaml", "forwarder.yaml"))
HOME, AWAY = HOME.source, FORWARDER.source
BUS = {"Fn::Sub": "arn:${AWS::Partition}:events:${HomeRegion}:${AWS::AccountId}:event-bus/default"}


def properties(template, name):
    return template["Resources"][name]["Properties"]


class Each(each_template.Checks, unittest.TestCase):
    template = FORWARDER
    DEAD_LETTERS = "DeadLetters"
    SERVICES = {"ForwardRole": "events", "CanaryRole": "scheduler"}
    SENDERS = {"DeadLetters": ("events.amazonaws.com", ["Rule", "OwnRule"])}
    # A bus takes events as they are, and EventBridge writes dead letters for itself.
    WITHOUT_KEY = {"ForwardRole"}


class TheForwarder(unittest.TestCase):
    def test_its_rules_are_those_of_the_home_region(self):
        for name in ("Rule", "OwnRule"):
            home, away = properties(HOME, name), properties(AWAY, name)
            self.assertEqual(json.loads(home["EventPattern"]), json.loads(away["EventPattern"]))
            self.assertEqual(home["State"], away["State"])

    def test_its_canary_is_that_of_the_home_region(self):
        home, away = (properties(template, "Canary") for template in (HOME, AWAY))
        # Named by CloudFormation: a name made of a StackSet's has no room in 64 characters.
        self.assertFalse({"Name"} & (set(home) | set(away)))
        for key in ("ScheduleExpression", "FlexibleTimeWindow"):
            self.assertEqual(home[key], away[key])
        for key in ("Input", "EventBridgeParameters", "Arn"):
            self.assertEqual(home["Target"][key], away["Target"][key])

    def test_it_hands_on_to_the_home_bus_with_patience(self):
        for name in ("Rule", "OwnRule"):
            (target,) = properties(AWAY, name)["Targets"]
            self.assertEqual(BUS, target["Arn"])
            self.assertEqual({"Fn::GetAtt": ["ForwardRole", "Arn"]}, target["RoleArn"])
            self.assertEqual({"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}, target["RetryPolicy"])
            self.assertEqual({"Fn::GetAtt": ["DeadLetters", "Arn"]}, target["DeadLetterConfig"]["Arn"])
            self.assertFalse({"Input", "InputPath", "InputTransformer"} & set(target))    # the event stays what it is

    def test_its_role_can_do_nothing_but_that(self):
        (policy,) = properties(AWAY, "ForwardRole")["Policies"]
        (statement,) = policy["PolicyDocument"]["Statement"]
        self.assertEqual(("events:PutEvents", BUS), (statement["Action"], statement["Resource"]))

    def test_in_the_home_region_it_makes_nothing(self):
        self.assertEqual({"Fn::Not": [{"Fn::Equals": [{"Ref": "HomeRegion"}, {"Ref": "AWS::Region"}]}]},
                         AWAY["Conditions"]["Away"])
        for name, resource in AWAY["Resources"].items():
            self.assertIn(resource["Condition"], ("Away", "Mail"), name)
        self.assertEqual({"Condition": "Away"}, AWAY["Conditions"]["Mail"]["Fn::And"][0])
        for name, output in AWAY["Outputs"].items():
            self.assertEqual("Away", output["Condition"], name)

    def test_the_home_rule_hands_on_to_no_bus(self):
        """Or what was handed on could go round."""
        for name, resource in HOME["Resources"].items():
            if resource["Type"] == "AWS::Events::Rule":
                for target in resource["Properties"]["Targets"]:
                    self.assertNotIn("event-bus", json.dumps(target["Arn"]), name)

    def test_an_alarm_of_its_own_region_tells_when_it_cannot(self):
        alarms = [it["Properties"] for it in AWAY["Resources"].values() if it["Type"] == "AWS::CloudWatch::Alarm"]
        of_rules = {(metric, rule) for metric in ("FailedInvocations", "InvocationsFailedToBeSentToDlq") for rule in ("Rule", "OwnRule")}
        self.assertEqual({("ApproximateNumberOfMessagesVisible", "DeadLetters"), *of_rules},
                         {(it["MetricName"], each_template.target(it["Dimensions"][0]["Value"])) for it in alarms})
        self.assertEqual(5, len(alarms))
        for alarm in alarms:
            self.assertEqual([{"Ref": "Operations"}], alarm["AlarmActions"])
            self.assertIn("(docs/operations.md#dead-letters-of-a-forwarder)", alarm["AlarmDescription"])
        self.assertIn("### Dead letters of a forwarder", (ROOT / "docs" / "operations.md").read_text())


if __name__ == "__main__":
    unittest.main()
