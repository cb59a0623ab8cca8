"""The alarms of infra/rolewatch.yaml: everything that can break is watched, and somebody is told."""

import json
import re
import unittest

from events import ROOT
from test_template import OWN_KEY, QUEUE, RESOURCES, RULE, of_type, target


class Alarms(unittest.TestCase):
    ALARMS = of_type("AWS::CloudWatch::Alarm")

    def watched(self, namespace, metric):
        """What alarms of this metric are about."""
        return {target(alarm["Dimensions"][0]["Value"]) for alarm in self.ALARMS.values()
                if (alarm["Namespace"], alarm["MetricName"]) == (namespace, metric)}

    def test_every_dead_letter_queue_is_watched_for_its_first_message(self):
        queues = of_type(QUEUE)
        dead = {name for name, queue in queues.items() if "RedrivePolicy" not in queue}
        self.assertEqual(dead, self.watched("AWS/SQS", "ApproximateNumberOfMessagesVisible"))
        self.assertEqual(set(queues) - dead, self.watched("AWS/SQS", "ApproximateAgeOfOldestMessage"))
        for alarm in self.ALARMS.values():
            if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible":
                self.assertEqual(("GreaterThanThreshold", 0, 1),
                                 (alarm["ComparisonOperator"], alarm["Threshold"], alarm["EvaluationPeriods"]))

    def test_what_a_function_gives_back_is_watched_by_itself(self):
        """SQS leaves out of a queue's age what was received three times."""
        mappings = of_type("AWS::Lambda::EventSourceMapping").values()
        self.assertEqual({target(it["FunctionName"]) for it in mappings}, self.watched("rolewatch", "GivenBack"))
        queues = {target(it["FunctionName"]): target(it["EventSourceArn"]) for it in mappings}
        limits = {target(alarm["Dimensions"][0]["Value"]): alarm["Threshold"] for alarm in self.ALARMS.values()
                  if alarm["MetricName"] == "ApproximateAgeOfOldestMessage"}
        for alarm in self.ALARMS.values():
            if alarm["MetricName"] == "GivenBack":
                function = target(alarm["Dimensions"][0]["Value"])
                with self.subTest(function):
                    self.assertEqual(("Maximum", "GreaterThanThreshold", limits[queues[function]]),
                                     (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]))
                    # One value keeps it on until the next, however far apart these can be.
                    self.assertEqual(1, alarm["DatapointsToAlarm"])
                    self.assertGreater(alarm["Period"] * alarm["EvaluationPeriods"], self.longest_wait(function, queues[function]))

    def test_what_a_sweep_cannot_tell_is_an_alarm_after_ten_minutes(self):
        alarm = self.ALARMS["OverdueAlarm"]
        self.assertEqual(("Maximum", "GreaterThanThreshold", 600),
                         (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]))
        # It is tried each minute, or each few where much is: one value keeps it on until the next.
        self.assertEqual((300, 2, 1), (alarm["Period"], alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]))

    def longest_wait(self, function, queue):
        """Seconds from giving a message back to giving it back again, at most."""
        wait = of_type(QUEUE)[queue]["VisibilityTimeout"]
        if function == "Notify":    # it says itself for how long
            longest = [int(re.search(rf"const {name}: i64 = (\d+);", (ROOT / "crates/rolewatch/src" / file).read_text())[1])
                       for name, file in (("LONG_WAIT", "dispatch/patience.rs"), ("LONGEST_WAIT", "store/ledger/posting/lane.rs"))]
            wait = max(wait, *longest) + 100 + 4    # as many critical ones before it as are known, and its severity
        # Lambda asks for twenty seconds at a time.
        return wait + 20 + of_type("AWS::Lambda::Function")[function]["Timeout"]

    def test_what_sns_loses_is_an_alarm_where_the_topic_s_queues_are(self):
        alarm = self.ALARMS["FindingsLostAlarm"]
        self.assertEqual(("AWS/SNS", "NumberOfNotificationsFailedToRedriveToDlq", "Sum", "GreaterThanThreshold", 0),
                         tuple(alarm[it] for it in ("Namespace", "MetricName", "Statistic", "ComparisonOperator", "Threshold")))
        self.assertEqual("ToldHere", RESOURCES["FindingsLostAlarm"]["Condition"])
        (dimension,) = alarm["Dimensions"]
        condition, new, existing = dimension["Value"]["Fn::If"]
        self.assertEqual(("TopicName", "NewTopic", {"Fn::GetAtt": ["Findings", "TopicName"]}), (dimension["Name"], condition, new))
        place, parts = existing["Fn::Select"]
        for arn, name in (("arn:aws:sns:eu-central-1:123456789012:findings", "findings"), ("", "")):
            text = parts["Fn::Split"][1]["Fn::Sub"].replace("${ExistingFindingsTopicArn}", arn)
            self.assertEqual(name, text.split(parts["Fn::Split"][0])[place])

    def test_every_function_is_watched(self):
        functions = set(of_type("AWS::Lambda::Function"))
        for metric in ("Errors", "Throttles"):
            self.assertEqual(functions, self.watched("AWS/Lambda", metric))
        # A call is no success, and events call detect too: what should come by itself is watched by what it counts when it is done.
        self.assertEqual(set(), self.watched("AWS/Lambda", "Invocations"))
        self.assertEqual({"Detect"}, self.watched("rolewatch", "Sweeps"))
        for metric in ("Lag", "Canaries", "Overdue"):
            self.assertEqual({"Detect"}, self.watched("rolewatch", metric))
        self.assertEqual({"Report"}, self.watched("rolewatch", "Reports"))

    def test_both_rules_are_watched_for_what_eventbridge_gives_up_and_for_what_it_loses(self):
        """It counts nothing that it tries again, and what is no dead letter either is in no queue."""
        by_events = {name for name, rule in of_type(RULE).items() if "EventPattern" in rule}
        self.assertEqual({"Rule", "OwnRule"}, by_events)
        for metric in ("FailedInvocations", "InvocationsFailedToBeSentToDlq"):
            self.assertEqual(by_events, self.watched("AWS/Events", metric))
        for alarm in self.ALARMS.values():
            if alarm["Namespace"] == "AWS/Events":
                # A rule of the default bus has no other dimension.
                self.assertEqual((["RuleName"], "Sum", 0),
                                 ([it["Name"] for it in alarm["Dimensions"]], alarm["Statistic"], alarm["Threshold"]))

    def test_silence_is_an_alarm_where_there_is_always_something(self):
        for name, alarm in self.ALARMS.items():
            # Reconcile says each hour how far behind it is: where it says nothing, it is.
            always = alarm["ComparisonOperator"] == "LessThanThreshold" or alarm["MetricName"] == "Behind"
            self.assertEqual("breaching" if always else "notBreaching", alarm["TreatMissingData"], name)

    def test_they_tell_the_operations_topic_and_name_their_runbook(self):
        headings = re.findall(r"(?m)^#+ (.*)$", (ROOT / "docs" / "operations.md").read_text())
        anchors = {heading.lower().replace(" ", "-") for heading in headings}
        for name, alarm in self.ALARMS.items():
            with self.subTest(name):
                self.assertEqual([{"Ref": "Operations"}], alarm["AlarmActions"])
                self.assertEqual([{"Ref": "Operations"}], alarm["OKActions"])
                (anchor,) = re.findall(r"\(docs/operations\.md#([a-z-]+)\)$", alarm["AlarmDescription"])
                self.assertIn(anchor, anchors)

    def test_cloudwatch_can_publish_to_their_topic(self):
        """Not to one that is encrypted with AWS's own key for SNS."""
        self.assertEqual(OWN_KEY, of_type("AWS::SNS::Topic")["Operations"]["KmsMasterKeyId"])
        (policy,) = [it for it in of_type("AWS::SNS::TopicPolicy").values() if target(it["Topics"][0]) == "Operations"]
        (alarms,) = [it for it in policy["PolicyDocument"]["Statement"] if it["Sid"] == "Alarms"]
        self.assertEqual({"Service": "cloudwatch.amazonaws.com"}, alarms["Principal"])
        self.assertEqual({"aws:SourceAccount": {"Ref": "AWS::AccountId"}}, alarms["Condition"]["StringEquals"])

    def test_the_dashboard_is_json_and_shows_only_what_is_there(self):
        (dashboard,) = of_type("AWS::CloudWatch::Dashboard").values()
        whole, parts = dashboard["DashboardBody"]["Fn::Sub"]
        conditions = {name: part["Fn::If"][0] for name, part in parts.items()}
        self.assertEqual({"OfSlack": "HasSlack", "OfRelay": "HasRelay", "OfActions": "HasActions"}, conditions)
        for there in ([], ["OfSlack"], ["OfRelay"], ["OfActions"], list(parts)):
            text = whole
            for name, part in parts.items():
                text = text.replace(f"${{{name}}}", part["Fn::If"][1]["Fn::Sub"] if name in there else part["Fn::If"][2])
            self.assertEqual(5 + len(there), len(json.loads(text)["widgets"]))
            for name in re.findall(r"\$\{([A-Za-z]+)[.}]", text):
                self.assertIn(RESOURCES[name].get("Condition"), {None, *(conditions[it] for it in there)}, name)
        shown = set(re.findall(r"\$\{([A-Za-z]+)\}", text))    # with all of them
        self.assertLessEqual(set(of_type("AWS::Lambda::Function")) - {"Report"}, shown)    # its own alarm tells more


if __name__ == "__main__":
    unittest.main()
