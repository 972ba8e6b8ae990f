"""Which tables of a database a class, a call or a text of SQL names; a small reader, not a parser."""

import re
from collections.abc import Iterator

from release_harness.steps.evidence.impact.entries.contract import ProgramView
from release_harness.steps.evidence.impact.entries.reading import path_of, qualname_of
from release_harness.steps.evidence.impact.expressions import argument, text_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import SymbolId

TEXT_LIMIT_CHARACTERS = 20_000
DJANGO_MODELS = ("django.db.models.Model", "django.db.models.base.Model", "django.contrib.gis.db.models.Model",
                 "django.contrib.auth.models.AbstractUser", "django.contrib.auth.base_user.AbstractBaseUser",
                 "django.contrib.auth.models.AbstractBaseUser", "mptt.models.MPTTModel", "polymorphic.models.PolymorphicModel")  # fmt: skip
FLASK_MODELS = ("flask_sqlalchemy.SQLAlchemy.Model", "flask_sqlalchemy.model.Model", "flask_appbuilder.Model")
SQLMODEL = ("sqlmodel.SQLModel", "sqlmodel.main.SQLModel")
PEEWEE = ("peewee.Model",)
TABLE_CALLS = frozenset({"sqlalchemy.Table", "sqlalchemy.schema.Table", "sqlalchemy.sql.schema.Table", "sqlalchemy.table",
                         "sqlalchemy.sql.table"})  # fmt: skip
MIGRATION_CALLS = frozenset({"create_table", "drop_table", "add_column", "drop_column", "alter_column", "create_index", "rename_table",
                             "bulk_insert", "batch_alter_table"})  # fmt: skip
_STATEMENT = re.compile(r"\s*(?:/\*.{0,200}?\*/\s*)?(select|insert|update|delete|with|merge|replace|truncate|create|alter|drop|copy|lock)\b",
                        re.IGNORECASE | re.DOTALL)  # fmt: skip
_SHAPE = re.compile(r"\b(from|into|set|table|values|join|index|view)\b", re.IGNORECASE)
_NAME = r'(?P<name>(?:["`\[]?[A-Za-z_][\w$]*["`\]]?)(?:\.["`\[]?[A-Za-z_][\w$]*["`\]]?){0,2})'
_END = r"(?![\w$\"`\].])"
_TABLE = re.compile(
    rf"\b(?:from|join)\s+(?:only\s+)?{_NAME}{_END}(?!\s*\()"
    rf"|\b(?:into|update|truncate(?:\s+table)?|(?:alter|drop|create|lock)\s+table(?:\s+if\s+(?:not\s+)?exists)?|copy)"
    rf"\s+(?:only\s+|or\s+ignore\s+|ignore\s+)?{_NAME.replace('name', 'changed')}{_END}",
    re.IGNORECASE,
)
_WITH = re.compile(r'(?:\bwith\s+(?:recursive\s+)?|,\s*)["`]?([A-Za-z_]\w*)["`]?\s*(?:\([^()]*\))?\s+as\s+(?:not\s+)?(?:materialized\s+)?\(',
                   re.IGNORECASE)  # fmt: skip
_CALL_FROM = re.compile(r"\b(extract|substring|trim|overlay|position)\s*\([^()]*\)", re.IGNORECASE)
_COMMENT = re.compile(r"--[^\n]*")
KEYWORDS = frozenset({"select", "lateral", "unnest", "set", "where", "values", "only", "table", "if", "exists", "not", "the", "a", "this",
                      "an", "with", "dual", "of", "stdin", "nowait", "skip", "as", "on", "using", "your", "its", "it"})  # fmt: skip


def tables_in_sql(text: str) -> Iterator[str]:
    """Yield the tables that a text of SQL names after FROM, JOIN, INTO, UPDATE and TABLE; nothing for other texts."""
    text = text[:TEXT_LIMIT_CHARACTERS]
    first = _STATEMENT.match(text)
    if first is None or not _SHAPE.search(text):
        return
    bare = _CALL_FROM.sub(" ", _COMMENT.sub(" ", text))
    named = {each.lower() for each in _WITH.findall(bare)} if re.search(r"\bwith\b", bare, re.IGNORECASE) else set()
    if not _is_sql(first[1].lower(), bare):
        return
    for match in _TABLE.finditer(bare):
        name = re.sub(r'["`\[\]]', "", match["name"] or match["changed"])
        if name.lower() not in KEYWORDS and name.lower() not in named:
            yield name


