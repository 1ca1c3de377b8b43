"""The second factor of an account: an app that makes codes (TOTP, RFC 6238), and backup codes for when it is lost.

An account has one app at most. The secret of an app that is not confirmed yet waits in the database too, one for each
account; it is made anew for each login, so that nobody who once saw it can use it after somebody else confirmed it.
"""

from __future__ import annotations

import re
from base64 import b32encode
from typing import NamedTuple

import segno
from django.contrib.auth.models import User
from django.db import transaction
from django_otp import devices_for_user
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

BACKUP_CODES = 10
APP, BACKUP = "app", "backup codes"
# A backup code is eight letters of base32, never six digits, so a code says by itself which device it is for.
OF_AN_APP = re.compile(r"[0-9]{6}", re.ASCII)


def has_one(user: User) -> bool:
    """Whether the account has a confirmed second factor."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def plain(code: str) -> str:
    """A code as it was made: without the blanks and hyphens that people put in, in small letters."""
    return re.sub(r"[\s-]", "", code).lower()


def accept(user: User, code: str) -> Device | None:
    """The device that a code proves, and with which the code is used up; None if it proves none.

    Only the device that a code can be for is asked, because each wrong code makes its device wait longer.
    """
    code = plain(code)
    if not code:
        return None
    model = TOTPDevice if OF_AN_APP.fullmatch(code) else StaticDevice
    with transaction.atomic():
        device = model.objects.select_for_update().filter(user=user, confirmed=True).first()
        return device if device is not None and device.verify_token(code) else None


def waiting(user: User, number: int | None) -> TOTPDevice:
    """The app that waits to be confirmed: the one with this number, or a new one in place of whatever waits."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        found = TOTPDevice.objects.filter(user=user, confirmed=False, pk=number).first()
        if found is None:
            TOTPDevice.objects.filter(user=user, confirmed=False).delete()
            found = TOTPDevice.objects.create(user=user, name=APP, confirmed=False)
        return found


class Enrolled(NamedTuple):
    """A second factor that was just set up; the codes are shown this once."""

    device: TOTPDevice
    backup_codes: list[str]


def enrol(user: User, number: int | None, code: str) -> Enrolled | None:
    """Take the waiting app as the second factor if the code is its own; None if it is not, or if there is one by now."""
    code = plain(code)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        device = TOTPDevice.objects.filter(user=user, confirmed=False, pk=number).first()
        if has_one(user) or device is None or not OF_AN_APP.fullmatch(code) or not device.verify_token(code):
            return None
        device.confirmed = True
        device.save()
        return Enrolled(device, new_backup_codes(user))


def new_backup_codes(user: User) -> list[str]:
    """Make ten codes in place of all that there were."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name=BACKUP)
        codes: set[str] = set()
        while len(codes) < BACKUP_CODES:
            codes.add(StaticToken.random_token())
        return [device.token_set.create(token=code).token for code in sorted(codes)]


def backup_codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def reset(user: User) -> bool:
    """Take the second factor away, so that the next login sets up a new one; whether there was anything to take."""
    with transaction.atomic():
        devices = list(devices_for_user(user, confirmed=None))
        for device in devices:
            device.delete()
    return bool(devices)


def secret(device: TOTPDevice) -> str:
    """The secret as apps take it by hand: base32, in groups of four."""
    text = b32encode(device.bin_key).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def picture(device: TOTPDevice) -> str:
    """The secret as a QR code, as a data: address of an SVG; dark on light whatever the page's colours are."""
    return str(segno.make(device.config_url, micro=False).svg_data_uri(scale=5, border=4, dark="#000", light="#fff"))
