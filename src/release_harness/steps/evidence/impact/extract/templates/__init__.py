"""Templates of Jinja and Django as facts: what a page extends, includes and imports, and every name that it uses.

A template is a file of the language `template` whose module symbol is the page itself and whose functions are its macros.
Tags, filters and tests are calls of names that start with a sign, so that nothing in them looks like a name of Python:

| written | fact |
|---|---|
| `{{ user.place }}` | `do` of the expression |
| `{{ x|markdown }}` | call of `|markdown` with `x` |
| `{% if x is odd %}` | call of `?odd` with `x` |
| `{% extends "base.html" %}`, `{% include … %}`, `{% my_tag a %}` | call of `%extends`, `%include`, `%my_tag` |
| `{% import "forms.html" as f %}` | `set` of `f` to a call of `%import` |
| `{% from "forms.html" import field as f %}` | an import of `field` from the module `forms.html` |
| `{% for a in b %}`, `{% set a = b %}`, `{% with a=b %}` | `set` of `a` |
"""
