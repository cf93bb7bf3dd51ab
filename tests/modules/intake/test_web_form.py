"""What somebody writes on a web page."""

from urllib.parse import urlencode

import pytest

from backend.modules.activities.models import Activity
from backend.modules.contacts.models import Contact
from backend.modules.leads.models import Lead
from tests import make, people, stored
from tests.modules.intake import sending
from tests.modules.intake.sending import PAGE, form, submit

pytestmark = pytest.mark.django_db

THANKS = {"message": "Gracias por escribirnos. Le responderemos pronto."}
FORM = "application/x-www-form-urlencoded"


def taken(answer) -> None:
    assert (answer.status_code, answer.json()) == (200, THANKS), answer.content


def counts(who) -> tuple[int, int, int]:
    """Of contacts, leads and activities."""
    return tuple(model.objects.of(who.actor).count() for model in (Contact, Lead, Activity))


class TestSomebodyUnknown:
    def test_becomes_a_client_with_a_lead(self, door, alice):
        taken(submit(door.web_form_token, form(email="Juan@Example.com")))
        contact, lead = Contact.objects.of(alice.actor).get(), Lead.objects.of(alice.actor).get()
        assert (contact.first_name, contact.last_name) == ("Juan", "Pérez")
        assert (contact.phone, contact.phone_key) == ("+51987654321", "+51987654321")
        assert (contact.email, contact.email_key) == ("Juan@Example.com", "juan@example.com")
        assert (lead.channel, lead.status, lead.sales_notes) == ("web", "new", "Quisiera un precio")
        assert counts(alice) == (1, 1, 0)

    def test_may_send_it_as_a_form_does(self, door, alice):
        answer = submit(door.web_form_token, urlencode(form(name="Ñandú & Co")), content_type=FORM)
        taken(answer)
        assert Contact.objects.of(alice.actor).get().first_name == "Ñandú"

    def test_may_have_no_phone_but_an_address(self, door, alice):
        taken(submit(door.web_form_token, form(phone="", email="juan@example.com")))
        assert (Contact.objects.of(alice.actor).get().phone, counts(alice)) == ("", (1, 1, 0))

    def test_may_come_without_a_page(self, door, alice):
        taken(submit(door.web_form_token, form(), origin=None))
        assert counts(alice) == (1, 1, 0)


class TestAClient:
    def test_known_by_the_phone_gets_an_activity_and_a_lead_if_none_is_open(self, door, alice):
        contact = make.contact(alice.actor, phone="987-654-321")
        taken(submit(door.web_form_token, form(name="Otro Nombre")))
        taken(submit(door.web_form_token, form(message="¿Y bien?")))
        assert counts(alice) == (1, 1, 2)
        said = list(Activity.objects.of(alice.actor).order_by("id").values_list("description", "contact_id"))
        assert said == [
            ("Otro Nombre · +51987654321\nQuisiera un precio", contact.pk),
            ("Juan Pérez · +51987654321\n¿Y bien?", contact.pk),
        ]

    def test_known_by_the_address_is_not_made_anew(self, door, alice):
        contact = make.contact(alice.actor, email="juan@example.com")
        taken(submit(door.web_form_token, form(email="JUAN@example.com")))
        assert (counts(alice), Lead.objects.of(alice.actor).get().contact_id) == ((1, 1, 1), contact.pk)

    def test_is_answered_as_anybody(self, door, alice):
        make.contact(alice.actor, phone="987654321")
        known, unknown = (submit(door.web_form_token, form(phone=phone)) for phone in ("987654321", "987654322"))
        assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
        assert dict(known.headers).keys() == dict(unknown.headers).keys()


class TestTheAnswer:
    def test_is_the_workspace_s_own(self, ours, door):
        sending.set_up(ours.pk, web_form_thanks="¡Hasta pronto!")
        assert submit(door.web_form_token, form()).json() == {"message": "¡Hasta pronto!"}

    def test_is_in_the_workspace_s_language(self, ours, door):
        ours.language = "en"
        people.writing(None, ours.save)
        answer = submit(door.web_form_token, form())
        assert answer.json() == {"message": "Thank you for writing to us. You will hear from us soon."}

    def test_to_a_machine_is_the_same_and_nothing_is_stored(self, door):
        with stored.nothing_written():
            taken(submit(door.web_form_token, form(website="https://spam.example")))


