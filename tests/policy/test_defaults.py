"""The built-in policy: where it looks, what it asks for, and what does not alarm it."""

from dataclasses import replace

import pytest

from release_harness.kernel.identity import ProofLevel
from release_harness.kernel.verdict import Outcome
from release_harness.policy.actions import smallest_actions
from release_harness.policy.catalog import FACT_TYPES, FACTS, facts_of, is_of_the_diff
from release_harness.policy.defaults import DEFAULT_POLICY, OFFERED_EVIDENCE
from release_harness.policy.lint import lint
from release_harness.policy.model import CustomFact, FactTest, FilesTest
from release_harness.policy.scene import conditions_in, conditions_of
from release_harness.policy.tier import assess_tier
from release_harness.testing.policies import (
    PEOPLE,
    QUIET,
    approval,
    default_policy_with_people,
    judge_now,
    person,
    subject,
)

PROSE = {**QUIET, "change.code_files_count": 0}


@pytest.mark.parametrize(
    ("path", "surfaces"),
    [
        (".rh/policy.yaml", ("harness",)),
        (".github/workflows/ci.yml", ("harness",)),
        (".github/CODEOWNERS", ("harness",)),
        ("Jenkinsfile", ("harness",)),
        ("AGENTS.md", ("agent-rules",)),
        ("packages/api/CLAUDE.md", ("agent-rules",)),
        ("src/llm/prompts/system.md", ("agent-rules",)),
        ("django/contrib/auth/backends.py", ("auth",)),
        ("src/auth.ts", ("auth",)),
        ("internal/auth/token.go", ("auth",)),
        ("pkg/basic_auth.go", ("auth",)),
        ("src/main/java/com/acme/AuthController.java", ("auth",)),
        ("src/main/java/com/acme/BasicAuth.java", ("auth",)),
        ("web/src/hooks/useAuthContext.tsx", ("auth",)),
        ("app/Http/Controllers/Auth/LoginController.php", ("auth",)),
        ("app/controllers/sessions_controller.rb", ("auth",)),
        ("app/policies/invoice_policy.rb", ("auth", "money")),
        ("src/oauth2/client.rs", ("auth",)),
        ("api/permissions.py", ("auth",)),
        ("lib/jwt_verify.js", ("auth",)),
        ("src/guards/admin.guard.ts", ("auth",)),
        ("services/billing/charge.py", ("money",)),
        ("src/PaymentService.java", ("money",)),
        ("lib/stripe_webhook.rb", ("money",)),
        ("src/Refunds.cs", ("money",)),
        ("app/migrations/0002_user.py", ("data",)),
        ("internal/database/migrations.go", ("data",)),
        ("docs/migrations.md", ()),
        ("db/migrate/20240101_add.rb", ("data",)),
        ("src/main/resources/db/migration/V1__init.sql", ("data",)),
        ("database/migrations/2024_create.php", ("data",)),
        ("prisma/schema.prisma", ("data",)),
        ("alembic/versions/1_x.py", ("data",)),
        ("src/Data/Migrations/1.cs", ("data",)),
        ("internal/crypto/aes.go", ("security",)),
        ("src/encryption.py", ("security",)),
        ("config/tls.go", ("security",)),
        ("src/WebSecurityConfig.java", ("security",)),
        ("config/client_secret.json", ("security",)),
        ("deploy/.env.production", ("security", "infrastructure")),
        ("infra/main.tf", ("infrastructure",)),
        ("services/api/Dockerfile", ("infrastructure",)),
        ("docker-compose.prod.yml", ("infrastructure",)),
        ("k8s/api.yaml", ("infrastructure",)),
        (".gitattributes", ("ci",)),
        ("tox.ini", ("ci",)),
    ],
)
def test_real_layouts_touch_the_surface_that_they_should(path: str, surfaces: tuple[str, ...]) -> None:
    """Paths as they are in Python, JavaScript, Go, Java, Ruby, Rust, PHP and C# repositories."""
    assert assess_tier(DEFAULT_POLICY, subject(path)).surfaces == surfaces


