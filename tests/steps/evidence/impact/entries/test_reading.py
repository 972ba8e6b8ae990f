"""What is told by a path alone."""

import pytest

from release_harness.steps.evidence.impact.entries.reading import is_test_path


@pytest.mark.parametrize(
    "path",
    [
        "app/test_models.py", "app/tests/a.py", "server/router.test.ts", "web/page.spec.tsx", "src/user.e2e-spec.ts",
        "cypress/login.cy.js", "packages/app-tests/e2e/sign.ts", "pkg/server_test.go", "src/main/java/app/CartTest.java",
        "app/CartTests.kt", "spec/models/story_spec.rb", "spec/support/login.rb", "src/Unit/CartTest.php",
    ],
)  # fmt: skip
def test_tests_are_told_by_the_habits_of_their_language(path: str) -> None:
    """A test that counts as product would be an entry point, or would make new code look used."""
    assert is_test_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "app/contest.py", "src/latest.go", "src/ab-test.ts", "spec/openapi.ts", "lib/spec.rb", "src/Latest.java",
        "app/Attest.php", "src/inspect.ts", "app/models/test.rb", "web/e2e.ts",
    ],
)  # fmt: skip
def test_product_that_only_sounds_like_tests_is_product(path: str) -> None:
    """What counts as a test is left out of the answer."""
    assert not is_test_path(path)
