"""Tasks in parallel: what each says is what it says in a play, and they do run at the same time."""

from __future__ import annotations

import re
import signal
import subprocess
from typing import Any

import pytest

from tests.unit.plugins.connection.test_same_results import CASES, settled
from tests.unit.plugins.connection.test_worker import is_gone, until

PARALLEL = "threetier.aws.parallel"
PROBE = "community.aws.probe"
# What a task in parallel does not take.
_ALONE = {"async", "poll", "until", "retries", "delay", "timeout", "ansible.builtin.command"}
SAME = [case for case in CASES if not _ALONE & set(case)]


def together(name: str, *tasks: dict[str, Any], **more: Any) -> dict[str, Any]:
    options = {key: more.pop(key) for key in ("throttle",) if key in more}
    return {"name": name, PARALLEL: {"tasks": list(tasks), **options}, **more}


@pytest.fixture(scope="module")
def both(run, endpoints):
    """By way, what was said of the cases: as tasks of a play, and each inside of a parallel task, in other regions."""
    wrapped = []
    for case in SAME:
        wrapped.append(together(case["name"], {"register": "one", **case}, register="around"))
        if "register" in case:  # later cases want it
            found = "{{ around['registered'][register] }}"
            wrapped.append(
                {"ansible.builtin.set_fact": {case["register"]: found}, "vars": {"register": case["register"]}}
            )
    return {
        "play": run(SAME, "-v", env={"AWS_ENDPOINT_URL": endpoints[False]}),
        "parallel": run(wrapped, "-v"),
    }


@pytest.mark.parametrize("name", [case["name"] for case in SAME])
def test_a_task_says_the_same(both, name):
    plain, around = (settled(both[way].results[name]["localhost"]) for way in ("play", "parallel"))
    case = next(case for case in SAME if case["name"] == name)
    assert around["changed"] == plain["changed"]
    assert around.get("failed", False) == plain.get("failed", False)
    if case.get("no_log"):
        assert "censored" in around
        assert "registered" not in around
    else:
        assert shown(around["registered"][case.get("register", "one")]) == shown(plain)


def shown(said: Any) -> Any:
    """Without what is for callbacks, what they leave out, and what Ansible itself adds once a task is over."""
    if isinstance(said, list):
        return [shown(one) for one in said]
    if not isinstance(said, dict):
        return said
    kept = {key: shown(value) for key, value in said.items() if not key.startswith("_ansible")}
    left_out = ("action", "invocation", "failed", "skipped", "exception")
    return {key: value for key, value in kept.items() if key not in left_out}


def test_secrets_are_masked(both):
    assert "Sesame" not in both["parallel"].output


MEET = {"name": "meet", PROBE: {"do": "meet", "seconds": "{{ seconds }}"}, "loop": [1, 2, 3, 4, 5]}
FIVE = {
    "name": "one of five",
    PROBE: {"do": "{{ 'fail' if item == 'c' else 'tell' }}", "secret": "Sesame-open-8d1f", "size": "{{ size }}"},
    "vars": {"size": "{{ item | length }}"},
    "loop": ["a", "b", "c", "d", "e"],
    "loop_control": {"label": "letter {{ item }}"},
    "register": "letters",
}
TELL = {"name": "tell", PROBE: {"do": "look"}, "register": "told"}
VARIOUS = [
    together("side by side", MEET),
    together("two at a time", MEET, throttle=2),
    together("one of five", FIVE, TELL),
    {**FIVE, "name": "one of five, as a loop"},
    together("skipped", TELL | {"when": False}, MEET | {"loop": []}),
    together("one skipped", TELL | {"when": False}, TELL),
    together("checked", TELL, check_mode=True),
    together("one checked", TELL | {"check_mode": True}, TELL),
    together("hidden", {"name": "hide", PROBE: {"do": "fail", "size": 7654321}, "no_log": True}, TELL),
    together("all hidden", TELL, no_log=True),
    together("ignored", {**TELL, PROBE: {"do": "fail"}, "ignore_errors": True}),
    together(
        "conditions",
        {"name": "never", PROBE: {"do": "fail"}, "register": "it", "failed_when": False, "changed_when": "it.rc == 7"},
        {"name": "always", PROBE: {"do": "fail"}},
    ),
    together(
        "defaults",
        {"name": "one", PROBE: {}},
        {"name": "other", PROBE: {}, "module_defaults": {PROBE: {"do": "look"}}},
        {"name": "group", "amazon.aws.aws_caller_info": {}},
        module_defaults={PROBE: {"do": "meet"}, "group/amazon.aws.aws": {"profile": "none-of-this-name"}},
    ),
    together("environment", TELL, environment={"GREETING": "hello"}),
    together("warned", {"name": "warn", PROBE: {"do": "warn"}}, {"name": "warn again", PROBE: {"do": "warn"}}),
    together("in time", {"name": "late", PROBE: {"do": "look", "seconds": 60}}, timeout=2),
    together("undefined", {"name": "nothing", PROBE: {"do": "look"}, "loop": "{{ not_there }}"}, TELL),
    together("undefined, and not wanted", {**TELL, "loop": "{{ not_there }}", "when": False}, TELL),
    {"name": "around a loop", **together("", TELL), "loop": [1, 2]} | {"name": "around a loop"},
]


