"""The QR of a certificate: the address of the page that checks without a line, with the claim behind the `#`.

What stands behind a `#` never leaves the phone, so scanning tells no server whose certificate was looked at.
"""

import io

import segno

from lms.certification.signing import claim

# A fixed mask spares the seven other drawings a QR is chosen from: issuing four hundred takes seconds less.
_MASK = 4


def offline_address(base_url: str, packed: bytes) -> str:
    """Return the address that the QR holds."""
    return f"{base_url}/v/#{claim.text(packed)}"


def qr_svg(address: str) -> str:
    """Draw an address as a QR: an SVG of one path, dark on white, sized by whoever shows it."""
    drawn = io.BytesIO()
    segno.make_qr(address, error="m", boost_error=False, mask=_MASK).save(
        drawn, kind="svg", xmldecl=False, omitsize=True, nl=False, light="#fff", svgclass=None, lineclass=None
    )
    return drawn.getvalue().decode()
