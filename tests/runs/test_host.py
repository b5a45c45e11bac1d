"""Facts of the machine."""

import platform

from hhperf.runs.host import this_host


def test_the_host_has_no_name() -> None:
    """Cores, memory and kernel are told, the machine's name is not."""
    host = this_host()
    assert host.cores >= 1
    assert host.memory_bytes > 1 << 20
    assert host.kernel == f"{platform.system()} {platform.release()}"
    assert platform.node() not in str(host)
