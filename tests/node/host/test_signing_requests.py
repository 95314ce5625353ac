"""What a signing request asks for is read whole: nothing in it is overlooked."""

from __future__ import annotations

import pytest
from cryptography import x509

from node.host.signing_requests import SigningRequest, SigningRequestError
from tests.node.host.signing_requests import signing_request

NODE = "system:node:dev-web-b-x1z9"


@pytest.mark.parametrize(
    ("pem", "expected"),
    [
        pytest.param(
            signing_request(NODE, ["dev-web-b-x1z9"], ["10.0.0.9"]),
            SigningRequest((NODE,), ("system:nodes",), ("dev-web-b-x1z9",), ("10.0.0.9",)),
            id="a kubelet's",
        ),
        pytest.param(
            signing_request(NODE, addresses=["10.0.0.9", "fd00::9"]),
            SigningRequest((NODE,), ("system:nodes",), (), ("10.0.0.9", "fd00::9")),
            id="addresses of both families",
        ),
        pytest.param(
            signing_request(NODE), SigningRequest((NODE,), ("system:nodes",), (), ()), id="no names"
        ),
        pytest.param(
            signing_request("", organizations=[]), SigningRequest((), (), (), ()), id="no subject"
        ),
        pytest.param(
            signing_request(NODE, organizations=["system:nodes", "system:masters"]),
            SigningRequest((NODE,), ("system:nodes", "system:masters"), (), ()),
            id="two organizations",
        ),
        pytest.param(
            signing_request(NODE, ["a"] * 40),
            SigningRequest((NODE,), ("system:nodes",), ("a",) * 40, ()),
            id="long lengths",
        ),
        pytest.param(
            signing_request(NODE, others=[x509.UniformResourceIdentifier("spiffe://x"), x509.RFC822Name("a@b")]),
            SigningRequest(
                (NODE,),
                ("system:nodes",),
                (),
                (),
                ("an alternative name of kind 6", "an alternative name of kind 1"),
            ),
            id="other sorts of names",
        ),
        pytest.param(
            signing_request(NODE, unit="u"),
            SigningRequest((NODE,), ("system:nodes",), (), (), ("'u' in the subject",)),
            id="more in the subject",
        ),
    ],
)  # fmt: skip
def test_all_of_it_is_read(pem: str, expected: SigningRequest) -> None:
    assert SigningRequest.parse(pem) == expected


WHOLE = signing_request(NODE, ["dev-web-b-x1z9"], ["10.0.0.9"])


@pytest.mark.parametrize(
    "pem",
    [
        pytest.param("", id="nothing"),
        pytest.param("-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----", id="empty"),
        pytest.param(WHOLE.replace("CERTIFICATE REQUEST", "CERTIFICATE"), id="another kind"),
        pytest.param(WHOLE + WHOLE, id="two of them"),
        pytest.param(
            "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n", id="cut off"
        ),
        pytest.param(
            "-----BEGIN CERTIFICATE REQUEST-----\naGVsbG8=\n-----END CERTIFICATE REQUEST-----\n", id="no DER"
        ),
    ],
)
def test_what_is_no_request_is_refused(pem: str) -> None:
    with pytest.raises(SigningRequestError):
        SigningRequest.parse(pem)
