"""Launch templates: their own tags are not part of what they launch; versions have user data, and can be deleted."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import InvalidLaunchTemplateVersionNotFound
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateBackend, LaunchTemplateVersion
from moto.ec2.responses.launch_templates import LaunchTemplates
from moto.ec2.utils import parse_user_data

from ...monkeypatch import wrap
from . import store


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
        made: LaunchTemplate = original(self, name, description, template_data, tag_spec)
        return made

    return create_launch_template


def number_and_read_versions(original: Any) -> Any:
    """moto reads the first version's user data only, and counts versions where AWS never uses a number again."""

    def create_version(self: LaunchTemplate, data: dict[str, Any], *args: Any) -> LaunchTemplateVersion:
        if isinstance(data.get("UserData"), str):
            data["UserData"] = parse_user_data(data["UserData"])
        version: LaunchTemplateVersion = original(self, data, *args)
        note = store.of_template(self)
        version.number = note.last_number = note.last_number + 1
        return version

    return create_version


def find_version_by_number(original: Any) -> Any:
    def get_version(self: LaunchTemplate, num: Any) -> LaunchTemplateVersion:
        if str(num).startswith("$"):
            named: LaunchTemplateVersion = original(self, num)
            return named
        for version in self.versions:
            if str(version.number) == str(num):
                return version
        raise InvalidLaunchTemplateVersionNotFound(template_id=self.id, version=num)

    return get_version


def find_default_by_number(_original: Any) -> Any:
    def default_version(self: LaunchTemplate) -> LaunchTemplateVersion:
        return self.get_version(self.default_version_number)

    return default_version


def delete_versions(_original: Any) -> Any:
    """moto does not know DeleteLaunchTemplateVersions."""

    def delete_launch_template_versions(self: LaunchTemplates) -> ActionResult:
        name, template_id = self._get_param("LaunchTemplateName"), self._get_param("LaunchTemplateId")
        find = self.ec2_backend.get_launch_template_by_name if name else self.ec2_backend.get_launch_template
        template = find(name or template_id)
        gone, kept = [], []
        for number in self._get_param("Versions", []):
            said = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name, "VersionNumber": int(number)}
            version = next((one for one in template.versions if str(one.number) == str(number)), None)
            if version is None or template.is_default(version):
                code = "unexpectedError" if version else "launchTemplateVersionDoesNotExist"
                kept.append({**said, "ResponseError": {"Code": code, "Message": f"Version {number} was not deleted"}})
                continue
            template.versions.remove(version)
            gone.append(said)
        return ActionResult(
            {
                "SuccessfullyDeletedLaunchTemplateVersions": gone,
                "UnsuccessfullyDeletedLaunchTemplateVersions": kept,
            }
        )

    return delete_launch_template_versions


def inherit_source_version(original: Any) -> Any:
    """A version that names a source has all of its data, and what it says itself instead; moto ignores the source."""

    def create_launch_template_version(self: LaunchTemplates) -> ActionResult:
        answer: Any = original(self)
        source = self._get_param("SourceVersion")
        if source:
            said = answer.result["LaunchTemplateVersion"]
            template = self.ec2_backend.get_launch_template(said["LaunchTemplateId"])
            version = template.get_version(said["VersionNumber"])
            version.data = said["LaunchTemplateData"] = {**template.get_version(source).data, **version.data}
            version.instance_tags = template.get_version(source).instance_tags | version.instance_tags
        result: ActionResult = answer
        return result

    return create_launch_template_version


def install(machines: bool = False) -> None:
    wrap(LaunchTemplateBackend, "create_launch_template", keep_own_tags_out_of_data)
    wrap(LaunchTemplate, "create_version", number_and_read_versions)
    wrap(LaunchTemplate, "get_version", find_version_by_number)
    wrap(LaunchTemplate, "default_version", find_default_by_number)
    wrap(LaunchTemplates, "create_launch_template_version", inherit_source_version)
    wrap(LaunchTemplates, "delete_launch_template_versions", delete_versions)
