"""Who gets into the embedded PostgreSQL: the user that runs hhperf, told by the kernel.

Apart from what makes the cluster, whose code is part of the key of the data: clusters made before
are guarded from their next start on.
"""

import os
import pwd
from pathlib import Path

from hhperf.stack.paths import is_root
from hhperf.stack.postgres import USER, EmbeddedPostgres
from hhperf.stack.processes import no_secret_inherited

FOLDER = "pg"
"""PostgreSQL's own within that of all sockets: as root it belongs to the user it runs as."""

# Not by password: `peer` asks the kernel, so there is no secret to keep. As root the server runs as
# a user that others may run as; the map lets root in as the owner of the data, and nobody else.
WHO_ENTERS = f"""\
# Written by hhperf at each start.
local all {USER} peer map=hhperf
"""
WHO_IS_WHO = f"""\
# Written by hhperf at each start.
hhperf "{{user}}" {USER}
"""


def start_guarded(postgres: EmbeddedPostgres, sockets: Path) -> None:
    """Start the server on a unix socket that this process's user alone may use.

    Args:
        postgres: the cluster, whose server does not run.
        sockets: the folder of all sockets; PostgreSQL's is in a folder within.

    Raises:
        StackError: it did not start; the message ends with its log.
    """
    user = pwd.getpwuid(os.geteuid()).pw_name
    (postgres.data / "pg_hba.conf").write_text(WHO_ENTERS)
    (postgres.data / "pg_ident.conf").write_text(WHO_IS_WHO.format(user=user))
    own = postgres_folder(sockets)
    own.mkdir(mode=0o700, exist_ok=True)
    if is_root():
        sockets.chmod(0o711)  # to be passed through by the server; all else in it is closed
    with no_secret_inherited():  # as root, what another user runs could be asked for them
        postgres.start(own)


def postgres_folder(sockets: Path) -> Path:
    """Where PostgreSQL's socket is within the folder of all sockets."""
    return sockets / FOLDER
