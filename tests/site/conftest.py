"""People and pages of the tests of the site."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, render_template_string
from wtforms import BooleanField, FileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from lms.access.lock import public
from lms.access.policy import Role
from lms.accounts.models import User
from lms.core.forms import Form, free_text_guard
from lms.core.pages import Pages
from tests import factories
from tests.harness.live import serving

PIECES = """
{%- from "site/macros.html" import button, confirm, crumb, empty, errors, exports, facts, field, free_text_hint, langs,
    note, pager, post_button, progress, search, state, steps, submit, table_sort, tag -%}
{%- extends "site/base.html" -%}
{%- block title %}Piezas{% endblock -%}
{%- block cloth %}<h1>Piezas</h1>{{ progress(3, 9, "Avance del curso") }}{{ steps(2, 3, 5) }}
<a class="btn now" href="/">Continuar</a>{% endblock -%}
{%- block crumb %}{{ crumb("/", "Inicio") }}{% endblock -%}
{%- block main %}
<section class="sec flow" aria-labelledby="a"><h2 id="a">Estados</h2>
<p class="row">{{ state("done", "Válida") }}{{ state("soon", "Vence pronto") }}{{ state("stop", "Revocada") }}
{{ state("none", "Sin empezar") }}{{ tag("Kʼicheʼ", "quc") }}</p>
{{ progress(4, 9, "Avance") }}{{ steps(2, 3, 5) }}{{ steps(7, 8, 22) }}
{% call note("warn") %}<p>Vence el 30 de junio.</p>{% endcall %}
{% call note("bad") %}<p>No se pudo enviar.</p><ul><li>Falta la hora.</li></ul>{% endcall %}
{{ empty("Todavía no hay nadie", "Invite a la primera persona.", "Invitar", "/") }}
{{ facts([("Curso", "Versión 3"), ("Idioma", "Kʼicheʼ")]) }}
{{ langs([("es", "Español", none), ("quc", "Kʼicheʼ", "/?l=quc")], "Idioma de esta lección") }}</section>
<section class="sec flow" aria-labelledby="b"><h2 id="b">Formulario</h2>{{ errors(form) }}
<form method="post" novalidate>{% for one in form if one.name != "csrf_token" %}{{ field(one) }}{% endfor %}
<div class="field"><label for="free">Qué cambió {{ free_text_hint() }}</label><textarea id="free"></textarea></div>
<p class="row">{{ submit("Guardar") }}{{ submit("Quitar", "danger") }}{{ button("Anterior", "/", "second") }}</p></form>
{{ post_button("Cerrar", "/", "second small", why="x") }}{{ post_button("Deshacer", "/", "link") }}
{{ search("q", "Us", "Buscar por nombre") }}</section>
<section class="sec" aria-labelledby="c"><h2 id="c">Tabla</h2>{{ exports({"CSV": "/a.csv", "XLSX": "/a.xlsx"}) }}
<table class="stack" role="table"><caption class="vh">Personas</caption><thead role="rowgroup"><tr role="row">
{{ table_sort("name", "Persona", "name") }}{{ table_sort("score", "Nota", "name", true) }}</tr></thead>
<tbody role="rowgroup"><tr role="row"><th role="rowheader" scope="row">Catarina Us</th>
<td role="cell" class="num" data-l="Nota">90 %</td></tr></tbody></table>{{ pager(pages) }}</section>
{% call confirm("¿Quitar a Catarina del grupo?", "Quitar", "/") %}<p>Sus respuestas quedan guardadas.</p>{% endcall %}
{% endblock -%}
"""


class Sample(Form):
    name = StringField("Nombre", [InputRequired("Escriba el nombre.")], description="Como en su documento")
    place = SelectField("Municipio", choices=[SelectChoice("1406", "Chichicastenango")])
    turn = RadioField(
        "Turno",
        [InputRequired("Elija un turno.")],
        choices=[SelectChoice("m", "Mañana"), SelectChoice("t", "Tarde")],
        description="Uno",
    )
    seen = BooleanField("Vi la evidencia", [InputRequired("Marque que la vio.")], description="Y respondo por ella")
    told = TextAreaField("Qué pasó", [free_text_guard])
    list = FileField("Lista", description="CSV o XLSX, hasta 2 MB")


@pytest.fixture
def somebody(app: Flask, db_session: Any) -> Callable[..., User]:
    """Make a person with an account: `somebody("Marta")`, `somebody("Elena", Role.ADMINISTRATOR)`."""

    def make(name: str, role: Role | None = None, has_second_step: bool = True) -> User:
        made = factories.user(name, role)
        if not has_second_step:
            made.totp_sealed = None
        db_session.commit()
        return made

    return make


@pytest.fixture
def pieces_app(make_app: Callable[..., Flask]) -> Flask:
    """An application with one page more, which shows every piece."""
    app = make_app()

    @app.route("/pieces", methods=["GET", "POST"])
    @public
    def pieces() -> str:
        form, _is_valid = Sample.posted()
        return render_template_string(PIECES, form=form, pages=Pages(2, 50, 140))

    return app


@pytest.fixture
def pieces_address(pieces_app: Flask) -> Iterator[str]:
    """Where that application answers."""
    with serving(pieces_app, lambda: None) as address:
        yield address


@pytest.fixture
def chromium_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """A page of a browser, at a width and in a colour scheme."""
    contexts = []

    def page(width: int = 360, dark: bool = False, **more: Any) -> Any:
        options: dict[str, Any] = {
            "viewport": {"width": width, "height": 740},
            "locale": "es-GT",
            "color_scheme": "dark" if dark else "light",
        }
        contexts.append(browser.new_context(**(options | more)))
        return contexts[-1].new_page()

    yield page
    for context in contexts:
        context.close()
