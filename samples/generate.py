#!/usr/bin/env python3
"""Writes the sample records, containers and archive of this folder; with --check compares instead.

    samples/generate.py            write everything but the hand-written files
    samples/generate.py --check    say what differs, write nothing; exit code 1 if anything does

Needs Python 3.9 and nothing else. The same on every machine: every id is a hash of the record's label,
there is no clock and no random source. Deflate differs between zlib versions, so --check compares
gzip files by what is in them.

A record is planted together with its truth: "expected", "ignored", "other" (another issuer), "none"
(another API call), "duplicate", "unreadable", or the check that has to fire. The tables in README.md,
records-truth.json, memory-truth.json and archive-truth.json are counted from that.
"""

import gzip
import hashlib
import json
import pathlib
import re
import sys
import zlib
from datetime import datetime, timedelta

HERE = pathlib.Path(__file__).resolve().parent
OWNED = ["records", "before", "containers", "archive", "damaged"]  # folders in which every file is generated

ACCOUNT = "123456789012"
GITHUB = "token.actions.githubusercontent.com"
STS_AUDIENCE = "sts.amazonaws.com"
ORG_AUDIENCE = "https://github.com/my-org"
FRANKFURT, VIRGINIA = "eu-central-1", "us-east-1"
HOSTED, CORPORATE = "198.51.100.23", "203.0.113.10"  # GitHub's runners, ours
SECRET = "EXAMPLE-SESSION-TOKEN-NEVER-PRINTED"
ACTION = "configure-aws-credentials-for-github-actions"


def role_arn(name):
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


PRODUCTION = role_arn("GitHubActionsDeployRole-Production")
STAGING = role_arn("GitHubActionsDeployRole-Staging")
MIGRATION = role_arn("GitHubActionsMigrationRole")
PUBLISH = role_arn("ci/GitHubActionsPublishRole")
READ_ONLY = role_arn("GitHubActionsReadOnlyRole")
MIRROR = role_arn("GitHubActionsPackageMirrorRole")
SHARED = role_arn("shared-deploy")
TERRAFORM = role_arn("GitHubActionsTerraformRole")
SIGNING = role_arn("GitHubActionsSigningRole")
TOOLING = role_arn("GitHubActionsToolingRole")
LOAD_TEST = role_arn("GitHubActionsLoadTestRole")
LEGACY = role_arn("legacy-billing-deploy")
# Roles that no rule names.
FORGOTTEN = role_arn("GitHubActionsProofOfConceptRole")
IRSA = role_arn("eks-payments-api")


# --- records ---------------------------------------------------------------------------------

def digest(*label):
    return hashlib.sha256("\0".join(map(str, label)).encode()).hexdigest()


def uuid(*label):
    d = digest("uuid", *label)
    return f"{d[:8]}-{d[8:12]}-4{d[13:16]}-a{d[17:20]}-{d[20:32]}"


def letters(n, *label):
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return "".join(alphabet[int(digest("letter", i, *label), 16) % 32] for i in range(n))


def number(low, high, *label):
    return low + int(digest("number", *label), 16) % (high - low + 1)


def at(text):
    """Reads "2026-11-18T10:15:00Z"; also a short "18T10:15" of the archive's month."""
    if len(text) < 20:
        text = "2026-11-" + text + (":00Z" if text.count(":") == 1 else "Z")
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


def iso(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def expiration(time, spelling="2023"):
    """CloudTrail's three spellings, none of them zero-padded."""
    between = {"2021": " ", "2023": ", ", "narrow": ", "}[spelling]
    before_half = "\u202f" if spelling == "narrow" else " "
    half = "AM" if time.hour < 12 else "PM"
    hour = time.hour % 12 or 12
    return f"{time:%b} {time.day}, {time.year}{between}{hour}:{time:%M:%S}{before_half}{half}"


def user_agent(run_id=None, attempt=1):
    run = f" md/run_id#{run_id} md/attempt#{attempt}" if run_id else ""
    return ("aws-sdk-js/3.1045.0 ua/2.1 os/linux#6.11.0-1018-azure lang/js md/nodejs#24.4.1 "
            f"api/sts#3.1045.0 m/E {ACTION}{run}")


def provider_arn(host):
    return f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"


def assumption(label, role, sub, time="2026-11-18T10:15:00Z", *, aud=STS_AUDIENCE, issuer=GITHUB, seconds=900,
               send_seconds=True, spelling="2023", region=FRANKFURT, ip=HOSTED, session="GitHubActions",
               agent=None, error=None, message="An unknown error occurred", built_in=False, year2021=False):
    """One AssumeRoleWithWebIdentity record, as CloudTrail writes it. `seconds` is the session's length,
    in requestParameters only where the caller sent it."""
    time = at(time)
    provider = issuer if built_in else provider_arn(issuer)
    name = role.split(":role/", 1)[1].split("/")[-1]
    host = f"sts.{region}.amazonaws.com"
    record = {
        "eventVersion": "1.08",
        "userIdentity": {"type": "WebIdentityUser", "principalId": f"{provider}:{aud}:{sub}", "userName": sub,
                         "identityProvider": provider},
        "eventTime": iso(time),
        "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRoleWithWebIdentity",
        "awsRegion": region,
        "sourceIPAddress": ip,
        "userAgent": agent or user_agent(),
    }
    if error:
        record["errorCode"] = error
        record["errorMessage"] = message
    record["requestParameters"] = {"roleArn": role, "roleSessionName": session}
    if send_seconds:
        record["requestParameters"]["durationSeconds"] = seconds
    if error:
        record["responseElements"] = None
    else:
        record["responseElements"] = {
            "credentials": {"accessKeyId": "ASIAEXAMPLE" + letters(9, label), "sessionToken": SECRET,
                            "expiration": expiration(time + timedelta(seconds=seconds), spelling)},
            "subjectFromWebIdentityToken": sub,
            "assumedRoleUser": {"assumedRoleId": f"AROAEXAMPLE{letters(10, name)}:{session}",
                                "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}"},
            "provider": provider,
            "audience": aud,
        }
    if not year2021:
        record["additionalEventData"] = {
            "identityProviderConnectionVerificationMethod": "IAMTrustStore",
            "RequestDetails": {"awsServingRegion": region, "endpointType": "regional"},
        }
        if not error:
            record["additionalEventData"]["RoleAuthorizedByIdp"] = True
    record.update({
        "requestID": uuid("request", label),
        "eventID": uuid("event", label),
        "readOnly": True,
        "resources": [{"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": role}],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    })
    if not year2021:
        record["tlsDetails"] = {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
                                "clientProvidedHostHeader": host}
    return record


def without(record, *paths):
    """Takes fields away: "userIdentity.userName". A leading '!' sets null instead."""
    for path in paths:
        null, path = path.startswith("!"), path.lstrip("!")
        *parents, last = path.split(".")
        node = record
        for parent in parents:
            node = node[parent]
        if null:
            node[last] = None
        else:
            del node[last]
    return record


def identity_of_role(role, session, key, time, label, provider=None):
    name = role.split("/")[-1]
    return {"type": "AssumedRole", "principalId": f"AROAEXAMPLE{letters(10, name)}:{session}",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}", "accountId": ACCOUNT, "accessKeyId": key,
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "principalId": f"AROAEXAMPLE{letters(10, name)}", "arn": role,
                                  "accountId": ACCOUNT, "userName": name},
                "webIdFederationData": {"federatedProvider": provider, "attributes": {}} if provider else {},
                "attributes": {"creationDate": iso(time), "mfaAuthenticated": "false"}}}


def call(label, source, name, identity, time, *, region=FRANKFURT, ip=HOSTED, agent="aws-sdk-go-v2/1.41.2",
         params=None, response=None, read_only=True, version="1.11", category="Management", resources=None):
    """Any other API call."""
    record = {"eventVersion": version, "userIdentity": identity, "eventTime": iso(time),
              "eventSource": f"{source}.amazonaws.com", "eventName": name, "awsRegion": region,
              "sourceIPAddress": ip, "userAgent": agent, "requestParameters": params, "responseElements": response,
              "requestID": uuid("request", label), "eventID": uuid("event", label), "readOnly": read_only}
    if resources:
        record["resources"] = resources
    record.update({"eventType": "AwsApiCall", "managementEvent": category == "Management",
                   "recipientAccountId": ACCOUNT, "eventCategory": category})
    return record


def service_identity(service):
    return {"type": "AWSService", "invokedBy": f"{service}.amazonaws.com"}


