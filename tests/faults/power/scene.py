"""Where a session happens (`sessions`), and to whom it tells how far it came."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from diary.model.key import KeyFile, Secret
from diary.vault.vault import Vault
from tests.faults.power.pictures import PARTS, picture_of
from tests.unit.vault.fresh import TickingClock

VAULT, STICK = "vault", "stick"
KEY_FILE = KeyFile(bytes(range(64)), made=True)
"""Of sessions that change what opens the vault: it is added first and always kept."""


@dataclass
class Scene:
    """Where a session happens, and to whom it tells.

    :ivar secret: opens the vault at this moment. :ivar refused: recovery codes that must not any more.
    """

    root: Path
    told: int
    secret: Secret
    refused: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.root / VAULT

    @property
    def stick(self) -> Path:
        return self.root / STICK

    def tell(self, vault: Vault, *, lasting: Sequence[str] = PARTS) -> None:
        """The last step returned.

        :param lasting: the parts of the picture that are promised to be on the disk.
        """
        self._say({"picture": picture_of(vault, self.stick), "lasting": list(lasting)})

    def tell_closed(self) -> None:
        """The last step returned, and the vault is closed."""
        with self.open() as vault:
            picture = picture_of(vault, self.stick)
        self._say({"picture": picture, "lasting": list(PARTS)})

    def _say(self, what: dict[str, object]) -> None:
        opens = self.secret.content.hex() if isinstance(self.secret, KeyFile) else self.secret
        what |= {"secret": opens, "file": isinstance(self.secret, KeyFile), "refused": self.refused}
        os.write(self.told, json.dumps(what).encode() + b"\n")

    @contextmanager
    def open(self) -> Iterator[Vault]:
        with Vault.unlock(self.folder, self.secret, now=TickingClock()) as vault:
            yield vault