def _is_sql(first: str, text: str) -> bool:
    """Tell a statement from prose that begins with the same word: "Update from the server" is none."""
    wanted = {
        "select": r"\bfrom\b",
        "insert": r"\binto\b",
        "update": r"\bset\b.*=",
        "delete": r"\bfrom\b",
        "with": r"\bas\s+(?:not\s+)?(?:materialized\s+)?\(",
        "merge": r"\binto\b.*\busing\b",
        "replace": r"\binto\b",
        "copy": r"\b(from|to)\b.*\b(stdin|stdout|csv|with)\b",
        "lock": r"\btable\b",
    }.get(first, r"\b(table|index|view)\b")
    return re.search(wanted, text, re.IGNORECASE | re.DOTALL) is not None


def tables_in_call(program: ProgramView, scope: SymbolId, expr: Expr | None) -> Iterator[str]:
    """Yield the table that a call makes or alters: `Table("users", …)`, `op.add_column("users", …)`."""
    if not expr or expr[0] != "c":
        return
    name = expr[1][-1] if expr[1][0] in {"a", "n"} else ""
    if name in {"Table", "table"} and program.resolve(scope, expr[1]).external in TABLE_CALLS:
        text = text_of(argument(expr, 0, "name"))
    elif name in MIGRATION_CALLS and program.resolve(scope, expr[1]).external.startswith("alembic."):
        text = text_of(argument(expr, 1 if name == "create_index" else 0, "table_name"))
    else:
        return
    if text:
        yield text


def table_of_class(program: ProgramView, symbol: SymbolId) -> str:
    """Return the table behind a class of SQLAlchemy, SQLModel, Django or peewee; empty for anything else and for abstract ones."""
    said = program.attribute(symbol, "__tablename__")
    if said is not None and said[0][0] == "s":
        return str(said[0][1])
    table = program.attribute(symbol, "__table__")
    if table is not None:
        return next(tables_in_call(program, table[1], table[0]), "")
    if program.is_a(symbol, *DJANGO_MODELS):
        return _of_django(program, symbol)
    name = qualname_of(symbol).rpartition(".")[2]
    if program.is_a(symbol, *SQLMODEL):
        facts = program.symbol(symbol)
        return name.lower() if facts and facts.keywords.get("table") == ["k", True] else ""
    if program.is_a(symbol, *FLASK_MODELS) and not _is_true(program, symbol, "__abstract__"):
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    if program.is_a(symbol, *PEEWEE):
        return _meta(program, symbol, "table_name") or name.lower()
    return ""


def _is_true(program: ProgramView, symbol: SymbolId, name: str) -> bool:
    view = program.class_of(symbol)
    return view is not None and view.attributes.get(name) == ["k", True]


def _meta(program: ProgramView, symbol: SymbolId, name: str) -> str:
    view = program.class_of(f"{symbol}.Meta")
    found = view.attributes.get(name) if view else None
    return str(found[1]) if found and found[0] == "s" else ""


def _of_django(program: ProgramView, symbol: SymbolId) -> str:
    meta = program.class_of(f"{symbol}.Meta")
    if meta and (meta.attributes.get("abstract") == ["k", True] or meta.attributes.get("proxy") == ["k", True]):
        return ""
    table = _meta(program, symbol, "db_table")
    if table:
        return table
    label = _meta(program, symbol, "app_label") or _label(program, path_of(symbol))
    return f"{label}_{qualname_of(symbol).rpartition('.')[2].lower()}"


def _label(program: ProgramView, path: str) -> str:
    """Return the label of the application that a file of models stands in: what its `apps.py` says, or its folder."""
    folder = path.rpartition("/")[0]
    if folder.endswith("/models") or "/models/" in f"{folder}/":
        folder = folder.partition("/models")[0]
    view = program.view(f"{folder}/apps.py")
    for each in view.facts.symbols if view else ():
        if each.kind == "class":
            for statement in each.body:
                if statement.target == ["n", "label"] and text_of(statement.value):
                    return str(text_of(statement.value))
    return folder.rpartition("/")[2]