@pytest.mark.parametrize(
    "path",
    [
        "AUTHORS",
        "src/author.py",
        "src/authors/list.py",
        "app/models/author.rb",
        "src/AuthorService.java",
        "lib/coauthor.js",
        "src/authority.py",
        "src/tokenizer.py",
        "src/secretary.py",
        "src/security_deposit_form_test_data.py",
        "src/prompts/select.js",
        "charts/BarChart.tsx",
        "src/session.py",
        "src/keyboard.py",
        "src/taxonomy.py",
        "src/subscription_rx.ts",
        "src/cryptic_names.py",
        "src/immigration.py",
        "src/blogging.py",
        "src/catalog_in.py",
        "src/tlsh.py",
        "tests/test_infra_red.py",
        ".rh/briefs/faster-search.md",
    ],
)
def test_words_that_only_hold_a_sensitive_word_do_not_alarm(path: str) -> None:
    """A gate that cries wolf is bypassed: `author` is not auth, `secretary` is no secret."""
    assert assess_tier(DEFAULT_POLICY, subject(path)).tier == "medium"


@pytest.mark.parametrize(
    ("path", "tier"),
    [
        ("README.md", "low"),
        ("docs/guide/start.md", "low"),
        ("docs/img/a.png", "low"),
        ("src/auth/README.md", "low"),
        (".rh/briefs/faster-search.md", "low"),
        ("docs/conf.py", "medium"),
        ("docs/requirements.txt", "medium"),
        ("docs/page.mdx", "medium"),
        ("package-lock.json", "medium"),
        ("tests/__snapshots__/a.snap", "medium"),
        ("src/logo.png", "medium"),
        ("AGENTS.md", "high"),
        (".rh/README.md", "critical"),
    ],
)
def test_only_text_and_pictures_for_people_are_low(path: str, tier: str) -> None:
    """Lock files, snapshots, MDX and prompts all run or ship somewhere; none of them is harmless."""
    assert assess_tier(DEFAULT_POLICY, subject(path, known=PROSE)).tier == tier


@pytest.mark.parametrize(
    ("fact", "value", "tier"),
    [
        ("change.lines", 401, "high"),
        ("change.files_count", 31, "high"),
        ("change.hidden_files_count", 1, "high"),
        ("change.symlinks_count", 1, "high"),
        ("change.submodules_count", 1, "high"),
        ("secrets.found_count", 1, "critical"),
    ],
)
def test_what_raises_a_page_of_prose(fact: str, value: int, tier: str) -> None:
    """A low tier is given to what is small, whole and in sight."""
    assert assess_tier(DEFAULT_POLICY, subject("README.md", known={**PROSE, fact: value})).tier == tier


def test_an_executable_page_is_not_low() -> None:
    """`README.md` with the executable bit is a program."""
    assert (
        assess_tier(DEFAULT_POLICY, subject("README.md", known={**PROSE, "change.mode_changes_count": 1})).tier
        == "medium"
    )


def test_docs_land_by_themselves_once_the_tests_ran() -> None:
    """Low risk asks for evidence, not for people's time."""
    assert judge_now(DEFAULT_POLICY, subject("README.md", known=PROSE)).outcome is Outcome.PASS
    assert judge_now(DEFAULT_POLICY, subject("README.md", known=PROSE), evidence=()).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("path", "given", "outcome"),
    [
        ("src/a.py", (), Outcome.UNKNOWN),
        ("src/a.py", ("bo:login",), Outcome.PASS),
        ("src/auth/a.py", ("bo:key:security",), Outcome.UNKNOWN),
        ("src/auth/a.py", ("bo:login:security", "clara:login"), Outcome.UNKNOWN),
        ("src/auth/a.py", ("bo:key:security", "clara:key"), Outcome.PASS),
        (".rh/policy.yaml", ("clara:presence", "dora:key"), Outcome.UNKNOWN),
        (".rh/policy.yaml", ("clara:presence", "dora:presence"), Outcome.PASS),
    ],
)
def test_each_tier_asks_for_its_people(path: str, given: tuple[str, ...], outcome: Outcome) -> None:
    """One at medium, two with keys at high; two who are present at critical, with a known way back."""
    approvals = []
    for each in given:
        name, proof, *lenses = each.split(":")
        approvals.append(approval(name, proof=ProofLevel(proof), lenses=tuple(lenses)))
    judged = subject(path, known={**QUIET, "rollback.known": True})

    assert judge_now(default_policy_with_people(), judged, approvals=tuple(approvals)).outcome is outcome


