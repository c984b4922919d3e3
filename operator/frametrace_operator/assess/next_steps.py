"""What a person can do about each reason why frames do not flow. Words only; must not know how a reason is found."""

from typing import Final

from frametrace_api.conditions import BrokerAvailableReason, CaptureAvailableReason

__all__ = ["with_next_step"]

_CAMERA: Final = {
    CaptureAvailableReason.UNREACHABLE: "check its address, and that the camera's network reaches the node",
    CaptureAvailableReason.UNAUTHORIZED: "correct the Secret in credentialsSecretRef; it is read at the next connection",
    CaptureAvailableReason.SECRET_MISSING: "create it in the pipeline's namespace",
    CaptureAvailableReason.ADDRESS_DENIED: "the cluster's owner allows networks in the chart's cameraNetworks",
    CaptureAvailableReason.REDIRECTED: "if you trust that address, set it as source.url",
    CaptureAvailableReason.NO_STREAM: "check the path in source.url, such as by opening it with ffplay",
    CaptureAvailableReason.FROZEN: "look at the camera itself; it is connected to anew meanwhile",
    CaptureAvailableReason.POD_UNAVAILABLE: "`kubectl describe` of the pod has more",
}
_BROKER: Final = {
    BrokerAvailableReason.UNREACHABLE: "check its address in the Secret, and that the pods may reach it",
    BrokerAvailableReason.UNAUTHORIZED: "correct the Secret; it is read at the next connection",
    BrokerAvailableReason.SECRET_MISSING: "create it in the pipeline's namespace",
    BrokerAvailableReason.FULL: "give it more memory, keep frames for less long, or add replicas to the slowest stage",
    BrokerAvailableReason.POD_UNAVAILABLE: "`kubectl describe` of the pod has more",
}


def with_next_step(reason: CaptureAvailableReason | BrokerAvailableReason, message: str) -> str:
    """The message, and what to do; the message alone where there is nothing to do but wait."""
    step = _CAMERA.get(reason) if isinstance(reason, CaptureAvailableReason) else _BROKER.get(reason)
    return f"{message or reason.explanation}; {step}" if step else message
