"""The reference: a view that says nothing."""

from flask import Flask

app = Flask(__name__)
app.extensions["check_secrets"] = lambda: None  # the server asks; this page keeps none


@app.get("/")
def nothing() -> str:
    return ""
