"""A form tidies what is written, bounds it, and says in both languages what to write instead."""

import io

import pytest
from flask import request
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import DateField, DecimalField, IntegerField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from lms.core.forms import Form, UploadField, free_text_guard


class Sample(Form):
    """One field of each kind."""

    name = StringField("Name", [InputRequired()])
    own = StringField("Own", validators=[InputRequired("Write the name of the unit."), Length(max=5)])
    note = TextAreaField("Note", validators=[free_text_guard])
    secret = PasswordField("Secret")
    count = IntegerField("Count", validators=[Optional(), NumberRange(1, 5)])
    any_number = IntegerField("Any", validators=[Optional()])
    share = DecimalField("Share", validators=[Optional()])
    on = DateField("On", validators=[Optional()])
    pick = SelectField("Pick", choices=[SelectChoice("a", "A")])
    file = UploadField("File", megabytes=1, endings=(".csv", ".xlsx"))


GOOD = {"name": "María", "own": "x", "pick": "a"}


@pytest.fixture
def fill(built_app):
    """Send the form in a language; return its data and its sentences."""

    def sent(language="en", **values):
        data = MultiDict({name: value for name, value in (GOOD | values).items() if value is not None})
        with built_app.test_request_context("/", method="POST", data=data, headers={"Accept-Language": language}):
            form, is_valid = Sample.posted()
            sentences = {name: [str(one) for one in errors] for name, errors in form.errors.items()}
            assert is_valid == (not sentences)
            request.close()
            request.environ["wsgi.input"].close()
            return form.data, sentences

    return sent


def test_what_is_good_passes(fill):
    data, sentences = fill(count="3", on="2026-03-02", share="2.5", note="Todo bien.")
    assert not sentences
    assert (data["name"], data["count"], str(data["share"])) == ("María", 3, "2.5")


def test_a_form_that_was_not_sent_is_not_valid(built_app):
    with built_app.test_request_context("/"):
        form, is_valid = Sample.posted()
    assert not is_valid
    assert not form.errors


def test_texts_are_tidied(fill):
    data, _sentences = fill(name="  Mari\u0301a\u202e\x00 Xol\u200b ", note="uno\r\ndos")
    assert data["name"] == "María Xol"
    assert data["note"] == "uno\ndos"


def test_a_password_stays_as_it_was_typed(fill):
    assert fill(secret="  two words ")[0]["secret"] == "  two words "


@pytest.mark.parametrize(
    ("values", "field", "english", "spanish"),
    [
        ({"name": None}, "name", "Please fill this in.", "Complete este dato, por favor."),
        ({"name": " \u200b "}, "name", "Please fill this in.", "Complete este dato, por favor."),
        ({"own": " "}, "own", "Write the name of the unit.", "Write the name of the unit."),
        ({"own": "123456"}, "own", "Write at most 5 characters.", "Escriba a lo sumo 5 letras."),
        ({"name": "x" * 201}, "name", "Write at most 200 characters.", "Escriba a lo sumo 200 letras."),
        ({"note": "x" * 4001}, "note", "Write at most 4000 characters.", "Escriba a lo sumo 4000 letras."),
        ({"secret": "x" * 257}, "secret", "Write at most 256 characters.", "Escriba a lo sumo 256 letras."),
        ({"count": "x"}, "count", "Write a whole number, such as 12.", "Escriba un número entero, por ejemplo 12."),
        ({"count": "9"}, "count", "Write a number from 1 to 5.", "Escriba un número de 1 a 5."),
        ({"any_number": "9" * 30}, "any_number", "This number is too large.", "Este número es demasiado grande."),
        ({"share": "NaN"}, "share", "Write a number, such as 12 or 12.5.", "Escriba un número, por ejemplo 12 o 12.5."),
        ({"pick": "z"}, "pick", "Choose one of the options shown.", "Elija una de las opciones que se muestran."),
    ],
)  # fmt: skip
def test_each_sentence_says_what_to_write(fill, values, field, english, spanish):
    assert fill("en", **values)[1] == {field: [english]}
    assert fill("es", **values)[1] == {field: [spanish]}


def test_a_day_shows_how_to_be_written(fill):
    assert fill(on="2 de marzo")[1]["on"] == ["Write a day as year-month-day, such as 2026-03-25."]


def test_a_name_or_number_of_a_person_is_refused_in_free_text(fill):
    assert "a telephone number, an e-mail address" in fill(note="5512 3456, ana@x.gt")[1]["note"][0]
    spanish = fill("es", note="Llámela al 5512 3456")[1]["note"][0]
    assert "un número de teléfono" in spanish
    assert "110" in spanish
    assert "Ministerio Público" in spanish


def test_the_guarded_field_tells_its_template(built_app):
    with built_app.test_request_context("/"):
        form = Sample()
        assert form.note.flags.guarded
        assert not form.name.flags.guarded
        assert 'maxlength="200"' in form.name()
        assert 'maxlength="4000"' in form.note()


def uploaded(data: bytes, name: str) -> FileStorage:
    return FileStorage(io.BytesIO(data), filename=name)


def test_a_file_is_handed_over_unread(fill):
    data, sentences = fill(file=uploaded(b"a,b\n", "Lista.CSV"))
    assert not sentences
    assert data["file"].filename == "Lista.CSV"
    assert fill()[0]["file"] is None


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"a", "x.exe", "Choose a file that ends in .csv, .xlsx."),
        (b"", "x.csv", "This file is empty. Choose another one."),
        (b"x" * 1_048_577, "x.csv", "Choose a file of at most 1 MB."),
    ],
)
def test_a_file_of_the_wrong_kind_or_size_is_refused(fill, data, name, sentence):
    assert fill(file=uploaded(data, name))[1] == {"file": [sentence]}
