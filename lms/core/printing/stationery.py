"""What goes on every sheet of a kind: style and pictures, read once."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

PICTURES = (".png", ".svg", ".jpg", ".webp")


@dataclass(frozen=True)
class Stationery:
    """Stylesheets, the later ones over the earlier, and the pictures they and the pages name as `asset:NAME`."""

    styles: tuple[str, ...]
    assets: Mapping[str, bytes] = field(default_factory=dict, hash=False)

    @classmethod
    def read(cls, folder: Path, *under: "Stationery") -> "Stationery":
        """Read the `.css` files of a folder in the order of their names, and its pictures.

        :param under: stationery that this one builds upon.
        """
        styles = [style for one in under for style in one.styles]
        styles += [path.read_text("utf-8") for path in sorted(folder.glob("*.css"))]
        assets = {name: data for one in under for name, data in one.assets.items()}
        assets |= {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in PICTURES}
        return cls(tuple(styles), assets)

    @cached_property
    def key(self) -> str:
        """Name it by what it holds; a press parses each only once."""
        digest = hashlib.sha256()
        for style in self.styles:
            digest.update(style.encode() + b"\0")
        for name, data in self.assets.items():
            digest.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
        return digest.hexdigest()

    @cached_property
    def packed(self) -> dict[str, Any]:
        """Return it as plain data, the way a press wants it."""
        return {"styles": self.styles, "assets": pack_pictures(self.assets)}


def pack_pictures(pictures: Mapping[str, bytes]) -> dict[str, str]:
    """Write pictures as text."""
    return {name: b64encode(data).decode() for name, data in pictures.items()}


PAPER = Stationery.read(Path(__file__).parent / "paper")
