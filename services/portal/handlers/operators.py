"""Operators of the system: accounts that act for no community. In the audit they are accounts, never names."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.node.v1 import OF_THE_NODE
from contracts.portal import v1
from contracts.refusals import No, Refused
from services.portal.domain.accounts import Account
from services.portal.handlers.accounts import FIRST_LANGUAGE, open_new
from services.portal.ports.accounts import Operators


async def add_operator(wanted: v1.AddOperator, work: Operators) -> v1.OperatorView:
    """A new account; nobody who acts for a community becomes one. Raises Refused when the name is taken."""
    now = await work.machine_now()
    account = Account(id=work.new_id()[-12:], name=wanted.name, password=wanted.password, language=FIRST_LANGUAGE)
    await open_new(work, account, None, now)
    await work.add_operator(account.id, now)
    work.audit(OF_THE_NODE, "operator_added", account.id)
    return v1.OperatorView(account=account.id, name=account.name, since=now, second=False)


async def end_operator(wanted: v1.EndOperator, work: Operators) -> None:
    """The account is gone. Raises Refused for what is no operator's."""
    if not await work.close_operator(wanted.account):
        raise Refused(No.UNKNOWN, "no_such_operator", "account")
    work.audit(OF_THE_NODE, "operator_ended", wanted.account)


async def list_operators(_: v1.ListOperators, work: Operators) -> Sequence[v1.OperatorView]:
    """All of them."""
    return await work.operators()
