"""Which addresses a stream's source may lead to."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.sources.addresses import is_public

_INTERNAL = [
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/3",
    )
]


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700::1111", "64:ff9b::101:101"]
)
def test_public_hosts_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("127.0.0.1", "this host"),
        ("0.0.0.0", "this host"),
        ("10.1.2.3", "a private network"),
        ("172.16.0.1", "a private network"),
        ("192.168.1.1", "a private network"),
        ("100.64.0.1", "a carrier's network"),
        ("169.254.169.254", "metadata of AWS, Azure and Google"),
        ("100.100.100.200", "metadata of Alibaba"),
        ("168.63.129.16", "the platform of Azure"),
        ("192.0.0.192", "metadata of Oracle"),
        ("192.88.99.1", "a relay to 6to4"),
        ("224.0.0.251", "a group"),
        ("224.0.1.1", "a group of the whole internet"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "everyone"),
        ("::", "this host"),
        ("::1", "this host"),
        ("::ffff:127.0.0.1", "IPv4, mapped"),
        ("::ffff:8.8.8.8", "IPv4, mapped"),
        ("::127.0.0.1", "IPv4, compatible"),
        ("64:ff9b::7f00:1", "127.0.0.1, translated"),
        ("64:ff9b::a9fe:a9fe", "169.254.169.254, translated"),
        ("64:ff9b:1::1", "a local translator"),
        ("2002:7f00:1::", "6to4"),
        ("2001:0:7f00:1::", "Teredo"),
        ("fe80::1", "this link"),
        ("fe80::1%1", "this link"),
        ("fec0::1", "a site"),
        ("fc00::1", "a private network"),
        ("fd00:ec2::254", "metadata of AWS"),
        ("ff0e::1", "a group of the whole internet"),
        ("2001:db8::1", "documentation"),
    ],
)
def test_what_is_within_is_not_public(address: str, what: str) -> None:
    assert not is_public(address), what


@given(st.sampled_from(_INTERNAL).flatmap(lambda network: st.ip_addresses(network=network)))
def test_no_internal_address_is_public_however_it_is_written_in_ipv6(address: IPv4Address) -> None:
    number = int(address)
    for prefix, shift in (("::", 0), ("::ffff:0:0", 0), ("64:ff9b::", 0), ("2002::", 80)):
        assert not is_public(str(IPv6Address(int(IPv6Address(prefix)) | number << shift)))
    assert not is_public(str(address))
