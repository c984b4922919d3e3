"""Row D.3: `dashboards/frame-tracking.json` is of the schema of Grafana 10 and later, and every query of it answers on real data.

No Grafana runs here: the schema is that of its own SDK (classic, version 41), the queries are run on Prometheus and Jaeger.
"""

from __future__ import annotations

import pytest
from grafana_foundation_sdk.models.dashboard import Dashboard

from scripts.monitoring.dashboards import FILES, asks, load, with_values
from scripts.servers.prometheus import PrometheusServer
from tests.real.watched import VALUES, until

pytestmark = pytest.mark.contract
[FILE] = [file for file in FILES if file.name == "frame-tracking.json"]


def test_d_3_the_file_is_of_the_schema_that_grafana_10_and_later_read() -> None:
    whole = load(FILE)
    read = Dashboard.from_json(whole)

    assert FILE.parent.name == "dashboards"
    assert whole["schemaVersion"] == 41
    assert (read.uid, len(read.panels or ())) == (whole["uid"], len(whole["panels"]))


def test_d_3_every_query_answers_on_real_data(prometheus: PrometheusServer) -> None:
    asked = [ask for ask in asks(FILE) if ask.kind == "prometheus"]

    assert len(asked) > 30
    for ask in asked:
        expr = with_values(ask.query, VALUES)
        until(lambda expr=expr: bool(prometheus.query(expr)), 30, f"{ask.where} returns data: {expr}")