@pytest.fixture(scope="module")
def various(run):
    """By connection, what VARIOUS says."""
    return {warm: run(VARIOUS, warm=warm, seconds=5 if warm else 0.1) for warm in (True, False)}


@pytest.fixture(params=[True, False], ids=["warm", "stock"])
def said(various, request):
    return lambda name: various[request.param].results[name]["localhost"]


def most_at_once(said: dict[str, Any]) -> int:
    spans = [(one["began"], one["ended"]) for one in said["results"]]
    return max(sum(began <= moment < ended for began, ended in spans) for moment, _ended in spans)


def test_side_by_side_as_many_as_are_wanted(various):
    warm, stock = various[True].results, various[False].results
    assert most_at_once(warm["side by side"]["localhost"]) == 5
    assert most_at_once(warm["two at a time"]["localhost"]) == 2
    assert most_at_once(stock["side by side"]["localhost"]) == 1
    assert [one["item"] for one in warm["side by side"]["localhost"]["results"]] == [1, 2, 3, 4, 5]


def test_one_of_five_fails_and_the_others_are_told(said):
    found = said("one of five")
    assert found["failed"]
    assert [one.get("failed", False) for one in found["results"]] == [False, False, True, False, False, False]
    assert found["msg"] == "1 of 6 failed.\nletter c: could not"
    assert [one["item"] for one in found["results"][:5]] == ["a", "b", "c", "d", "e"]
    assert found["results"][0]["said"].endswith("!")
    assert found["registered"]["told"]["zone"]
    assert shown(settled(found["registered"]["letters"])) == shown(settled(said("one of five, as a loop")))


def test_conditions_check_mode_and_defaults_are_each_ones_own(said):
    assert said("skipped")["skipped"]
    assert [one.get("skipped", False) for one in said("one skipped")["results"]] == [True, False]
    assert not said("checked")["changed"]
    assert [one["changed"] for one in said("one checked")["results"]] == [False, True]
    assert not said("ignored").get("failed")
    conditions = said("conditions")
    assert conditions["failed"]
    assert conditions["msg"].startswith("1 of 2 failed.\nalways: could not")
    assert conditions["results"][0]["changed"]
    one, other, group = said("defaults")["results"]
    assert "worker" in one
    assert "zone" in other
    assert "profile" in group["msg"]
    assert said("environment")["results"][0]["environment"]["GREETING"] == "hello"
    assert "not_there" in said("undefined")["msg"]
    assert said("undefined")["msg"].startswith("1 of 2 failed.")
    assert [one.get("skipped", False) for one in said("undefined, and not wanted")["results"]] == [True, False]
    assert [len(one["results"]) for one in said("around a loop")["results"]] == [1, 1]


def test_what_has_no_log_is_hidden(various):
    for done in various.values():
        hidden = done.results["hidden"]["localhost"]
        assert "censored" in hidden
        if "results" in hidden:  # ansible-core 2.21 hides all of the result around them
            assert "censored" in hidden["results"][0]
            assert "zone" in hidden["results"][1]
        assert "results" not in done.results["all hidden"]["localhost"] or "censored" in str(
            done.results["all hidden"]["localhost"]["results"]
        )
        assert "7654321" not in done.output


def test_warnings_are_told_with_the_task(said):
    assert "mind the gap" in str(said("warned")["warnings"])
    assert all("warnings" not in one for one in said("warned")["results"])


