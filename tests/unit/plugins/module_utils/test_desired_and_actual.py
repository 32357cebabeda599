"""What is wanted and what was found, in the same words."""

from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _desired_and_actual

TARGETS = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/demo-app-tg/f2f12a47f28ccd0a"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"


def test_listeners_of_the_options_and_of_aws_read_the_same():
    redirect = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301", "Host": "#{host}"}
    options = [
        {
            "Port": 443,
            "Protocol": "HTTPS",
            "SslPolicy": "of-today",
            "Certificates": [{"CertificateArn": CERTIFICATE}],
            "DefaultActions": [{"Type": "forward", "TargetGroupName": "demo-app-tg"}],
        },
        {"Port": 80, "Protocol": "HTTP", "DefaultActions": [{"Type": "redirect", "RedirectConfig": redirect}]},
    ]
    found = [
        {
            "port": 80,
            "protocol": "HTTP",
            "ssl_policy": "of-no-use-here",
            "default_actions": [
                {
                    "type": "redirect",
                    "redirect_config": {k.lower(): v for k, v in redirect.items()} | {"status_code": "HTTP_301"},
                }
            ],
        },
        {
            "port": 443,
            "protocol": "HTTPS",
            "ssl_policy": "of-today",
            "certificates": [{"certificate_arn": CERTIFICATE}],
            "default_actions": [{"type": "forward", "target_group_arn": TARGETS}],
        },
    ]
    assert _desired_and_actual.listeners(options) == _desired_and_actual.listeners(found)
    assert _desired_and_actual.listeners(found) == [
        {"port": 80, "protocol": "HTTP", "action": "redirect to HTTPS 443 with HTTP_301"},
        {
            "port": 443,
            "protocol": "HTTPS",
            "action": "forward demo-app-tg",
            "ssl_policy": "of-today",
            "certificates": [CERTIFICATE],
        },
    ]


def test_no_load_balancer_is_nothing():
    assert _desired_and_actual.load_balancer({}) == {}


def test_a_load_balancers_attributes_are_truths():
    said = {"deletion_protection_enabled": "true", "routing_http_drop_invalid_header_fields_enabled": "false"}
    state = _desired_and_actual.load_balancer({**said, "availability_zones": [{"subnet_id": "b"}, {"subnet_id": "a"}]})
    assert (state["deletion_protection"], state["http_drop_invalid_header_fields"]) == (True, False)
    assert state["subnets"] == ["a", "b"]
