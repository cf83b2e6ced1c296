"""E-mail by the SMTP server that the node's operator has named."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as AS_SENT
from email.utils import format_datetime

import aiosmtplib

from services.chassis.runtime.resolving import addresses
from services.chassis.runtime.settings import MailServer
from services.client.posting import tls
from services.portal.domain.telling import Attempt, Channel, Notice

SECONDS, NAME_SECONDS = 15.0, 4.0
#: From here on a server means it for ever: no such address, or not from you.
FOR_EVER = 500


class Mail:
    """Sends e-mail. A password goes over an encrypted line, or stays on this machine."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def send(self, channel: Channel, _secret: bytes, notice: Notice) -> Attempt:
        """Send it."""
        try:
            async with asyncio.timeout(SECONDS):
                await self._sent(written(self._server.sender, channel.address, notice))
        except aiosmtplib.SMTPRecipientsRefused as problem:
            return _answered(max((each.code for each in problem.recipients), default=FOR_EVER))
        except aiosmtplib.SMTPAuthenticationError:
            return Attempt(result="later", problem="smtp_login")  # of the node, not of this address
        except aiosmtplib.SMTPResponseException as problem:
            return _answered(problem.code)
        except TimeoutError:
            return Attempt(result="later", problem="timeout")
        except (aiosmtplib.SMTPException, OSError):
            return Attempt(result="later", problem="unreachable")
        return Attempt(result="sent")

    async def _sent(self, message: EmailMessage) -> None:
        at = self._server
        found = await addresses(at.host, at.port, seconds=NAME_SECONDS)
        line = await _connected(found[0], at.port)
        secret = bool(at.user) and not ipaddress.ip_address(found[0].partition("%")[0]).is_loopback
        client = aiosmtplib.SMTP(
            hostname=at.host, sock=line, timeout=SECONDS, use_tls=at.encrypted, username=at.user or None,
            password=at.password or None, tls_context=tls(), start_tls=False if at.encrypted else secret or None,
        )  # fmt: skip
        try:
            async with client:
                await client.send_message(message)
        finally:
            line.close()


async def _connected(address: str, port: int) -> socket.socket:
    line = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        line.setblocking(False)
        await asyncio.get_running_loop().sock_connect(line, (address, port))
    except BaseException:
        line.close()
        raise
    return line


def written(sender: str, to: str, notice: Notice) -> EmailMessage:
    """The message. Its id is the same at every try, so that mailboxes can tell."""
    message = EmailMessage(policy=AS_SENT)
    message["Subject"] = notice.title
    message["From"] = Address("Handoff", addr_spec=sender)
    message["To"] = Address(addr_spec=to)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{notice.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = notice.language
    text = "\n\n".join(filter(None, (notice.title, notice.text, notice.url)))
    message.set_content(f"{text}\n", cte="quoted-printable")  # not every server on the way takes eight bits
    return message


def _answered(code: int) -> Attempt:
    return Attempt(result="refused" if code >= FOR_EVER else "later", problem=f"smtp_{code}")
