"""The names under which the API server and people know the resource. Knows names only; must import nothing."""

__all__ = [
    "API_VERSION",
    "APPROVE_UPGRADE",
    "CATEGORY",
    "CRD_NAME",
    "GROUP",
    "JOURNEY_PAGE",
    "KIND",
    "LABEL_CAMERA",
    "LABEL_PIPELINE",
    "LABEL_ROLE",
    "LABEL_STAGE",
    "LIST_KIND",
    "MANAGED_BY",
    "PART_OF",
    "PLURAL",
    "REENABLE_TRACING",
    "ROLLBACK_TRACING",
    "SHORT_NAME",
    "SINGULAR",
    "SUSPEND",
    "VERSION",
]

GROUP = "frametrace.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"
KIND = "CameraPipeline"
LIST_KIND = "CameraPipelineList"
PLURAL = "camerapipelines"
SINGULAR = "camerapipeline"
SHORT_NAME = "cpl"
CATEGORY = "cameras"
CRD_NAME = f"{PLURAL}.{GROUP}"

# Annotations by which a person steers; the first three hold an RFC 3339 time stamp, the last the id of `status.pendingUpgrade`.
ROLLBACK_TRACING = f"{GROUP}/rollback-tracing"
REENABLE_TRACING = f"{GROUP}/reenable-tracing"
SUSPEND = f"{GROUP}/suspend"
APPROVE_UPGRADE = f"{GROUP}/approve-upgrade"

# Annotation by which the journey page is switched: Enabled or Disabled; anything else leaves it to spec.pictures.access.
JOURNEY_PAGE = f"{GROUP}/journey-page"

# Values of the recommended labels app.kubernetes.io/part-of and app.kubernetes.io/managed-by on every child.
PART_OF = "frametrace"
MANAGED_BY = "frametrace-operator"

# Labels of our own on every child and its pods.
LABEL_PIPELINE = f"{GROUP}/pipeline"
LABEL_ROLE = f"{GROUP}/role"
LABEL_CAMERA = f"{GROUP}/camera"
LABEL_STAGE = f"{GROUP}/stage"
