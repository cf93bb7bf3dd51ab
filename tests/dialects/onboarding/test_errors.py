"""What goes wrong looks as Django REST framework would have it, and leaves nothing half-written."""

import json

import pytest

from tests import people, stored

pytestmark = pytest.mark.django_db

JSON = "application/json"


class TestTheShapesOfErrors:
    def test_a_validation_error_lists_sentences_by_field(self, alice):
        answer = alice.post("/api/clients/", {"first_name": "", "email": "no address"})
        assert answer.status_code == 400
        assert answer.json() == {
            "first_name": ["This field may not be blank."],
            "last_name": ["This field is required."],
            "email": ["Enter a valid email address."],
        }

    def test_a_missing_login_is_401_with_a_challenge(self, client, db):
        answer = client.get("/api/clients/")
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
        assert answer.json() == {"detail": "Authentication credentials were not provided."}

    def test_a_missing_permission_is_403(self, dario, jane):
        with stored.nothing_written():
            answer = dario.post("/api/clients/", jane)
        assert (answer.status_code, answer.json()) == (
            403,
            {"detail": "You do not have permission to perform this action."},
        )

    def test_a_company_that_may_not_be_made_is_403_and_makes_no_client(self, ours, jane):
        adder = people.person_holding(ours, "contacts.add")
        with stored.nothing_written():
            assert adder.post("/api/clients/", jane | {"company": "New"}).status_code == 403

    @pytest.mark.parametrize(
        "path", ["/api/nothing/", "/api/clients/1/nothing/", "/api/", "/api/clients//", "/api/%00/"]
    )
    def test_an_unknown_path_is_404(self, alice, path):
        answer = alice.get(path)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("delete", "/api/clients/", {"GET", "POST"}),
            ("post", "/api/clients/1/", {"GET", "PUT", "PATCH", "DELETE"}),
            ("get", "/api/clients/1/update_stage/", {"PATCH"}),
            ("post", "/api/statistics/", {"GET"}),
            ("get", "/api/token/", {"POST"}),
        ],
    )
    def test_a_method_that_is_not_there_is_405_with_those_that_are(self, alice, method, path, allowed):
        answer = getattr(alice, method)(path)
        assert (answer.status_code, answer.json()) == (405, {"detail": f'Method "{method.upper()}" not allowed.'})
        assert {each.strip() for each in answer["Allow"].split(",")} == allowed

    def test_a_missing_slash_is_a_308_that_keeps_the_query(self, alice):
        answer = alice.get("/api/clients?page=2")
        assert (answer.status_code, answer["Location"]) == (308, "/api/clients/?page=2")

    def test_an_unexpected_failure_is_500_and_tells_nothing(self, alice, monkeypatch, caplog):
        def fail(*args, **kwargs):
            raise RuntimeError("the secret of the house")

        monkeypatch.setattr("backend.modules.contacts.queries.page", fail)
        answer = alice.get("/api/clients/")
        assert (answer.status_code, answer.json()) == (500, {"detail": "A server error occurred."})
        assert "the secret of the house" in caplog.text

    def test_a_failure_in_the_middle_of_a_write_leaves_nothing(self, alice, jane, monkeypatch):
        def fail(*args, **kwargs):
            raise RuntimeError

        monkeypatch.setattr("backend.modules.contacts.models.Contact.save", fail)
        with stored.nothing_written():
            assert alice.post("/api/clients/", jane | {"company": "A new one"}).status_code == 500


class TestABodyThatIsNoJson:
    BODIES = {
        "words": b"hello",
        "half": b'{"first_name": "Ja',
        "single quotes": b"{'first_name': 'Jane'}",
        "a trailing comma": b'{"first_name": "Jane",}',
        "latin-1": '{"first_name": "José"}'.encode("latin-1"),
        "UTF-16": '{"first_name": "Jane"}'.encode("utf-16"),
        "NaN": b'{"assigned_to": NaN}',
        "Infinity": b'{"assigned_to": -Infinity}',
        "half a surrogate pair": b'{"first_name": "\\ud800"}',
        "a raw null": b'{"first_name": "a\x00b"}',
        "too deep": b"[" * 100_000,
        "deep in a field": b'{"first_name": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        "two documents": b"{}{}",
    }

    @pytest.mark.parametrize("name", BODIES)
    def test_is_400_with_a_detail(self, alice, name):
        with stored.nothing_written():
            answer = alice.post("/api/clients/", self.BODIES[name])
        assert (answer.status_code, list(answer.json())) == (400, ["detail"])
        assert answer.json()["detail"].startswith("JSON parse error - ")

    @pytest.mark.parametrize("body", [[], [{}], "text", 1, True, None, 1.5])
    def test_but_no_object_is_400_as_well(self, alice, body):
        with stored.nothing_written():
            answer = alice.post("/api/clients/", json.dumps(body).encode())
        assert answer.status_code == 400
        assert answer.json() == {"non_field_errors": ["Invalid data. Expected a dictionary."]}

    @pytest.mark.parametrize(
        "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]
    )
    def test_but_another_content_type_is_415(self, alice, client, kind):
        headers = {"Authorization": f"Bearer {alice.token}"}
        with stored.nothing_written():
            answer = client.post("/api/clients/", b"first_name=Jane", content_type=kind, headers=headers)
        assert (answer.status_code, list(answer.json())) == (415, ["detail"])

    def test_but_larger_than_the_limit_is_413(self, alice, jane):
        with stored.nothing_written():
            answer = alice.post("/api/clients/", jane | {"notes": "x" * 3_000_000})
        assert (answer.status_code, list(answer.json())) == (413, ["detail"])

    def test_but_nothing_at_all_lacks_each_required_field(self, alice):
        with stored.nothing_written():
            answer = alice.post("/api/clients/", b"")
        assert (answer.status_code, list(answer.json())) == (400, ["first_name", "last_name", "email"])

    def test_after_a_byte_order_mark_or_in_an_unknown_charset_is_no_failure_of_ours(self, alice, client):
        headers = {"Authorization": f"Bearer {alice.token}"}
        for body, kind in ((b"\xef\xbb\xbf{}", JSON), (b"{}", f"{JSON}; charset=nonsense")):
            answer = client.generic("POST", "/api/clients/", body, content_type=kind, headers=headers)
            assert answer.status_code in (400, 415)


