"""What a run never says: passwords, keys and tokens."""

import re
from collections.abc import Mapping
from typing import Any

_CREDENTIALS_IN_URL = re.compile(r"//[^/@\s]*@")
_SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|API_?KEY", re.IGNORECASE)


def without_credentials(text: str) -> str:
    """The text with the user and password of every address in it left out."""
    return _CREDENTIALS_IN_URL.sub("//", text)


def without_secrets(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings without those named like a secret, and without credentials in addresses."""
    return {
        name: without_credentials(value) if isinstance(value, str) else value
        for name, value in settings.items()
        if not _SECRET_NAME.search(name)
    }