def test_a_timeout_is_for_all_together(said):
    assert "Timed out after 2 second" in said("in time")["msg"]


def test_each_is_a_line_as_of_a_loop_in_their_order(run):
    late = {**FIVE, PROBE: {**FIVE[PROBE], "seconds": "{{ 1 if item == 'a' else 0 }}"}}
    wanted = together("lines", late, TELL | {"when": False}, TELL, register="found")
    env = {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default", "ANSIBLE_NOCOLOR": "1"}
    found = run([wanted], env=env).output
    lines = re.findall(r"^(\w+): \[localhost\] (?:=> )?\(item=([^)]*)\)", found, re.M)
    letters = [("failed" if letter == "c" else "ok", f"letter {letter}") for letter in "abcde"]
    assert lines == [*letters, ("skipping", "tell"), ("changed", "tell")]
    assert found.count("+it is ****") == 0 or "Sesame" not in found
    assert "fatal: [localhost]: FAILED!" in found
    assert "__threetier" not in found


def test_the_plan_has_the_rows_of_tasks_one_by_one(run):
    nets = {
        "name": "nets",
        "amazon.aws.ec2_vpc_net": {"name": "plan-{{ item }}", "cidr_block": "10.1.0.0/16"},
        "loop": ["a", "b"],
    }
    topic = {"name": "topic", "community.aws.sns_topic": {"name": "plan"}}
    table = {
        "name": "table",
        "threetier.aws.planned_change": {"kind": "table", "name": "plan", "wanted": {"a": 1}, "found": {"a": 2}},
    }
    env = {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default", "ANSIBLE_CALLBACKS_ENABLED": "threetier.aws.plan"}
    plans = []
    for tasks in ([nets, topic, table], [together("all", nets, topic, table)]):
        output = run(tasks, "--check", env=env).output
        plans.append(output[output.index("\n  + ") :])
    assert plans[0] == plans[1]
    assert "Plan: 2 to create, 1 to change" in plans[0]


REFUSED = {
    "tasks is a template. Write the tasks out": together("0") | {PARALLEL: {"tasks": "{{ [] }}"}},
    "tasks[0] has until. A task in parallel takes a module by its full name, args,": together(
        "1", TELL | {"until": True}
    ),
    "tasks[1] has ping.": together("2", TELL, {"ping": {}}),
    "tasks[0] has loop_control.pause.": together("3", MEET | {"loop_control": {"pause": 1}}),
    "tasks[0] is ansible.builtin.set_fact, which": together("4", {"ansible.builtin.set_fact": {"a": 1}}),
    "tasks[0] is threetier.aws.parallel, which": together("5", together("again", TELL)),
    "tasks[0]: no module/action detected in task": together("6", {"name": "nothing"}),
    "does not support async": together("7", TELL, **{"async": 10, "poll": 1}),
    "threetier.aws.parallel does not support become.": together("8", TELL, become=True),
    "throttle is 0. Take how many tasks may run at a time, from 1 on.": together("9", TELL, throttle=0),
    "missing required arguments: tasks": {"name": "10", PARALLEL: {}},
    "Unsupported parameters": {"name": "11", PARALLEL: {"tasks": [TELL], "at_once": 3}},
}


@pytest.fixture(scope="module")
def refused(run):
    return run(list(REFUSED.values())).results


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_cannot_be_is_refused_in_a_sentence(refused, sentence):
    found = refused[REFUSED[sentence]["name"]]["localhost"]
    assert sentence in found["msg"]
    assert "results" not in found


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_an_interrupted_run(command, settings, tmp_path, signal_):
    notes = [tmp_path / name for name in "abc"]
    meet = {PROBE: {"do": "meet", "seconds": 60, "note": "{{ item }}"}, "loop": [str(note) for note in notes]}
    with subprocess.Popen(command([together("long", meet)]), env=settings(True), stdout=subprocess.DEVNULL) as playbook:
        try:
            until(lambda: all(note.exists() and note.read_text() for note in notes))
            processes = {int(pid) for note in notes for pid in note.read_text().split()}
            assert len(processes) == 4  # three modules and their worker
            playbook.send_signal(signal_)
            until(lambda: all(map(is_gone, processes)), 40)  # the modules would take longer
        finally:
            playbook.kill()
