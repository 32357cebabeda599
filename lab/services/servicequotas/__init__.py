"""Service Quotas: those of an account that has asked AWS for more, as one with many stacks has."""

from __future__ import annotations

from typing import Any

from moto.servicequotas.models import ServiceQuotasBackend

from ...monkeypatch import wrap

# By service and code; in all regions.
QUOTAS = {
    ("vpc", "L-F678F1CE"): ("VPCs per Region", 100),
    ("vpc", "L-FE5A380F"): ("NAT gateways per Availability Zone", 100),
    ("ec2", "L-0263D0A3"): ("EC2-VPC Elastic IPs", 100),
    ("ec2", "L-1216C47A"): ("Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 10_000),  # vCPUs
}


def know_quotas_of_ec2(original: Any) -> Any:
    """moto knows AWS's defaults, and those of VPCs alone."""

    def get_service_quota(self: ServiceQuotasBackend, service_code: str, quota_code: str) -> dict[str, Any]:
        if (service_code, quota_code) not in QUOTAS:
            return dict(original(self, service_code, quota_code))
        name, value = QUOTAS[service_code, quota_code]
        return {
            "ServiceCode": service_code,
            "QuotaArn": f"arn:aws:servicequotas:{self.region_name}:{self.account_id}:{service_code}/{quota_code}",
            "QuotaCode": quota_code,
            "QuotaName": name,
            "Value": float(value),
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }

    return get_service_quota


def install(_machines: bool) -> None:
    wrap(ServiceQuotasBackend, "get_service_quota", know_quotas_of_ec2)
