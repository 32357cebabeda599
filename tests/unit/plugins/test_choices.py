"""Choices that cannot be are named before anything is asked of AWS."""

from __future__ import annotations

import getpass
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.threetier.aws.plugins.plugin_utils import _choice_problems, _choices

SPEC = _choices.choices()
GOOD = {
    **_choices.values(SPEC, {}),
    "threetier_stack": "demo-app",
    "threetier_region": "us-east-1",
    "threetier_availability_zones": ["us-east-1a", "us-east-1b", "us-east-1c"],
    "threetier_admin_cidrs": ["203.0.113.7/32"],
}
ZONES = GOOD["threetier_availability_zones"]
OPTIONS = SPEC | _choices.options_of_roles() | _choices.options_of_playbooks()


def test_the_defaults_are_fine():
    assert _choice_problems.problems(GOOD, SPEC) == []
    assert _choice_problems.problems(GOOD | {"threetier_availability_zones": []}, SPEC) == []


@pytest.mark.parametrize(
    ("environment", "who"),
    [({"THREETIER_RUN": "job 7", "USER": "ann"}, "job 7"), ({"USER": "ann"}, "ann"), ({}, getpass.getuser())],
    ids=["a job", "a user", "a shell that knows no user"],
)
def test_who_runs_it_is_known(environment, who):
    kept = {name: value for name, value in os.environ.items() if name not in ("THREETIER_RUN", "USER")}
    words = json.dumps({"msg": SPEC["threetier_run"]["default"]})
    ansible = Path(sys.executable).with_name("ansible")
    command = [ansible, "-i", "localhost,", "-c", "local", "localhost", "-m", "ansible.builtin.debug", "-a", words]
    done = subprocess.run(command, env=kept | environment, text=True, capture_output=True, check=True)
    assert json.loads(done.stdout.partition("=>")[2])["msg"] == who


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("stack", "Demo_App", "single hyphens"),
        ("stack", "a" * 21, "up to 20"),
        ("region", "Virginia", "such as us-east-1"),
        ("availability_zones", [*ZONES[:2], "us-west-2a"], "zones of threetier_region, us-east-1"),
        ("vpc_cidr", "10.9.0.0/16", "not inside the VPC's 10.9.0.0/16"),
        ("public_cidrs", ["10.0.11.0/25", "10.0.2.0/24", "10.0.3.0/24"], "overlap"),
        ("admin_cidrs", [], "nobody could reach the bastion"),
        ("admin_cidrs", ["everyone"], 'is "everyone". Take networks in CIDR notation'),
        ("admin_cidrs", ["10.0.0.1/24"], "Take networks in CIDR notation"),
        ("egress_ports", [443, 70000], "70000. Take ports from 1 to 65535"),
        ("instance_type", "t3", "such as t3.micro"),
        ("bastion_instance_type", "T3.micro", "such as t3.micro"),
        ("database_class", "t4g.micro", "such as db.t4g.micro"),
        ("notify_emails", ["operator"], "Take e-mail addresses"),
        ("certificate_arn", "arn:aws:iam::123456789012:server-certificate/x", "certificate in ACM"),
        ("certificate_arn", "arn:aws:acm:us-east-1:123456789012:certificate/x", "Set threetier_api_name to the name"),
        ("domain", "Example.com", "a domain in small letters"),
        ("database_ca_bundle_url", "bundle.pem", "an address of http"),
        ("bucket_suffix", "Upper", "small letters, digits and hyphens"),
        ("bucket_suffix", "x" * 40, "within 63"),
        ("tags", {"Stack": "other"}, "not yours to set"),
        ("tags", {"aws:x": "y"}, "not yours to set"),
        ("tags", {"CostCenter": 4711}, 'Write it in quotes: "4711"'),
        ("tags", {"Billed": True}, 'Write it in quotes: "True"'),
    ],
)
def test_a_wrong_choice_is_named_with_what_it_takes(name, value, words):
    problem = _choice_problems.problems({**GOOD, f"threetier_{name}": value}, SPEC)[0]
    assert f"threetier_{name}" in problem
    assert words in problem


def test_the_apis_name_has_to_be_in_the_domain():
    chosen = {"threetier_domain": "example.com", "threetier_api_name": "api.badexample.com"}
    (problem,) = _choice_problems.problems(GOOD | chosen, SPEC)
    assert "which is not in threetier_domain, example.com" in problem
    assert _choice_problems.problems(GOOD | chosen | {"threetier_api_name": "shop.example.com"}, SPEC) == []


def test_a_cdn_needs_a_domain():
    (problem,) = _choice_problems.problems(GOOD | {"threetier_cdn": True}, SPEC)
    assert "threetier_domain is empty: CloudFront would have no name to serve" in problem
    assert _choice_problems.problems(GOOD | {"threetier_cdn": True, "threetier_domain": "example.com"}, SPEC) == []


@pytest.mark.parametrize("cidr", ["203.0.113.7", "203.0.113.7/24", "203.0.113.0/33", "2001:db8::1/32", "0.0.0.0/0"])
def test_the_firewalls_lists_are_of_networks(cidr):
    problems = _choice_problems.problems(GOOD | {"threetier_waf_blocked_cidrs": [cidr]}, SPEC)
    assert "Take networks in CIDR notation, such as 203.0.113.7/32 or 2001:db8::/32." in problems[-1]
    networks = {"threetier_waf_allowed_cidrs": ["203.0.113.0/24", "2001:db8::/32"]}
    assert _choice_problems.problems(GOOD | networks, SPEC) == []
    (problem,) = _choice_problems.problems(GOOD | {"threetier_waf_rate_limit": 9}, SPEC)
    assert problem.startswith('threetier_waf_rate_limit is "9". Take a number of requests, 10 at the least.')


