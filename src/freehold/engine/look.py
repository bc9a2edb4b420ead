"""The child process that looks: which devices the engine sees, and what it was built to use.

Run as a script by `devices.py`, with the smallest Python there is, so it imports nothing of
Freehold. A driver that crashes here takes nobody along. It writes one line of JSON; whatever
llama.cpp and the drivers print goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys


def main() -> None:
    """Look once, and say it."""
    answer = os.dup(1)
    os.dup2(2, 1)
    sys.path.append(sys.argv[1])
    import xllamacpp

    said = {
        "version": str(xllamacpp.__version__),
        "build": str(xllamacpp.BUILD_INFO.get("build_target", "")),
        "system": xllamacpp.get_system_info(),
        "devices": [
            {
                "name": each["name"],
                "description": each["description"],
                "type": each["type"].name.rsplit("_", 1)[-1].lower(),
                "memory_total": each["memory_total"],
                "memory_free": each["memory_free"],
            }
            for each in xllamacpp.get_device_info()
        ],
    }
    os.write(answer, json.dumps(said).encode() + b"\n")
    os._exit(0)  # drivers have been seen to hang or crash while they are taken down


if __name__ == "__main__":
    main()
