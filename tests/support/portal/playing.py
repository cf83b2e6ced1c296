"""What happens around a page: parties are offered, answered, sent and received through the node's local API."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from contracts.booking.v1 import AskAvailability, Reserve
from contracts.personal.v1 import PersonalPart
from contracts.referral.v1 import AcceptHandoff, ArriveParty, DepartParty, HandoffView, OfferHandoff
from contracts.values import Party
from deploy.demo import queries
from services.client import personal
from services.client.local_api import LocalApi

#: Longer than a node needs that other tests share the machine with.
PATIENCE_SECONDS = 30.0
STAYS = {"bo-taen": "bo-taen.homestay", "tha-li": "tha-li.homestay"}
#: Whom nobody is: names of the demonstration's travellers.
TRAVELLERS = {"th": "Malee (demo)", "lo": "Bounmy (demo)", "en": "Anna Example"}


@dataclass
class Playing:
    """Handoffs on one node, each under the name that a scene gives it."""

    client: LocalApi
    ids: dict[str, str] = field(default_factory=dict)

    def clock(self, to: datetime) -> None:
        """Set the node's clock, once nothing is under way, and give everything that is due then the time to happen."""
        self.quiet()
        queries.move_clock(self.client, to)
        looked = time.monotonic() + 1.3  # a node looks every second for what happens by itself
        self._until(lambda: time.monotonic() > looked and queries.is_quiet(self.client), "the clock to be seen")

    def quiet(self) -> None:
        """Wait until nothing is under way."""
        self._until(lambda: queries.is_quiet(self.client), "everything that was said to be heard")

    def knows(self, community: str, partner: str) -> None:
        """Wait until the partner's offers and free places have come over the border."""
        self._until(lambda: queries.knows(self.client, community, partner), f"{community} to know {partner}")

    def offered(self, name: str, to: str, day: date, party: Party, *, becomes: str = "held", **more: Any) -> None:
        """A party of travellers is offered for a stay, and the receiver's record is what it `becomes`."""
        sender = "tha-li" if to == "bo-taen" else "bo-taen"
        fields = {"items": ({"experience_id": STAYS[to], "day": day, "nights": more.pop("nights", 1)},)}
        usual = {"language": "th", "crossing": "na-kraseng", "who_drives": "receiver"}
        asked = OfferHandoff.model_validate({"to": to, "party": party, **usual, **fields, **more})
        self.ids[name] = self.client.send(asked, acting=sender).referral_id
        self.becomes(name, becomes)

    def accepted(self, name: str) -> None:
        """The receiver says yes."""
        self.client.send(AcceptHandoff(referral=self.ids[name]), acting=self.receiver(name))
        self.becomes(name, "accepted")

    def confirmed(self, name: str) -> None:
        """The receiver says yes, and the lead traveller allows the receiver to know their name."""
        self.accepted(name)
        sender, language = self.sender(name), self.view(name).language
        part = PersonalPart(name=TRAVELLERS.get(language, TRAVELLERS["en"]))
        listed = part.given
        shown = personal.prepared(self.client, self.ids[name], acting=sender, language=language, fields=listed)
        self.client.send(personal.said_back(shown, part, acting=sender), acting=sender)
        self.becomes(name, "confirmed")

    def departed(self, name: str) -> None:
        """The party sets out."""
        self.client.send(DepartParty(referral=self.ids[name]), acting=self.sender(name))
        self.becomes(name, "departed")

    def arrived(self, name: str) -> None:
        """The receiver greets the party."""
        self.client.send(ArriveParty(referral=self.ids[name]), acting=self.receiver(name))
        self.becomes(name, "arrived")

    def becomes(self, name: str, state: str) -> None:
        """Wait until both records are in this state."""
        self._until(lambda: self._states(name) == {state}, f"{name} to be {state}")

    def _states(self, name: str) -> set[str]:
        records = (queries.record(self.client, side, self.ids[name]) for side in STAYS)
        return {record.state if record else "" for record in records}

    def view(self, name: str) -> HandoffView:
        """The sender's record."""
        found = [queries.record(self.client, side, self.ids[name]) for side in ("tha-li", "bo-taen")]
        return next(view for view in found if view is not None and view.side == "sender")

    def sender(self, name: str) -> str:
        """Who offered it."""
        return self.view(name).community

    def receiver(self, name: str) -> str:
        """Whom it was offered to."""
        return self.view(name).partner

    def taken(self, community: str, day: date, *, but: int) -> None:
        """Guests of the community's own take every place of a night but so many."""
        asked = AskAvailability(
            community=community, experience_id=STAYS[community], first=day, last=day, party=Party(adult=1)
        )
        left = self.client.send(asked, acting=community).items[0].left or 0
        items = ({"experience_id": STAYS[community], "day": day},)
        self.ids["guests"] = str(uuid.uuid4())
        own = Reserve.model_validate({"hold_id": self.ids["guests"], "party": {"adult": left - but}, "items": items})
        self.client.send(own, acting=community)

    def _until(self, so: Callable[[], bool], what: str) -> None:
        assert queries.holds(so, PATIENCE_SECONDS), f"waited {PATIENCE_SECONDS:g} s for {what}"
