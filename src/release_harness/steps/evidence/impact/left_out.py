"""Files that are nobody's own code by their place or name: libraries that were copied in, and what programs wrote."""

_LIBRARY_FOLDERS = frozenset(
    {"node_modules", "bower_components", "site-packages", "dist-packages", ".venv", "venv", ".yarn", "__pypackages__"}
)
_VENDOR_ENDINGS = (".go", ".php", ".rb", ".js", ".ts")
_MADE_ENDINGS = (".min.js", ".min.mjs", "-min.js", ".bundle.js", ".chunk.js")
TYPES_ALONE = "declares types, and runs nothing"
"""A change of such a file leaves nothing unknown."""


def reason_to_leave_out(path: str) -> str:
    """Return why a file is not read, or empty when it is."""
    folders = path.split("/")
    name = folders.pop()
    for folder in folders:
        if folder in _LIBRARY_FOLDERS or (folder == "vendor" and name.endswith(_VENDOR_ENDINGS)):
            return f"library copied in under {folder}/"
    if name.endswith((".d.ts", ".d.mts", ".d.cts")):
        return TYPES_ALONE
    if name.endswith(_MADE_ENDINGS):
        return "made by a program, by its name"
    return ""
