"""Languages whose files can use each other's names, and programs of one repository that cannot."""

from functools import lru_cache

_FAMILIES = {
    **dict.fromkeys(("py", "pyi", "pyw", "ipynb"), "py"),
    **dict.fromkeys(("html", "htm", "jinja", "jinja2", "j2", "djhtml", "txt", "xml", "md", "eml", "mjml"), "py"),
    **dict.fromkeys(("js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue"), "js"),
    **dict.fromkeys(("java", "kt", "kts"), "jvm"),
    **dict.fromkeys(("rb", "rake", "erb", "builder", "jbuilder"), "rb"),
}

_BELOW_APPS = 3
"""Parts of a path that lies in a program below `apps/`."""


def family_of(symbol: str) -> str:
    """Return one word for the languages that can use each other's names, by the ending of the path."""
    return _family_of(symbol.partition(":")[0])


@lru_cache(maxsize=1 << 16)
def _family_of(path: str) -> str:
    ending = path.rpartition(".")[2].lower()
    return _FAMILIES.get(ending, ending)


def may_mean(user: str, meant: str) -> bool:
    """Tell whether a bare name in one file may mean something in another: in a language that it can use, in no program beside.

    A repository of JavaScript holds its programs below `apps/`, a server beside a front end: they share libraries, and
    none runs the code of another. In Python such folders are packages of one program.
    """
    (one, mine), (other, its) = scope_of(user), scope_of(meant)
    return one == other and (not mine or not its or mine == its)


def scope_of(symbol: str) -> tuple[str, str]:
    """Return the family of languages of a symbol, and the program of its repository that it belongs to; empty for none."""
    return _scope_of(symbol.partition(":")[0])


@lru_cache(maxsize=1 << 16)
def _scope_of(path: str) -> tuple[str, str]:
    family = _family_of(path)
    parts = path.split("/", 2) if family == "js" else []
    return family, parts[1] if len(parts) == _BELOW_APPS and parts[0] == "apps" else ""
