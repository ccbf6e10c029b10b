"""One instance per store: the lock is the kernel's, and dies with its holder."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from syncd_state import InstanceLock, Locked, Unwritable

HOLDER = """
import sys
from syncd_state import InstanceLock
InstanceLock(sys.argv[1]).acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_instance_is_refused_at_once(path: Path) -> None:
    """The message names the holder's process; the loser leaves the lock as it was."""
    with InstanceLock(path):
        for _ in range(2):
            with pytest.raises(Locked, match=rf"process {os.getpid()}.*state\.db\.lock") as caught:
                InstanceLock(path).acquire()
            assert caught.value.pid == os.getpid()


def test_a_lock_is_free_after_its_block(path: Path) -> None:
    """The file stays, private and empty: deleting it would let two instances lock two files of one name."""
    lock = InstanceLock(path)
    with lock:
        pass
    assert lock.path.read_bytes() == b""
    assert lock.path.stat().st_mode & 0o777 == 0o600
    with lock, pytest.raises(Locked):
        InstanceLock(path).acquire()
    lock.release()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"-1", b"not a number"])
def test_a_holder_that_left_no_process_id_is_still_a_holder(path: Path, content: bytes) -> None:
    """What the file says is for people; the kernel's lock decides."""
    with InstanceLock(path) as lock:
        lock.path.write_bytes(content)
        with pytest.raises(Locked, match="another instance runs") as caught:
            InstanceLock(path).acquire()
    assert caught.value.pid is None


def test_what_an_earlier_holder_left_in_the_file_does_not_lock(path: Path) -> None:
    """A process id in the file of a machine that was switched off means nothing."""
    Path(f"{path}.lock").write_text("4194304 and more than a process id\n")
    with InstanceLock(path) as lock:
        assert lock.path.read_text() == f"{os.getpid()}\n"


def test_a_killed_holder_holds_nothing(path: Path) -> None:
    """No file has to be removed by hand after a crash."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Locked) as caught:
            InstanceLock(path).acquire()
        assert caught.value.pid == holder.pid
        holder.kill()
        holder.wait()
        with InstanceLock(path):
            pass


def test_a_lock_that_cannot_be_made_is_no_lock(tmp_path: Path) -> None:
    """A missing folder is reported as such, with the file's name."""
    with pytest.raises(Unwritable, match=r"state\.db\.lock"):
        InstanceLock(tmp_path / "missing" / "state.db").acquire()


def test_a_symbolic_link_is_no_second_name_to_lock(path: Path) -> None:
    """Two configurations that name one store differently still exclude each other."""
    link = path.with_name("link.db")
    link.symlink_to(path.name)
    with InstanceLock(path), pytest.raises(Locked):
        InstanceLock(link).acquire()


@pytest.mark.parametrize("what", ["link", "dangling link", "pipe", "socket"])
def test_a_lock_file_that_is_no_file_of_its_own_is_refused_untouched(path: Path, tmp_path: Path, what: str) -> None:
    """Whoever may write into the folder has no other file emptied, and nobody waits at a pipe."""
    other = tmp_path / "other"
    lock = InstanceLock(path)
    match what:
        case "pipe":
            os.mkfifo(lock.path)
        case "socket":
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(str(lock.path))
        case _:
            lock.path.symlink_to(other)
    if what == "link":
        other.write_bytes(b"somebody else's")
    with pytest.raises(Unwritable, match=r"state\.db\.lock is a link, or no file.*move it away"):
        lock.acquire()
    assert not other.exists() if what == "dangling link" else what != "link" or other.read_bytes() == b"somebody else's"
