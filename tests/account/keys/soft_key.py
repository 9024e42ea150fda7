"""An authenticator in software: registers, and answers challenges as a browser passes them on."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

# WebAuthn Level 3, §6.1: user present, user verified, backup eligible, attested data.
UP, UV, BE, AT = 0x01, 0x04, 0x08, 0x40


@dataclass
class SoftKey:
    """One key. `synced` sets its BE flag, `passkey` makes it discoverable."""

    passkey: bool = False
    synced: bool = False
    rp_id: str = "testserver"
    id: bytes = field(default_factory=lambda: os.urandom(16))
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def pkcs8(self) -> bytes:
        """The private key, as a browser's virtual authenticator takes it."""
        return self.private.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def register(self, user: Any, name: str = "key") -> Any:
        """The row allauth keeps of it."""
        public = ES256.from_cryptography_key(self.private.public_key())
        credential = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        flags = UP | UV | AT | (BE if self.synced else 0)
        data = AuthenticatorData.create(sha256(self.rp_id.encode()), flags, 0, bytes(credential))
        client = CollectedClientData.create("webauthn.create", b"challenge", "https://testserver")
        attested = AttestationObject.create("none", data, {})
        answer = {
            **self._envelope(client),
            "clientExtensionResults": {"credProps": {"rk": self.passkey}},
        }
        answer["response"]["attestationObject"] = websafe_encode(bytes(attested))
        return WebAuthn.add(user, name, answer).instance

    def answer(
        self,
        options: dict[str, Any],
        *,
        verified: bool = True,
        origin: str = "https://testserver",
        kind: str = "webauthn.get",
        flags: int = UP,
        rp_id: str = "",
    ) -> str:
        """What the page's script puts into the form."""
        challenge = websafe_decode(options["publicKey"]["challenge"])
        client = CollectedClientData.create(kind, challenge, origin)
        flags |= (UV if verified else 0) | (BE if self.synced else 0)
        data = AuthenticatorData.create(sha256((rp_id or self.rp_id).encode()), flags, 1)
        signature = self.private.sign(bytes(data) + client.hash, ec.ECDSA(hashes.SHA256()))
        answer = {**self._envelope(client), "clientExtensionResults": {}}
        answer["response"] |= {
            "authenticatorData": websafe_encode(bytes(data)),
            "signature": websafe_encode(signature),
            "userHandle": None,
        }
        return json.dumps(answer)

    def _envelope(self, client: CollectedClientData) -> dict[str, Any]:
        name = websafe_encode(self.id)
        told = {"clientDataJSON": websafe_encode(bytes(client))}
        return {"id": name, "rawId": name, "type": "public-key", "response": told}