class TestAFieldThatIsNotRight:
    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("first_name", "x" * 101, "Ensure this field has no more than 100 characters."),
            ("last_name", "x" * 101, "Ensure this field has no more than 100 characters."),
            ("phone", "1" * 21, "Ensure this field has no more than 20 characters."),
            ("company", "x" * 201, "Ensure this field has no more than 200 characters."),
            ("first_name", "  ", "This field may not be blank."),
            ("first_name", None, "This field may not be null."),
            ("first_name", 5, "Not a valid string."),
            ("first_name", ["a"], "Not a valid string."),
            ("first_name", {"a": 1}, "Not a valid string."),
            ("first_name", True, "Not a valid string."),
            ("first_name", "a\0b", "Null characters are not allowed."),
            ("notes", "\0", "Null characters are not allowed."),
            ("email", "nobody", "Enter a valid email address."),
            ("email", "a@b", "Enter a valid email address."),
            ("email", "a b@example.com", "Enter a valid email address."),
            ("email", "jane@example.com\0", "Null characters are not allowed."),
            ("stage", "WON", '"WON" is not a valid choice.'),
            ("stage", "lead", '"lead" is not a valid choice.'),
            ("assigned_to", True, "A valid integer is required."),
            ("assigned_to", "x", "A valid integer is required."),
            ("assigned_to", 1.5, "A valid integer is required."),
            ("assigned_to", [], "A valid integer is required."),
            ("assigned_to", 0, "Ensure this value is greater than or equal to 1."),
            ("assigned_to", -5, "Ensure this value is greater than or equal to 1."),
            ("nickname", "J", "This field is not known."),
        ],
    )
    def test_is_named_with_what_is_wrong(self, alice, jane, field, value, sentence):
        with stored.nothing_written():
            answer = alice.post("/api/clients/", jane | {field: value})
        assert (answer.status_code, answer.json()) == (400, {field: [sentence]})

    @pytest.mark.parametrize("number", [2**63, 2**64, 2**200, 10**400, 1e300])
    def test_is_named_when_its_number_is_huge(self, alice, jane, number):
        body = json.dumps(jane)[:-1] + f', "assigned_to": {number}}}'
        with stored.nothing_written():
            answer = alice.post("/api/clients/", body.encode())
        assert (answer.status_code, list(answer.json())) in ((400, ["assigned_to"]), (400, ["detail"]))

    @pytest.mark.parametrize("stage", [None, 1, [], {}, True, "", "x" * 10_000])
    def test_is_named_when_it_is_no_choice(self, alice, jane, stage):
        with stored.nothing_written():
            answer = alice.post("/api/clients/", jane | {"stage": stage})
        assert (answer.status_code, list(answer.json())) == (400, ["stage"])

    def test_of_an_answer_alone_is_ignored(self, alice, bob, jane):
        given = {"id": 77, "created_by": bob.user.pk, "created_at": "1999-01-01", "updated_at": 5, "interactions": [{}]}
        made = alice.post("/api/clients/", jane | given | {"created_by_name": "x", "assigned_to_name": None})
        assert made.status_code == 201
        assert (made.json()["created_by_name"], made.json()["interactions"]) == ("alice", [])
        assert made.json()["created_at"] > "2020"

    def test_may_hold_any_letter(self, alice, jane):
        text = "Ñandú 日本 🎉 \u202e<b>'; DROP TABLE contacts; --\u2028"
        made = alice.post("/api/clients/", jane | {"first_name": text, "notes": text + "\n\tnext"}).json()
        assert (made["first_name"], made["notes"]) == (text.strip(), text + "\n\tnext")

    def test_may_be_as_long_as_the_document_says(self, alice, jane):
        longest = {"first_name": "ñ" * 100, "last_name": "🎉" * 100, "phone": "1" * 20, "company": "ñ" * 200}
        made = alice.post("/api/clients/", jane | longest)
        assert made.status_code == 201
        assert {name: made.json()[name] for name in longest} == longest

    def test_may_have_an_address_that_grows_when_its_case_is_folded(self, alice, jane):
        """`İ` becomes two characters in lower case: the claim has room for it."""
        for letter in ("İ", "ß", "ﬃ"):
            answer = alice.post("/api/clients/", jane | {"email": f"{letter * 60}@example.com"})
            assert answer.status_code in (201, 400)
