"""Whether the service does what its description says, whatever it is asked: by Schemathesis.

Run `python -m tests.benchmarks.search.described [EXAMPLES]`, with its command `st` on the path (it
is not among the pins, since it brings thirty packages along: `pipx install schemathesis`). Asked
for are no server error, and statuses, types and bodies as described. Not asked for is that a body
beyond the description is refused: fields that no search has pass, as deployed.
"""

import asyncio
import shutil
import sys
import tempfile
from contextlib import AsyncExitStack

from hhperf.search.openapi import ADDRESS
from hhperf.stack.stack import Stack
from tests.benchmarks.harness.tools import say
from tests.conftest import SMALL
from tests.search.conftest import Arms

EXAMPLES = 300
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance"
)


def main() -> None:
    """Serve the parallel arm over 2,000 candidates, and let Schemathesis ask."""
    command = shutil.which("st")
    if command is None:
        say("left out: there is no `st` here (pipx install schemathesis)")
        return
    examples = sys.argv[1] if len(sys.argv) > 1 else str(EXAMPLES)
    with Stack(corpus=SMALL) as stack:
        sys.exit(asyncio.run(_asked(stack, command, examples)))


async def _asked(stack: Stack, command: str, examples: str) -> int:
    async with AsyncExitStack() as opened:
        arms = Arms(stack.endpoints, opened)
        client = await arms.client(await arms.engine("parallel"))
        address = f"{str(client.base_url).rstrip('/')}{ADDRESS}"
        given = ["--checks", CHECKS, "--max-examples", examples, "--seed", "0"]
        with tempfile.TemporaryDirectory() as folder:
            process = await asyncio.create_subprocess_exec(
                command, "run", address, *given, cwd=folder
            )
            return await process.wait()


if __name__ == "__main__":
    main()