# --- output ----------------------------------------------------------------------------------

FILES = {}  # path below samples/ -> bytes


def pretty(value):
    return json.dumps(value, indent=2) + "\n"


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def put(path, content):
    assert path not in FILES, path
    FILES[path] = content.encode() if isinstance(content, str) else content


def gz(data):
    return gzip.compress(data.encode() if isinstance(data, str) else data, 9, mtime=0)


# --- records/<check>: one record a file --------------------------------------------------------

RECORDS_TRUTH, MEMORY_TRUTH = {}, {}


def sample(path, record, truth, edit=None, before=(), remembering=None):
    """`truth` is the outcome, or the check that has to fire; `remembering` is the same for who remembers what
    came `before`: without anything, whatever is expected is a first use. `edit` changes the text that is written."""
    if before:
        put(f"before/{path}.jsonl", "".join(compact(earlier) + "\n" for earlier in before))
    else:
        assert remembering is None or truth == "expected", path
    path = f"records/{path}.json"
    folder, name = path.split("/")[1:]
    if remembering is None:
        remembering = "first-use" if truth == "expected" else truth
    if name.startswith("fires-"):
        assert folder in (truth, *remembering.split()), path
    MEMORY_TRUTH[path] = remembering
    text = pretty(record)
    if edit:
        edited = edit(text)
        assert edited != text and json.loads(edited) == json.loads(text), path
        text = edited
    RECORDS_TRUTH[path] = truth
    put(path, text)


MY_REPO, MY_REPO_IDS = "repo:my-org/my-repo", "repo:my-org@111/my-repo@456789"
TO_PRODUCTION = MY_REPO + ":environment:production"
MAIN = ":ref:refs/heads/main"
LONG_BRANCH = "feature/" + "-".join(f"{n:04}" for n in range(820))
HOSTILE_BRANCH = "<!channel>|*_~`\"'&<https://evil.example|click>"
CONTROL_BRANCH = ("x\u001b[2K\u001b[1A\u001b]0;owned\u0007\u001b[32mexpected\u001b[0m\n\rjust another line"
                  "\u0085\u009b31m\u202egnp.niam\u202c\u2066\u200f\u0000end")


