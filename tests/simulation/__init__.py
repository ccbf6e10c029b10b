"""The whole engine in a world that is played through in memory, history by history: the bug finder for all of it."""
