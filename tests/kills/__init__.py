"""The installed command is killed, stopped, starved and started twice; the next run must put everything right.

`python -m tests.kills --kills 200 --seed 1 --jobs 2` plays many histories and prints figures, and the seed of every
failure; `--replay SEED` plays one of them again and tells it.
"""
