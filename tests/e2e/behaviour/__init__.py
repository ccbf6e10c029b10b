"""Whole cycles in process: the engine as it is put together, over vendors without sockets, at the test's own time."""
