"""How what a template uses is written as a text: no text of a program starts like that, so nothing else is taken for it."""

NAME = "{{"
"""Before a name, a filter (`{{|money`), a test (`{{?odd`) or an attribute of a name (`{{user.place`); alone: any template."""
TAG = "{%"
"""Before a tag of a library."""
MACRO = "{%:"
"""Before the name of a page and of a macro in it: `{%:forms.html:field`."""
