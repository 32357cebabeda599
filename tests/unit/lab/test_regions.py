"""Any region works and is like AWS's own; one that AWS has not got, and what moto has not got, is said by an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lab import server, services
from lab.services.ec2 import images

NAME = "debian-12-amd64-regions"
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-southeast-2", "ca-central-1")
PAYER = {"Payer": "Requester"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    services.install(machines=False)
    images.publish(NAME)
    made = server.serve(server.build_app(lambda: None), ("127.0.0.1", 0))
    yield f"http://127.0.0.1:{made.ports[0]}"
    made.stop()
    images._published.pop(NAME)
    services.uninstall()


def client(url: str, service: str, region: str) -> Any:
    keys = {"aws_access_key_id": "AKIAUNITTESTSONLY000", "aws_secret_access_key": "never-a-real-secret"}
    return boto3.client(service, region_name=region, endpoint_url=url, **keys)


def test_every_region_has_zones_and_images_of_its_own(url: str) -> None:
    found = {}
    for region in REGIONS:
        ec2 = client(url, "ec2", region)
        zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
        assert len(zones) > 2
        assert all(zone.startswith(region) for zone in zones)
        (found[region],) = ec2.describe_images(Filters=[{"Name": "name", "Values": [NAME]}])["Images"]
        subnet = ec2.describe_subnets()["Subnets"][0]
        made = ec2.run_instances(ImageId=found[region]["ImageId"], MinCount=1, MaxCount=1, SubnetId=subnet["SubnetId"])
        instance = made["Instances"][0]
        assert instance["Placement"]["AvailabilityZone"].startswith(region)
        domain = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
        assert instance["PrivateDnsName"].endswith(f".{domain}")
        (options,) = {
            tuple(zone["Name"] for zone in one["AvailabilityZones"])
            for one in client(url, "rds", region).describe_orderable_db_instance_options(Engine="mysql")[
                "OrderableDBInstanceOptions"
            ]
        }
        assert sorted(options) == sorted(zones)
    assert len({image["ImageId"] for image in found.values()}) == len(REGIONS)


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("ec2", "describe_vpcs", "SignatureDoesNotMatch"),
        ("s3", "list_buckets", "SignatureDoesNotMatch"),
        ("rds", "describe_db_instances", "SignatureDoesNotMatch"),
        ("dynamodb", "list_tables", "InvalidSignatureException"),
        ("cloudwatch", "describe_alarms", "InvalidSignatureException"),
        ("lambda", "list_functions", "InvalidSignatureException"),
    ],
)
def test_a_region_that_aws_has_not_got_is_an_error_in_a_sentence(
    url: str, service: str, operation: str, code: str
) -> None:
    with pytest.raises(ClientError, match="valid region, not 'mars-north-1'") as raised:
        getattr(client(url, service, "mars-north-1"), operation)()
    answer = raised.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, 403)


@pytest.mark.parametrize(
    ("service", "operation", "named"),
    [
        ("ec2", "describe_fast_launch_images", "DescribeFastLaunchImages of ec2"),
        ("rds", "describe_certificates", "DescribeCertificates of rds"),
        ("autoscaling", "describe_adjustment_types", "DescribeAdjustmentTypes of autoscaling"),
        ("lambda", "list_code_signing_configs", "ListCodeSigningConfigs of lambda"),
        ("outposts", "list_outposts", "ListOutposts of outposts"),
    ],
)
def test_what_moto_has_not_got_is_said_once_by_its_name(url: str, service: str, operation: str, named: str) -> None:
    with pytest.raises(ClientError, match=f"does not know the operation {named}") as raised:
        getattr(client(url, service, "us-east-1"), operation)()
    answer = raised.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("NotImplemented", 501)
    assert answer["ResponseMetadata"]["RetryAttempts"] == 0


@pytest.mark.parametrize(
    ("operation", "named", "arguments"),
    [
        (
            "put_bucket_request_payment",
            "PutBucketRequestPayment",
            {"RequestPaymentConfiguration": {"Payer": "Requester"}},
        ),
        ("list_bucket_metrics_configurations", "ListBucketMetricsConfigurations", {}),
        ("delete_bucket_metrics_configuration", "DeleteBucketMetricsConfiguration", {"Id": "all"}),
        ("get_object_retention", "GetObjectRetention", {"Key": "a"}),
    ],
)
def test_a_sub_resource_that_moto_ignores_is_said_by_its_name(
    url: str, operation: str, named: str, arguments: dict[str, Any]
) -> None:
    s3 = client(url, "s3", "us-east-1")
    s3.create_bucket(Bucket="ignored")
    s3.put_object(Bucket="ignored", Key="a", Body=b"x")
    with pytest.raises(ClientError, match=f"does not know the operation {named} of s3"):
        getattr(s3, operation)(Bucket="ignored", **arguments)
    assert s3.get_object(Bucket="ignored", Key="a")["Body"].read() == b"x"


def test_the_owner_pays_for_requests_of_a_bucket(url: str) -> None:
    s3 = client(url, "s3", "us-east-1")
    s3.create_bucket(Bucket="paid")
    assert s3.get_bucket_request_payment(Bucket="paid")["Payer"] == "BucketOwner"
    with pytest.raises(ClientError, match="NoSuchBucket"):
        s3.get_bucket_request_payment(Bucket="not-there")


def test_where_moto_fails_the_lab_says_so_in_the_services_own_format(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise KeyError("TableArn")

    monkeypatch.setattr("moto.ec2.models.EC2Backend.describe_vpcs", fail)
    with pytest.raises(ClientError, match="failed at DescribeVpcs of ec2: KeyError") as raised:
        client(url, "ec2", "us-east-1").describe_vpcs()
    assert raised.value.response["Error"]["Code"] == "InternalFailure"
