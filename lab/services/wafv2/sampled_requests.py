"""GetSampledRequests, which moto lacks: requests as the engine has seen them."""

from __future__ import annotations

import json
from typing import Any

from moto.wafv2.responses import WAFV2Response

from ...monkeypatch import wrap
from . import web_acls
from .errors import MISSING, refusal
from .store import stores

_MOST = 500


def get_samples(_original: Any) -> Any:
    def get_sampled_requests(self: WAFV2Response) -> Any:
        asked = json.loads(self.body)
        acl, window = web_acls.find(asked["WebAclArn"]), asked["TimeWindow"]
        if acl is None:
            raise refusal("WAFNonexistentItemException", MISSING)
        metric, begin, end = asked["RuleMetricName"], float(window["StartTime"]), float(window["EndTime"])
        kept = stores.at(self.current_account, acl.arn).samples[acl][metric]
        found = [one for one in list(kept) if begin <= one["Timestamp"] <= end]
        answer = {
            "SampledRequests": found[-min(int(asked["MaxItems"]), _MOST) :],
            "PopulationSize": len(found),
            "TimeWindow": window,
        }
        return 200, {"Content-Type": "application/json"}, json.dumps(answer)

    return get_sampled_requests


def install() -> None:
    wrap(WAFV2Response, "get_sampled_requests", get_samples)
