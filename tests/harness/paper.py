"""Reads what was printed: text, tags, language, title, and the fonts that travel with it."""

import io
import re
from typing import Any

from pypdf import PdfReader


class Paper:
    """A PDF, as a test asks about it."""

    def __init__(self, pdf: bytes) -> None:
        self.reader = PdfReader(io.BytesIO(pdf))
        trailer: Any = self.reader.trailer
        self.root: Any = trailer["/Root"]
        self.language = str(self.root["/Lang"])
        self.title = str(self.reader.metadata.title if self.reader.metadata else "")
        self.pages = [one.extract_text() for one in self.reader.pages]

    @property
    def text(self) -> str:
        return "\n".join(self.pages)

    @property
    def is_ua(self) -> bool:
        """Whether it says of itself to be PDF/UA, and is tagged at all."""
        says = re.search(rb"pdfuaid:part\W+1", self.root["/Metadata"].get_data())
        return bool(says and self.root["/MarkInfo"]["/Marked"] and self.tags)

    @property
    def tags(self) -> list[str]:
        """Every tag, in the order in which it is read aloud."""
        return _tags(self.root["/StructTreeRoot"])

    @property
    def fonts(self) -> dict[str, bool]:
        """The fonts by name, and whether the file of each is inside."""
        found: dict[str, bool] = {}
        for page in self.reader.pages:
            resources: Any = page["/Resources"]
            for font in resources.get("/Font", {}).get_object().values():
                described = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
                name = str(font.get_object()["/BaseFont"]).partition("+")[2]
                found[name] = any(key in described for key in ("/FontFile2", "/FontFile3"))
        return found


def _tags(node: Any) -> list[str]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return [tag for one in node for tag in _tags(one)]
    if not isinstance(node, dict):
        return []
    own = [str(node["/S"])] if "/S" in node else []
    return own + _tags(node.get("/K", []))
