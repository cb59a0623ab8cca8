//! Records as an account's CloudTrail has them, in the order and spelling of S3 delivery.

#![allow(
    clippy::format_push_string,
    reason = "an archive is made once; the texts read better so"
)]

use crate::random::{BASE32, BASE64, HEX, Random};
use crate::truth::Truth;

const ACCOUNT: &str = "123456789012";
const REGIONS: &[&str] = &["eu-central-1", "us-east-1", "eu-west-1"];
const PROVIDER: &str =
    "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
const EKS: &str = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
const AGENTS: &[&str] = &[
    "aws-sdk-go-v2/1.41.2 ua/2.1 os/linux lang/go#1.25.4 md/GOOS#linux md/GOARCH#arm64 api/ec2#1.225.0 m/E",
    "Boto3/1.40.61 md/Botocore#1.40.61 ua/2.1 os/linux#6.1.141 md/arch#x86_64 lang/python#3.13.9 md/pyimpl#CPython Botocore/1.40.61",
    "APN/1.0 HashiCorp/1.0 Terraform/1.13.4 aws-sdk-go-v2/1.39.4",
    "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.750 Linux/5.10.230 java/1.8.0_412]",
    "aws-cli/2.31.4 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0-1021-aws md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython",
];
const READS: &[(&str, &str)] = &[
    ("ec2.amazonaws.com", "DescribeInstances"),
    ("ec2.amazonaws.com", "DescribeNetworkInterfaces"),
    ("elasticloadbalancing.amazonaws.com", "DescribeTargetHealth"),
    ("autoscaling.amazonaws.com", "DescribeAutoScalingGroups"),
    ("iam.amazonaws.com", "GetRole"),
    ("rds.amazonaws.com", "DescribeDBInstances"),
    ("sts.amazonaws.com", "GetCallerIdentity"),
    ("ssm.amazonaws.com", "GetParameter"),
];

/// Writes records; the same for the same numbers.
#[derive(Debug)]
pub(crate) struct Records {
    random: Random,
    seconds: u64,
    day: u64,
    region: &'static str,
    /// How many records in a thousand thousand are assumptions.
    assumptions: u64,
}

impl Records {
    /// Those of one file, delivered on a day of November 2026 in a region.
    pub(crate) fn new(random: Random, day: u64, region: usize, assumptions: u64) -> Self {
        Self {
            random,
            seconds: 0,
            day,
            region: REGIONS[region % REGIONS.len()],
            assumptions,
        }
    }

