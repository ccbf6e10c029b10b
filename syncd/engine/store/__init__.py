"""The engine's memory: what is kept of appointments, operations and cycles, and who decides about
it.
"""
