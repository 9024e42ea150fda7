"""What a site's own tests need of the hub: people who are signed in, and their devices.

For any test runner; `sessions_hub.testing.plugin` has the same as fixtures of pytest.
Nothing of the hub imports this package.
"""

from __future__ import annotations

from .devices import make_device
from .signing_in import SignedIn, asign_in, sign_in
from .user_agents import LAPTOP, PHONE

__all__ = ["LAPTOP", "PHONE", "SignedIn", "asign_in", "make_device", "sign_in"]
