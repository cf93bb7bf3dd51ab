"""Phone numbers in one form."""

import phonenumbers


def e164(phone: str, region: str) -> str | None:
    """The number in E.164 (`+51987654321`), or None if it is not a valid one.

    `region` is the country, two letters, of a number without a country code.
    """
    try:
        number = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
