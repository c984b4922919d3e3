"""The chart's README: how it is installed, and every value with its default, from values.yaml. Returns text; writes nothing."""

from __future__ import annotations

from pathlib import Path

from scripts.chart.value_list import Value, values_of

__all__ = ["README", "readme"]

_CHART = Path(__file__).resolve().parents[2] / "charts" / "frametrace"
README = _CHART / "README.md"
_HEAD = """# Frametrace's chart

Made by `python -m scripts.chart` from `values.yaml`; never edited.

Installs the operator of traced camera pipelines, and the definition of `CameraPipeline`. For Helm 3.14 or later and Helm 4,
Kubernetes 1.33 or later. Its pods meet the `restricted` standard of Pod Security.

```sh
helm install frametrace charts/frametrace --namespace frametrace-system --create-namespace
```

where `images.registry` names the registry that has the two images: [how to build and push them](../../docs/how-to/install.md).
What it prints has a first pipeline to paste. [What it makes, and why](../../docs/reference/chart-resources.md);
[how to upgrade it](../../docs/how-to/upgrade.md), and what to do where helm finds [a definition that is there already](../../docs/how-to/upgrade.md#a-definition-that-is-there-already).

## For example

| wanted | values |
|---|---|
| two operators, spread over nodes, one at a time drained | `replicas: 2` |
| rights in two namespaces only, and none of the whole cluster | `watchNamespaces: [gate, yard]`, `rbac.aggregate: false`, and `crds.install: false` where the definition is there already. Beside a release for all namespaces it needs a `shard`, too: both would look after its pipelines, and undo each other's work |
| a second release beside the first | `shard: blue`, `crds.install: false`, `rbac.aggregate: false`; its pipelines have the label `frametrace.dev/shard: blue` |
| images of your own registry, by digest | `images.operator: registry.example/frametrace-operator@sha256:…`, `images.runtime: …`, `images.pullSecrets: [pull]` |
| cameras in these networks, and nowhere else | `cameraNetworks.allow: [192.0.2.0/24]`, `cameraNetworks.deny: ["0.0.0.0/0", "::/0"]` |
| alerts, dashboards, metrics | `podMonitor.enabled: true`, `prometheusRule.enabled: true`, `dashboards.enabled: true` |
| OpenShift, which gives users of its own | `podSecurityContext.runAsUser: null`, `podSecurityContext.runAsGroup: null` |

## Values

`values.schema.json` refuses anything else, with the name of what is wrong.

"""


def readme() -> str:
    """Return the README's text."""
    rows = "".join(_row(value) for value in values_of((_CHART / "values.yaml").read_text(encoding="utf-8")))
    return f"{_HEAD}| value | default | what it is |\n|---|---|---|\n{rows}"


def _row(value: Value) -> str:
    return f"| `{value.name}` | `{value.default}` | {value.about.replace('|', '&#124;')} |\n"
