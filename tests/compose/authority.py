"""The authority of acme.yaml: what it needs to start, and the root of what it signs."""

import json
import subprocess
from pathlib import Path

NAME = "acme"
ADDRESS = f"https://{NAME}:14000/dir"
ROOT = f"https://{NAME}:15000/roots/0"

_CONFIG = {
    "listenAddress": "0.0.0.0:14000",
    "managementListenAddress": "0.0.0.0:15000",
    "certificate": f"/{NAME}/certificate.pem",
    "privateKey": f"/{NAME}/key.pem",
    "httpPort": 80,
    "tlsPort": 443,
}


def write_authority(folder: Path) -> None:
    """Its settings, and the certificate that it shows to those who ask it for one."""
    folder.mkdir()
    (folder / "pebble.json").write_text(json.dumps({"pebble": _CONFIG}))
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"),
            *("-keyout", folder / "key.pem", "-out", folder / "certificate.pem"),
        ],
        capture_output=True,
        check=True,
    )
    (folder / "key.pem").chmod(0o644)
