"""The module s3_bucket_cors."""

from __future__ import annotations

from typing import Any

RULE = {
    "allowed_origins": ["https://b.example", "https://a.example"],
    "allowed_methods": ["PUT", "GET"],
    "allowed_headers": ["*"],
    "expose_headers": ["ETag"],
    "max_age_seconds": 3600,
}


def test_rules_are_set_once_changed_once_and_removed_once(cycle: Any, client: Any) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="uploads")
    cycle("s3_bucket_cors", bucket="uploads", rules=[RULE])
    kept = s3.get_bucket_cors(Bucket="uploads")["CORSRules"]
    assert kept == [
        {
            "AllowedOrigins": ["https://a.example", "https://b.example"],
            "AllowedMethods": ["GET", "PUT"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 3600,
        }
    ]
    cycle("s3_bucket_cors", bucket="uploads", rules=[{**RULE, "allowed_methods": ["GET"]}])
    cycle("s3_bucket_cors", bucket="uploads", state="absent")


def test_the_order_inside_a_rule_has_no_meaning(run_module: Any, client: Any) -> None:
    client("s3").create_bucket(Bucket="uploads")
    run_module("s3_bucket_cors", bucket="uploads", rules=[RULE])
    again = {**RULE, "allowed_methods": ["GET", "PUT"], "allowed_origins": RULE["allowed_origins"][::-1]}
    assert run_module("s3_bucket_cors", bucket="uploads", rules=[again])["changed"] is False
