"""The broker: the condition BrokerAvailable. Pure."""

from frametrace_api.conditions import BrokerAvailableReason as Why
from frametrace_api.conditions import ConditionType
from frametrace_api.status import ConditionStatus

from frametrace_operator.assess.facts import Facts, listed
from frametrace_operator.assess.next_steps import with_next_step
from frametrace_operator.assess.verdict import Verdict
from frametrace_operator.naming import Role, child_name
from frametrace_operator.redaction import redacted

__all__ = ["broker_available"]


def broker_available(facts: Facts) -> Verdict:
    """Whether the broker takes and gives frames, by its pod's word and by those of its clients."""
    status, why, message = _judge(facts)
    told = _with_next_step(facts, why, message) if status is ConditionStatus.FALSE else message
    return Verdict(ConditionType.BROKER_AVAILABLE, status, why, told or why.explanation)


def _with_next_step(facts: Facts, why: Why, message: str) -> str:
    if why is not Why.UNAUTHORIZED or facts.pipeline.spec.broker.external is not None:
        return with_next_step(why, message)
    secret = child_name(facts.pipeline, Role.REDIS)
    way = f"if that stays, delete the Secret {secret}: it is made again, and Redis and its clients begin anew with it"
    return f"{message or why.explanation}; {way}"


def _judge(facts: Facts) -> tuple[ConditionStatus, Why, str]:
    if facts.suspended:
        return ConditionStatus.UNKNOWN, Why.SUSPENDED, ""
    missing = _missing_secrets(facts)
    if missing and not facts.seen.flow.broker_connected:
        return ConditionStatus.FALSE, Why.SECRET_MISSING, missing
    managed = facts.pipeline.spec.broker.external is None
    if managed and not facts.ready(Role.REDIS):
        trouble = facts.trouble(Role.REDIS)
        return (
            ConditionStatus.FALSE,
            Why.STARTING if trouble is None else Why.POD_UNAVAILABLE,
            trouble.message if trouble else "",
        )
    return _clients(facts, managed=managed)


def _clients(facts: Facts, *, managed: bool) -> tuple[ConditionStatus, Why, str]:
    flow = facts.seen.flow
    troubles = sorted((reason, message) for reason, message in flow.brokers if reason not in ("", Why.STARTING.value))
    if troubles:
        reason = troubles[0][0]
        why = next((why for why in Why if why.value == reason), Why.UNREACHABLE)
        return ConditionStatus.FALSE, why, redacted(listed(message or reason for reason, message in troubles))
    if flow.broker_connected or flow.passed or (managed and not flow.brokers):
        return ConditionStatus.TRUE, Why.AVAILABLE, ""
    return (ConditionStatus.UNKNOWN, Why.UNKNOWN, "") if flow.unreadable else (ConditionStatus.FALSE, Why.STARTING, "")


def _missing_secrets(facts: Facts) -> str:
    missing = [each for each in facts.seen.missing_secrets if each.use.where.startswith("broker.")]
    return listed(f"{each.text} (spec.{each.use.where})" for each in missing)
