"""Signs and checks what goes to and comes from the provider: a time and a secret over the bytes.

`Chairtime-Timestamp` is Unix seconds; `Chairtime-Signature` is "v1=" and the hexadecimal
HMAC-SHA256 of the timestamp, a full stop, and the raw body. Both directions use the same secret.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

STAMP, SIGNATURE = "Chairtime-Timestamp", "Chairtime-Signature"
FRESH = timedelta(minutes=5)
"""An older or later stamp is refused; within it a repeat is known by its digest."""
LONGEST_STAMP = 12


def headers(secret: str, body: bytes, *, now: datetime) -> dict[str, str]:
    """What the sender adds. `now` is aware UTC."""
    stamp = str(int(now.timestamp()))
    return {STAMP: stamp, SIGNATURE: _signature(secret, stamp, body)}


def is_right(secret: str, body: bytes, stamp: str, signature: str, *, now: datetime) -> bool:
    """Signed with our secret, and not more than five minutes ago or ahead. Without a secret
    nothing is right; the comparison takes the same time wherever the difference is."""
    if not secret or not stamp.isascii() or not stamp.isdigit() or len(stamp) > LONGEST_STAMP:
        return False
    signed = hmac.compare_digest(_signature(secret, stamp, body).encode(), signature.encode())
    return signed and abs(now.timestamp() - int(stamp)) <= FRESH.total_seconds()


def _signature(secret: str, stamp: str, body: bytes) -> str:
    signed = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={signed.hexdigest()}"
