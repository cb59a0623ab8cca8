"""Accounts whose week is looked at: logs and an allowlist each."""

import datetime
import json
import pathlib
import random

PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
MONDAY = datetime.datetime(2026, 11, 16)
TEAMS = ["payments", "platform", "data", "mobile", "search", "billing", "identity", "growth"]
# What somebody else may choose, and what a page must not obey.
HOSTILE = '<img src=x onerror=alert(1)>"\'&`{{7*7}}=\u202e' + "W" * 120


class Account:
    """Records and rules in the making; the same in every run."""

    def __init__(self, name, mode="enforce"):
        self.name = name
        self.mode = mode
        self.dice = random.Random(name)
        self.records = []
        self.rules = []

    def rule(self, name, role, repository, contexts, session="15m", owner="#team-app"):
        self.rules.append(
            f"[[allow]]\nname = {json.dumps(name)}\nroles = [\"arn:aws:iam::123456789012:role/{role}\"]\n"
            f"repositories = [\"{repository}\"]\ncontexts = {json.dumps(contexts)}\n"
            f"max_session = \"{session}\"\nowner = \"{owner}\"\n"
        )

    def call(self, day, role, subject, seconds=900, error=None, named=False):
        hour = min(23, max(0, int(self.dice.gauss(12, 3.5))))
        time = MONDAY + datetime.timedelta(days=day, hours=hour, seconds=self.dice.randrange(3600))
        record = {
            "eventVersion": "1.08",
            "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": "sts.amazonaws.com",
            "eventName": "AssumeRoleWithWebIdentity",
            "eventID": f"{len(self.records):08d}-0000-4000-8000-000000000000",
            "awsRegion": self.dice.choice(["eu-central-1", "eu-central-1", "us-east-1"]),
            "recipientAccountId": "123456789012",
            "sourceIPAddress": "203.0.113.20",
            "userAgent": "aws-sdk-js/3 md/run_id#19512345678 md/attempt#1" if self.dice.random() < 0.7 else "aws-cli/2",
            "userIdentity": {
                "type": "WebIdentityUser",
                "principalId": f"{PROVIDER}:sts.amazonaws.com:{subject}",
                "userName": subject,
                "identityProvider": PROVIDER,
            },
            "requestParameters": {
                "roleArn": f"arn:aws:iam::123456789012:role/{role}",
                "roleSessionName": "deploy" if named else "GitHubActions",
                "durationSeconds": seconds,
            },
        }
        if error:
            record["errorCode"] = error
        self.records.append(record)

    def write(self, folder):
        logs = pathlib.Path(folder, f"{self.name}.jsonl")
        logs.write_text("".join(json.dumps(record) + "\n" for record in self.records))
        allowlist = pathlib.Path(folder, f"{self.name}.toml")
        allowlist.write_text(f"version = 1\nmode = \"{self.mode}\"\n\n" + "\n".join(self.rules))
        return allowlist, logs


def one_role(name, days):
    """One repository deploys one role on working days."""
    account = Account(name)
    account.rule("shop deploys", "deploy", "my-org/shop", ["branch:main"], "1h", "#team-shop")
    for day in (day for day in days if day % 7 < 5):
        for _ in range(account.dice.randrange(1, 6)):
            account.call(day, "deploy", "repo:my-org/shop:ref:refs/heads/main", 1800)
    return account


def many(name, roles, mode="enforce"):
    """As many roles of eight teams, with what goes wrong in a large organisation."""
    account = Account(name, mode)
    dice = account.dice
    deployed = []
    for number in range(roles):
        team = TEAMS[number % len(TEAMS)]
        kind = dice.choice(["deploy", "publish", "plan", "backup", "migrate"])
        role = f"{team}/{kind}-{dice.choice(['prod', 'staging', 'eu', 'us'])}-{number:03d}"
        repository = f"my-org/{team}-{dice.choice(['api', 'web', 'jobs', 'infra'])}-{number % 160:03d}"
        session = dice.choice([900, 900, 900, 1800, 3600])
        account.rule(f"{team} {kind} {number}", role, repository, ["branch:main", "environment:*"],
                     f"{session // 60}m", f"#team-{team}")
        deployed.append((role, repository, session))
    for day in range(-10, 7):
        for number, (role, repository, session) in enumerate(deployed):
            if day < 0 and number % 17 == 0:
                continue
            for _ in range(min(12, int(dice.paretovariate(1.1)) // (1 if day % 7 < 5 else 3))):
                context = dice.choice(["ref:refs/heads/main", "environment:prod"])
                seconds = 3600 if dice.random() < 0.01 else session
                account.call(day, role, f"repo:{repository}:{context}", seconds, named=dice.random() < 0.5)
        for _ in range(dice.randrange(4)):
            role, repository, _ = dice.choice(deployed)
            account.call(day, role, f"repo:{repository}:ref:refs/heads/feature-{dice.randrange(9)}")
        for _ in range(dice.randrange(9)):
            role, _, _ = dice.choice(deployed)
            account.call(day, role, f"repo:other-org/fork-{dice.randrange(9)}:pull_request", error="AccessDenied")
    return account


def hostile(name):
    """Everything that somebody else can name has a name that no page should obey."""
    account = Account(name)
    account.rule("shop deploys", "deploy", "my-org/shop", ["branch:*"], "1h", "#team-shop")
    for day in (-6, 1, 2, 3):
        account.call(day, "deploy", f"repo:my-org/shop:ref:refs/heads/{HOSTILE}")
        account.call(day, "deploy", f"repo:{HOSTILE}/{HOSTILE}:ref:refs/heads/{HOSTILE}")
        account.call(day, "deploy", f"repo:{HOSTILE}:pull_request", error="AccessDenied")
    return account


def accounts():
    """Those that are looked at, the samples apart."""
    return [
        one_role("empty-week", range(-40, -9)),
        one_role("first-week", range(7)),
        one_role("one-role", range(-40, 7)),
        many("40-roles", 40),
        many("500-roles", 500),
        many("audit-mode", 12, "audit"),
        hostile("hostile"),
    ]