def write_records():
    def rec(path, role, sub, truth, *minus, edit=None, change=None, before=(), remembering=None, **options):
        record = without(assumption(path, role, sub, **options), *minus)
        if change:
            change(record)
        earlier = [assumption(f"{path}/before/{n}", role, sub, **{"time": f"18T10:{n:02}", **how})
                   for n, (role, sub, how) in enumerate(before)]
        sample(path, record, truth, edit, earlier, remembering)

    def was(role, sub, **how):
        """An earlier record, for `before`: one a minute, from 10:00 on; the sample itself is of 10:15."""
        return role, sub, how

    # repository-id-mismatch
    c = "repository-id-mismatch"
    rec(f"{c}/fires-re-created-repository", PRODUCTION, "repo:my-org@111/my-repo@987654:environment:production", c)
    rec(f"{c}/fires-re-registered-owner", PRODUCTION, "repo:my-org@999/my-repo@456789:environment:production", c)
    rec(f"{c}/fires-although-a-wider-rule-would-match", READ_ONLY, "repo:my-org@111/web-shop@987654:pull_request", c)
    rec(f"{c}/quiet-the-pinned-ids", PRODUCTION, MY_REPO_IDS + ":environment:production", "expected")
    rec(f"{c}/quiet-classic-subject-has-no-id", PRODUCTION, TO_PRODUCTION, "expected")
    rec(f"{c}/quiet-only-the-owner-is-pinned", READ_ONLY, "repo:my-org@111/docs-site@456800:pull_request", "expected")
    rec(f"{c}/quiet-anothers-repository-of-the-same-name", PRODUCTION,
        "repo:evil-org@222/my-repo@987654:environment:production", "unlisted-owner")
    # No rule pins data-science: memory does.
    science, stranger = "repo:my-org@111/data-science@456801", "repo:my-org@111/data-science@987654"
    rec(f"{c}/fires-not-the-remembered-id", READ_ONLY, stranger + ":pull_request", "expected", remembering=c,
        before=[was(READ_ONLY, science + MAIN)])
    rec(f"{c}/fires-not-the-id-of-another-role", MIRROR, stranger + MAIN, "expected", remembering=c,
        before=[was(READ_ONLY, science + MAIN)], aud=ORG_AUDIENCE)
    rec(f"{c}/quiet-the-remembered-id", READ_ONLY, science + ":pull_request", "expected", remembering="expected",
        before=[was(READ_ONLY, science + ":pull_request")])
    rec(f"{c}/quiet-what-was-not-expected-teaches-no-id", READ_ONLY, science + MAIN, "expected",
        remembering="first-use", before=[was(READ_ONLY, stranger + ":ref:refs/heads/dev")])

    # unlisted-owner
    c = "unlisted-owner"
    rec(f"{c}/fires-a-stranger", READ_ONLY, "repo:evil-org/tools" + MAIN, c)
    rec(f"{c}/fires-name-begins-like-ours", READ_ONLY, "repo:my-org-evil/my-repo:pull_request", c)
    rec(f"{c}/fires-name-begins-like-ours-immutable", PRODUCTION,
        "repo:my-org-evil@222/my-repo@987654:environment:production", c)
    rec(f"{c}/fires-owner-in-another-case", READ_ONLY, "repo:My-Org/my-repo:pull_request", c)
    rec(f"{c}/fires-custom-subject-names-the-owner", SHARED,
        "repository_owner:evil-org:job_workflow_ref:my-org/ci/.github/workflows/deploy.yml@refs/heads/main", c)
    rec(f"{c}/fires-on-a-role-that-nobody-listed", FORGOTTEN, "repo:evil-org/tools:pull_request", c)
    rec(f"{c}/quiet-our-own", READ_ONLY, MY_REPO + ":pull_request", "expected")
    rec(f"{c}/quiet-our-own-immutable", READ_ONLY, MY_REPO_IDS + ":pull_request", "expected")
    rec(f"{c}/quiet-owner-unknowable", SHARED,
        "job_workflow_ref:evil-org/ci/.github/workflows/deploy.yml@refs/heads/main", "unlisted-subject")

    # unlisted-role
    c = "unlisted-role"
    rec(f"{c}/fires-forgotten-role", FORGOTTEN, MY_REPO + MAIN, c)
    rec(f"{c}/fires-same-name-another-path", role_arn("GitHubActionsPublishRole"), MY_REPO + ":ref:refs/tags/v2.14.0", c)
    rec(f"{c}/fires-same-name-another-account", READ_ONLY, MY_REPO + ":pull_request", c, change=lambda r: r.update(
        json.loads(compact(r).replace(ACCOUNT, "210987654321"))))
    rec(f"{c}/quiet-listed-role-with-path", PUBLISH, MY_REPO + ":ref:refs/tags/v2.14.0", "expected")

    # unlisted-repository
    c = "unlisted-repository"
    rec(f"{c}/fires-another-repository-of-ours", STAGING, "repo:my-org/data-science" + MAIN, c)
    rec(f"{c}/fires-name-begins-like-it", PRODUCTION, "repo:my-org/my-repo-evil:environment:production", c)
    rec(f"{c}/fires-name-begins-like-it-immutable", PRODUCTION,
        "repo:my-org@111/my-repo-evil@987654:environment:production", c)
    rec(f"{c}/fires-repository-in-another-case", PRODUCTION, "repo:my-org/My-Repo:environment:production", c)
    rec(f"{c}/quiet-listed", STAGING, "repo:my-org/web-shop" + MAIN, "expected")
    rec(f"{c}/quiet-any-of-the-owner", READ_ONLY, "repo:my-org/data-science:pull_request", "expected")

    # unlisted-context
    c = "unlisted-context"
    rec(f"{c}/fires-branch", PRODUCTION, MY_REPO + ":ref:refs/heads/dev", c, agent=user_agent(19284756301))
    rec(f"{c}/fires-branch-immutable", PRODUCTION, MY_REPO_IDS + ":ref:refs/heads/dev", c,
        session="my-repo-19284756301")
    rec(f"{c}/fires-pull-request", PRODUCTION, MY_REPO + ":pull_request", c)
    rec(f"{c}/fires-tag-named-like-the-branch", STAGING, MY_REPO + ":ref:refs/tags/main", c)
    rec(f"{c}/fires-branch-named-like-the-tag", PUBLISH, MY_REPO + ":ref:refs/heads/v2.14.0", c)
    rec(f"{c}/fires-branch-in-another-case", STAGING, MY_REPO + ":ref:refs/heads/Main", c)
    rec(f"{c}/fires-environment-in-another-case", PRODUCTION, MY_REPO + ":environment:Production", c)
    rec(f"{c}/fires-environment-with-colon", PRODUCTION, MY_REPO + ":environment:production%3Aeu", c)
    rec(f"{c}/fires-branch-that-writes-to-slack", PRODUCTION, f"{MY_REPO}:ref:refs/heads/{HOSTILE_BRANCH}", c)
    rec(f"{c}/fires-branch-that-writes-to-the-terminal", PRODUCTION, f"{MY_REPO}:ref:refs/heads/{CONTROL_BRANCH}", c)
    rec(f"{c}/fires-branch-of-4-kb", PRODUCTION, f"{MY_REPO}:ref:refs/heads/{LONG_BRANCH}", c, year2021=True)
    rec(f"{c}/fires-branch-not-ascii", STAGING, MY_REPO + ":ref:refs/heads/größer-als-日本", c,
        edit=lambda t: json.dumps(json.loads(t), indent=2, ensure_ascii=False) + "\n")
    rec(f"{c}/fires-names-and-values-escaped", PRODUCTION, MY_REPO + ":ref:refs/heads/dev", c, edit=lambda t: (
        t.replace('"eventName"', r'"event\u004eame"').replace("AssumeRoleWithWebIdentity", r"AssumeRoleWithWeb\u0049dentity")
        .replace('"userName"', r'"\u0075serName"').replace('"roleArn"', r'"role\u0041rn"')
        .replace("refs/heads/dev", r"refs\/heads\/d\u0065v").replace("sts.amazonaws.com", r"sts\u002eamazonaws.com")))
    rec(f"{c}/fires-user-name-null", PRODUCTION, MY_REPO + ":ref:refs/heads/dev", c, "!userIdentity.userName")
    rec(f"{c}/quiet-branch-behind-a-star", STAGING, MY_REPO + ":ref:refs/heads/release/2026.11/hotfix", "expected")
    rec(f"{c}/quiet-environment-with-colon", STAGING, MY_REPO_IDS + ":environment:staging%3Aeu", "expected")
    rec(f"{c}/quiet-any-context", MIRROR, f"repo:my-org/my-repo:ref:refs/heads/{HOSTILE_BRANCH}", "expected",
        aud=ORG_AUDIENCE)

    # unlisted-subject
    c = "unlisted-subject"
    workflow = "job_workflow_ref:my-org/ci/.github/workflows/deploy.yml@refs/heads/"
    rec(f"{c}/fires-workflow-of-another-branch", SHARED, f"repository_owner_id:111:{workflow}debug", c)
    rec(f"{c}/fires-called-by-a-stranger", SHARED, f"repository_owner_id:222:{workflow}main", c)
    rec(f"{c}/fires-more-fields-than-the-rule", PRODUCTION, f"{TO_PRODUCTION}:{workflow}main", c)
    rec(f"{c}/fires-no-context-at-all", PRODUCTION, MY_REPO, c)
    rec(f"{c}/fires-unparsable", STAGING, "::main::", c)
    rec(f"{c}/quiet-the-listed-subject", SHARED, f"repository_owner_id:111:{workflow}main", "expected")
    rec(f"{c}/quiet-behind-a-star", SHARED, f"repo:my-org/web-shop:environment:production:{workflow}main", "expected")

    # unexpected-issuer
    c = "unexpected-issuer"
    rec(f"{c}/fires-known-but-not-of-this-rule", PRODUCTION, TO_PRODUCTION, c, issuer=GITHUB + "/my-enterprise")
    rec(f"{c}/fires-githubs-for-an-enterprise-rule", TOOLING, "repo:my-org/tooling" + MAIN, c)
    rec(f"{c}/fires-an-enterprise-nobody-listed", FORGOTTEN, MY_REPO + MAIN, c, issuer=GITHUB + "/evil-enterprise")
    rec(f"{c}/fires-a-ghe-com-tenant", PRODUCTION, TO_PRODUCTION, c, issuer="token.actions.evil-org.ghe.com")
    rec(f"{c}/fires-gitlab-on-a-listed-role", PRODUCTION,
        "project_path:my-org/my-repo:ref_type:branch:ref:main", c, issuer="gitlab.com", agent="aws-cli/2.31.4")
    rec(f"{c}/quiet-the-enterprise-rule", TOOLING, "repo:my-org/tooling" + MAIN, "expected",
        issuer=GITHUB + "/my-enterprise")

    # expired-rule
    c = "expired-rule"
    load_test = "repo:my-org/load-tests" + MAIN
    rec(f"{c}/fires-weeks-late", LOAD_TEST, load_test, c)
    rec(f"{c}/fires-a-second-late", LOAD_TEST, load_test, c, time="2026-11-01T00:00:00Z")
    rec(f"{c}/quiet-through-the-last-day", LOAD_TEST, load_test, "expected", time="2026-10-31T23:59:59Z")

    # session-too-long: asked for, read off the three spellings of the expiration, or STS's default
    c = "session-too-long"
    rec(f"{c}/fires-asked-for-an-hour", PRODUCTION, TO_PRODUCTION, c, seconds=3600)
    for spelling in ("2021", "2023", "narrow"):
        rec(f"{c}/fires-expiration-as-of-{spelling}", PRODUCTION, TO_PRODUCTION, c, seconds=3600, send_seconds=False,
            spelling=spelling, agent="aws-cli/2.31.4", year2021=spelling == "2021")
        rec(f"{c}/quiet-expiration-as-of-{spelling}", PRODUCTION, TO_PRODUCTION, "expected", send_seconds=False,
            spelling=spelling, agent="aws-cli/2.31.4", year2021=spelling == "2021")
    rec(f"{c}/fires-length-nowhere-so-the-default", PRODUCTION, TO_PRODUCTION, c,
        "responseElements.credentials.expiration", send_seconds=False)
    rec(f"{c}/quiet-asked-for-15-minutes", PRODUCTION, TO_PRODUCTION, "expected")
    rec(f"{c}/quiet-within-the-tolerance", PRODUCTION, TO_PRODUCTION, "expected", seconds=904, send_seconds=False)
    rec(f"{c}/quiet-ignored-with-a-reason", LEGACY, "repo:my-org/billing" + MAIN, "ignored", seconds=3600)

    # unexpected-audience
    c = "unexpected-audience"
    rec(f"{c}/fires-githubs-default", PRODUCTION, TO_PRODUCTION, c, aud=ORG_AUDIENCE)
    rec(f"{c}/fires-known-from-the-principal-only", PRODUCTION, TO_PRODUCTION, c, "responseElements.audience",
        aud=ORG_AUDIENCE)
    rec(f"{c}/quiet-a-rule-of-its-own", MIRROR, MY_REPO + ":pull_request", "expected", aud=ORG_AUDIENCE)

    # unexpected-region
    c = "unexpected-region"
    tag = "repo:my-org/web-shop:ref:refs/tags/v2.14.0"
    rec(f"{c}/fires-elsewhere", PUBLISH, tag, c, region="ap-southeast-2")
    rec(f"{c}/quiet-where-it-belongs", PUBLISH, tag, "expected")

    # unexpected-network
    c = "unexpected-network"
    infrastructure = "repo:my-org@111/infrastructure@456791:environment:infrastructure"
    rec(f"{c}/fires-ipv4", TERRAFORM, infrastructure, c, ip="198.51.100.66")
    rec(f"{c}/fires-ipv6", TERRAFORM, infrastructure, c, ip="2001:db8:1::66")
    rec(f"{c}/quiet-ipv4", TERRAFORM, infrastructure, "expected", ip=CORPORATE)
    rec(f"{c}/quiet-ipv6", TERRAFORM, infrastructure, "expected", ip="2001:db8::10", seconds=3600)
    rec(f"{c}/quiet-aws-internal-where-no-network-is-asked", PRODUCTION, TO_PRODUCTION, "expected", ip="AWS Internal")

    # outside-hours: 08:00 to 18:00 in Berlin, so 07:00Z in winter and 06:00Z in summer
    c = "outside-hours"
    migrate = MY_REPO + ":environment:migrations"
    rec(f"{c}/fires-at-night", MIGRATION, migrate, c, time="2026-11-19T20:40:00Z")
    rec(f"{c}/fires-on-saturday", MIGRATION, migrate, c, time="2026-11-21T10:00:00Z")
    rec(f"{c}/fires-half-past-seven-in-winter", MIGRATION, migrate, c, time="2026-11-18T06:30:00Z")
    rec(f"{c}/quiet-half-past-eight-in-summer", MIGRATION, migrate, "expected", time="2026-07-15T06:30:00Z")
    rec(f"{c}/quiet-at-eight-sharp", MIGRATION, migrate, "expected", time="2026-11-18T07:00:00Z")

    # unreadable-record
    c = "unreadable-record"
    rec(f"{c}/fires-no-subject", PRODUCTION, TO_PRODUCTION, c, "!userIdentity.userName", "userIdentity.principalId",
        "!responseElements")
    rec(f"{c}/fires-no-role", PRODUCTION, TO_PRODUCTION, c, "!requestParameters", "resources",
        "responseElements.assumedRoleUser")
    rec(f"{c}/fires-a-failure-that-says-nothing", PRODUCTION, TO_PRODUCTION, c, "!userIdentity.userName",
        "userIdentity.principalId", "!userIdentity.identityProvider", "!requestParameters", "!resources",
        error="InvalidIdentityTokenException")
    rec(f"{c}/quiet-subject-from-the-response", PRODUCTION, TO_PRODUCTION, "expected", "!userIdentity.userName",
        "userIdentity.principalId")
    rec(f"{c}/quiet-subject-from-the-principal", PRODUCTION, TO_PRODUCTION, "expected", "userIdentity.userName",
        "!responseElements")
    rec(f"{c}/quiet-role-from-resources", PRODUCTION, TO_PRODUCTION, "expected", "!requestParameters")
    rec(f"{c}/quiet-role-from-the-session", PRODUCTION, TO_PRODUCTION, "expected", "!requestParameters", "resources")
    rec(f"{c}/quiet-parameters-hidden", PRODUCTION, TO_PRODUCTION, "expected", change=lambda r: r.update(
        requestParameters="HIDDEN_DUE_TO_SECURITY_REASONS"))
    rec(f"{c}/quiet-unknown-version-and-fields", PRODUCTION, TO_PRODUCTION, "expected", change=lambda r: r.update(
        eventVersion="2.0-preview", futureField={"eventName": "ConsoleLogin", "nested": [1, None, {"roleArn": "x"}]},
        addendum={"reason": "UPDATED_DATA", "updatedFields": "responseElements"}))

    # denied-assumption
    c = "denied-assumption"
    rec(f"{c}/fires-trust-policy-said-no", PRODUCTION, MY_REPO + ":pull_request", c, error="AccessDenied")
    rec(f"{c}/fires-on-a-stranger", PRODUCTION, "repo:evil-org/tools" + MAIN, c, error="AccessDenied")
    rec(f"{c}/fires-immutable-role-unlisted", FORGOTTEN, MY_REPO_IDS + ":pull_request", c, error="AccessDenied")
    rec(f"{c}/fires-expired-token-little-said", PRODUCTION, TO_PRODUCTION, c, "!userIdentity.userName", "resources",
        error="ExpiredTokenException", message="Token expired")
    rec(f"{c}/fires-longer-than-the-role-allows", PRODUCTION, TO_PRODUCTION, c, error="ValidationError", seconds=43200,
        message="The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    rec(f"{c}/fires-gitlab-on-a-listed-role", PRODUCTION, "project_path:my-org/my-repo:ref_type:branch:ref:main", c,
        issuer="gitlab.com", error="AccessDenied", agent="aws-cli/2.31.4")
    rec(f"{c}/quiet-granted", PRODUCTION, TO_PRODUCTION, "expected")
    rec(f"{c}/quiet-denied-to-another-issuer", IRSA, "system:serviceaccount:payments:api", "other",
        issuer="oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF", error="AccessDenied",
        agent="aws-sdk-go-v2/1.41.2")

    # first-use
    c = "first-use"
    release = MY_REPO + ":ref:refs/heads/release/2026."
    rec(f"{c}/fires-never-seen", STAGING, MY_REPO + MAIN, "expected", remembering=c)
    rec(f"{c}/fires-another-branch", STAGING, release + "11", "expected", remembering=c,
        before=[was(STAGING, release + "10")])
    rec(f"{c}/fires-another-role", READ_ONLY, MY_REPO + MAIN, "expected", remembering=c,
        before=[was(STAGING, MY_REPO + MAIN)])
    rec(f"{c}/fires-with-ids-now", STAGING, MY_REPO_IDS + MAIN, "expected", remembering=c,
        before=[was(STAGING, MY_REPO + MAIN)])
    rec(f"{c}/fires-seen-but-not-expected-then", PRODUCTION, TO_PRODUCTION, "expected", remembering=c, before=[
        was(PRODUCTION, TO_PRODUCTION, seconds=3600), was(PRODUCTION, TO_PRODUCTION, error="AccessDenied")])
    rec(f"{c}/quiet-seen-before", STAGING, MY_REPO + MAIN, "expected", remembering="expected",
        before=[was(STAGING, MY_REPO + MAIN, time="2025-11-18T10:15:00Z")])
    rec(f"{c}/quiet-seen-before-in-another-way", STAGING, MY_REPO + MAIN, "expected", remembering="expected",
        ip=CORPORATE, session="my-repo-19284756301", seconds=1800, region=VIRGINIA,
        before=[was(STAGING, MY_REPO + MAIN)])
    rec(f"{c}/quiet-not-expected", STAGING, MY_REPO + ":ref:refs/heads/dev", "unlisted-context")

    # classic-after-immutable
    c = "classic-after-immutable"
    plan, plan_ids = "repo:my-org/data-science:pull_request", science + ":pull_request"
    rec(f"{c}/fires-the-form-was-set-back", READ_ONLY, plan, "expected", remembering=c,
        before=[was(READ_ONLY, plan), was(READ_ONLY, plan_ids)])
    rec(f"{c}/fires-the-name-is-pinned-too", STAGING, MY_REPO + MAIN, "expected", remembering=c,
        before=[was(STAGING, MY_REPO + MAIN), was(STAGING, MY_REPO_IDS + MAIN)])
    rec(f"{c}/fires-ids-came-to-another-role", MIRROR, "repo:my-org/data-science" + MAIN, "expected",
        remembering=f"{c} first-use", aud=ORG_AUDIENCE, before=[was(READ_ONLY, plan_ids)])
    rec(f"{c}/quiet-always-classic", READ_ONLY, plan, "expected", remembering="expected", before=[was(READ_ONLY, plan)])
    rec(f"{c}/quiet-with-ids", READ_ONLY, plan_ids, "expected", remembering="expected",
        before=[was(READ_ONLY, plan), was(READ_ONLY, plan_ids)])
    rec(f"{c}/quiet-what-was-not-expected-teaches-no-id", READ_ONLY, plan, "expected", remembering="expected",
        before=[was(READ_ONLY, plan), was(READ_ONLY, stranger + ":ref:refs/heads/dev")])
    custom = f"repo:my-org/data-science:environment:production:{workflow}main"
    rec(f"{c}/quiet-a-customised-subject", SHARED, custom, "expected", remembering="expected",
        before=[was(SHARED, custom), was(READ_ONLY, plan_ids)])

    # probing
    c = "probing"
    doors = [PRODUCTION, STAGING, MIGRATION]
    no = dict(error="AccessDenied")
    both = f"{c} denied-assumption"
    rec(f"{c}/fires-third-role", doors[2], MY_REPO + ":pull_request", "denied-assumption", remembering=both, **no,
        before=[was(role, MY_REPO + ":pull_request", **no) for role in doors[:2]])
    guesses = [role_arn(name) for name in ("admin", "deploy", "terraform")]
    rec(f"{c}/fires-roles-that-nobody-listed", guesses[2], "repo:evil-org/tools" + MAIN, "denied-assumption",
        remembering=both, ip="192.0.2.66", **no,
        before=[was(role, "repo:evil-org/tools" + MAIN, ip="192.0.2.66", **no) for role in guesses[:2]])
    rec(f"{c}/fires-another-subject-for-each-role", doors[2], "repo:evil-org/c" + MAIN, "denied-assumption",
        remembering=both, ip="192.0.2.66", **no,
        before=[was(role, f"repo:evil-org/{name}" + MAIN, ip="192.0.2.66", **no) for role, name in zip(doors, "ab")])

    def tries(role, count):
        return [was(role, f"repo:evil-org/tools:ref:refs/heads/{n}", ip=f"192.0.2.{n}", **no) for n in range(1, count + 1)]

    tenth = dict(ip="192.0.2.10", **no)
    rec(f"{c}/fires-tenth-subject", PRODUCTION, "repo:evil-org/tools:ref:refs/heads/10", "denied-assumption",
        remembering=both, before=tries(PRODUCTION, 9), **tenth)
    rec(f"{c}/quiet-ninth-subject", PRODUCTION, "repo:evil-org/tools:ref:refs/heads/9", "denied-assumption",
        before=tries(PRODUCTION, 8), **tenth)
    rec(f"{c}/quiet-tenth-subject-on-a-role-that-nobody-listed", FORGOTTEN, "repo:evil-org/tools:ref:refs/heads/10",
        "denied-assumption", before=tries(FORGOTTEN, 9), **tenth)
    rec(f"{c}/quiet-second-role", doors[1], MY_REPO + ":pull_request", "denied-assumption", **no,
        before=[was(doors[0], MY_REPO + ":pull_request", **no)])
    rec(f"{c}/quiet-twelve-tries-of-one-job", PRODUCTION, MY_REPO + ":pull_request", "denied-assumption", **no,
        before=[was(PRODUCTION, MY_REPO + ":pull_request", **no)] * 11)
    rec(f"{c}/quiet-third-role-from-elsewhere", doors[2], MY_REPO + ":pull_request", "denied-assumption", ip=CORPORATE,
        **no, before=[was(role, MY_REPO + ":pull_request", **no) for role in doors[:2]])
    rec(f"{c}/quiet-third-role-an-hour-later", doors[2], MY_REPO + ":pull_request", "denied-assumption",
        time="2026-11-18T11:00:00Z", **no,
        before=[was(role, MY_REPO + ":pull_request", **no) for role in doors[:2]])
    rec(f"{c}/quiet-third-role-granted", READ_ONLY, MY_REPO + ":pull_request", "expected", remembering="first-use",
        before=[was(role, MY_REPO + ":pull_request", **no) for role in doors[:2]])

    # repository-renamed: data-science becomes data-platform
    c = "repository-renamed"
    old, new = plan_ids, "repo:my-org@111/data-platform@456801:pull_request"
    rec(f"{c}/fires-new-name", READ_ONLY, new, "expected", remembering=f"first-use {c}", before=[was(READ_ONLY, old)])
    rec(f"{c}/fires-known-from-another-role", READ_ONLY, new, "expected", remembering=f"first-use {c}",
        before=[was(MIRROR, science + MAIN, aud=ORG_AUDIENCE)])
    rec(f"{c}/fires-named-back", READ_ONLY, old, "expected", remembering=c,
        before=[was(READ_ONLY, old, time="16T10:00"), was(READ_ONLY, new, time="17T10:00")])
    rec(f"{c}/quiet-same-name", READ_ONLY, old, "expected", remembering="expected", before=[was(READ_ONLY, old)])
    rec(f"{c}/quiet-told-once", READ_ONLY, new, "expected", remembering="expected",
        before=[was(READ_ONLY, old), was(READ_ONLY, new)])
    rec(f"{c}/quiet-another-repository", READ_ONLY, "repo:my-org@111/data-platform@456802:pull_request", "expected",
        remembering="first-use", before=[was(READ_ONLY, old)])
    rec(f"{c}/quiet-without-ids", READ_ONLY, "repo:my-org/data-platform:pull_request", "expected",
        remembering="first-use", before=[was(READ_ONLY, old)])
    rec(f"{c}/quiet-new-name-is-not-listed", STAGING, "repo:my-org@111/web-store@456790" + MAIN, "unlisted-repository",
        before=[was(STAGING, "repo:my-org@111/web-shop@456790" + MAIN)])


