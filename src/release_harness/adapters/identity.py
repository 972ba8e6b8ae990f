"""Who runs this command, as far as its environment can tell: never a proof, and an agent is never taken for a person."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from release_harness.kernel.identity import Actor, ActorKind

AGENT_VARIABLES: Mapping[str, str] = {
    "RH_AGENT": "",
    "AI_AGENT": "",
    "AMP_CURRENT_THREAD_ID": "amp",
    "ANTIGRAVITY_AGENT": "antigravity",
    "AUGMENT_AGENT": "augment",
    "CLAUDECODE": "claude-code",
    "CLAUDE_CODE": "claude-code",
    "CLAUDE_CODE_CHILD_SESSION": "claude-code",
    "CLINE_ACTIVE": "cline",
    "CODEX_CI": "codex",
    "CODEX_SANDBOX": "codex",
    "CODEX_SANDBOX_NETWORK_DISABLED": "codex",
    "CODEX_THREAD_ID": "codex",
    "COPILOT_AGENT": "github-copilot",
    "COPILOT_CLI": "github-copilot",
    "CURSOR_AGENT": "cursor",
    "GEMINI_CLI": "gemini-cli",
    "GOOSE_TERMINAL": "goose",
    "JUNIE_SHIM_PATH": "junie",
    "OPENCODE": "opencode",
    "OPENCODE_CLIENT": "opencode",
    "QWEN_CODE": "qwen-code",
    "TRAE_AI_SHELL_ID": "trae",
}
"""Variables that coding agents set for the commands they start, and the agent; empty takes the value as its name.

Variables that an editor also sets for a person's own terminal (`CURSOR_TRACE_ID`, `CODEX_HOME`) are left out on
purpose: a person must not be turned away. An agent that hides all of these is caught by the proof level, not here.
"""

_AGENTS_BY_VALUE = frozenset({"amp", "goose", "cursor", "claude", "codex"})
"""Values of the shared variable `AGENT` that name an agent; other programs use the variable for other things."""

_OFF = frozenset({"", "0", "false", "no", "off"})


def read_actor(environment: Mapping[str, str], folder: Path) -> Actor:
    """Say who runs a command: `RH_ACTOR`, else git's `user.name` and `user.email`; marked as agent when one is found.

    The kind is AGENT or UNKNOWN; only a policy knows people.
    """
    agent = find_agent(environment)
    claimed = environment.get("RH_ACTOR", "").strip()
    name, email = _split_identity(claimed) if claimed else _git_identity(environment, folder)
    login = "" if email else name
    identity = login or email.lower() or "unknown"
    if agent:
        return Actor(kind=ActorKind.AGENT, id=agent, name=agent, on_behalf_of=identity)
    return Actor(kind=ActorKind.UNKNOWN, id=identity, name=name, email=email.lower())


def find_agent(environment: Mapping[str, str]) -> str:
    """Return the id of the agent that the environment gives away, or an empty text."""
    for variable, agent in AGENT_VARIABLES.items():
        value = environment.get(variable, "").strip()
        if value.lower() not in _OFF:
            return agent or value
    shared = environment.get("AGENT", "").strip().lower()
    return shared if shared in _AGENTS_BY_VALUE else ""


def _split_identity(text: str) -> tuple[str, str]:
    """Read `Name <email>`, an e-mail address or an id."""
    name, opened, rest = text.partition("<")
    if opened:
        return name.strip(), rest.partition(">")[0].strip()
    return ("", text) if "@" in text else (text, "")


def _git_identity(environment: Mapping[str, str], folder: Path) -> tuple[str, str]:
    finished = subprocess.run(
        ["git", "config", "--null", "--get-regexp", r"^user\.(name|email)$"],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=10,
    )
    values: dict[str, str] = {}
    for entry in finished.stdout.decode("utf-8", "replace").split("\0"):
        key, found, value = entry.partition("\n")
        if found:
            values[key.lower()] = value.strip()
    return values.get("user.name", ""), values.get("user.email", "")
