"""Languages whose files can use each other's names."""

from functools import lru_cache

_FAMILIES = {
    **dict.fromkeys(("py", "pyi", "pyw", "ipynb"), "py"),
    **dict.fromkeys(("html", "htm", "jinja", "jinja2", "j2", "djhtml", "txt", "xml", "md", "eml", "mjml"), "py"),
    **dict.fromkeys(("js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue"), "js"),
    **dict.fromkeys(("java", "kt", "kts"), "jvm"),
    **dict.fromkeys(("rb", "rake", "erb", "builder", "jbuilder"), "rb"),
}


def family_of(symbol: str) -> str:
    """Return one word for the languages that can use each other's names, by the ending of the path."""
    return _family_of(symbol.partition(":")[0])


@lru_cache(maxsize=1 << 16)
def _family_of(path: str) -> str:
    ending = path.rpartition(".")[2].lower()
    return _FAMILIES.get(ending, ending)