OTHER_ISSUERS = {
    "eks": dict(issuer="oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF", role=IRSA,
                sub="system:serviceaccount:payments:api", session="1763459700123456789", send_seconds=False,
                seconds=3600, agent="aws-sdk-java/2.40.3 md/io#async md/http#NettyNio ua/2.1 os/Linux lang/java#21.0.9"),
    "terraform-cloud": dict(issuer="app.terraform.io", role=role_arn("TerraformCloudRole"), aud="aws.workload.identity",
                            sub="organization:my-org:project:Core Network:workspace:vpc-eu:run_phase:plan",
                            session="terraform-run-Xp3fQ9kLm2", send_seconds=False, seconds=3600,
                            agent="APN/1.0 HashiCorp/1.0 Terraform/1.14.0 aws-sdk-go-v2/1.41.2"),
    "cognito": dict(issuer="cognito-identity.amazonaws.com", role=role_arn("service-role/CognitoSignedInRole"),
                    aud="eu-central-1:8f1b2c3d-0000-4000-a000-1234567890ab", built_in=True,
                    sub="eu-central-1:5a6b7c8d-0000-4000-a000-abcdef012345", session="CognitoIdentityCredentials",
                    send_seconds=False, seconds=3600, ip="cognito-identity.amazonaws.com",
                    agent="cognito-identity.amazonaws.com"),
    "gitlab": dict(issuer="gitlab.com", role=role_arn("GitLabDeployRole"), aud="https://gitlab.com",
                   sub="project_path:my-org/my-repo:ref_type:branch:ref:main", session="gitlab-job-8123456789",
                   seconds=3600, agent="aws-cli/2.31.4"),
    "buildkite": dict(issuer="agent.buildkite.com", role=role_arn("BuildkiteAgentRole"),
                      sub="organization:my-org:pipeline:web-shop:ref:refs/heads/main:commit:"
                          "0123456789abcdef0123456789abcdef01234567:step:deploy",
                      session="buildkite-job-019a8f3e", seconds=3600, agent="aws-cli/2.31.4"),
}


