"""Proof levels and hostile file names."""

from release_harness.kernel.errors import Fault
from release_harness.kernel.identity import ActorKind, ProofLevel
from release_harness.kernel.paths import decode_path, encode_path, show_text


def test_proof_levels_are_ordered() -> None:
    """A weaker proof must never stand for a stronger one."""
    assert ProofLevel.PRESENCE.reaches(ProofLevel.KEY)
    assert not ProofLevel.LOGIN.reaches(ProofLevel.KEY)
    assert ProofLevel.KEY.reaches(ProofLevel.KEY)


def test_an_actor_is_unknown_by_default_of_order() -> None:
    """The safest kind comes first."""
    assert next(iter(ActorKind)) is ActorKind.UNKNOWN


def test_every_byte_of_a_file_name_survives() -> None:
    """Git file names are bytes; a lossy name would let two files look like one."""
    name = bytes(range(1, 256)).replace(b"/", b"")
    assert encode_path(decode_path(name)) == name


def test_terminal_escapes_in_names_are_shown_not_obeyed() -> None:
    """A file name must not be able to hide a line of the report."""
    assert show_text("a\x1b[2Kb\n\u202ec") == "a\\x1b[2Kb\\n\\u202ec"


def test_a_fault_says_its_place_first() -> None:
    """Editors jump to file:line:column."""
    fault = Fault(says="Unknown key 'tire'.", file=".rh/policy.yaml", line=3, column=5, suggestion="tier")
    assert fault.sentence() == ".rh/policy.yaml:3:5: Unknown key 'tire'. Did you mean 'tier'?"
    assert "tire" in repr(fault)
