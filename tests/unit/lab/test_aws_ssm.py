"""Parameter Store in the lab: what two requests at once become."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
import moto.ssm.models
import pytest
from botocore.exceptions import ClientError
from moto.core.utils import utcnow


@pytest.mark.usefixtures("api")
def test_of_two_who_create_a_parameter_at_once_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly():
        time.sleep(0.1)  # between moto's look for the parameter and its creation
        return utcnow()

    monkeypatch.setattr(moto.ssm.models, "utcnow", slowly)
    ssm, together = boto3.client("ssm", region_name="us-east-1"), threading.Barrier(2)

    def create(value: str) -> str:
        together.wait()
        try:
            return str(ssm.put_parameter(Name="/one", Value=value, Type="String")["Version"])
        except ClientError as error:
            return error.response["Error"]["Code"]

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(create, ["a", "b"])) == ["1", "ParameterAlreadyExists"]
    assert ssm.get_parameter(Name="/one")["Parameter"]["Version"] == 1