def write_others():
    for name, options in OTHER_ISSUERS.items():
        options = dict(options)
        role, sub = options.pop("role"), options.pop("sub")
        sample(f"others/{name}", assumption(f"others/{name}", role, sub, **options), "other")
        sample(f"others/{name}-denied", assumption(f"others/{name}-denied", role, sub, **options, error="AccessDenied"),
               "other")
    time = at("18T10:15")
    person = {"type": "IAMUser", "principalId": "AIDAEXAMPLE" + letters(10, "ci"), "arn": f"arn:aws:iam::{ACCOUNT}:user/ci",
              "accountId": ACCOUNT, "accessKeyId": "AKIAEXAMPLE" + letters(9, "ci"), "userName": "ci"}
    role = role_arn("audit")
    sample("others/assume-role", call("others/assume-role", "sts", "AssumeRole", person, time, version="1.08", params={
        "roleArn": role, "roleSessionName": "GitHubActions", "durationSeconds": 900}, response={
        "credentials": {"accessKeyId": "ASIAEXAMPLE" + letters(9, "audit"), "sessionToken": SECRET,
                        "expiration": expiration(time + timedelta(seconds=900))},
        "assumedRoleUser": {"assumedRoleId": f"AROAEXAMPLE{letters(10, 'audit')}:GitHubActions",
                            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/audit/GitHubActions"}},
        resources=[{"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": role}]), "none")
    session = identity_of_role(PRODUCTION, "GitHubActions", "ASIAEXAMPLE" + letters(9, "s3"), time, "s3",
                               provider_arn(GITHUB))
    sample("others/s3-get-object", call("others/s3-get-object", "s3", "GetObject", session, time, category="Data",
           params={"bucketName": "my-org-releases", "key": "AssumeRoleWithWebIdentity.json",
                   "Host": "my-org-releases.s3.eu-central-1.amazonaws.com"},
           resources=[{"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::my-org-releases/AssumeRoleWithWebIdentity.json"},
                      {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::my-org-releases"}]), "none")
    sample("others/s3-list-buckets", call("others/s3-list-buckets", "s3", "ListBuckets", session, time,
           params={"Host": "s3.eu-central-1.amazonaws.com"}), "none")


# --- containers: the same three records, however they arrive -------------------------------------

def three_records():
    eks = dict(OTHER_ISSUERS["eks"])
    return [
        assumption("three/expected", PRODUCTION, MY_REPO_IDS + ":environment:production", "18T10:02:11",
                   agent=user_agent(19284750077)),
        assumption("three/finding", PRODUCTION, MY_REPO + ":ref:refs/heads/dev", "18T10:15:00",
                   agent=user_agent(19284756301)),
        assumption("three/eks", eks.pop("role"), eks.pop("sub"), "18T10:15:02", **eks),
    ]


def envelope(record):
    return {"version": "0", "id": uuid("envelope", record["eventID"]), "detail-type": "AWS API Call via CloudTrail",
            "source": "aws.sts", "account": ACCOUNT, "time": record["eventTime"], "region": record["awsRegion"],
            "resources": [], "detail": record}


def write_containers():
    three = three_records()
    lines = [compact(r) for r in three]
    put("containers/bare.json", pretty(three[1]))
    put("containers/array.json", compact(three) + "\n")
    put("containers/cloudtrail.json", compact({"Records": three}) + "\n")
    put("containers/records.jsonl", "\n".join(lines) + "\n")
    put("containers/records-crlf-bom.jsonl", "\ufeff" + "\r\n".join(lines) + "\r\n")
    put("containers/eventbridge.json", pretty(envelope(three[1])))
    put("containers/eventbridge.jsonl", "".join(compact(envelope(r)) + "\n" for r in three))

    def queued(r):
        body = compact(envelope(r))
        sent = int((at(r["eventTime"]) - datetime(1970, 1, 1)).total_seconds() * 1000) + 4000
        return {"messageId": uuid("message", r["eventID"]), "receiptHandle": "EXAMPLE-RECEIPT-HANDLE", "body": body,
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": str(sent),
                               "SenderId": "AROAEXAMPLE" + letters(10, "events") + ":events",
                               "ApproximateFirstReceiveTimestamp": str(sent + 12)},
                "messageAttributes": {}, "md5OfBody": hashlib.md5(body.encode()).hexdigest(),
                "eventSource": "aws:sqs", "eventSourceARN": f"arn:aws:sqs:{FRANKFURT}:{ACCOUNT}:rolewatch-events",
                "awsRegion": FRANKFURT}
    put("containers/sqs.json", compact({"Records": [queued(r) for r in three]}) + "\n")

    topic = f"arn:aws:sns:{FRANKFURT}:{ACCOUNT}:cloudtrail-events"

    def published(r):
        return {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": f"{topic}:{uuid('subscription')}",
                "Sns": {"Type": "Notification", "MessageId": uuid("notification", r["eventID"]), "TopicArn": topic,
                        "Subject": None, "Message": compact(envelope(r)),
                        "Timestamp": r["eventTime"].replace("Z", ".000Z"), "SignatureVersion": "1",
                        "Signature": "EXAMPLE", "SigningCertUrl": "https://sns.example/cert.pem",
                        "UnsubscribeUrl": "https://sns.example/unsubscribe", "MessageAttributes": {}}}
    put("containers/sns.json", compact({"Records": [published(r) for r in three]}) + "\n")

    def looked_up(r):
        return {"EventId": r["eventID"], "EventName": r["eventName"], "ReadOnly": "true",
                "EventTime": r["eventTime"].replace("Z", "+00:00"), "EventSource": r["eventSource"],
                "Username": r["userIdentity"]["userName"],
                "Resources": [{"ResourceType": "AWS::IAM::Role", "ResourceName": r["requestParameters"]["roleArn"]}],
                "CloudTrailEvent": compact(r)}
    put("containers/lookup-events.json", json.dumps({"Events": [looked_up(r) for r in three]}, indent=4) + "\n")

    # One document in two gzip members, cut in the middle of the second record.
    whole = compact({"Records": three}).encode()
    half = len(whole) // 2
    put("containers/two-members.json.gz", gz(whole[:half]) + gz(whole[half:]))


# --- archive: one week, as CloudTrail leaves it in S3 --------------------------------------------

OUTCOMES = ["expected", "ignored", "other", "none", "duplicate", "unreadable"]


class Archive:
    def __init__(self):
        self.planted = []  # (record, truth, note)

    def plant(self, record, truth, note=None):
        self.planted.append((record, truth, note))
        return record

    def came(self, role, sub, time, truth="expected", note=None, followed_by=(), **options):
        """An assumption, and what its session then did."""
        label = f"archive/{time}/{role}/{sub}"
        run = number(19_280_000_000, 19_289_999_999, label)
        options.setdefault("agent", user_agent(run))
        record = assumption(label, role, sub, time, **options)
        self.plant(record, truth, note)
        if record["responseElements"]:
            self.did(record, label, [("sts", "GetCallerIdentity", None), *followed_by])
        return record

    def did(self, record, label, calls):
        start = at(record["eventTime"])
        response = record["responseElements"]
        for n, (source, name, params) in enumerate(calls):
            time = start + timedelta(seconds=1 + 7 * n)
            identity = identity_of_role(record["requestParameters"]["roleArn"],
                                        record["requestParameters"]["roleSessionName"],
                                        response["credentials"]["accessKeyId"], start, label, response["provider"])
            self.plant(call(f"{label}/{n}", source, name, identity, time, region=record["awsRegion"],
                            ip=record["sourceIPAddress"], agent="aws-cli/2.31.4", params=params,
                            read_only=name.startswith(("Get", "List", "Describe"))), "none")

    def again(self, record, note):
        """Delivered a second time: the same eventID, in a later file."""
        self.plant(json.loads(json.dumps(record)), "duplicate", note)


DEPLOY = [("ecs", "RegisterTaskDefinition", {"family": "payments-api"}),
          ("ecs", "UpdateService", {"cluster": "payments", "service": "payments-api"})]
PLAN = [("ec2", "DescribeVpcs", {"vpcSet": {}, "filterSet": {}})]


def week():
    a = Archive()
    web_shop, web_shop_ids = "repo:my-org/web-shop", "repo:my-org@111/web-shop@456790"
    docs_ids = "repo:my-org@111/docs-site@456800"
    shared = "repository_owner_id:111:job_workflow_ref:my-org/ci/.github/workflows/deploy.yml@refs/heads/"
    infrastructure = "repo:my-org@111/infrastructure@456791"

    # What every day brings. my-repo moves to immutable subjects on Thursday.
    for day in range(16, 21):
        mine = MY_REPO if day < 19 else MY_REPO_IDS
        a.came(READ_ONLY, f"{mine}:pull_request", f"{day}T08:{number(10, 40, day)}:17")
        a.came(READ_ONLY, f"{docs_ids}:pull_request", f"{day}T09:{number(20, 59, day)}:41", followed_by=PLAN)
        a.came(READ_ONLY, f"{infrastructure}:pull_request", f"{day}T13:{number(10, 50, day)}:05", region=VIRGINIA)
        a.came(STAGING, mine + MAIN, f"{day}T10:0{number(0, 5, day)}:30", seconds=1800)
        a.came(PRODUCTION, f"{mine}:environment:production", f"{day}T10:4{number(0, 9, day)}:12", followed_by=DEPLOY)
        a.came(MIRROR, f"repo:my-org/tooling:ref:refs/heads/dependabot/npm/{day}", f"{day}T04:{number(10, 59, day)}:00",
               aud=ORG_AUDIENCE, region=VIRGINIA, send_seconds=False, seconds=3600, agent="aws-cli/2.31.4")
        if day < 19:
            a.came(STAGING, (web_shop if day == 16 else web_shop_ids) + MAIN, f"{day}T14:{number(10, 50, day)}:55")

    a.came(SHARED, shared + "main", "16T11:30:09")
    a.came(STAGING, MY_REPO + ":ref:refs/heads/release/2026.11", "17T07:50:00")
    a.came(MIGRATION, MY_REPO + ":environment:migrations", "17T09:00:20")
    a.came(PUBLISH, web_shop_ids + ":ref:refs/tags/v2.14.0", "17T15:20:44")
    a.came(TERRAFORM, infrastructure + ":environment:infrastructure", "18T12:00:00", ip=CORPORATE, seconds=3600)
    a.came(TOOLING, "repo:my-org/tooling" + MAIN, "18T08:05:00", issuer=GITHUB + "/my-enterprise")
    a.came(SIGNING, "repo:my-org@111/release-signing@456792" + MAIN, "19T11:11:11")
    a.came(PUBLISH, MY_REPO_IDS + ":ref:refs/tags/v5.0.1", "19T11:20:44")
    a.came(STAGING, MY_REPO_IDS + ":environment:staging%3Aeu", "19T15:00:10")
    a.came(SHARED, f"repo:my-org/status-page:environment:production:{shared.split(':', 2)[2]}main", "20T09:15:00")

    # Monday. A pull request's job asks for the production role, as it was copied from another workflow.
    wait = 0
    for n in range(12):
        time = at("16T09:12:04") + timedelta(seconds=wait)
        wait += 2 ** min(n, 6) + number(0, 3, "backoff", n)
        a.came(PRODUCTION, web_shop + ":pull_request", iso(time), "denied-assumption",
               "a pull request asks for production, refused, 12 tries of one job" if n == 0 else None,
               error="AccessDenied", session="web-shop-pr-318", agent=user_agent(19284111222))

    # Tuesday. A repository that nobody announced; a role that nobody listed; the legacy role, silenced until January.
    a.came(LEGACY, "repo:my-org/billing" + MAIN, "17T06:30:00", "ignored", "the legacy role keeps its hour",
           seconds=3600, send_seconds=False, agent="aws-cli/2.31.4")
    a.came(STAGING, "repo:my-org/data-science" + MAIN, "17T13:05:33", "unlisted-repository",
           "data-science borrows the staging role")
    a.came(FORGOTTEN, MY_REPO + MAIN, "17T16:45:10", "unlisted-role", "a role left over from a proof of concept",
           region=VIRGINIA)

    # Wednesday. The one that hurts: a branch without review got production. And two careless sessions.
    dev = a.came(PRODUCTION, MY_REPO + ":ref:refs/heads/dev", "18T10:15:00", "unlisted-context",
                 "a branch gets the production role, past the environment's reviewers", agent=user_agent(19284756301),
                 followed_by=[("secretsmanager", "GetSecretValue", {"secretId": "payments/database"}), *DEPLOY])
    a.came(STAGING, MY_REPO + MAIN, "18T14:40:27", "session-too-long", "staging for an hour, nobody asked for it",
           seconds=3600, send_seconds=False)
    a.came(PRODUCTION, TO_PRODUCTION, "18T15:30:00", "unexpected-audience",
           "production with GitHub's default audience", aud=ORG_AUDIENCE)
    a.again(dev, "Wednesday's worst record, delivered twice")

    # Thursday. Loose ends.
    a.came(LOAD_TEST, "repo:my-org/load-tests" + MAIN, "19T08:20:00", "expired-rule",
           "the load test goes on, its rule ended in October", region=VIRGINIA)
    a.came(SHARED, shared + "debug", "19T10:25:00", "unlisted-subject", "the shared workflow, from its debug branch")
    a.came(PUBLISH, MY_REPO_IDS + ":ref:refs/tags/v5.0.2", "19T12:10:00", "unexpected-region",
           "an image published from the wrong region", region=VIRGINIA)
    a.came(READ_ONLY, "repo:my-org/tooling:pull_request", "19T14:01:00", "unexpected-issuer",
           "the enterprise's issuer, which the rule does not accept", issuer=GITHUB + "/my-enterprise")
    a.came(MIGRATION, MY_REPO_IDS + ":environment:migrations", "19T20:40:00", "outside-hours",
           "a migration at 21:40 in Berlin")
    silent = assumption("archive/silent", PRODUCTION, TO_PRODUCTION, "19T17:00:00", error="InvalidIdentityTokenException",
                        region=VIRGINIA)
    a.plant(without(silent, "!userIdentity.userName", "userIdentity.principalId", "!userIdentity.identityProvider",
                    "!requestParameters", "!resources"), "unreadable", "a failed call that says neither who nor what")

    # Friday. A namesake tries production, then finds a role whose trust policy says repo:my-org*.
    evil = "198.51.100.66"
    a.came(PRODUCTION, "repo:my-org-evil/my-repo:environment:production", "20T02:11:40", "denied-assumption",
           "a namesake organisation tries production, refused", error="AccessDenied", ip=evil, agent="python-requests/2.32.5")
    a.came(READ_ONLY, "repo:my-org-evil/my-repo" + MAIN, "20T02:13:02", "unlisted-owner",
           "and gets the read-only role", ip=evil, agent="python-requests/2.32.5", send_seconds=False, seconds=3600,
           followed_by=[("s3", "ListBuckets", None), ("iam", "ListRoles", None), ("ec2", "DescribeInstances", None)])
    # web-shop was renamed on Thursday. On Friday somebody creates a repository under the name that became free.
    a.came(STAGING, "repo:my-org@111/web-shop@987654" + MAIN, "20T11:32:15", "repository-id-mismatch",
           "web-shop was renamed; another repository now has its name", followed_by=DEPLOY[:1])
    a.came(TERRAFORM, infrastructure + ":environment:infrastructure", "20T15:05:00", "unexpected-network",
           "infrastructure, but not from our own runners", ip="198.51.100.91")

    # Who shares the event and is nobody's business here.
    hosts = {FRANKFURT: "oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
             VIRGINIA: "oidc.eks.us-east-1.amazonaws.com/id/FEDCBA9876543210FEDCBA9876543210"}
    agent = "aws-sdk-go-v2/1.41.2 ua/2.1 os/linux lang/go#1.25.4 md/GOOS#linux md/GOARCH#arm64 api/sts#1.41.2"
    first = None
    for day in range(16, 21):
        for n in range(11):
            region = VIRGINIA if n % 3 == 0 else FRANKFURT
            time = f"{day}T{2 * n + 1:02}:{number(0, 59, 'eks', day, n):02}:{number(0, 59, 'eks s', day, n):02}"
            account, role = [("payments:api", IRSA), ("kube-system:ebs-csi-controller-sa", role_arn("eks-ebs-csi")),
                             ("monitoring:grafana", role_arn("eks-grafana"))][n % 3]
            record = assumption(f"eks/{day}/{n}", role, f"system:serviceaccount:{account}", time, issuer=hosts[region],
                                session=str(number(10**18, 10**19, day, n)), send_seconds=False, seconds=3600,
                                region=region, agent=agent, ip="198.51.100.200")
            a.plant(record, "other")
            first = first or record
    a.again(first, "an EKS record, delivered twice")
    a.plant(assumption("eks/denied", role_arn("eks-grafana"), "system:serviceaccount:sandbox:grafana", "18T16:20:00",
                       issuer=hosts[FRANKFURT], session="1763482800123456789", send_seconds=False, agent=agent,
                       ip="198.51.100.200", error="AccessDenied"), "other")
    for n, (name, time) in enumerate([("terraform-cloud", "16T12:01:00"), ("cognito", "17T18:30:12"),
                                      ("terraform-cloud", "18T12:01:07"), ("gitlab", "19T09:45:00"),
                                      ("buildkite", "20T08:00:30")]):
        options = dict(OTHER_ISSUERS[name])
        a.plant(assumption(f"week/{name}/{n}", options.pop("role"), options.pop("sub"), time, region=VIRGINIA, **options),
                "other")

    # And the rest of an account's noise.
    noise = [("kms", "Decrypt", "secretsmanager", {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"}),
             ("sts", "AssumeRole", "ecs-tasks", {"roleArn": role_arn("payments-task"), "roleSessionName": "ecs-task"}),
             ("ecr", "BatchGetImage", "ecs", {"repositoryName": "payments-api"}),
             ("logs", "DescribeLogGroups", "config", None),
             ("ec2", "DescribeNetworkInterfaces", "elasticloadbalancing", None),
             ("cloudformation", "DescribeStacks", "servicecatalog", {"stackName": "payments"})]
    for day in range(16, 21):
        for n in range(18):
            source, name, by, params = noise[number(0, 5, "noise", day, n)]
            time = at(f"{day}T{n + 4:02}:{number(0, 59, 'noise m', day, n):02}")
            a.plant(call(f"noise/{day}/{n}", source, name, service_identity(by), time, params=params,
                         region=VIRGINIA if n % 4 == 0 else FRANKFURT, ip=f"{by}.amazonaws.com",
                         agent=f"{by}.amazonaws.com", version="1.09"), "none")
    return a


def write_archive():
    a = week()
    # Two files a day in the busy region on the busy days: (region, day, from hour, to hour).
    parts = []
    for region in (FRANKFURT, VIRGINIA):
        for day in range(16, 21):
            halves = [(0, 12), (12, 24)] if region == FRANKFURT and day in (16, 18, 20) else [(0, 24)]
            parts += [(region, day, begin, end) for begin, end in halves]
    files = {part: [] for part in parts}
    for record, truth, _ in a.planted:
        time = at(record["eventTime"])
        matching = [p for p in parts if p[0] == record["awsRegion"] and p[1] == time.day]
        part = next(p for p in matching if p[2] <= time.hour < p[3])
        if truth == "duplicate":  # into the region's next file
            part = parts[parts.index(part) + 1]
        # CloudTrail does not sort: records come in the order of their delivery.
        delay = number(0, 240, "delay", truth, record["eventID"])
        files[part].append((time + timedelta(seconds=delay), record["eventID"], record))

    for (region, day, begin, end), delivered in files.items():
        delivered.sort(key=lambda d: d[:2])
        records = [d[2] for d in delivered]
        written = datetime(2026, 11, day, end - 1, 55)
        unique = letters(16, "file", region, day, begin)
        folder = f"AWSLogs/{ACCOUNT}/CloudTrail/{region}/2026/11/{day}"
        path = f"{folder}/{ACCOUNT}_CloudTrail_{region}_{written:%Y%m%dT%H%MZ}_{unique}.json.gz"
        text = compact({"Records": records}) + "\n"
        put(f"archive/{path}", gz(text))
        if (region, day, end) in ((FRANKFURT, 18, 24), (VIRGINIA, 20, 24)):
            put(*digest_file(region, day, path, text, records))

    judged = {}
    findings = {}
    for _, truth, _ in a.planted:
        if truth in OUTCOMES:
            judged[truth] = judged.get(truth, 0) + 1
        else:
            key = "denied" if truth == "denied-assumption" else "unexpected"
            judged[key] = judged.get(key, 0) + 1
            findings[truth] = findings.get(truth, 0) + 1
    if judged["unreadable"]:
        findings["unreadable-record"] = judged["unreadable"]
    total = sum(judged[k] for k in ("expected", "unexpected", "denied", "ignored"))
    truth = {
        "records": len(a.planted),
        "assumptions": total + judged["other"],
        "judged": total,
        **{k: judged[k] for k in ("other", "expected", "unexpected", "denied", "ignored")},
        "duplicates": judged["duplicate"],
        "unreadable": judged["unreadable"],
        "findings": dict(sorted(findings.items())),
    }
    put("archive-truth.json", pretty(truth))
    return truth, [(r, t, note) for r, t, note in a.planted if note]


def digest_file(region, day, log, text, records):
    """What CloudTrail signs beside its logs: a list of files, not records."""
    times = sorted(r["eventTime"] for r in records)
    end = f"2026-11-{day + 1}T00:00:00Z"
    trail = "organisation-trail"
    folder = f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/{region}/2026/11/{day + 1}"
    path = f"{folder}/{ACCOUNT}_CloudTrail-Digest_{region}_{trail}_{VIRGINIA}_202611{day + 1}T000000Z.json.gz"
    body = {"awsAccountId": ACCOUNT, "digestStartTime": f"2026-11-{day}T23:00:00Z", "digestEndTime": end,
            "digestS3Bucket": "my-org-cloudtrail", "digestS3Object": path,
            "digestPublicKeyFingerprint": digest("fingerprint")[:32], "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": times[-1], "oldestEventTime": times[0], "previousDigestS3Bucket": None,
            "previousDigestS3Object": None, "previousDigestHashValue": None, "previousDigestHashAlgorithm": None,
            "previousDigestSignature": None,
            "logFiles": [{"s3Bucket": "my-org-cloudtrail", "s3Object": log,
                          "hashValue": hashlib.sha256(text.encode()).hexdigest(), "hashAlgorithm": "SHA-256",
                          "newestEventTime": times[-1], "oldestEventTime": times[0]}]}
    return f"archive/{path}", gz(compact(body))


# --- damaged -----------------------------------------------------------------------------------

def write_damaged():
    first = assumption("damaged/1", PRODUCTION, MY_REPO + ":ref:refs/heads/dev", "18T10:15:00")
    second = assumption("damaged/2", PRODUCTION, MY_REPO + ":pull_request", "18T10:20:00")
    noise = [call(f"damaged/noise/{n}", "kms", "Decrypt", service_identity("secretsmanager"), at(f"18T11:{n + 10}"))
             for n in range(30)]
    whole = gz(compact({"Records": [first, *noise, second]}))
    put("damaged/truncated.json.gz", whole[:len(whole) * 3 // 5])
    put("damaged/one-bad-record.jsonl", f'{compact(first)}\n{{"eventVersion":"1.08","eventSource":"sts.amaz\n'
        f"{compact(second)}\n")
    bad = ('{"eventVersion":"1.08","eventTime":"2026-11-18T10:17:00Z","eventSource":"sts.amazonaws.com",'
           '"eventName":"AssumeRoleWithWebIdentity","userAgent":"a bad escape \\x here",'
           f'"eventID":"{uuid("damaged/bad")}","recipientAccountId":"{ACCOUNT}"}}')
    put("damaged/bad-record-inside.json", f'{{"Records":[{compact(first)},{bad},{compact(second)}]}}\n')
    put("damaged/not-cloudtrail.html", "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n"
        "<body><h1>Your session has expired</h1><p>Please sign in again.</p></body></html>\n")
    put("damaged/not-cloudtrail.json", pretty({"name": "web-shop", "version": "2.14.0", "private": True,
                                               "scripts": {"build": "vite build"}}))


# --- README tables -------------------------------------------------------------------------------

def write_readme(truth, notes):
    def row(key, text):
        return f"| `{key}` | {truth[key]} | {text} |"

    table = ["| | | |", "|---|---:|---|",
             row("records", "every CloudTrail record, duplicates included"),
             row("assumptions", "understood AssumeRoleWithWebIdentity records, each once; = judged + other"),
             row("judged", "= expected + unexpected + denied + ignored"),
             row("other", "EKS, Terraform Cloud, Cognito, GitLab, Buildkite"),
             row("expected", "some rule covers it"), row("unexpected", "a finding each"),
             row("denied", "refused by STS, a finding each"), row("ignored", "silenced by an `[[ignore]]`"),
             row("duplicates", "the same eventID again"), row("unreadable", "a finding, though nobody knows about whom"),
             "", "| check | findings |", "|---|---:|"]
    table += [f"| `{check}` | {n} |" for check, n in truth["findings"].items()]
    table += [f"| together | {sum(truth['findings'].values())} |", "", "| when (UTC) | what | truth |", "|---|---|---|"]
    for record, outcome, note in sorted(notes, key=lambda n: n[0]["eventTime"]):
        when = at(record["eventTime"])
        table.append(f"| {when:%a %H:%M} | {note} | {outcome if outcome in OUTCOMES else f'`{outcome}`'} |")
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    begin, end = "<!-- truth: written by generate.py -->", "<!-- end of truth -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.S)
    assert pattern.search(readme), "README.md has lost the marks of its table"
    put("README.md", pattern.sub(lambda _: "\n".join([begin, *table, end]), readme))


# --- main ----------------------------------------------------------------------------------------

def contents(data):
    """What to compare: for gzip the members' contents, and whether it ends where it should."""
    if data[:2] != b"\x1f\x8b":
        return data
    members = []
    while data:
        member = zlib.decompressobj(31)
        members.append(member.decompress(data))
        if not member.eof:
            return "truncated"  # how much can be read of it depends on where deflate put its bytes
        data = member.unused_data
    return members


def main():
    write_records()
    write_others()
    put("records-truth.json", pretty(RECORDS_TRUTH))
    put("memory-truth.json", pretty(MEMORY_TRUTH))
    write_containers()
    truth, notes = write_archive()
    write_damaged()
    write_readme(truth, notes)

    existing = {p.relative_to(HERE).as_posix(): p for d in OWNED for p in (HERE / d).rglob("*") if p.is_file()}
    stray = sorted(set(existing) - set(FILES))
    changed = [path for path, data in sorted(FILES.items())
               if not (HERE / path).is_file() or contents((HERE / path).read_bytes()) != contents(data)]
    if sys.argv[1:] == ["--check"]:
        for path in changed:
            print(f"differs: {path}")
        for path in stray:
            print(f"not generated: {path}")
        return 1 if changed or stray else 0
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    for path in stray:
        existing[path].unlink()
    for path in changed:
        (HERE / path).parent.mkdir(parents=True, exist_ok=True)
        (HERE / path).write_bytes(FILES[path])
    print(f"{len(FILES)} files, {len(changed)} written, {len(stray)} removed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
