"""A kombu transport for a bus inside the process: ``inproc://<node>/``, when a node runs without RabbitMQ.

It behaves as RabbitMQ does towards kombu and nameko, with two differences. Queues live as long as the process. And a
channel in confirm mode confirms a message when every queue has *processed* it, not when it has stored it; so an
unprocessed message is still its publisher's, and a message that is not confirmed when its channel closes is taken back
unless a consumer has received it. A message with ``reply_to`` is confirmed at once: its answer says the rest.
``transport_options={"confirm_publish": True}`` (nameko's publishers) means routed, and a publish never waits.
"""

from services.chassis.bus.inproc.transport import Transport, register

__all__ = ["Transport", "register"]
