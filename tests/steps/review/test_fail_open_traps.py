"""Ways in which approvals of other tools let something through that nobody looked at. None of them works here."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from review_bench import POLICY, Bench

from release_harness.adapters.identity import AGENT_VARIABLES
from release_harness.adapters.ssh_keygen import parse_signature
from release_harness.app import operations_of
from release_harness.kernel.errors import NotAllowed
from release_harness.kernel.identity import Actor, ActorKind
from release_harness.kernel.verdict import Outcome
from release_harness.ledger.model import NewEvent
from release_harness.ledger.reading import read_entries
from release_harness.steps.review.model import Answer
from release_harness.surfaces.cli.command import command_of
from release_harness.testing.git_repository import AGENT

pytestmark = pytest.mark.slow  # each test builds a repository and judges it several times

BO = Actor(kind=ActorKind.PERSON, id="bo", email="bo@example.org")


def last_payload(bench: Bench) -> dict[str, Any]:
    """Return the payload of the newest event."""
    with bench.app().ledger.open().read() as connection:
        return dict(list(read_entries(connection))[-1].payload)


def append(bench: Bench, payload: dict[str, Any], *, actor: Actor = BO, key: str = "forged") -> None:
    """Write an event as somebody who can write to the ledger but cannot sign."""
    event = NewEvent(
        type="ApprovalGiven",
        version=1,
        subject=f"change:{payload['change']}",
        actor=actor,
        payload=payload,
        idempotency_key=key,
    )
    bench.app().ledger.open().append(event)


@pytest.mark.parametrize("variable", ["CLAUDECODE", "CURSOR_AGENT", "CODEX_SANDBOX", "GEMINI_CLI", "RH_AGENT"])
def test_an_agent_under_a_human_login_cannot_approve(bench: Bench, variable: str) -> None:
    """Coding agents work with a person's login and keys; their environment gives them away."""
    assert variable in AGENT_VARIABLES
    for answer in (Answer.APPROVE, Answer.REJECT):
        with pytest.raises(NotAllowed) as caught:
            bench.answer("bo@example.org", answer=answer, key="bo", environment={variable: "1"})
        assert caught.value.code == "NOT_ALLOWED"
    with pytest.raises(NotAllowed) as caught:
        bench.break_glass(environment={variable: "1"})
    assert caught.value.code == "NOT_ALLOWED"
    assert bench.examine().approvals == ()


def test_an_identity_that_is_an_agent_cannot_approve(bench: Bench) -> None:
    """Also without a tell-tale environment, a known agent address is no person."""
    with pytest.raises(NotAllowed):
        bench.answer("Claude <noreply@anthropic.com>")


def test_an_approval_that_an_agent_recorded_is_not_seen(bench: Bench) -> None:
    """Whoever writes to the ledger past the command line is still held to who they are."""
    bench.answer("bo@example.org", key="bo")
    payload = last_payload(bench)
    other = Bench.create(bench.home.parent / "second", bench.keys)
    append(other, payload, actor=Actor(kind=ActorKind.AGENT, id="claude-code", on_behalf_of="bo@example.org"))
    examination = other.examine()
    assert examination.outcome is Outcome.UNKNOWN
    assert [each.counts for each in examination.approvals] == [False]
    assert "agents never answer for people" in examination.approvals[0].why


def test_the_git_author_string_approves_nothing(bench: Bench) -> None:
    """Anybody can write `Bo` or `[bot]` into a commit; no approval and no exemption follows from it."""
    for author in ("Bo Reviewer <bo@example.org>", "dependabot[bot] <support@github.com>", AGENT):
        bench.repository.commit({"src/new.py": f"by = {author!r}\n"}, "Reviewed-by: Bo <bo@example.org>", author=author)
        assert bench.examine().outcome is Outcome.UNKNOWN


def test_an_approval_for_another_branch_does_not_count_here(bench: Bench) -> None:
    """What may go to an experiment was not approved for production."""
    bench.repository.git("branch", "experiment", "main")
    assert bench.answer(key="bo", base="experiment").target == "experiment"
    examination = bench.examine()
    assert examination.outcome is Outcome.UNKNOWN
    assert "for the branch 'experiment'" in examination.approvals[0].why


def test_an_approval_does_not_stand_over_content_it_never_saw(bench: Bench) -> None:
    """Push after approval: the oldest trick."""
    bench.answer(key="bo")
    bench.repository.commit({"src/new.py": "import os\nos.system('curl evil')\n"}, "Fix typo")
    assert bench.examine().outcome is Outcome.UNKNOWN
    assert bench.examine().approvals == ()


def test_a_rejection_is_not_undone_by_a_weaker_approval(bench: Bench) -> None:
    """A signed no is not taken back by an unsigned yes in the same name."""
    bench.answer("bo@example.org", key="bo", answer=Answer.REJECT)
    assert not bench.answer("bo@example.org").counts or bench.examine().outcome is Outcome.FAIL
    assert bench.examine().outcome is Outcome.FAIL
    bench.answer("bo@example.org", key="bo")
    assert bench.examine().outcome is Outcome.PASS


def test_an_approval_from_before_the_rejection_does_not_come_back(bench: Bench) -> None:
    """Recording the old statement again must not undo the rejection that followed it."""
    bench.answer("bo@example.org", key="bo")
    old = last_payload(bench)
    bench.answer("bo@example.org", key="bo", answer=Answer.REJECT)
    append(bench, old)
    assert bench.examine().outcome is Outcome.FAIL