def test_a_critical_change_needs_a_known_way_back_that_its_author_can_write_down() -> None:
    """A requirement that no command can meet would keep everybody out for ever."""
    approvals = tuple(approval(name, proof=ProofLevel.PRESENCE) for name in ("clara", "dora"))
    judged = subject(".rh/policy.yaml", known={**QUIET, "rollback.known": False})

    verdict = judge_now(default_policy_with_people(), judged, approvals=approvals).verdict

    assert verdict.outcome is Outcome.FAIL
    assert [(each.do, each.command, each.who) for each in smallest_actions(verdict)] == [
        ("Say in the brief, under Rollback, how it is taken back.", "rh brief new NAME", "author")
    ]


def test_a_policy_may_still_ask_for_a_drill_and_is_told_who_attaches_it() -> None:
    """No command of rh makes a drill, so none is printed that could not work."""
    policy = default_policy_with_people()
    asking = replace(
        policy,
        evidence=OFFERED_EVIDENCE,
        requirements=tuple(
            replace(each, evidence=(*each.evidence, "rollback_drill")) if each.tier == "critical" else each
            for each in policy.requirements
        ),
    )
    approvals = tuple(approval(name, proof=ProofLevel.PRESENCE) for name in ("clara", "dora"))

    judged = subject(".rh/policy.yaml", known={**QUIET, "rollback.known": True})

    verdict = judge_now(asking, judged, approvals=approvals).verdict

    (action,) = smallest_actions(verdict)
    assert verdict.outcome is Outcome.UNKNOWN
    assert action.command == ""
    assert "no command of rh makes this evidence" in action.do
    assert "`rh evidence fact rollback.drilled=true`" in action.do


def test_changed_lines_must_be_exercised_unless_no_code_changed() -> None:
    """Green tests that never ran the change say nothing about it."""
    policy = default_policy_with_people()
    for known, outcome in (
        ({"coverage.exercised_ratio": 0.79}, Outcome.FAIL),
        ({"coverage.exercised_ratio": 0.8}, Outcome.PASS),
        ({"coverage.exercised_ratio": 0.0, "coverage.changed_lines_count": 0}, Outcome.PASS),
        ({"coverage.exercised_ratio": 0.0, "change.code_files_count": 0}, Outcome.PASS),
    ):
        judged = subject("src/a.py", known={**QUIET, **known})
        assert judge_now(policy, judged, approvals=(approval("bo"),)).outcome is outcome
    without = {name: value for name, value in QUIET.items() if not name.startswith("coverage.")}
    assert judge_now(policy, subject("src/a.py", known=without), approvals=(approval("bo"),)).outcome is Outcome.UNKNOWN


def test_the_default_policy_has_no_fault_but_the_people_that_it_cannot_know() -> None:
    """Our own lint is the first reader of our own policy."""
    assert [fault.path for fault in lint(DEFAULT_POLICY)] == ["people"]
    eli = person("eli", key="sk-ssh-ed25519@openssh.com AAAAeli")
    assert lint(default_policy_with_people((*PEOPLE, eli))) == ()


def test_every_fact_that_the_default_policy_reads_is_in_the_catalog() -> None:
    """A misspelt fact would make every change critical."""
    known = {entry.name for entry in FACTS}
    read = {
        part.fact
        for _, condition in conditions_of(DEFAULT_POLICY)
        for part in conditions_in(condition)
        if isinstance(part, FactTest)
    }

    assert read <= known
    assert len(known) == len(FACTS)
    assert {entry.type for entry in FACTS} <= set(FACT_TYPES)
    assert not any(isinstance(part, FilesTest) for _, part in conditions_of(DEFAULT_POLICY))


def test_a_custom_fact_is_known_and_cannot_replace_a_built_in_one() -> None:
    """A policy that declared `tests.failed_count` anew could feed it from anywhere."""
    own = (
        CustomFact(name="load.p99_ms", type="int"),
        CustomFact(name="tests.failed_count", type="str"),
    )
    found = facts_of(replace(DEFAULT_POLICY, facts=own))

    assert found["load.p99_ms"].step == "custom"
    assert found["tests.failed_count"].type == "int"
    assert is_of_the_diff("change.lines")
    assert not is_of_the_diff("tests.failed_count")
    assert not is_of_the_diff("load.p99_ms")
