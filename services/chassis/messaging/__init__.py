"""From a raw message to one transaction and back: dispatcher, authentication, inbox, dead letters, requests, outbox."""
