"""What git prints of trees, read into names and ids."""

from typing import TYPE_CHECKING

from release_harness.kernel.paths import decode_path

if TYPE_CHECKING:
    from release_harness.steps.evidence.model.reading import TreeListing


def read_listing(printed: bytes) -> "TreeListing":
    """Read what `git ls-tree -r -z` prints."""
    from release_harness.steps.evidence.model.reading import TreeListing

    blobs: dict[str, str] = {}
    symlinks: list[str] = []
    submodules: list[str] = []
    text = printed.decode("utf-8", "surrogateescape")
    for row in text.split("\0"):
        described, tab, path = row.partition("\t")
        if not tab:
            continue
        mode, _kind, object_id = described.split(" ")
        if mode == "120000":
            symlinks.append(path)
        elif mode == "160000":
            submodules.append(path)
        else:
            blobs[path] = object_id
    return TreeListing(blobs=blobs, symlinks=tuple(symlinks), submodules=tuple(submodules))


def tree_names(content: bytes, id_bytes: int) -> list[str]:
    """Read the names of a tree object: `<mode> <name>\\0<id>` over and over."""
    names = []
    position = 0
    while position < len(content):
        end = content.index(b"\0", position)
        names.append(decode_path(content[content.index(b" ", position) + 1 : end]))
        position = end + 1 + id_bytes
    return names
