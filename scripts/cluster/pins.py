"""Every version, package, address and port of the local cluster, in one place.

Adding a tool is one entry in ``MODULES`` and a go.mod with its go.sum under ``tools/``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "ARGOCD_VERSION",
    "BASE_PACKAGES",
    "BASE_SUITE",
    "BRIDGE",
    "BRIDGE_ADDRESS",
    "BRIDGE_CIDR",
    "CGROUP",
    "CLUSTER_DOMAIN",
    "CNI_NETWORK",
    "CONTEXT",
    "COREDNS_VERSION",
    "DEBIAN_PACKAGES",
    "DNS_ADDRESS",
    "GO_MINIMUM",
    "JAEGER_VERSION",
    "KUBERNETES_VERSION",
    "MODULES",
    "NODE",
    "POD_CIDR",
    "PORTS",
    "SERVICE_ADDRESS",
    "SERVICE_CIDR",
    "GoModule",
    "module_of",
]

GO_MINIMUM = (1, 26)
KUBERNETES_VERSION = "v1.37.2"
COREDNS_VERSION = "v1.15.0"
JAEGER_VERSION = "2.13.0"
HELM_VERSION = "v4.3.1"
ARGOCD_VERSION = "v3.6.1"


@dataclass(frozen=True, slots=True)
class GoModule:
    """One folder under ``tools/`` and the commands that are built from it.

    Args:
        name: The folder's name.
        commands: Binary name → Go package.
        settings: Link-time variables, package path → value.
        files: What its commands need beside them: name → Go module and path in it, as ``module//path``.
        on_demand: Built by who needs it, not whenever the cluster is brought up.
    """

    name: str
    commands: dict[str, str]
    settings: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    on_demand: bool = False

    @property
    def products(self) -> list[str]:
        """The names of all that is made of it, commands first."""
        return [*self.commands, *self.files]

    def ldflags(self) -> str:
        """The linker's flags: stripped, with the link-time variables in a stable order."""
        return " ".join(["-s", "-w", *(f"-X {key}={value}" for key, value in sorted(self.settings.items()))])


_KUBERNETES_COMMANDS = (
    "kube-apiserver",
    "kubelet",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
    "kubectl",
)
_KUBERNETES_MINOR = KUBERNETES_VERSION.removeprefix("v").split(".")[1]
_ARGOCD = "github.com/argoproj/argo-cd/v3"

MODULES = (
    GoModule("etcd", {"etcd": "go.etcd.io/etcd/server/v3"}),
    GoModule(
        "kubernetes",
        {name: f"k8s.io/kubernetes/cmd/{name}" for name in _KUBERNETES_COMMANDS},
        {
            "k8s.io/component-base/version.gitVersion": KUBERNETES_VERSION,
            "k8s.io/component-base/version.gitMajor": "1",
            "k8s.io/component-base/version.gitMinor": _KUBERNETES_MINOR,
        },
    ),
    GoModule("coredns", {"coredns": "github.com/coredns/coredns"}),
    GoModule(
        "jaeger",
        {"jaeger": "github.com/jaegertracing/jaeger/cmd/jaeger"},
        {"github.com/jaegertracing/jaeger/internal/version.latestVersion": f"v{JAEGER_VERSION}"},
    ),
    GoModule(
        "helm",
        {"helm": "helm.sh/helm/v4/cmd/helm"},
        {"helm.sh/helm/v4/internal/version.version": HELM_VERSION},
    ),
    # Nodes and pods that only seem to run, for the operator's benchmark of scale.
    GoModule("kwok", {"kwok": "sigs.k8s.io/kwok/cmd/kwok"}, on_demand=True),
    # One program for all of its parts, for the tests of GitOps. It asks for a newer Go, which `go` gets by itself.
    GoModule(
        "argocd",
        {"argocd": f"{_ARGOCD}/cmd"},
        {f"{_ARGOCD}/common.version": ARGOCD_VERSION.removeprefix("v")},
        {
            "git-verify-wrapper.sh": f"{_ARGOCD}//hack/git-verify-wrapper.sh",
            "application-crd.yaml": f"{_ARGOCD}//manifests/crds/application-crd.yaml",
            "appproject-crd.yaml": f"{_ARGOCD}//manifests/crds/appproject-crd.yaml",
        },
        on_demand=True,
    ),
)


def module_of(command: str) -> GoModule:
    """The module that builds a command, or brings a file.

    Raises:
        KeyError: No module does.
    """
    for module in MODULES:
        if command in module.products:
            return module
    raise KeyError(command)


# Command looked for → Debian package that brings it. A path (with wildcards) stands for a package without a command.
DEBIAN_PACKAGES = {
    "containerd": "containerd",
    "runc": "runc",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
    "buildah": "buildah",
    "nft": "nftables",
    "conntrack": "conntrack",
    "ip": "iproute2",
    "mount": "mount",
    "unshare": "util-linux",
    "debootstrap": "debootstrap",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
    "gcc": "gcc",
    "/usr/include/stdio.h": "libc6-dev",
    "redis-server": "redis-server",
    "rabbitmq-server": "rabbitmq-server",
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "ffmpeg": "ffmpeg",  # what capture's cost is compared with
    "chromium": "chromium",  # the journey page is tested in it
    "git": "git",
    "/etc/ssl/certs/ca-certificates.crt": "ca-certificates",
    # The simulated camera as a process of this machine (python -m scripts.camera serve), for tests.
    "/usr/lib/python3/dist-packages/gi": "python3-gi",
    "/usr/lib/*/girepository-1.0/GstRtspServer-1.0.typelib": "gir1.2-gst-rtsp-server-1.0",
    "/usr/lib/*/gstreamer-1.0/libgstapp.so": "gstreamer1.0-plugins-base",
    "/usr/lib/*/gstreamer-1.0/libgstrtp.so": "gstreamer1.0-plugins-good",
}

BASE_SUITE = "bookworm"
BASE_PACKAGES = ("ca-certificates", "python3", "python3-venv")

CONTEXT = "frametrace"
NODE = "frametrace"
BRIDGE = "frametrace0"
CNI_NETWORK = "frametrace"
POD_CIDR = "10.244.0.0/24"
BRIDGE_ADDRESS = "10.244.0.1"
BRIDGE_CIDR = f"{BRIDGE_ADDRESS}/24"
SERVICE_CIDR = "10.96.0.0/16"
SERVICE_ADDRESS = "10.96.0.1"
DNS_ADDRESS = "10.96.0.10"
CLUSTER_DOMAIN = "cluster.local"
CGROUP = "frametrace"

# Away from the defaults, so that another Kubernetes, etcd or k3s on the machine is not met.
PORTS = {
    "etcd": 12379,
    "etcd-peer": 12380,
    "etcd-metrics": 12381,
    "kube-apiserver": 16443,
    "kubelet": 20250,
    "kubelet-health": 20248,
    "kube-controller-manager": 20257,
    "kube-scheduler": 20259,
    "kube-proxy": 20256,
    "kube-proxy-metrics": 20249,
}
