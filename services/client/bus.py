"""Calls the services of this node over the bus: for edges, which have authenticated their people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from contracts.messages import Asked
from contracts.principal import Principal
from contracts.values import CommunityId, Uuid, Value
from services.chassis.edge.rpc_client import RpcClient
from services.client.answers import refused

R = TypeVar("R", bound=Value)


@dataclass(frozen=True)
class BusClient:
    """What one principal may ask, on behalf of one community, or of the node."""

    rpc: RpcClient
    #: The edge's own name; together with the command id it identifies a command for ever.
    edge: str
    principal: Principal
    acting: CommunityId | None = None

    async def send(
        self, asked: Asked[R], *, service: str | None = None, command_id: Uuid | None = None, seconds: float = 5.0
    ) -> R:
        """Ask a service something and return what it is answered with, within `seconds`.

        Give a command an id of its own to ask it again safely. What every service answers (`node.…`) names its
        `service`. Raises Refused, Unavailable or NotKnownYet.
        """
        to = service or asked.type.partition(".")[0]
        answer = await self.rpc.ask(
            to,
            type(asked),
            asked.wire(),
            caller=self.edge,
            principal=self.principal,
            acting=self.acting,
            command_id=command_id,
            seconds=seconds,
        )
        if answer.refusal is not None:
            raise refused(answer.refusal)
        return type(asked).answer().read(answer.result)
