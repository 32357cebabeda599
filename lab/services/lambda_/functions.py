"""Lambda: functions really run, with their role's credentials and AWS's log lines."""

from __future__ import annotations

import base64
import json
import math
import platform
import uuid
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction
from moto.core.utils import unix_time_millis, utcnow

from ... import backends, config
from ...monkeypatch import wrap
from . import environments, network, pool, roles, runtime
from .asynchronous import invoke_later
from .environments import Environment, Outcome


class TooManyRequests(LambdaClientError):
    """What AWS answers to an invocation above the function's reserved concurrency."""

    code = 429

    def __init__(self) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")


def run_handler_as_process(_original: Any) -> Any:
    def invoke(self: LambdaFunction, body: Any, request_headers: Any, response_headers: Any) -> bytes:
        kind = request_headers.get("x-amz-invocation-type", "RequestResponse")
        event = json.loads(body or "{}")
        if kind == "DryRun":
            return b""
        if kind == "Event":
            invoke_later(self, event)
            return b""
        try:
            outcome, log = invoke_now(self, event)
        except pool.Throttled:
            raise TooManyRequests from None
        if outcome.failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        response_headers["x-amz-log-result"] = base64.b64encode(log.encode()[-4096:]).decode()
        response_headers["x-amz-executed-version"] = str(self.version)
        return json.dumps(outcome.payload).encode()

    return invoke


def invoke_now(function: LambdaFunction, event: Any, request_id: str = "") -> tuple[Outcome, str]:
    """
    Run the handler once. Returns what came of it and its part of the log.

    :raises pool.Throttled: if it has as many invocations under way as are reserved for it.
    """
    reserved = _latest(function).reserved_concurrency
    with pool.slot(pool.key_of(function), None if reserved is None else int(reserved)):
        return _invoke(function, event, request_id or str(uuid.uuid4()))


def _invoke(function: LambdaFunction, event: Any, request_id: str) -> tuple[Outcome, str]:
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
        },
    }
    key = _settings(function)
    outcome = pool.invoke(
        key, lambda: _make_environment(function), task, lambda: is_there(function) and _settings(function) == key
    )
    log = _log_text(function, request_id, outcome)
    _write_log(function, task["context"]["log_stream_name"], _init_text(outcome.init) + log)
    return outcome, log


def _latest(function: LambdaFunction) -> LambdaFunction:
    return next((one for one in _functions(function) if one.function_name == function.function_name), function)


def _functions(function: LambdaFunction) -> list[LambdaFunction]:
    found: list[LambdaFunction] = backends.backend("lambda", function.region, function.account_id).list_functions()
    return found


def _settings(function: LambdaFunction) -> tuple[Any, ...]:
    """What an execution environment depends on: when one of it changes, AWS makes new ones."""
    variables = tuple(sorted((function.environment_vars or {}).items()))
    size = (int(function.memory_size), int(function.ephemeral_storage), int(function.timeout))
    code = (function.code_digest, function.handler, function.run_time, str(function.version))
    vpc = json.dumps(function._vpc_config, sort_keys=True)
    return (pool.key_of(function), code, size, function.role, variables, vpc, config.ENDPOINT)


def _make_environment(function: LambdaFunction) -> Environment:
    return Environment(
        environments.Spec(
            handler=str(function.handler),
            variables=_variables(function),
            code=runtime.unpack(function.code_bytes, function.code_digest.removeprefix("sha256:")),
            memory=int(function.memory_size),
            storage=int(function.ephemeral_storage),
            stream=_make_log_stream(function),
            place=network.of_function(function),
        )
    )


def _init_text(init: environments.Init | None) -> str:
    """The lines of an environment that has just begun."""
    if init is None:
        return ""
    text = f"INIT_START Runtime Version: python:{platform.python_version()}\n{_whole(init.output)}"
    took = f"{init.milliseconds:.2f} ms"
    return f"{text}INIT_REPORT Init Duration: {took}\tPhase: init\tStatus: timeout\n" if init.timed_out else text


def _log_text(function: LambdaFunction, request_id: str, outcome: Outcome) -> str:
    duration, init = outcome.milliseconds, outcome.init
    billed = math.ceil(duration + (init.milliseconds if init else 0))
    peak = function.memory_size if outcome.peak is None else min(outcome.peak, int(function.memory_size))
    words = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {duration:.2f} ms",
        f"Billed Duration: {billed} ms",
        f"Memory Size: {function.memory_size} MB",
        f"Max Memory Used: {peak} MB",
        *([f"Init Duration: {init.milliseconds:.2f} ms"] if init else []),
        *([f"Status: {outcome.status}"] if outcome.status else []),
    ]
    return (
        f"START RequestId: {request_id} Version: {function.version}\n{_whole(outcome.output)}"
        f"END RequestId: {request_id}\n" + "\t".join(words) + "\n"
    )


def _whole(output: str) -> str:
    return output if output.endswith("\n") or not output else output + "\n"


def _variables(function: LambdaFunction) -> dict[str, str]:
    """Nothing of the host's own environment gets through."""
    role = roles.assume(function)
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
        "PYTHONUTF8": "1",
        "TZ": ":UTC",
        "HOME": "/tmp",
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
        "_HANDLER": str(function.handler),
        **{key: str(value) for key, value in (function.environment_vars or {}).items()},
        "AWS_ACCESS_KEY_ID": role.access_key_id,
        "AWS_SECRET_ACCESS_KEY": role.secret_access_key,
        "AWS_SESSION_TOKEN": role.session_token,
        **config.endpoint_variables(),
    }


def _make_log_stream(function: LambdaFunction) -> str:
    """Each execution environment writes to a stream of its own."""
    function.logs_backend.ensure_log_group(function.logs_group_name)
    name = f"{utcnow():%Y/%m/%d}/[{function.version}]{uuid.uuid4().hex}"
    function.logs_backend.create_log_stream(function.logs_group_name, name)
    return name


def is_there(function: LambdaFunction) -> bool:
    """Whether the API still has it: one that was deleted runs no more, and makes its log group no more."""
    return function.function_name in {one.function_name for one in _functions(function)}


def _write_log(function: LambdaFunction, stream: str, log: str) -> None:
    group = function.logs_backend.groups.get(function.logs_group_name)
    if group is None:
        return  # it was deleted while the function ran
    if stream not in group.streams:  # the group was deleted, and is there again
        function.logs_backend.create_log_stream(function.logs_group_name, stream)
    events = [{"timestamp": int(unix_time_millis()), "message": line} for line in log.splitlines()]
    function.logs_backend.put_log_events(function.logs_group_name, stream, events)


def install(machines: bool = False) -> None:
    network.install(machines)
    wrap(LambdaFunction, "invoke", run_handler_as_process)


def close() -> None:
    """End the functions that still run."""
    pool.close()
    network.close()
