"""What a function is configured with: AWS checks it, keeps it, shows it, and makes anew what depends on it."""

from __future__ import annotations

from typing import Any

from moto.awslambda.models import LambdaBackend, LambdaFunction

from ... import durations
from ...monkeypatch import wrap
from . import interfaces, pool, roles, store


def refuse_what_cannot_run(original: Any) -> Any:
    def create_function(self: LambdaBackend, spec: dict[str, Any]) -> LambdaFunction:
        roles.refuse_untrusting(spec["Role"])
        interfaces.refuse_what_is_not_there(
            spec["Role"], spec.get("VpcConfig") or {}, self.account_id, self.region_name
        )
        function: LambdaFunction = original(self, spec)
        interfaces.settle(self.account_id, self.region_name)
        return function

    return create_function


def begin_anew(original: Any) -> Any:
    """With other settings: environments and interfaces of the former ones go."""

    def update_configuration(self: LambdaFunction, config_updates: dict[str, Any]) -> dict[str, Any]:
        role = config_updates.get("Role", self.role)
        if "Role" in config_updates:
            roles.refuse_untrusting(role)
        interfaces.refuse_what_is_not_there(role, config_updates.get("VpcConfig") or {}, self.account_id, self.region)
        if "DeadLetterConfig" in config_updates:
            store.of_function(self).dead_letters = config_updates["DeadLetterConfig"].get("TargetArn", "")
        original(self, config_updates)
        _end_former(self)
        return self.get_configuration()

    return update_configuration


def begin_anew_with_code(original: Any) -> Any:
    def update_function_code(self: LambdaFunction, updated_spec: dict[str, Any]) -> Any:
        done = original(self, updated_spec)
        _end_former(self)
        return done

    return update_function_code


def end_with_function(original: Any) -> Any:
    def delete_function(self: LambdaBackend, function_name: str, qualifier: str | None = None) -> None:
        function = self.get_function(function_name, qualifier)
        original(self, function_name, qualifier)
        _end_former(function)

    return delete_function


def _end_former(function: LambdaFunction) -> None:
    pool.end(pool.key_of(function))
    interfaces.settle(function.account_id, function.region)


def keep_dead_letter_queue(original: Any) -> Any:
    def __init__(self: LambdaFunction, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        original(self, account_id, spec, *args, **kwargs)
        store.of_function(self).dead_letters = (spec.get("DeadLetterConfig") or {}).get("TargetArn", "")

    return __init__


def show_what_moto_leaves_out(original: Any) -> Any:
    def get_configuration(self: LambdaFunction, on_create: bool = False) -> dict[str, Any]:
        shown: dict[str, Any] = original(self, on_create)
        if target := store.of_function(self).dead_letters:
            shown["DeadLetterConfig"] = {"TargetArn": target}
        if interfaces.of_function(self) and durations.held("function_in_vpc", self):
            why = {"StateReason": "The function is being created.", "StateReasonCode": "Creating"}
            shown |= {"State": "Pending", **why}
        return shown

    return get_configuration


def install() -> None:
    wrap(LambdaFunction, "__init__", keep_dead_letter_queue)
    wrap(LambdaFunction, "get_configuration", show_what_moto_leaves_out)
    wrap(LambdaFunction, "update_configuration", begin_anew)
    wrap(LambdaFunction, "update_function_code", begin_anew_with_code)
    wrap(LambdaBackend, "create_function", refuse_what_cannot_run)
    wrap(LambdaBackend, "delete_function", end_with_function)
