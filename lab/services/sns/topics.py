"""SNS: mail is confirmed and arrives, deliveries do not hold up the publisher, what cannot be delivered is redriven."""

from __future__ import annotations

import json
import logging
import secrets
from typing import Any
from urllib.parse import urlencode

from moto.core.responses import ActionResult
from moto.core.utils import iso_8601_datetime_with_milliseconds
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend, Subscription
from moto.sns.responses import SNSResponse

from ... import backends, config, delivery
from ...monkeypatch import wrap
from ..iam import policies
from ..lambda_.asynchronous import invoke_later
from . import mail, store

_log = logging.getLogger("lab.sns")


class _Refused(Exception):
    """The subscriber does not take the message: no use to try again."""


def ask_before_mailing(original: Any) -> Any:
    """An e-mail subscription is pending until its owner follows the link in the mail."""

    def subscribe(self: Any, topic_arn: str, endpoint: str, protocol: str) -> Subscription:
        known = self._find_subscription(topic_arn, endpoint, protocol)
        subscription: Subscription = original(self, topic_arn, endpoint, protocol)
        if protocol not in ("email", "email-json"):
            subscription.confirmed = True
        elif known is None or not known.confirmed:
            subscription.attributes.update(PendingConfirmation=True, ConfirmationWasAuthenticated=False)
            _mail_confirmation(subscription, store.stores.of(self).tokens[subscription])
        return subscription

    return subscribe


def _mail_confirmation(subscription: Subscription, token: str) -> None:
    query = {"Action": "ConfirmSubscription", "TopicArn": subscription.topic_arn, "Token": token}
    text = (
        f"You have chosen to subscribe to the topic:\n{subscription.topic_arn}\n\n"
        "To confirm this subscription, click or visit the link below (If this was in error no action is necessary):\n"
        f"{config.ENDPOINT}/?{urlencode(query)}\n"
    )
    mail.post(subscription.endpoint, "AWS Notification - Subscription Confirmation", text)


def confirm(topic_arn: str, token: str) -> str | None:
    """Confirm the subscription that this token was sent to; its ARN, or None if the token is wrong."""
    for backend in backends.regions("sns"):
        for subscription in list(backend.subscriptions.values()):
            if subscription.topic_arn != topic_arn or subscription.protocol not in ("email", "email-json"):
                continue
            if secrets.compare_digest(store.stores.of(backend).tokens[subscription], token):
                subscription.confirmed = True
                subscription.attributes["PendingConfirmation"] = False
                return str(subscription.arn)
    return None


def check_confirmation_token(_original: Any) -> Any:
    def confirm_subscription(self: SNSResponse) -> ActionResult:
        arn = confirm(self._get_param("TopicArn"), self._get_param("Token") or "")
        if not arn:
            raise SNSInvalidParameter("Invalid parameter: Token")
        return ActionResult({"SubscriptionArn": arn})

    return confirm_subscription


def show_pending_subscription(original: Any) -> Any:
    """Where AWS names no ARN yet: in listings and in the answer to Subscribe."""

    def listing(self: SNSResponse) -> ActionResult:
        result: Any = original(self)
        shown = [
            {
                "TopicArn": found.topic_arn,
                "Protocol": found.protocol,
                "SubscriptionArn": found.arn if found.confirmed else "PendingConfirmation",
                "Owner": found.account_id,
                "Endpoint": found.endpoint,
            }
            for found in result.result["Subscriptions"]
        ]
        return ActionResult({**result.result, "Subscriptions": shown})

    return listing


def answer_pending_to_subscribe(original: Any) -> Any:
    def subscribe(self: SNSResponse) -> Any:
        result = original(self)
        found = self.backend.subscriptions.get(result.result["SubscriptionArn"])
        wants_arn = str(self._get_param("ReturnSubscriptionArn")).lower() == "true"
        if found and not found.confirmed and not wants_arn:
            return ActionResult({"SubscriptionArn": "pending confirmation"})
        return result

    return subscribe


def deliver_after_answering(original: Any) -> Any:
    """The publisher does not wait for its subscribers."""

    def publish(self: Subscription, message: str, message_id: str, **kwargs: Any) -> None:
        matcher = self._filter_policy_matcher
        if matcher is not None and not matcher.matches(kwargs.get("message_attributes"), message):
            return
        if not self.attributes.get("PendingConfirmation"):
            delivery.later(lambda: _deliver(original, self, message, message_id, kwargs))

    return publish


def _deliver(moto: Any, subscription: Subscription, message: str, message_id: str, kwargs: dict[str, Any]) -> None:
    own = (
        subscription._parse_message_structure(message, subscription.protocol)
        if kwargs.get("message_structure")
        else message
    )
    try:
        if subscription.protocol == "lambda":
            _to_function(subscription, own, message_id, kwargs)
        elif subscription.protocol in ("email", "email-json"):
            _to_mailbox(subscription, own, message_id, kwargs)
        else:
            moto(subscription, message, message_id, **kwargs)
    except Exception as problem:
        _log.warning("%s did not take message %s: %s", subscription.endpoint, message_id, problem)
        redrive = subscription.attributes.get("RedrivePolicy")
        if redrive:
            envelope = subscription.get_post_data(
                own, message_id, kwargs.get("subject"), kwargs.get("message_attributes")
            )
            delivery.send(json.loads(redrive)["deadLetterTargetArn"], json.dumps(envelope))


def _to_function(subscription: Subscription, message: str, message_id: str, kwargs: dict[str, Any]) -> None:
    parts = subscription.endpoint.split(":")
    backend = backends.backend("lambda", parts[3])
    function = backend.get_function(parts[6], parts[7] if len(parts) > 7 else None)
    policy = {"Statement": function.policy.statements}
    asked = {"aws:SourceArn": subscription.topic_arn, "aws:SourceAccount": subscription.account_id}
    action = "lambda:InvokeFunction"
    if not policies.allows(policy, action=action, service="sns.amazonaws.com", context=asked):
        raise _Refused(f"the policy of {function.function_name} lets no message of {subscription.topic_arn} in")
    envelope = subscription.get_post_data(message, message_id, kwargs.get("subject"), kwargs.get("message_attributes"))
    envelope["SigningCertUrl"] = envelope.pop("SigningCertURL")
    envelope["UnsubscribeUrl"] = envelope.pop("UnsubscribeURL")
    envelope.setdefault("Subject", None)
    envelope.setdefault("MessageAttributes", {})
    record = {
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "EventSource": "aws:sns",
        "Sns": envelope,
    }
    invoke_later(function, {"Records": [record]})


def _to_mailbox(subscription: Subscription, message: str, message_id: str, kwargs: dict[str, Any]) -> None:
    text = message
    if subscription.protocol == "email-json":
        envelope = subscription.get_post_data(message, message_id, kwargs.get("subject"))
        text = json.dumps({**envelope, "Timestamp": iso_8601_datetime_with_milliseconds()}, indent=2)
    name = subscription.topic.display_name or subscription.topic.name
    mail.post(subscription.endpoint, kwargs.get("subject") or "AWS Notification Message", text + "\n", name)


def install(_machines: bool = False) -> None:
    wrap(SNSBackend, "subscribe", ask_before_mailing)
    wrap(SNSResponse, "subscribe", answer_pending_to_subscribe)
    wrap(SNSResponse, "confirm_subscription", check_confirmation_token)
    wrap(SNSResponse, "list_subscriptions", show_pending_subscription)
    wrap(SNSResponse, "list_subscriptions_by_topic", show_pending_subscription)
    wrap(Subscription, "publish", deliver_after_answering)
