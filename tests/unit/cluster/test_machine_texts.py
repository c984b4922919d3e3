"""What the machine says of itself is read right: mounts, routes, apt sources, release, pip's settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.cluster.buildah import pip_settings
from scripts.cluster.debian import AptSource, apt_list, finish, parse_apt_sources, resolve_mirror
from scripts.cluster.errors import ClusterError
from scripts.cluster.health import dns_query
from scripts.cluster.leftovers import parse_mounts
from scripts.cluster.network import clashing_route
from scripts.cluster.packages import is_debian

_MOUNTS = """\
27 1 254:0 / / rw,relatime - ext4 /dev/root rw
40 27 254:0 /s /state/cluster/kubelet rw shared:1 - ext4 /dev/root rw
41 40 0:50 / /state/cluster/kubelet/pods/a\\040b rw - tmpfs tmpfs rw
42 27 0:51 / /state/cluster2 rw - tmpfs tmpfs rw
"""


def test_own_mounts_come_innermost_first_and_no_others() -> None:
    assert parse_mounts(_MOUNTS, Path("/state/cluster")) == [
        "/state/cluster/kubelet/pods/a b",
        "/state/cluster/kubelet",
    ]


@pytest.mark.parametrize(
    ("route", "clash"),
    [
        ({"dst": "default", "dev": "eth0"}, None),
        ({"dst": "192.0.2.0/24", "dev": "eth0"}, None),
        ({"dst": "10.244.0.0/24", "dev": "frametrace0"}, None),
        ({"dst": "10.244.0.0/16", "dev": "flannel.1"}, "10.244.0.0/16 on flannel.1"),
        ({"dst": "10.96.3.4", "dev": "tun0"}, "10.96.3.4 on tun0"),
        ({"type": "blackhole", "dst": "10.0.0.0/8"}, "10.0.0.0/8 on no device"),
    ],
)
def test_a_foreign_route_over_the_clusters_networks_is_named(route: dict[str, str], clash: str | None) -> None:
    assert clashing_route([route]) == clash


_DEB822 = """\
Types: deb deb-src
# a comment
URIs: http://one.example/debian
Suites: bookworm bookworm-updates
Components: main

Enabled: no
Types: deb
URIs: http://two.example/debian
Suites: bookworm

Types: deb
URIs: http://three.example/node
Suites: nodistro

Types: deb
URIs: http://four.example/other
Suites: bookworm
Components: main
Signed-By: /usr/share/keyrings/other.gpg

Types: deb
URIs: http://five.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""


def test_deb822_sources() -> None:
    assert parse_apt_sources(_DEB822, deb822=True) == [
        AptSource("http://one.example/debian", "bookworm"),
        AptSource("http://one.example/debian", "bookworm-updates"),
        AptSource("http://five.example/debian-security", "bookworm-security"),
    ]


def test_one_line_sources() -> None:
    text = (
        "# deb http://no.example bookworm main\ndeb [arch=amd64] https://a.example/d bookworm main # why\n"
        "deb [arch=amd64 signed-by=/etc/apt/keyrings/docker.asc] https://no.example bookworm stable\n"
    )
    text += "deb-src http://b.example bookworm main\ndeb http://c.example bookworm-security main contrib\ndeb\n\n"

    assert parse_apt_sources(text, deb822=False) == [
        AptSource("https://a.example/d", "bookworm"),
        AptSource("http://c.example", "bookworm-security"),
    ]


def test_a_new_base_has_debians_own_addresses_and_nothing_of_the_machine_that_made_it(tmp_path: Path) -> None:
    mirror = "http://ann:secret@mirror.example/debian"
    files = {
        "etc/apt/sources.list": f"deb {mirror} bookworm main\n",
        "etc/hostname": "anns-machine\n",
        "etc/resolv.conf": "nameserver 192.0.2.9\n",
        "var/log/bootstrap.log": f"{mirror} anns-machine\n",
        "var/log/apt/history.log": mirror,
        "var/lib/apt/lists/mirror.example_debian_InRelease": "x",
        "var/cache/apt/archives/a.deb": "x",
        "usr/sbin/true": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    finish(tmp_path)

    left = {path.relative_to(tmp_path): path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()}
    words = ("mirror.example", "secret", "anns-machine", "192.0.2.9")
    assert [str(path) for path, text in left.items() for word in words if word in text or word in str(path)] == []
    listed = parse_apt_sources((tmp_path / "etc/apt/sources.list").read_text("utf-8"), deb822=False)
    assert [(each.uri.split("/")[2], each.suite) for each in listed] == [
        ("deb.debian.org", "bookworm"),
        ("deb.debian.org", "bookworm-updates"),
        ("security.debian.org", "bookworm-security"),
    ]


def test_a_list_for_apt_is_read_as_it_was_written() -> None:
    sources = [
        AptSource("http://one.example/debian", "bookworm"),
        AptSource("http://one.example/x", "bookworm-security"),
    ]

    assert parse_apt_sources(apt_list(sources), deb822=False) == sources


def test_a_list_of_mirrors_gives_its_first(tmp_path: Path) -> None:
    listed = tmp_path / "debian.list"
    listed.write_text("# nearest first\n\nhttps://one.example/debian\tpriority:1\nhttps://two.example/debian\n")

    assert resolve_mirror(f"mirror+file://{listed}") == "https://one.example/debian"
    assert resolve_mirror(f"mirror+file:{listed}") == "https://one.example/debian"
    assert resolve_mirror("https://three.example/debian") == "https://three.example/debian"


def test_an_empty_list_of_mirrors_is_named(tmp_path: Path) -> None:
    listed = tmp_path / "debian.list"
    listed.write_text("# none\n")

    with pytest.raises(ClusterError, match=str(listed)):
        resolve_mirror(f"mirror+file:{listed}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('ID=debian\nVERSION_CODENAME=bookworm\nNAME="Debian GNU/Linux"', True),
        ('ID="debian"\nVERSION_CODENAME="bookworm"', True),
        ("ID=debian\nVERSION_CODENAME=trixie", False),
        ("ID=ubuntu\nID_LIKE=debian", False),
        ("", False),
    ],
)
def test_which_debian_it_is(text: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_debian(text, "bookworm") is expected


def test_builds_get_pips_index_and_the_mounted_certificates_but_no_local_folders() -> None:
    listing = (
        "global.index-url='https://pip.example/simple'\n:env:.default-timeout='180'\nglobal.cert='/home/me/ca.pem'\n"
    )

    assert pip_settings(listing + ":env:.find-links='/opt/wheels'\nlist.format='json'\n") == {
        "cert": "/etc/ssl/certs/ca-certificates.crt",
        "index-url": "https://pip.example/simple",
        "timeout": "180",
    }


def test_a_dns_question_is_one_datagram() -> None:
    assert dns_query(0x1234, "a.bc") == (
        b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + b"\x01a\x02bc\x00" + b"\x00\x01\x00\x01"
    )
