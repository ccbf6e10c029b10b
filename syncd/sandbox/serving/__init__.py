"""Sandbox vendors served: as ASGI applications, on loopback sockets, with the control surface for people and tests."""
