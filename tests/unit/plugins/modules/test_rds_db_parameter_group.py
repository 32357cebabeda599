"""The module rds_db_parameter_group: what hands have set is found, and what the engine does not have is refused."""

from __future__ import annotations

from typing import Any

OURS = {"name": "ours-mysql-8-4", "family": "mysql8.4", "description": "d", "tags": {"Stack": "ours"}}


def values(client: Any) -> dict[str, str]:
    listed = client("rds").describe_db_parameters(DBParameterGroupName=OURS["name"], Source="user")["Parameters"]
    return {one["ParameterName"]: one["ParameterValue"] for one in listed}


def test_what_hands_have_set_is_told_with_both_values_and_mended(run_module: Any, cycle: Any, client: Any) -> None:
    wanted = {"require_secure_transport": True, "long_query_time": 1}
    cycle("rds_db_parameter_group", **OURS, parameters=wanted)
    by_hand = {"require_secure_transport": "0", "max_connections": "5"}
    client("rds").modify_db_parameter_group(
        DBParameterGroupName=OURS["name"],
        Parameters=[{"ParameterName": k, "ParameterValue": v, "ApplyMethod": "immediate"} for k, v in by_hand.items()],
    )
    seen = run_module("rds_db_parameter_group", check=True, **OURS, parameters=wanted)
    assert seen["diff"]["before"]["parameters"] == {**by_hand, "long_query_time": "1"}
    assert seen["diff"]["after"]["parameters"] == {"require_secure_transport": "1", "long_query_time": "1"}
    cycle("rds_db_parameter_group", **OURS, parameters=wanted)
    assert values(client) == {"require_secure_transport": "1", "long_query_time": "1"}


def test_a_parameter_that_the_engine_does_not_have_is_refused_and_nothing_set(run_module: Any, client: Any) -> None:
    run_module("rds_db_parameter_group", **OURS)
    asked = {"long_query_time": 2, "long_querry_time": 2}
    for check in (True, False):
        said = run_module("rds_db_parameter_group", check=check, **OURS, parameters=asked)
        assert said["msg"] == "The engine mysql8.4 has no parameter of this name that can be set: long_querry_time."
    assert values(client) == {}
