"""manage.py import_csv user: the people of a list become users who sell and can't log in yet."""

import pytest

from backend.modules.identity.models import Membership, User
from tests import people

TEAM = (
    "sales_agent,manager,regional_office\nMoses Frase,Dustin Brinkmann,Central\nMei-Mei Johns,Dustin Brinkmann,East\n"
)
NAMES = ("--map", "full_name=sales_agent")


def roles(person):
    rows = Membership.objects.of(person.actor).exclude(user=person.user).order_by("id")
    return {row.user.username: [role.key for role in row.roles.all()] for row in rows}


class TestUsers:
    def test_a_second_run_changes_nothing(self, importer, alice):
        assert importer.run("user", TEAM, *NAMES) == (2, 0, 0, 0)
        made = roles(alice)
        assert made == {"dustin.brinkmann": ["manager"], "moses.frase": ["sales"], "mei-mei.johns": ["sales"]}
        assert importer.run("user", TEAM, *NAMES) == (0, 0, 2, 0)
        assert roles(alice) == made

    def test_have_a_name_an_address_and_no_password(self, importer):
        importer.run("user", TEAM, *NAMES, "--email-domain", "sales.example")
        moses = User.objects.get(username="moses.frase")
        assert (moses.first_name, moses.last_name, moses.email) == ("Moses", "Frase", "moses.frase@sales.example")
        assert not moses.has_usable_password()
        assert not moses.is_staff

    def test_it_is_said_what_is_not_kept(self, importer):
        importer.run("user", TEAM, *NAMES)
        assert "  regional_office -> not kept\n" in importer.output
        assert "2 with regional_office, which is not kept" in importer.output
        assert "1 whose manager was made a user: Dustin Brinkmann (1)" in importer.output

    def test_who_is_there_stays_as_they_are(self, importer, alice, bob):
        rows = "full_name,email\nRobert Tables,BOB@example.com\nBob Example,\nbob example,\n"
        assert importer.run("user", rows) == (0, 0, 3, 0)
        assert roles(alice) == {"bob": ["sales"]}
        assert User.objects.get(pk=bob.user.pk).first_name == "Bob"

    def test_a_user_name_and_an_address_can_be_given(self, importer, alice):
        rows = (
            "first_name,last_name,username,email\nAna,Luna,aluna,ana@luna.example\nAna,Luna,other,ana2@luna.example\n"
        )
        assert importer.run("user", rows) == (2, 0, 0, 0)
        assert importer.run("user", rows) == (0, 0, 2, 0)
        assert set(roles(alice)) == {"aluna", "other"}

    def test_names_that_another_workspace_has_get_a_number(self, importer, alice, stranger):
        theirs = people.person("moses.frase", stranger.workspace, "sales").user
        assert importer.run("user", TEAM, *NAMES) == (2, 0, 0, 0)
        assert importer.run("user", TEAM, *NAMES) == (0, 0, 2, 0)
        assert "moses.frase2" in roles(alice)
        assert [row.workspace for row in Membership.across_workspaces.filter(user=theirs)] == [stranger.workspace]

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            (",ana,ana@example.com", "first_name: is empty"),
            ("Иван Петров,,", "username: none can be made of 'Иван Петров'"),
            ("Ana Luna,stranger,", "username: username_taken"),
            ("Ana Luna,,stranger@example.com", "email: user_email_taken"),
            ("Ana Luna,,ana@", "email: 'ana@' is not an e-mail address"),
            ("A" * 101 + " B,,", "full_name: 101 characters; 100 is the most"),
            ("Ana\0 " + "L" * 99 + ",,", "full_name: null characters"),
        ],
    )
    def test_some_are_refused(self, importer, alice, stranger, row, reason):
        assert importer.run("user", f"full_name,username,email\n{row}\n") == (0, 0, 0, 1)
        assert reason in importer.refusals()
        assert roles(alice) == {}
