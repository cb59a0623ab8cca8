"""What CloudFormation asks for to make, change and take away a resource: the permissions of its handlers, as AWS's own schemas
name them (cfn-lint brings these along), each with a resource of the kind that IAM holds it to."""

import fnmatch
import json
import pathlib

import cfnlint

DATA = pathlib.Path(cfnlint.__file__).parent / "data"
SCHEMAS = json.loads((DATA / "schemas/providers/eu-central-1.json").read_text())
ACTIONS = json.loads((DATA / "AdditionalSpecs/Policies.json").read_text())
HANDLERS = ("create", "read", "update", "delete")

# One resource each of a stack named rolewatch, in IAM's words.
HERE = "eu-central-1:123456789012"
ARNS = {
    "cloudwatch": f"arn:aws:cloudwatch:{HERE}:alarm:rolewatch-LagAlarm-1A2B",
    "dynamodb": f"arn:aws:dynamodb:{HERE}:table/rolewatch-Memory-1A2B",
    "events": f"arn:aws:events:{HERE}:rule/rolewatch-Rule-1A2B",
    "iam": "arn:aws:iam::123456789012:role/rolewatch-DetectRole-1A2B",
    "kms": f"arn:aws:kms:{HERE}:key/1a2b",
    "lambda": f"arn:aws:lambda:{HERE}:function:rolewatch-Detect-1A2B",
    "logs": f"arn:aws:logs:{HERE}:log-group:/rolewatch/rolewatch/detect",
    "s3": "arn:aws:s3:::rolewatch-reports-1a2b",
    "scheduler": f"arn:aws:scheduler:{HERE}:schedule/default/rolewatch-canary",
    "sns": f"arn:aws:sns:{HERE}:rolewatch-Findings-1A2B",
    "sqs": f"arn:aws:sqs:{HERE}:rolewatch-Events-1A2B",
}
# Where a kind of resource is not its service's usual one.
OF_TYPE = {
    ("AWS::CloudWatch::Dashboard", "cloudwatch"): "arn:aws:cloudwatch::123456789012:dashboard/Dashboard-1A2B",
    ("AWS::Lambda::EventSourceMapping", "lambda"): f"arn:aws:lambda:{HERE}:event-source-mapping:1a2b",
    ("AWS::Lambda::Function", "s3"): "arn:aws:s3:::my-org-code/rolewatch/1a2b",
}

# What its handlers may ask for and this template never makes them, each with the reason.
NEVER = (
    ("it is attached to no managed policy", "AWS::IAM::Role", {"iam:AttachRolePolicy", "iam:DetachRolePolicy"}),
    ("a role without its boundary is what must not be", "AWS::IAM::Role", {"iam:DeleteRolePermissionsBoundary"}),
    ("it subscribes no stream, which alone wants a role read", "AWS::SNS::*", {"iam:GetRole", "iam:PassRole"}),
    ("it is no copy in another region, imports nothing and streams to nobody", "AWS::DynamoDB::Table",
     {"kinesis:*", "s3:*", "logs:*", "iam:CreateServiceLinkedRole"}),
    ("the key is named by its ARN, not by an alias", "AWS::DynamoDB::Table", {"kms:ListAliases"}),
    ("it is in no network, mounts nothing, and has neither layers nor signed code", "AWS::Lambda::Function",
     {"ec2:*", "elasticfilesystem:*", "s3files:*", "lambda:GetLayerVersion", "lambda:*CodeSigning*", "lambda:PassCapacityProvider"}),
    ("its runtime has no alias", "AWS::Lambda::Function", {"lambda:AssociateRuntimeAlias"}),
    ("nothing of it is indexed", "AWS::Logs::LogGroup", {"logs:PutIndexPolicy", "logs:DeleteIndexPolicy"}),
    ("packaging names an object, not its version", "AWS::Lambda::Function", {"s3:GetObjectVersion"}),
    ("its logs are delivered nowhere else, and no policy of the account's is changed", "AWS::Logs::LogGroup",
     {"logs:CreateLogDelivery", "logs:PutResourcePolicy", "logs:DeleteResourcePolicy", "s3:*", "firehose:*"}),
    ("it stays when the stack goes", "AWS::S3::Bucket", {"s3:DeleteBucket", "s3:DeleteObject"}),
    ("it is a plain, private bucket", "AWS::S3::Bucket", {
        "s3tables:*", "iam:PassRole", "s3:*Abac", "s3:*Acl", "s3:*Analytics*", "s3:*CORS", "s3:*Cors", "s3:*Inventory*", "s3:*Metrics*",
        "s3:*Notification", "s3:*Replication*", "s3:*Website", "s3:*Accelerate*", "s3:*ObjectLock*", "s3:*IntelligentTiering*",
        "s3:*MetadataTable*", "s3:*MetadataJournal*", "s3:*MetadataInventory*", "s3:*MetadataAnnotation*"}),
    ("encryption and lifecycle are never taken away", "AWS::S3::Bucket", {"s3:DeleteBucketEncryption", "s3:DeleteBucketLifecycle"}),
)


def matches(text, pattern):
    return fnmatch.fnmatchcase(text.lower(), pattern.lower())


def reason_against(kind, permission):
    """The entry of NEVER that a permission falls under, or None."""
    return next((it for it in NEVER if matches(kind, it[1]) and any(matches(permission, of) for of in it[2])), None)


def asked_for(kinds):
    """(type, permission) of all handlers of these types."""
    for kind in sorted(kinds):
        (schema,) = (DATA / "schemas/resources").glob(f"{SCHEMAS[kind]}.json")
        handlers = json.loads(schema.read_text())["handlers"]
        for permission in sorted({it for name in HANDLERS for it in handlers.get(name, {}).get("permissions", ())}):
            yield kind, permission


def resource(kind, permission):
    """What it is used on: `*` where IAM knows no resource to hold it to."""
    service, action = permission.split(":")
    if not ACTIONS[service]["Actions"].get(action.lower(), {}).get("Resources"):
        return "*"
    return OF_TYPE.get((kind, service), ARNS[service])


def listed(value):
    return value if isinstance(value, list) else [value]


def allows(statements, permission, on):
    return any(it["Effect"] == "Allow" and any(matches(permission, of) for of in listed(it["Action"]))
               and any(of == "*" or (on != "*" and matches(on, of)) for of in listed(it["Resource"])) for it in statements)


def missing(statements, kinds):
    """What some handler of these types would be refused."""
    for kind, permission in asked_for(kinds):
        if not reason_against(kind, permission) and not allows(statements, permission, resource(kind, permission)):
            yield f"{kind}: {permission} on {resource(kind, permission)}"
