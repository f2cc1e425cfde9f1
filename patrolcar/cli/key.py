"""Make a key for a car that is driven over a network; give the same file to both ends.

The car's end: `patrolcar sim --tcp 5760 --host 0.0.0.0 --key FILE`. The host's end:
`patrolcar run MISSION --link "socket://HOST:5760?key=FILE"`.
"""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path

from patrolcar.cli import Exit
from patrolcar.links.key_file import KEY_BYTES, write_key


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="where to write the key; it must not exist yet"
    )


def run(options: argparse.Namespace) -> int:
    """Write a new key by chance."""
    write_key(options.file, secrets.token_bytes(KEY_BYTES))
    print(f"{options.file}: a new key; copy it to the other end by a safe way, and show it to nobody")
    return Exit.DONE