def test_a_certificate_of_ones_own_goes_with_a_domain():
    arn = "arn:aws:acm:us-east-1:123456789012:certificate/x"
    assert _choice_problems.problems(GOOD | {"threetier_certificate_arn": arn, "threetier_domain": "a.org"}, SPEC) == []


@pytest.mark.parametrize(
    ("name", "word", "value"),
    [
        ("threetier_notify_emails", "ops@example.com", ["ops@example.com"]),
        ("threetier_notify_emails", "a@example.com, b@example.com", ["a@example.com", "b@example.com"]),
        ("threetier_notify_emails", "", []),
        ("threetier_egress_ports", "443", [443]),
        ("threetier_egress_ports", "[80, 443]", [80, 443]),
        ("threetier_availability_zones", "us-east-1a", ["us-east-1a"]),
        ("threetier_database_serverless_min_capacity", "0.5", 0.5),
        ("threetier_nat_per_az", "no", False),
        ("threetier_tags", '{"Team": "shop"}', {"Team": "shop"}),
        ("teardown_keep", "buckets", ["buckets"]),
        ("teardown_timeout", "600", 600),
        ("bastion_sessions", "300", 300),
        ("webapp_allow_contraction", "yes", True),
        ("scale_desired", "4", 4),
        ("restore_discard", "false", False),
        ("webapp_version", "1.10", "1.10"),
        ("threetier_run", "{{ anything }}", "{{ anything }}"),
    ],
)
def test_a_word_becomes_what_it_means(name, word, value):
    given = {name: word}
    assert _choices.convert_all(given, OPTIONS) == []
    assert given == {name: value}


@pytest.mark.parametrize(
    ("name", "word", "words"),
    [
        ("threetier_nat_per_az", "perhaps", 'threetier_nat_per_az is "perhaps". Take true or false.'),
        ("scale_max", "four", 'scale_max is "four". Take a whole number.'),
        ("threetier_database_serverless_max_capacity", "four", 'is "four". Take a number, such as 0.5.'),
        ("threetier_egress_ports", "http", 'threetier_egress_ports is "http". Take a whole number.'),
        ("threetier_tags", "Team=shop", "Take a mapping, as JSON"),
        ("webapp_version", 1.1, "Write it in quotes"),
    ],
)
def test_a_word_that_can_mean_nothing_is_refused(name, word, words):
    (problem,) = _choices.convert_all({name: word}, OPTIONS)
    assert words in problem


def test_every_input_of_every_playbook_and_role_takes_words_or_refuses_them():
    """What stands after -e name= is a word. None of another type may go on as one."""
    other = {
        name: option
        for name, option in OPTIONS.items()
        if option.get("type") in ("bool", "dict", "float", "int", "list")
    }
    assert len(other) > 50
    for name, option in other.items():
        given = {name: "x"}
        refused = _choices.convert_all(given, OPTIONS)
        assert refused or (option["type"] == "list" and given[name] == ["x"]), name


def test_an_unknown_choice_is_refused_and_others_only_if_they_are_nearly_known():
    known = list(OPTIONS)
    assert _choices.unknown(["threetier_foo"], known) == [
        "Nothing is named threetier_foo. docs/choices.md lists the choices."
    ]
    assert _choices.unknown(["webapp_max_sise"], known) == [
        "Nothing is named webapp_max_sise. Is webapp_max_size meant?"
    ]
    assert _choices.unknown(["webapp_of_ours", "company"], known) == []


def test_each_choice_feeds_inputs_that_are_there_and_of_its_type():
    roles = _choices.inputs_by_role()
    inputs = _choices.role_inputs(SPEC, roles)
    assert set(inputs) <= set(_choices.options_of_roles())
    assert inputs["network_nat_per_az"] == "{{ threetier_nat_per_az | bool }}"
    assert inputs["network_stack"] == inputs["webapp_stack"] == "{{ threetier_stack }}"


def test_each_choice_is_used_and_each_that_is_used_is_there():
    """A playbook, an inventory or a role's input; threetier_flow_logs was once in no list at all."""
    top = Path(__file__).parents[3]
    texts = [
        p.read_text() for place in ("playbooks", "inventories") for p in (top / place).rglob("*.yml") if p.is_file()
    ]
    used = "\n".join(texts) + json.dumps({name: one.get("feeds", []) for name, one in SPEC.items()})
    for name, choice in SPEC.items():
        assert choice.get("feeds") or name in used, name
        assert all(choice[key] for key in ("description", "group", "type")), name


@pytest.mark.parametrize("architecture", _choices.architectures())
def test_an_architecture_chooses_what_can_be_chosen_and_has_a_page(architecture):
    top = Path(__file__).parents[3]
    chosen = _choices.yaml_load((top / f"architectures/{architecture}.yml").read_text())
    assert set(chosen) <= set(SPEC)
    yours = {"threetier_domain": "example.com"}  # which no architecture can know
    assert _choice_problems.problems(GOOD | yours | chosen, SPEC) == []
    page = (top / f"docs/architectures/{architecture}.md").read_text()
    assert "## What it costs" in page
