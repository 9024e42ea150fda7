"""Keys of the API that some people of the history made for their scripts."""

from __future__ import annotations

from datetime import datetime, timedelta

from example_project.demo import towns
from sessions_hub.lifecycle.digests import DEVICE, TOKEN, digest, key_id
from sessions_hub.models import Device, Session, SessionToken, SessionType

from . import proving
from .clients import SCRIPTS
from .people import Person
from .rhythm import WEEKS, start_of
from .rows import Rows
from .sitting import Sitting, Where

NAMES = ("Backup script", "Nightly export", "Spreadsheet", "Status board")
SCOPES = ("sessions:read", "devices:read", "orders:read")
_DAY = timedelta(days=1)


def make_key(person: Person, rows: Rows, now: datetime) -> None:
    """A key that is used to this day, from one server. No secret opens it."""
    draw, numbers, user = person.draw, person.draw.numbers, person.user
    made_at = start_of(now) + numbers.uniform(0.5, WEEKS * 7 - 10) * _DAY
    agent = draw.one(SCRIPTS).releases[0]
    town = numbers.choice((towns.AMSTERDAM, towns.SAN_FRANCISCO))
    device = Device(
        id=rows.id_at(made_at),
        user=user,
        key_digest=digest(DEVICE, str(user.pk), f"made-up-{user.username}-script"),
        first_seen_at=made_at,
        last_seen_at=made_at,
    )
    rows.devices.append(device)
    sitting = Sitting(
        rows,
        Session(
            user=user,
            issued_at=made_at,
            session_type=SessionType.API_KEY,
            tenant_id=person.tenant,
            name=numbers.choice(NAMES),
            scopes=sorted(numbers.sample(SCOPES, 2)),
            credentials_digest=person.credentials_at(now),
        ),
        device,
        age=180 * _DAY,
    )
    sitting.begin(Where(agent, town, town.address(30)), [proving.TOKEN])
    sitting.use(max(made_at, now - numbers.uniform(0.2, 30) * timedelta(hours=1)))
    # Not the form of a secret: it can be presented nowhere.
    text = f"made-up-{numbers.getrandbits(128):032x}"
    rows.tokens.append(
        SessionToken(
            id=rows.id_at(made_at),
            session=sitting.session,
            digest=digest(TOKEN, text),
            key_id=key_id(),
            hint=text[-4:],
            created_at=made_at,
        )
    )