class TestAForm:
    @pytest.mark.parametrize(
        ("fields", "names"),
        [
            ({"name": ""}, ["name"]),
            ({"name": "x" * 201}, ["name"]),
            ({"phone": "", "email": ""}, ["phone"]),
            ({"phone": "12"}, ["phone"]),
            ({"email": "juan"}, ["email"]),
            ({"message": "x" * 5001}, ["message"]),
            ({"name": "a\0b"}, ["name"]),
            ({"budget": "12"}, ["budget"]),
        ],
    )
    def test_that_is_not_right_says_where_and_is_not_stored(self, door, fields, names):
        with stored.nothing_written():
            answer = submit(door.web_form_token, form(**fields))
        assert answer.status_code == 422, answer.content
        assert [each["loc"] for each in answer.json()["detail"]] == [["body", name] for name in names]

    def test_has_what_the_workspace_insists_on(self, ours, door):
        sending.set_up(ours.pk, web_form_required=["email", "message"])
        answer = submit(door.web_form_token, form(message=" "))
        assert {each["loc"][1] for each in answer.json()["detail"]} == {"email", "message"}
        taken(submit(door.web_form_token, form(phone="", email="a@example.com")))

    @pytest.mark.parametrize(
        ("body", "kind", "status"),
        [
            (b"{", "application/json", 422),
            (b"[]", "application/json", 422),
            (b"null", "application/json", 422),
            (b"\xff", FORM, 422),
            ("&".join(f"f{number}=1" for number in range(200)).encode(), FORM, 422),
            (b"name=%ff", FORM, 422),
            (b"name=a", "text/plain", 415),
            (b"--x", "multipart/form-data; boundary=x", 415),
            (b"name=" + b"x" * 3_000_000, FORM, 413),
        ],
    )
    def test_that_can_not_be_read_is_refused(self, door, body, kind, status):
        with stored.nothing_written():
            answer = submit(door.web_form_token, body, content_type=kind)
        assert answer.status_code == status, answer.content
        assert answer["Access-Control-Allow-Origin"] == PAGE  # so that the page can read what is wrong


class TestAnAddress:
    def test_of_a_form_that_is_closed_is_a_404(self, ours, door):
        sending.set_up(ours.pk, web_form=False)
        assert submit(door.web_form_token, form()).status_code == 404

    def test_that_was_replaced_is_a_404(self, ours, door):
        renewed = sending.set_up(ours.pk, new_web_form_address=True)
        assert submit(door.web_form_token, form()).status_code == 404
        taken(submit(renewed.web_form_token, form()))

    @pytest.mark.parametrize("token", ["x", "1", "1-", "999999-" + "0" * 32])
    def test_that_nobody_has_is_a_404(self, door, token):
        assert submit(token, form()).status_code == 404

    def test_of_whatsapp_is_none_of_a_form(self, door):
        assert submit(door.whatsapp_token, form()).status_code == 404

    def test_of_another_workspace_takes_nothing_into_ours(self, ours, theirs, door):
        other = sending.set_up(theirs.pk)
        mixed = f"{ours.pk}-{other.web_form_token.partition('-')[2]}"
        before = stored.of_workspace(ours.pk)
        taken(submit(other.web_form_token, form()))
        assert submit(mixed, form()).status_code == 404
        assert stored.of_workspace(ours.pk) == before


class TestThrottling:
    @pytest.fixture(autouse=True)
    def limits(self, broker, settings):
        settings.WEB_FORM_PER_FORM, settings.WEB_FORM_PER_ADDRESS, settings.THROTTLE_SECONDS = 5, 3, 600

    def statuses(self, token: str, times: int, address: str = "203.0.113.9") -> list[int]:
        return [submit(token, form(website="x"), address=address).status_code for _ in range(times)]

    def test_is_per_address(self, door):
        assert self.statuses(door.web_form_token, 4) == [200, 200, 200, 429]
        assert self.statuses(door.web_form_token, 1, "198.51.100.1") == [200]

    def test_is_per_form(self, ours, theirs, door):
        found = [self.statuses(door.web_form_token, 1, f"198.51.100.{number}")[0] for number in range(6)]
        assert found == [200] * 5 + [429]
        assert self.statuses(sending.set_up(theirs.pk).web_form_token, 1, "192.0.2.1") == [200]

    def test_says_when_to_come_back_and_stores_nothing(self, door):
        self.statuses(door.web_form_token, 3)
        with stored.nothing_written():
            answer = submit(door.web_form_token, form())
        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= 600
        assert answer["Access-Control-Allow-Origin"] == PAGE

    def test_counts_addresses_that_nobody_has_as_well(self):
        assert self.statuses("999999-0", 4) == [404, 404, 404, 429]
