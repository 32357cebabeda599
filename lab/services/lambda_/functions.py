"""Lambda: functions really run, with their role's credentials and AWS's log lines."""

from __future__ import annotations

import base64
import json
import math
import uuid
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.core.utils import unix_time_millis, utcnow

from ... import backends, config
from ...monkeypatch import wrap
from ..iam import policies
from . import environments, network, runtime, store
from .asynchronous import invoke_later


def run_handler_as_process(_original: Any) -> Any:
    def invoke(self: LambdaFunction, body: Any, request_headers: Any, response_headers: Any) -> bytes:
        kind = request_headers.get("x-amz-invocation-type", "RequestResponse")
        event = json.loads(body or "{}")
        if kind == "DryRun":
            return b""
        if kind == "Event":
            invoke_later(self, event)
            return b""
        outcome, log = invoke_now(self, event)
        if outcome.failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        response_headers["x-amz-log-result"] = base64.b64encode(log.encode()[-4096:]).decode()
        response_headers["x-amz-executed-version"] = str(self.version)
        return json.dumps(outcome.payload).encode()

    return invoke


def invoke_now(function: LambdaFunction, event: Any, request_id: str = "") -> tuple[environments.Outcome, str]:
    """Run the handler once. Returns what came of it and its part of the log."""
    request_id = request_id or str(uuid.uuid4())
    stream = _log_stream(function)
    task = {
        "handler": function.handler,
        "event": event,
        "timeout": int(function.timeout),
        "context": {
            "aws_request_id": request_id,
            "function_name": function.function_name,
            "function_version": str(function.version),
            "invoked_function_arn": function.function_arn,
            "memory_limit_in_mb": str(function.memory_size),
            "log_group_name": function.logs_group_name,
            "log_stream_name": stream,
        },
    }
    outcome = environments.invoke(_settings(function), lambda: _make_environment(function, stream), task)
    log = _log_text(function, request_id, outcome)
    _write_log(function, stream, log)
    return outcome, log


def _settings(function: LambdaFunction) -> tuple[Any, ...]:
    """What an execution environment depends on: when one of it changes, AWS makes new ones."""
    variables = tuple(sorted((function.environment_vars or {}).items()))
    size = (int(function.memory_size), int(function.ephemeral_storage), int(function.timeout))
    code = (function.code_digest, function.handler, function.run_time, str(function.version))
    return (function.function_arn, code, size, function.role, variables, config.ENDPOINT)


def _make_environment(function: LambdaFunction, stream: str) -> environments.Environment:
    code = runtime.unpack(function.code_bytes, function.code_digest.removeprefix("sha256:"))
    size = int(function.memory_size), int(function.ephemeral_storage)
    return environments.Environment(str(function.handler), _variables(function, stream), code, *size)


def _log_text(function: LambdaFunction, request_id: str, outcome: environments.Outcome) -> str:
    duration = outcome.milliseconds
    output = outcome.output if outcome.output.endswith("\n") or not outcome.output else outcome.output + "\n"
    return (
        f"START RequestId: {request_id} Version: {function.version}\n{output}END RequestId: {request_id}\n"
        f"REPORT RequestId: {request_id}\tDuration: {duration:.2f} ms\tBilled Duration: {math.ceil(duration)} ms\t"
        f"Memory Size: {function.memory_size} MB\n"
    )


def _variables(function: LambdaFunction, stream: str) -> dict[str, str]:
    """Nothing of the host's own environment gets through."""
    role = _assume_role(function)
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
        "PYTHONUTF8": "1",
        "TZ": ":UTC",
        "HOME": "/tmp",
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "_HANDLER": str(function.handler),
        **{key: str(value) for key, value in (function.environment_vars or {}).items()},
        "AWS_ACCESS_KEY_ID": role.access_key_id,
        "AWS_SECRET_ACCESS_KEY": role.secret_access_key,
        "AWS_SESSION_TOKEN": role.session_token,
        "AWS_ENDPOINT_URL": config.ENDPOINT,
    }


