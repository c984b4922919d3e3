"""How many, how long, how large: every bound of the resource in one place.

Kept so that the CEL rules stay within the API server's cost budget and the largest resource within its request size. Numbers only.
"""

__all__ = [
    "MAX_AFFINITY_EXPRESSIONS",
    "MAX_AFFINITY_TERMS",
    "MAX_AFFINITY_VALUES",
    "MAX_CAMERAS",
    "MAX_DNS_NAME",
    "MAX_ENV",
    "MAX_ENV_VALUE",
    "MAX_ID",
    "MAX_IMAGE",
    "MAX_LABEL_KEY",
    "MAX_LABEL_VALUE",
    "MAX_MESSAGE",
    "MAX_NODE_SELECTOR",
    "MAX_PIPELINE_NAME",
    "MAX_PULL_SECRETS",
    "MAX_QUANTITY",
    "MAX_REASON",
    "MAX_RESOURCE_KINDS",
    "MAX_SECONDS_A_DAY",
    "MAX_STAGES",
    "MAX_TOLERATIONS",
    "MAX_URL",
    "MAX_VOLUMES",
]

MAX_PIPELINE_NAME = 40  # leaves room for a role and a hash in a child's name of 63
MAX_CAMERAS = 128
MAX_STAGES = 32
MAX_ID = 32  # of a camera or stage: part of every frame ID and span
MAX_ENV = 64  # of one container
MAX_ENV_VALUE = 4096
MAX_URL = 512
MAX_IMAGE = 512
MAX_DNS_NAME = 253
MAX_LABEL_VALUE = 63
MAX_LABEL_KEY = 317  # a DNS name, a slash, a label
MAX_QUANTITY = 32
MAX_RESOURCE_KINDS = 8
MAX_NODE_SELECTOR = 16
MAX_TOLERATIONS = 16
MAX_PULL_SECRETS = 8
MAX_VOLUMES = 4
MAX_AFFINITY_TERMS = 8
MAX_AFFINITY_EXPRESSIONS = 8
MAX_AFFINITY_VALUES = 32
MAX_MESSAGE = 2048  # of a line of status; a condition's may be longer, as Kubernetes has it
MAX_REASON = 128
MAX_SECONDS_A_DAY = 86_400
