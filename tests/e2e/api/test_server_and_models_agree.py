"""Whatever stands in a field, the API server and the models say the same of it."""

from typing import Any

import pytest
from frametrace_api.pipeline import CameraPipeline
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError

from tests.e2e.api.resources import minimal, patched
from tests.generated.patches import PATCHES

pytestmark = pytest.mark.cluster


def is_read(resource: dict[str, Any]) -> bool:
    try:
        CameraPipeline.model_validate(resource)
    except ValidationError:
        return False
    return True


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(patch=PATCHES)
def test_the_server_takes_exactly_what_the_models_take(server: Any, patch: tuple[str, Any]) -> None:
    resource = patched(minimal(), dict([patch]))

    status, answer = server.attempt(resource)

    assert (status == 201) == is_read(resource), answer.get("message")
