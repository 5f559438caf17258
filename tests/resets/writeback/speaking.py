"""An agent as the portal meets it: keys of its own, and signed requests through a test's browser."""

import json
import time
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from resets.writeback import agents, domains
from resets.writeback.base64url import decoded, encoded
from resets.writeback.models import Agent, OnPremisesDomain
from tests.building import Browser, browser_of

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
BEAT: dict[str, Any] = {
    "version": "0.1.0",
    "kind": "active_directory",
    "reachable": True,
    "code": "",
    "latency_ms": 12,
    "checks": [{"check": "bind", "ok": True, "detail": ""}],
    "policies": {"": {"min_length": 10, "complexity": True, "history": 24, "min_age_seconds": 86400}},
    "capabilities": {"history_on_reset": True, "change": True, "unlock": True, "expire": True},
    "ous": ["OU=People,DC=corp,DC=contoso,DC=example"],
}


@dataclass
class Speaker:
    """An agent that enrols, and speaks."""

    schema: str
    pk: str = "enrol"
    sealing: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    signing: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def __post_init__(self) -> None:
        self.browser: Browser = browser_of(self.schema)

    @property
    def row(self) -> Agent:
        """Its row."""
        return Agent.objects.select_related("domain").get(pk=self.pk)

    @property
    def keys(self) -> dict[str, str]:
        """Its public keys as the protocol says them."""
        return {
            "sealing_key": encoded(self.sealing.public_key().public_bytes_raw()),
            "signing_key": encoded(self.signing.public_key().public_bytes_raw()),
        }

    def header(self, path: str, body: bytes, *, at: float | None = None) -> str:
        """Return the header that signs a request."""
        moment = int(time.time() if at is None else at)
        text = f"rekey-agent-v1\n{path}\n{self.pk}\n{moment}\n{sha256(body).hexdigest()}"
        return f"{self.pk};{moment};{encoded(self.signing.sign(text.encode()))}"

    def ask(self, act: str, said: Any = None, **more: Any) -> Any:
        """Ask, and return the answer as it is."""
        path, body = f"/agent/v1/{act}", json.dumps(said or {}).encode()
        headers = {"Rekey-Agent": self.header(path, body, **more)}
        return self.browser.post(path, body, content_type="application/json", headers=headers)

    def told(self, act: str, said: Any = None) -> dict[str, Any]:
        """Ask, and return what is said in an answer of 200."""
        answer = self.ask(act, said)
        assert answer.status_code == 200, (answer.status_code, answer.content)
        found: dict[str, Any] = answer.json()
        return found

    def enrol(self, code: str, name: str = "dc1") -> dict[str, Any]:
        """Enrol by a code."""
        said = {"code": code, "name": name, "version": "0.1.0", "kind": "active_directory", **self.keys}
        told = self.told("enrol", said)
        self.pk = told["agent"]
        return told

    def opened(self, job: dict[str, Any]) -> dict[str, str]:
        """Open a job's envelope."""
        info = b"rekey-job-v1\n" + job["context"].encode()
        plain = SUITE.decrypt(decoded(job["envelope"]), self.sealing, info=info)
        found: dict[str, str] = json.loads(plain)
        return found

    def claim(self) -> dict[str, Any]:
        """Claim the job that must be there."""
        job = self.told("claim")["job"]
        assert job, "no job is there"
        found: dict[str, Any] = job
        return found

    def answer(self, job: dict[str, Any], outcome: str, code: str = "") -> Any:
        """Begin and end a job."""
        said = {"job": job["id"], "attempt": job["attempt"]}
        begun = self.ask("intent", {**said, "before": "1"})
        if begun.status_code != 200:
            return begun
        return self.ask("result", {**said, "outcome": outcome, "code": code})


def domain_of(schema: str, name: str = "", deployment: str = "connect") -> OnPremisesDomain:
    """Add a domain to the organization that is entered."""
    return domains.add(name or f"corp.{schema}.example", deployment, actor="tests")


def enrolled(schema: str, domain: OnPremisesDomain) -> Speaker:
    """Enrol an agent in a domain, and have it say that all is well."""
    _agent, code = agents.prepare(domain, actor="tests")
    speaker = Speaker(schema)
    speaker.enrol(code)
    speaker.told("heartbeat", BEAT)
    return speaker
