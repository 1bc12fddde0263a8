"""Pins which certificates of OPC UA servers are trusted, and that a refusal says what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.x509 import CertificateRevocationList

from edge_agent.certificate_files import Trusted
from edge_agent.sources.opcua_failure import SessionFailure
from edge_agent.sources.opcua_trust import judge, judge_pinned
from tests.opcua_certificates import CLIENT, Holder, application, authority

HOST = "plc-1.mine"
CA = authority("mine ca")
WORKS = authority("works ca", issuer=CA)


def server(issuer: Holder | None = None, **fields: object) -> Holder:
    """A server's certificate for `HOST`."""
    fields = {"hosts": (HOST, "10.0.0.7"), "is_rsa": False, **fields}
    return application("plc", issuer=issuer, **fields)  # type: ignore[arg-type]  # fields by name


def verdict(
    shown: Holder,
    *trusted: Holder,
    behind: tuple[Holder, ...] = (),
    revoked: tuple[CertificateRevocationList, ...] = (),
    host: str = HOST,
    later: timedelta = timedelta(),
) -> SessionFailure | None:
    """How a server with this certificate is refused, if it is."""
    chain = [holder.certificate for holder in (shown, *behind)]
    try:
        judge(
            chain,
            Trusted(tuple(holder.certificate for holder in trusted), revoked),
            host,
            datetime.now(UTC) + later,
        )
    except SessionFailure as failure:
        return failure
    return None


OWN, OF_CA, OF_WORKS = server(), server(CA), server(WORKS)


@pytest.mark.parametrize("host", [HOST, "PLC-1.Mine", "10.0.0.7"])
def test_who_is_trusted(host: str) -> None:
    """A certificate in the folder, one that an authority there issued, and one with an authority between them."""
    assert verdict(OWN, OWN, host=host) is None
    assert verdict(OWN, CA, OWN, host=host) is None
    assert verdict(OF_CA, CA, host=host) is None
    assert verdict(OF_CA, OF_CA, host=host) is None
    assert verdict(OF_WORKS, WORKS, CA, host=host) is None
    assert verdict(OF_WORKS, CA, behind=(WORKS,), host=host) is None
    assert verdict(server(CA, use=None), CA) is None


@pytest.mark.parametrize(
    ("shown", "trusted"),
    [
        (server(), (OWN,)),
        (OWN, (CA,)),
        (OF_WORKS, (CA,)),
        (server(authority("mine ca")), (CA,)),
        (server(CA, use=CLIENT), (CA,)),
        (server(half := authority("half", issuer=CA, is_one=False)), (half, CA)),
        (server(OF_CA), (CA, OF_CA)),
    ],
    ids=["another", "self-signed", "no way", "same name", "client's", "no authority", "issued by a server"],
)
def test_who_is_unknown(shown: Holder, trusted: tuple[Holder, ...]) -> None:
    """Nobody in the folder, or nobody who may, issued it."""
    failure = verdict(shown, *trusted)
    assert failure is not None
    assert failure.kind == "certificate_unknown"
    assert "put the certificate into the folder" in failure.mend
    assert shown.certificate.subject.rfc4514_string() in failure.mend


def test_an_authority_that_may_not_issue() -> None:
    """Though the certificate itself is in order."""
    half = authority("half", issuer=CA, is_one=False)
    failure = verdict(server(half), CA, behind=(half,))
    assert failure is not None
    assert failure.kind == "certificate_unknown"


@pytest.mark.parametrize(
    ("later", "kind"),
    [(timedelta(days=2), "certificate_expired"), (timedelta(days=-2), "certificate_not_yet_valid")],
)
def test_when_it_is_valid(later: timedelta, kind: str) -> None:
    """Whoever trusts it, and even where it is the only one."""
    moment = datetime.now(UTC) + later
    for failure in (verdict(OWN, OWN, later=later), verdict(OF_CA, CA, later=later)):
        assert failure is not None
        assert failure.kind == kind
    with pytest.raises(SessionFailure, match=kind):
        judge_pinned(OWN.certificate, OWN.certificate, moment)


def test_an_authority_that_has_expired() -> None:
    """What it issued is worth nothing any more."""
    shown = server(CA, days=(-1, 10))
    failure = verdict(shown, CA, later=timedelta(days=2))
    assert failure is not None
    assert failure.kind == "certificate_unknown"


def test_what_was_revoked() -> None:
    """By its own issuer only; an authority on the way can be revoked too, and so can one that lies in the folder."""
    for shown, trusted, behind, lists in [
        (OF_CA, (CA,), (), (CA.revocations(OF_CA),)),
        (OF_CA, (OF_CA, CA), (), (CA.revocations(OF_CA),)),
        (OF_WORKS, (CA,), (WORKS,), (WORKS.revocations(), CA.revocations(WORKS))),
    ]:
        failure = verdict(shown, *trusted, behind=behind, revoked=lists)
        assert failure is not None
        assert failure.kind == "certificate_revoked"
    other = authority("other ca")
    assert verdict(OF_CA, CA, revoked=(CA.revocations(OF_WORKS), other.revocations(OF_CA))) is None


@pytest.mark.parametrize("host", ["plc-2.mine", "10.0.0.8", "mine", ""])
def test_a_certificate_for_another_host(host: str) -> None:
    """One trusted server cannot stand in for another."""
    for failure in (verdict(OWN, OWN, host=host), verdict(OF_CA, CA, host=host)):
        assert failure is not None
        assert failure.kind == "certificate_wrong_host"
        assert f"is for 10.0.0.7, {HOST}, not for {host}" in failure.mend
    nameless = server(hosts=(), uri="")
    failure = verdict(nameless, nameless)
    assert failure is not None
    assert "for no host" in failure.mend


def test_the_one_that_is_known() -> None:
    """Exactly that certificate, whatever host it names; not even one of the same key and name."""
    judge_pinned(OWN.certificate, OWN.certificate, datetime.now(UTC))
    with pytest.raises(SessionFailure) as raised:
        judge_pinned(server().certificate, OWN.certificate, datetime.now(UTC))
    assert raised.value.kind == "certificate_not_pinned"
    assert "compare the thumbprint" in raised.value.mend
