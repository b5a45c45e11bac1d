"""Where sockets lie."""

import shutil
import tempfile
from pathlib import Path

import pytest

from hhperf.stack import paths


@pytest.mark.parametrize(("is_root", "mode", "is_used"), [
    (True, 0o700, False), (True, 0o711, True), (False, 0o700, True),
])  # fmt: skip
def test_root_puts_sockets_where_the_server_gets_to_them(
    monkeypatch: pytest.MonkeyPatch, *, is_root: bool, mode: int, is_used: bool
) -> None:
    """PostgreSQL then runs as another user: a folder closed to it is no place for its socket."""
    own = Path(tempfile.mkdtemp(dir="/tmp"))
    own.chmod(mode)
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    monkeypatch.setattr(paths, "is_root", lambda: is_root)
    folder = paths.socket_folder()
    assert (folder.parent == own) is is_used
    shutil.rmtree(own)
    shutil.rmtree(folder, ignore_errors=True)
