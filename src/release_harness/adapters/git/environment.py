"""The environment that git runs in: what the caller's variables may decide, and what they may not."""

import os
from collections.abc import Mapping

_RESPECTED = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_COMMON_DIR",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_CEILING_DIRECTORIES",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_EXEC_PATH",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_ASKPASS",
    }
)
"""Where the repository is and how it is reached; nothing that changes what a diff or a log says."""
_PLACES = frozenset(
    {
        "GIT_GRAFT_FILE",
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_COMMON_DIR",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_CEILING_DIRECTORIES",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_SYSTEM",
    }
)


def caller_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the caller's environment without the GIT_* variables that could change an answer."""
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith("GIT_")
        or name in _RESPECTED
        or name.startswith(("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"))
    }
    return {
        **kept,
        "LC_ALL": "C",
        "LANGUAGE": "C",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PAGER": "cat",
        "GIT_TERMINAL_PROMPT": "0",
        # Replace refs and grafts show a history that nobody else has; what is approved must be what everybody sees.
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_GRAFT_FILE": os.devnull,
        # Reading must neither write to the repository nor use the network behind the user's back.
        "GIT_NO_LAZY_FETCH": "1",
    }


def scratch_environment(environment: Mapping[str, str], git_folder: str) -> dict[str, str]:
    """Return the environment for the scratch repository: no settings of the user, the machine or the repository."""
    kept = {
        name: value
        for name, value in caller_environment(environment).items()
        if name not in _PLACES and not name.startswith(("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"))
    }
    return {
        **kept,
        "GIT_DIR": git_folder,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
    }