def _assume_role(function: LambdaFunction) -> Any:
    if not trusts_lambda(function.role):
        raise LambdaClientError(
            "AccessDeniedException", "The role defined for the function cannot be assumed by Lambda."
        )
    return backends.worldwide("sts", function.region).assume_role(
        region_name=function.region,
        role_session_name=function.function_name,
        role_arn=function.role,
        policy=None,
        duration=3600,
        external_id=None,
    )


def trusts_lambda(arn: str) -> bool:
    """Whether this role exists and its trust policy lets Lambda assume it."""
    roles = [role for found in backends.regions("iam") for role in list(found.roles.values())]
    trust = next((role.assume_role_policy_document for role in roles if role.arn == arn), None)
    asked = {"aws:SourceAccount": arn.split(":")[4]}
    return policies.allows(trust, action="sts:AssumeRole", service="lambda.amazonaws.com", context=asked)


def _log_stream(function: LambdaFunction) -> str:
    """One stream for each day and version of the code, as from one execution environment that stays warm."""
    function.logs_backend.ensure_log_group(function.logs_group_name)
    today = f"{utcnow():%Y/%m/%d}/[{function.version}]"
    digest = uuid.uuid5(uuid.NAMESPACE_URL, f"{function.function_arn}/{function.code_digest}/{today}").hex
    name = f"{today}{digest}"
    group = function.logs_backend.groups[function.logs_group_name]
    if name not in group.streams:
        function.logs_backend.create_log_stream(function.logs_group_name, name)
    return name


def is_there(function: LambdaFunction) -> bool:
    """Whether the API still has it: one that was deleted runs no more, and makes its log group no more."""
    there = backends.backend("lambda", function.region).list_functions()
    return function.function_name in {one.function_name for one in there}


def _write_log(function: LambdaFunction, stream: str, log: str) -> None:
    if function.logs_group_name not in function.logs_backend.groups:
        return  # it was deleted while the function ran
    events = [{"timestamp": int(unix_time_millis()), "message": line} for line in log.splitlines()]
    function.logs_backend.put_log_events(function.logs_group_name, stream, events)


def _refuse_role(arn: str) -> None:
    if not trusts_lambda(arn):
        message = "The role defined for the function cannot be assumed by Lambda."
        raise LambdaClientError("InvalidParameterValueException", message)


def refuse_role_lambda_may_not_assume(original: Any) -> Any:
    def create_function(self: Any, spec: dict[str, Any]) -> LambdaFunction:
        _refuse_role(spec["Role"])
        function: LambdaFunction = original(self, spec)
        return function

    return create_function


def refuse_new_role_lambda_may_not_assume(original: Any) -> Any:
    def update_configuration(self: LambdaFunction, config_updates: dict[str, Any]) -> dict[str, Any]:
        if "Role" in config_updates:
            _refuse_role(config_updates["Role"])
        if "DeadLetterConfig" in config_updates:
            store.of_function(self).dead_letters = config_updates["DeadLetterConfig"].get("TargetArn", "")
        return original(self, config_updates)  # type: ignore[no-any-return]

    return update_configuration


def keep_dead_letter_queue(original: Any) -> Any:
    def __init__(self: LambdaFunction, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        original(self, account_id, spec, *args, **kwargs)
        store.of_function(self).dead_letters = (spec.get("DeadLetterConfig") or {}).get("TargetArn", "")

    return __init__


def show_dead_letter_queue(original: Any) -> Any:
    def get_configuration(self: LambdaFunction, on_create: bool = False) -> dict[str, Any]:
        shown: dict[str, Any] = original(self, on_create)
        target = store.of_function(self).dead_letters
        return {**shown, "DeadLetterConfig": {"TargetArn": target}} if target else shown

    return get_configuration


def install(machines: bool = False) -> None:
    network.install(machines)
    wrap(LambdaFunction, "invoke", run_handler_as_process)
    wrap(LambdaFunction, "__init__", keep_dead_letter_queue)
    wrap(LambdaFunction, "get_configuration", show_dead_letter_queue)
    wrap(LambdaFunction, "update_configuration", refuse_new_role_lambda_may_not_assume)
    wrap(LambdaBackend, "create_function", refuse_role_lambda_may_not_assume)


def close() -> None:
    """End the functions that still run."""
    environments.close()
    network.close()