def test_a_signature_cannot_be_replayed_for_another_change(bench: Bench) -> None:
    """The signature covers the digest; naming another change beside it changes nothing."""
    bench.answer(key="bo")
    payload = last_payload(bench)
    bench.repository.commit({"src/new.py": "import os\n"}, "Something else")
    change = bench.examine().change.digests.change
    assert change is not None
    statement = json.loads(payload["statement"]) | {"change": change}
    rewritten = json.dumps(statement, sort_keys=True, separators=(",", ":"))
    append(bench, payload | {"change": change}, key="only the column")
    append(bench, payload | {"change": change, "statement": rewritten}, key="the statement too")
    append(
        bench,
        payload | {"change": change, "statement": rewritten, "signature": ""},
        key="no signature",
        actor=Actor(kind=ActorKind.PERSON, id="bo", email="mallory@example.net"),
    )
    examination = bench.examine()
    assert examination.outcome is Outcome.UNKNOWN
    assert not any(each.counts for each in examination.approvals)


def test_the_same_signed_approval_is_not_two_approvals(bench: Bench) -> None:
    """A copied row is no second person."""
    bench.answer(key="bo")
    append(bench, last_payload(bench))
    assert [each.counts for each in bench.examine().approvals] == [True, False]


def test_no_command_approves_more_than_one_change(bench: Bench) -> None:
    """Bulk approval is how nobody looks at anything."""
    for operation in operations_of("release_harness.steps.review.operations"):
        if operation.name in ("approve", "reject", "break-glass"):
            result = CliRunner().invoke(command_of(operation, bench.app), ["topic", "other"])
            assert result.exit_code == 2
            assert "unexpected extra argument" in result.output


@pytest.mark.parametrize("change", ["*", "", "sha256:*", "sha256:" + "0" * 63])
def test_a_statement_about_everything_is_about_nothing(bench: Bench, change: str) -> None:
    """A wildcard in place of a digest must not match."""
    bench.answer(key="bo")
    payload = last_payload(bench)
    statement = json.loads(payload["statement"]) | {"change": change, "nonce": "other"}
    text = json.dumps(statement, sort_keys=True, separators=(",", ":"))
    signature = bench.app().approval_signer.sign(
        text.encode(), namespace="approval@release-harness.dev", key=bench.keys.file("bo")
    )
    second = Bench.create(bench.home.parent / "second", bench.keys)
    append(second, payload | {"statement": text, "signature": signature})
    assert second.examine().outcome is Outcome.UNKNOWN


def test_a_signature_for_another_purpose_is_no_approval(bench: Bench) -> None:
    """A signed git tag over the same bytes is not an approval."""
    bench.answer(key="bo")
    payload = last_payload(bench)
    signature = bench.app().approval_signer.sign(
        payload["statement"].encode(), namespace="git", key=bench.keys.file("bo")
    )
    second = Bench.create(bench.home.parent / "second", bench.keys)
    append(second, payload | {"signature": signature})
    examination = second.examine()
    assert examination.outcome is Outcome.UNKNOWN
    assert "it was signed for 'git'" in examination.approvals[0].why


def test_a_broken_signature_does_not_fall_back_to_a_login(bench: Bench) -> None:
    """What claims to be signed and is not counts less than what claims nothing."""
    bench.answer(key="bo")
    payload = last_payload(bench)
    second = Bench.create(bench.home.parent / "second", bench.keys)
    append(second, payload | {"signature": "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"})
    assert second.examine().outcome is Outcome.UNKNOWN


def test_a_change_that_lists_its_own_author_as_a_person_is_judged_by_the_old_list_too(bench: Bench) -> None:
    """Editing the policy must not hand out approvals: whoever is new in it counts only after it has landed."""
    keys = dict(bench.keys.lines)
    policy = POLICY % keys + f'  mallory: {{ emails: [mallory@example.net], keys: ["{keys["mallory"]}"] }}\n'
    bench.repository.commit({".rh/policy.yaml": policy}, "Add a colleague")
    given = bench.answer("mallory@example.net", key="mallory")
    assert not given.counts
    assert bench.examine().outcome is not Outcome.PASS


def test_a_touch_cannot_be_claimed_by_flipping_the_flag(bench: Bench) -> None:
    """An ordinary key has no flags byte, whatever its type pretends to be."""
    bench.answer(key="bo")
    armored = last_payload(bench)["signature"]
    assert parse_signature(armored).flags is None
    blob = base64.b64decode("".join(armored.splitlines()[1:-1]))
    pretended = blob.replace(b"\x00\x00\x00\x0bssh-ed25519", b"\x00\x00\x00\x1ask-ssh-ed25519@openssh.com")
    text = base64.b64encode(pretended).decode()
    with pytest.raises(ValueError, match=r"cut short|left over|wrong length"):
        parse_signature(f"-----BEGIN SSH SIGNATURE-----\n{text}\n-----END SSH SIGNATURE-----\n")


def test_an_approval_does_not_outlive_the_clock(bench: Bench) -> None:
    """A statement dated in the future waits until then; nobody approves ahead of time."""
    bench.clock.move(timedelta(days=30))
    bench.answer(key="bo")
    bench.clock.move(timedelta(days=-30))
    assert bench.examine().outcome is Outcome.UNKNOWN
