"""RDS: parameter groups of Aurora clusters, with their engine's parameters as those of instances have them."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.responses import RDSResponse

from ...monkeypatch import wrap
from .instances import check_parameter, engine_parameters


def _list(original: Any) -> Any:
    def describe_db_cluster_parameters(self: Any) -> Any:
        answer = original(self)
        found = {one["ParameterName"]: one for one in answer.result["Parameters"]}
        answer.result["Parameters"] = engine_parameters(found, self.params.get("Source"))
        return answer

    return describe_db_cluster_parameters


def _refuse_unknown(original: Any) -> Any:
    def modify_db_cluster_parameter_group(self: Any) -> ActionResult:
        for parameter in self.params.get("Parameters", []):
            check_parameter(parameter["ParameterName"])
        answer: ActionResult = original(self)
        return answer

    return modify_db_cluster_parameter_group


def _reset(_original: Any) -> Any:
    """Moto has none."""

    def reset_db_cluster_parameter_group(self: Any) -> ActionResult:
        name = self.params["DBClusterParameterGroupName"]
        group = self.backend.describe_db_cluster_parameter_groups(name)[0]
        if self.params.get("ResetAllParameters"):
            group.parameters.clear()
        for parameter in self.params.get("Parameters", []):
            check_parameter(parameter["ParameterName"])
            group.parameters.pop(parameter["ParameterName"], None)
        return ActionResult({"DBClusterParameterGroupName": name})

    return reset_db_cluster_parameter_group


def install() -> None:
    wrap(RDSResponse, "describe_db_cluster_parameters", _list)
    wrap(RDSResponse, "modify_db_cluster_parameter_group", _refuse_unknown)
    wrap(RDSResponse, "reset_db_cluster_parameter_group", _reset)