    pub(crate) fn region(&self) -> &'static str {
        self.region
    }

    /// Appends one record, and counts it.
    pub(crate) fn write(&mut self, out: &mut String, truth: &mut Truth) {
        truth.records += 1;
        self.seconds = (self.seconds + self.random.below(3)) % 86_400;
        if self.random.below(1_000_000) < self.assumptions {
            return self.assumption(out, truth);
        }
        match self.random.below(1000) {
            0..520 => self.read(out),
            520..730 => self.decrypt(out),
            730..850 => self.object(out),
            850..940 => self.role(out),
            940..960 => self.instances(out),
            960..990 => self.policy(out),
            _ => self.decoy(out),
        }
    }

    fn time(&self) -> String {
        let (minutes, second) = (self.seconds / 60, self.seconds % 60);
        let (hour, minute) = (minutes / 60, minutes % 60);
        format!("2026-11-{:02}T{hour:02}:{minute:02}:{second:02}Z", self.day)
    }

    fn address(&mut self) -> String {
        let net = self.random.pick(&["10.0", "10.12", "198.51", "203.0"]);
        format!(
            "{net}.{}.{}",
            self.random.below(256),
            self.random.below(256)
        )
    }

    fn head(&mut self, out: &mut String, source: &str, name: &str) {
        let role = format!(
            "{}-{}",
            self.random.pick(&[
                "eks-node",
                "ci-deploy",
                "app-backend",
                "karpenter",
                "data-pipeline"
            ]),
            self.random.below(12)
        );
        let principal = format!("AROA{}", self.random.text(BASE32, 3));
        let session = if self.random.below(2) == 0 {
            format!("i-0{}", self.random.text(HEX, 16))
        } else {
            format!("{}", 1_700_000_000 + self.random.next() % 90_000_000)
        };
        let key = self.random.text(BASE32, 16);
        let (time, address) = (self.time(), self.address());
        let agent = self.random.pick(AGENTS);
        let region = self.region;
        *out += &format!(
            r#"{{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","principalId":"{principal}EXAMPLEBENCH:{session}","arn":"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}","accountId":"{ACCOUNT}","accessKeyId":"ASIA{key}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{principal}EXAMPLEBENCH","arn":"arn:aws:iam::{ACCOUNT}:role/{role}","accountId":"{ACCOUNT}","userName":"{role}"}},"webIdFederationData":{{}},"attributes":{{"creationDate":"{time}","mfaAuthenticated":"false"}}}}}},"eventTime":"{time}","eventSource":"{source}","eventName":"{name}","awsRegion":"{region}","sourceIPAddress":"{address}","userAgent":"{agent}","#
        );
    }

    fn tail(&mut self, out: &mut String, resources: &str, host: &str) {
        let (request, event) = (self.random.uuid(), self.random.uuid());
        let region = self.region;
        *out += &format!(
            r#""requestID":"{request}","eventID":"{event}","readOnly":true,{resources}"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"{ACCOUNT}","eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{host}.{region}.amazonaws.com"}}}}"#
        );
    }

    fn read(&mut self, out: &mut String) {
        let index = usize::try_from(self.random.below(READS.len() as u64)).unwrap_or_default();
        let (source, name) = READS[index];
        self.head(out, source, name);
        let host = source.split('.').next().unwrap_or_default();
        if self.random.below(4) == 0 {
            *out += r#""requestParameters":null,"responseElements":null,"#;
        } else {
            let (id, token) = (self.random.text(HEX, 17), self.random.text(BASE64, 40));
            *out += &format!(
                r#""requestParameters":{{"filterSet":{{"items":[{{"name":"instance-id","valueSet":{{"items":[{{"value":"i-{id}"}}]}}}},{{"name":"instance-state-name","valueSet":{{"items":[{{"value":"pending"}},{{"value":"running"}}]}}}}]}},"maxResults":100,"nextToken":"{token}"}},"responseElements":null,"#
            );
        }
        self.tail(out, "", host);
    }

    fn decrypt(&mut self, out: &mut String) {
        let name = self.random.pick(&["Decrypt", "GenerateDataKey"]);
        self.head(out, "kms.amazonaws.com", name);
        let (key, secret) = (self.random.below(20), self.random.text(BASE64, 44));
        let arn = format!(
            "arn:aws:kms:{}:{ACCOUNT}:key/11111111-2222-3333-4444-{key:012}",
            self.region
        );
        *out += &format!(
            r#""requestParameters":{{"keyId":"{arn}","encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{{"aws:s3:arn":"arn:aws:s3:::my-org-data-{key}","aws-crypto-public-key":"{secret}"}}}},"responseElements":null,"#
        );
        let resources = format!(
            r#""resources":[{{"accountId":"{ACCOUNT}","type":"AWS::KMS::Key","ARN":"{arn}"}}],"#
        );
        self.tail(out, &resources, "kms");
    }

    fn object(&mut self, out: &mut String) {
        let name = self.random.pick(&["GetObject", "PutObject", "HeadObject"]);
        self.head(out, "s3.amazonaws.com", name);
        let (bucket, key) = (self.random.below(30), self.random.text(HEX, 32));
        let (bytes, id) = (self.random.below(10_000_000), self.random.text(BASE64, 76));
        *out += &format!(
            r#""requestParameters":{{"bucketName":"my-org-data-{bucket}","Host":"my-org-data-{bucket}.s3.amazonaws.com","key":"events/dt=2026-11-{:02}/{key}.parquet"}},"responseElements":null,"additionalEventData":{{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"{id}","bytesTransferredOut":{bytes}}},"#,
            self.day
        );
        let resources = format!(
            r#""resources":[{{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::my-org-data-{bucket}/events/{key}.parquet"}},{{"accountId":"{ACCOUNT}","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::my-org-data-{bucket}"}}],"#
        );
        self.tail(out, &resources, "s3");
    }

    fn role(&mut self, out: &mut String) {
        self.head(out, "sts.amazonaws.com", "AssumeRole");
        let (role, session) = (self.random.below(25), self.random.text(HEX, 20));
        let (key, id) = (self.random.text(BASE32, 16), self.random.text(BASE32, 13));
        *out += &format!(
            r#""requestParameters":{{"roleArn":"arn:aws:iam::{ACCOUNT}:role/service-{role}","roleSessionName":"{session}","durationSeconds":3600}},"responseElements":{{"credentials":{{"accessKeyId":"ASIA{key}","sessionToken":"EXAMPLE-SESSION-TOKEN-NEVER-PRINTED"#
        );
        self.random.letters(out, BASE64, 180);
        *out += &format!(
            r#"","expiration":"Nov {}, 2026, 1:02:03 PM"}},"assumedRoleUser":{{"assumedRoleId":"AROAEXAMPLE{id}:{session}","arn":"arn:aws:sts::{ACCOUNT}:assumed-role/service-{role}/{session}"}}}},"#,
            self.day
        );
        let resources = format!(
            r#""resources":[{{"accountId":"{ACCOUNT}","type":"AWS::IAM::Role","ARN":"arn:aws:iam::{ACCOUNT}:role/service-{role}"}}],"#
        );
        self.tail(out, &resources, "sts");
    }

    fn instances(&mut self, out: &mut String) {
        self.head(out, "ec2.amazonaws.com", "RunInstances");
        let (image, subnet) = (self.random.text(HEX, 17), self.random.text(HEX, 17));
        *out += &format!(
            r#""requestParameters":{{"instancesSet":{{"items":[{{"imageId":"ami-{image}","minCount":1,"maxCount":1}}]}},"instanceType":"m7g.xlarge","blockDeviceMapping":{{}},"subnetId":"subnet-{subnet}","monitoring":{{"enabled":false}},"tagSpecificationSet":{{"items":[{{"resourceType":"instance","tags":[{{"key":"Name","value":"worker"}},{{"key":"team","value":"payments"}}]}}]}}}},"responseElements":{{"reservationId":"r-{subnet}","instancesSet":{{"items":["#
        );
        for number in 0..=self.random.below(2) {
            let comma = if number > 0 { "," } else { "" };
            let (id, eni) = (self.random.text(HEX, 17), self.random.text(HEX, 17));
            let address = self.random.below(256);
            *out += &format!(
                r#"{comma}{{"instanceId":"i-{id}","imageId":"ami-{image}","instanceState":{{"code":0,"name":"pending"}},"privateDnsName":"ip-10-0-0-{address}.ec2.internal","amiLaunchIndex":{number},"productCodes":{{}},"networkInterfaceSet":{{"items":[{{"networkInterfaceId":"eni-{eni}","subnetId":"subnet-{subnet}","status":"in-use","privateIpAddress":"10.0.0.{address}","groupSet":{{"items":[{{"groupId":"sg-0a","groupName":"default"}},{{"groupId":"sg-0b","groupName":"nodes"}}]}}}}]}}}}"#
            );
        }
        *out += "]}},";
        self.tail(out, "", "ec2");
    }

    fn policy(&mut self, out: &mut String) {
        self.head(out, "iam.amazonaws.com", "PutRolePolicy");
        let (role, bucket) = (self.random.below(25), self.random.text(HEX, 12));
        *out += &format!(
            r#""requestParameters":{{"roleName":"service-{role}","policyName":"data","policyDocument":"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":\"arn:aws:s3:::{bucket}/${{aws:username}}/*\",\"Condition\":{{\"StringEquals\":{{\"aws:PrincipalTag/team\":\"payments\"}}}}}},{{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{{\"Bool\":{{\"aws:SecureTransport\":\"false\"}}}}}}]}}"}},"responseElements":null,"#
        );
        self.tail(out, "", "iam");
    }

    /// A record that looks like what it is not.
    fn decoy(&mut self, out: &mut String) {
        match self.random.below(4) {
            0 => {
                self.head(out, "iam.amazonaws.com", "UpdateAssumeRolePolicy");
                *out += r#""requestParameters":{"roleName":"deploy","policyDocument":"{\n  \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"eventName\": \"AssumeRoleWithWebIdentity\"}]\n}"},"responseElements":null,"#;
                self.tail(out, "", "iam");
            }
            1 => {
                self.head(out, "cloudtrail.amazonaws.com", "LookupEvents");
                *out += r#""requestParameters":{"lookupAttributes":[{"attributeKey":"EventName","attributeValue":"AssumeRoleWithWebIdentity"}],"eventName":"AssumeRoleWithWebIdentity"},"responseElements":null,"#;
                self.tail(out, "", "cloudtrail");
            }
            2 => {
                self.head(out, "events.amazonaws.com", "PutEvents");
                *out += r#""requestParameters":{"entries":[{"detail":1},{"eventVersion":"1.08","userIdentity":{"type":"Root"},"eventTime":"2026-11-20T10:15:00Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRoleWithWebIdentity"}]},"responseElements":null,"#;
                self.tail(out, "", "events");
            }
            _ => {
                self.head(out, "athena.amazonaws.com", "StartQueryExecution");
                *out += r#""requestParameters":{"queryString":"select * from logs where eventname = 'AssumeRoleWithWebIdentity' and x \u003e 1 and y like '%\u0041}%'"},"responseElements":null,"#;
                self.tail(out, "", "athena");
            }
        }
    }

    fn assumption(&mut self, out: &mut String, truth: &mut Truth) {
        let kind = self.random.below(100);
        let (role, subject, provider, denied) = match kind {
            0..30 => (
                "GitHubActionsReadOnlyRole",
                "repo:my-org/my-repo:ref:refs/heads/main",
                PROVIDER,
                false,
            ),
            30..35 => (
                "GitHubActionsReadOnlyRole",
                "repo:my-org/my-repo:ref:refs/heads/dev",
                PROVIDER,
                false,
            ),
            35..40 => (
                "GitHubActionsReadOnlyRole",
                "repo:my-org/my-repo:ref:refs/heads/main",
                PROVIDER,
                true,
            ),
            _ => (
                "eks-payments-api",
                "system:serviceaccount:payments:api",
                EKS,
                false,
            ),
        };
        truth.assume(kind);
        let (time, region, address) = (self.time(), self.region, self.address());
        let session = self.random.text(HEX, 16);
        *out += &format!(
            r#"{{"eventVersion":"1.08","userIdentity":{{"type":"WebIdentityUser","principalId":"{provider}:sts.amazonaws.com:{subject}","userName":"{subject}","identityProvider":"{provider}"}},"eventTime":"{time}","eventSource":"sts.amazonaws.com","eventName":"AssumeRoleWithWebIdentity","awsRegion":"{region}","sourceIPAddress":"{address}","userAgent":"aws-sdk-js/3.919.0 ua/2.1 os/linux#6.8 lang/js md/nodejs#20.19.5 api/sts#3.919.0 configure-aws-credentials-for-github-actions","#
        );
        if denied {
            *out += r#""errorCode":"AccessDenied","errorMessage":"An unknown error occurred","#;
        }
        *out += &format!(
            r#""requestParameters":{{"roleArn":"arn:aws:iam::{ACCOUNT}:role/{role}","roleSessionName":"{session}","durationSeconds":900}},"#
        );
        if denied {
            *out += r#""responseElements":null,"#;
        } else {
            let (key, id) = (self.random.text(BASE32, 9), self.random.text(BASE32, 10));
            *out += &format!(
                r#""responseElements":{{"credentials":{{"accessKeyId":"ASIAEXAMPLE{key}","sessionToken":"EXAMPLE-SESSION-TOKEN-NEVER-PRINTED"#
            );
            self.random.letters(out, BASE64, 180);
            *out += &format!(
                r#"","expiration":"Nov {}, 2026, 11:59:59 PM"}},"subjectFromWebIdentityToken":"{subject}","assumedRoleUser":{{"assumedRoleId":"AROAEXAMPLE{id}:{session}","arn":"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}"}},"provider":"{provider}","audience":"sts.amazonaws.com"}},"#,
                self.day
            );
        }
        let resources = format!(
            r#""resources":[{{"accountId":"{ACCOUNT}","type":"AWS::IAM::Role","ARN":"arn:aws:iam::{ACCOUNT}:role/{role}"}}],"#
        );
        self.tail(out, &resources, "sts");
    }
}
