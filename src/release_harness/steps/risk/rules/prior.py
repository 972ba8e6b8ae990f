"""What several repositories have in common: one weight for each feature, for the two heads.

Made by `python -m benchmarks.backtest.make_prior`, from histories named in `docs/concepts/backtest.md`; weights are of places
from -0.5 to 0.5 among the last landings, so they carry over between repositories of any size. Nothing is learned at run time.
"""

from release_harness.steps.risk.rules.features import FEATURES

PRIOR: dict[str, dict[str, float]] = {
    "reverts": {
        "lines_added": 0.15,
        "lines_removed": 0.20,
        "files": 0.20,
        "folders": -0.15,
        "areas": -0.09,
        "spread": 0.14,
        "docs_share": -0.24,
        "tests_share": 0.13,
        "config_share": 0.56,
        "code_files": 0.29,
        "code_without_tests": 0.03,
        "touches_ci": 0.13,
        "touches_dependencies": 0.12,
        "touches_migrations": -0.05,
        "new_share": -0.10,
        "deleted_share": 0.08,
        "commits": -0.03,
        "file_quiet_days": 0.05,
        "file_age_days": 0.15,
        "file_changes": -0.04,
        "file_authors": 0.20,
        "file_warmth": -0.09,
        "file_lines": -0.02,
        "file_scars": 0.41,
        "files_reverted_lately": 0.22,
        "folder_scars": 0.65,
        "folder_warmth": -0.45,
        "own_area_changes": -0.30,
        "own_recent_changes": -0.04,
        "pace": -0.06,
        "reverts_lately": -0.01,
    },
    "fixes": {
        "lines_added": 1.26,
        "lines_removed": 0.24,
        "files": 0.30,
        "folders": 0.24,
        "areas": 0.28,
        "spread": 0.07,
        "docs_share": 0.12,
        "tests_share": 0.45,
        "config_share": 0.01,
        "code_files": 0.41,
        "code_without_tests": -0.09,
        "touches_ci": 0.07,
        "touches_dependencies": 0.06,
        "touches_migrations": 0.00,
        "new_share": 0.47,
        "deleted_share": 0.07,
        "commits": 0.82,
        "file_quiet_days": -0.16,
        "file_age_days": -0.00,
        "file_changes": 0.02,
        "file_authors": -0.02,
        "file_warmth": 0.23,
        "file_lines": 0.23,
        "file_scars": 0.25,
        "files_reverted_lately": -0.03,
        "folder_scars": 0.46,
        "folder_warmth": -0.43,
        "own_area_changes": -0.13,
        "own_recent_changes": -0.22,
        "pace": 0.10,
        "reverts_lately": -0.01,
    },
}


def prior_weights(label: str) -> tuple[float, ...]:
    """Return the weights of one head, in the order of FEATURES; a feature that the table does not name weighs nothing."""
    table = PRIOR[label]
    return tuple(table.get(name, 0.0) for name in FEATURES)
