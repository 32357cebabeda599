"""A plan for a comment on a pull request."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.plugin_utils._plan import document, markdown


def resource(name: str, *values: tuple[str, Any, Any], action: str = "change", **more: str) -> dict[str, Any]:
    rows = [{"attribute": attribute, "before": before, "after": after} for attribute, before, after in values]
    place = {"region": "us-east-1", "tier": "network", "kind": "ec2_security_group", "note": ""}
    return {**place, "name": name, "action": action, "rows": rows, **more}


def page(*resources: dict[str, Any], **more: Any) -> str:
    return markdown.page(document.document([*resources], {"threetier_stack": "demo-app"}, "today", **more))


def test_it_begins_with_the_sums_then_a_row_for_each_resource_then_the_attributes_folded():
    lines = page(
        resource("x-sg", ("ingress", "tcp 22 from 0.0.0.0/0", None)), resource("y", action="leave")
    ).splitlines()
    assert lines[0] == "### demo-app: plan"
    assert lines[2] == "**Plan: 0 to create, 1 to change, 0 to delete, 1 left as they are.**"
    assert "| ~ change | `ec2_security_group` `x-sg` | us-east-1, network | `ingress` |" in lines
    assert "<details><summary>us-east-1, network: 1 attribute</summary>" in lines
    assert "| `x-sg` | `ingress` | `tcp 22 from 0.0.0.0/0` |  |" in lines
    assert lines.count("</details>") == 1
    assert "`y`" not in "".join(lines)


def test_nothing_in_a_value_ends_its_cell_or_becomes_markup():
    lines = page(resource("x", ("policy", "a|b", "`rm` <b>@all</b> * *")))
    assert "| `x` | `policy` | `a\\|b` | `` `rm` <b>@all</b> * * `` |" in lines


def test_a_run_that_failed_and_what_no_run_can_do_are_said():
    said = page(resource("x", action="leave", note="It waits."), failed=["eu-west-1"])
    assert "**The run failed before its end.**" in said
    assert "- `ec2_security_group` `x`: It waits." in said


def test_it_fits_a_comment_and_says_what_is_left_out():
    many = [resource(f"x-{number}", *((f"a{one}", "b" * 50, "c" * 50) for one in range(9))) for number in range(200)]
    said = page(*many)
    assert 50_000 < len(said) <= markdown.LIMIT
    assert "| ~ change | `ec2_security_group` `x-199`" in said  # the resources come before the attributes
    assert "attributes of this tier, and all of those after it are left out here." in said
    assert said.count("<details>") == said.count("</details>")
    more = page(*(resource(f"x-{number}", ("a" * 40, 1, 2)) for number in range(3000)))
    assert len(more) <= markdown.LIMIT
    assert "resources are left out here." in more
    assert "<details>" not in more
