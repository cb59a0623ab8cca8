"""Which events the rule lets through, asked of the emulator with the template's own pattern."""

import copy
import json
import unittest

import events
import world
from end_to_end import EndToEnd

GITHUB = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/"
ABSENT = object()


def event(provider=GITHUB, envelope=None, **detail):
    """An event of GitHub's, with another provider or other fields."""
    made = json.loads(events.sample("unlisted-owner/quiet-our-own").body) | (envelope or {})
    made["detail"] |= detail
    if provider is ABSENT:
        del made["detail"]["userIdentity"]["identityProvider"]
    else:
        made["detail"]["userIdentity"]["identityProvider"] = provider
    return made


def without_identity(identity):
    made = event()
    made["detail"]["userIdentity"] = identity
    return made


def sample(name):
    return json.loads(events.sample(name).body)


LET_THROUGH = {
    "GitHub": event(),
    "an enterprise of GitHub's": event(GITHUB + "/my-enterprise"),
    "a GitHub Enterprise Server": event(PROVIDER + "github.example.com/_services/token"),
    "a ghe.com tenant": event(PROVIDER + "token.actions.my-tenant.ghe.com"),
    "a refused call": sample("denied-assumption/fires-trust-policy-said-no"),
    "a refused call that says little": sample("denied-assumption/fires-expired-token-little-said"),
    "no provider": event(ABSENT),
    "a provider that is null": event(None),
    "an empty provider": event(""),
    "an identity that is null": without_identity(None),
    "an empty identity": without_identity({}),
    "a provider nobody knows": event(PROVIDER + "oidc.example.com"),
    "a provider that resembles EKS's": event(PROVIDER + "oidc-eks.example.com"),
    "EKS's name elsewhere than in the host": event(PROVIDER + "oidc.example.com/oidc.eks.eu-central-1"),
    "a provider built into STS": event("cognito-identity.amazonaws.com"),
    "Terraform Cloud": sample("others/terraform-cloud"),
    "GitLab": sample("others/gitlab"),
    "a record of another version": event(eventVersion="1.12"),
    "a call to the global endpoint": event(awsRegion="us-east-1", envelope={"region": "us-east-1"}),
    "a canary": event(envelope={"source": "rolewatch.canary", "detail-type": "rolewatch canary"}),
    "a drill": event(envelope={"source": "rolewatch.drill", "detail-type": "rolewatch drill"}),
    "a rule that is switched off": event(eventSource="events.amazonaws.com", eventName="DisableRule", envelope={"source": "aws.events"}),
    "a rule's targets that are taken away": event(eventSource="events.amazonaws.com", eventName="RemoveTargets",
                                                  envelope={"source": "aws.events"}),
    "fields that nobody has seen": event(somethingNew={"deep": [1, None, True]}),
}

LEFT_OUT = {
    "EKS": event(PROVIDER + "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"),
    "EKS in China": event("arn:aws-cn:iam::123456789012:oidc-provider/oidc.eks.cn-north-1.amazonaws.com.cn/id/EXAMPLE"),
    "EKS as sampled": sample("others/eks"),
    "EKS, refused": sample("others/eks-denied"),
    "AssumeRole": event(eventName="AssumeRole"),
    "AssumeRole as sampled": sample("others/assume-role"),
    "AssumeRoleWithSAML": event(eventName="AssumeRoleWithSAML"),
    "the name in another case": event(eventName="assumerolewithwebidentity"),
    "another service's call of that name": event(eventSource="cognito-identity.amazonaws.com"),
    "another service": sample("others/s3-get-object"),
    "a rule that is looked at": event(eventSource="events.amazonaws.com", eventName="DescribeRule", envelope={"source": "aws.events"}),
    "an event that somebody made up": event(envelope={"source": "my.sts"}),
    "a canary of another type": event(envelope={"source": "rolewatch.canary"}),
    "a canary of another source": event(envelope={"source": "rolewatch", "detail-type": "rolewatch canary"}),
    "a drill of another type": event(envelope={"source": "rolewatch.drill", "detail-type": "rolewatch canary"}),
    "a drill in AWS's name": event(envelope={"source": "aws.sts", "detail-type": "rolewatch drill"}),
    "a sign-in": event(envelope={"detail-type": "AWS Console Sign In via CloudTrail"}),
}


class ThePattern(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = world.shared().stack

    def lets_through(self, event):
        answer = self.stack.events.test_event_pattern(EventPattern=self.stack.rule["EventPattern"],
                                                      Event=json.dumps(event))
        return answer["Result"]

    def test_is_the_templates(self):
        self.assertEqual({"$or"}, set(json.loads(self.stack.rule["EventPattern"])))

    def test_lets_through(self):
        for name, made in LET_THROUGH.items():
            with self.subTest(name):
                self.assertTrue(self.lets_through(made))

    def test_leaves_out(self):
        for name, made in LEFT_OUT.items():
            with self.subTest(name):
                self.assertFalse(self.lets_through(made))


class TheRule(EndToEnd):
    def test_delivers_what_the_pattern_lets_through_and_nothing_else(self):
        """TestEventPattern and the bus could disagree. The function logs every event that it gets."""

        def sent(name, made):
            detail = copy.deepcopy(made["detail"])
            return events.Event(name, "", detail["eventID"], json.dumps(detail))

        through = {name: sent(name, LET_THROUGH[name]) for name in ("GitHub", "no provider", "GitLab")}
        left_out = {name: sent(name, LEFT_OUT[name]) for name in ("EKS", "EKS, refused", "AssumeRole")}
        self.stack.put_events([*through.values(), *left_out.values()])
        self.stack.settle()
        logs = self.stack.function_logs("Detect")
        for name, event in through.items():
            self.assertIn(event.id, logs, name)
        for name, event in left_out.items():
            self.assertNotIn(event.id, logs, name)
        self.findings()


if __name__ == "__main__":
    unittest.main()
