"""Launch templates: their own tags are not part of what they launch, and every version has its user data."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateBackend
from moto.ec2.utils import parse_user_data

from .patching import wrap


def keep_own_tags_out_of_data(original: Any) -> Any:
    """moto adds the tags of the template itself to the data of its first version, so no second one is ever like it."""

    def create_launch_template(
        self: LaunchTemplateBackend,
        name: str,
        description: str,
        template_data: dict[str, Any],
        tag_spec: dict[str, Any],
    ) -> LaunchTemplate:
        specifications = template_data.pop("TagSpecifications", [])
        if launched := [one for one in specifications if one["ResourceType"] != "launch-template"]:
            template_data["TagSpecifications"] = launched
        return original(self, name, description, template_data, tag_spec)

    return create_launch_template


def read_user_data_of_later_versions(original: Any) -> Any:
    """moto reads the first version's only; what a later one launches would get none."""

    def create_version(self: LaunchTemplate, data: dict[str, Any], *args: Any) -> Any:
        if isinstance(data.get("UserData"), str):
            data["UserData"] = parse_user_data(data["UserData"])
        return original(self, data, *args)

    return create_version


def install(machines: bool = False) -> None:
    wrap(LaunchTemplateBackend, "create_launch_template", keep_own_tags_out_of_data)
    wrap(LaunchTemplate, "create_version", read_user_data_of_later_versions)
