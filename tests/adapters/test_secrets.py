"""Secrets in added lines are found, other lines are left alone, and the secret itself goes nowhere."""

import subprocess
import sys

import pytest

from release_harness.adapters.secrets import SecretDetectors, _may_hold_secret
from release_harness.steps.changes.model import FileLines
from release_harness.steps.evidence.model import Finding

AWS = "AKIA" + "QYLPMN5HHHFPZAM2"
GITHUB = "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"
SLACK = "xoxb-" + "2217182818-4590452353602-kx93mfa8qpwzt"
STRIPE = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
JWT = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
HEX = "8f14e45fceea167a5a36dedd4bea2543" + "c9f0f895fb98ab9159f51fd0297e236d"
BASE64 = "c3VwZXIgc2VjcmV0IHZhbHVlIHRo" + "YXQgbm9ib2R5IGtub3dzIQ9xQz"


def scan(*texts: str, path: str = "src/settings.py") -> tuple[Finding, ...]:
    """Scan lines as if they were added to a file."""
    lines = FileLines(path=path, added=tuple(enumerate(texts, start=10)), removed_count=0)
    return SecretDetectors().scan((lines,))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f'key = "{AWS}"', "secret:aws-access-key"),
        (f"token: {GITHUB}", "secret:github-token"),
        (f"SLACK={SLACK}", "secret:slack-token"),
        (f"stripe.api_key = '{STRIPE}'", "secret:stripe-access-key"),
        (f'auth = "{JWT}"', "secret:json-web-token"),
        ("-----BEGIN RSA PRIVATE KEY-----", "secret:private-key"),
        ('url = "https://deploy:Tr0ub4dor3@registry.shop.io/v2"', "secret:basic-auth-credentials"),
        ('password = "Tr0ub4dor&3"', "secret:secret-keyword"),
        (f'client_secret = "{HEX}"', "secret:hex-high-entropy-string"),
        (f'api_token = "{BASE64}"', "secret:base64-high-entropy-string"),
    ],
)
def test_a_secret_in_an_added_line_is_found_at_its_line(text: str, rule: str) -> None:
    """Formats that are known, names that tell, and randomness behind a telling name. Loading the detectors is slow."""
    found = scan("harmless = 1", text)
    assert [(each.path, each.line) for each in found] == [("src/settings.py", 11)]
    assert found[0].rule == rule or found[0].rule == "secret:secret-keyword"


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        'password = "changeme"',
        'password = "your-password-here"',
        "password = os.environ['DB_PASSWORD']",
        'password = getpass("Password: ")',
        'secret = "${VAULT_SECRET}"',
        'api_key: "{{ .Values.apiKey }}"',
        'help="The password of the account"',
        f'sha256 = "{HEX}"',
        f'"integrity": "sha512-{BASE64}"',
        'id = "123e4567-e89b-12d3-a456-426614174000"',
        'alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"',
        "address = 8.8.8.8",
        'url = "postgresql://scott:tiger@localhost/test"',
        "def password_is_valid(password: str) -> bool:",
        'token_type = "bearer"',
    ],
)
def test_what_only_looks_like_a_secret_is_left_alone(text: str) -> None:
    """A found secret raises the tier to critical; a detector that cries wolf would be switched off."""
    assert scan(text) == ()


@pytest.mark.slow
def test_a_known_format_counts_in_tests_and_lock_files_too_but_a_guess_does_not() -> None:
    """A real token in a fixture is leaked all the same; a made-up password in a test is what tests are made of."""
    assert scan(f'token = "{GITHUB}"', path="tests/test_login.py")
    assert scan(f'token = "{GITHUB}"', path="package-lock.json")
    assert scan('password = "Tr0ub4dor&3"', path="tests/test_login.py") == ()


@pytest.mark.slow
def test_a_marker_in_the_line_does_not_hide_a_secret() -> None:
    """`pragma: allowlist secret` is the word of the author, and no rule believes that."""
    assert scan(f'key = "{AWS}"  # pragma: allowlist secret')


@pytest.mark.slow
def test_the_secret_is_in_no_part_of_the_finding() -> None:
    """Findings are printed, put into comments and stored."""
    for found in scan(f'key = "{AWS}"', 'password = "Tr0ub4dor&3"'):
        assert AWS not in repr(found)
        assert "Tr0ub4dor" not in repr(found)


@pytest.mark.slow
def test_a_secret_in_a_very_long_line_is_found() -> None:
    """Minified files have one line; a secret must not hide behind ten thousand characters, nor at the seam of two pieces."""
    for padding in (9_970, 9_985, 30_000):
        assert scan("var a = 1; " * (padding // 11) + " " * (padding % 11) + f'"{GITHUB}"', path="app.js")


@pytest.mark.slow
def test_no_line_that_a_detector_finds_is_passed_over_by_the_quick_look() -> None:
    """The quick look decides whether the detectors are asked at all, so it must never be narrower than they are."""
    samples = (
        "AKCp5fakefake1 token", "pw AP6fakefake12", f"x {AWS}", f'aws_key = "{BASE64[:40]}"', "AccountKey=" + "a" * 86 + "==",
        "ftp://u:p1@h", "N" + "a" * 23 + "." + "b" * 6 + "." + "c" * 27, GITHUB, "glpat-" + "x" * 20, f"'{HEX[:10]}'",
        "ibm_api_key = " + "a" * 44, "secret_access_key = " + "a1" * 24, JWT, "a" * 32 + "-us12",
        "//reg.example/:_authToken=npm_xyz", "sk-" + "a" * 20 + "T3BlbkFJ" + "b" * 20, "BEGIN EC PRIVATE KEY",
        "PuTTY-User-Key-File-2", "SG." + "a" * 22 + "." + "b" * 43, SLACK, "sl_key = " + "a1" * 32, "sq0csp-" + "a" * 43,
        STRIPE, "110201543:" + "A" * 35, "AC" + "a1" * 16, "db_pass: x1y2", "contrasena = 'abc1'", "SECRET=abc",
    )  # fmt: skip
    detectors = SecretDetectors()
    for text in samples:
        hits = [
            name
            for name, each in detectors._detectors.items()
            if any(True for _match in detectors._matches(name, each, "settings.ini", text))
        ]
        assert not hits or _may_hold_secret(text), (text, hits)
    assert sum(_may_hold_secret(text) for text in samples) == len(samples)


@pytest.mark.slow
def test_the_detectors_are_loaded_without_an_http_client_and_only_when_needed() -> None:
    """Their client could send a found secret out to ask whether it is valid; and loading costs a tenth of a second."""
    program = (
        "import sys\n"
        "from release_harness.adapters.secrets import SecretDetectors\n"
        "from release_harness.steps.changes.model import FileLines\n"
        "scanner = SecretDetectors()\n"
        "scanner.scan((FileLines(path='a.py', added=((1, 'total = 1'),), removed_count=0),))\n"
        "assert 'detect_secrets' not in sys.modules\n"
        f"found = scanner.scan((FileLines(path='a.py', added=((1, 'k = \"{AWS}\"'),), removed_count=0),))\n"
        "assert len(found) == 1, found\n"
        "assert 'detect_secrets' in sys.modules\n"
        "assert not {'requests', 'urllib3'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
