"""What several repositories have in common: one weight for each feature, for the two heads.

Made by `python -m benchmarks.backtest.make_prior`, from histories named in `docs/concepts/backtest.md`; weights are of places
from -0.5 to 0.5 among the last landings, so they carry over between repositories of any size. Nothing is learned at run time.
"""

from release_harness.steps.risk.rules.features import FEATURES

PRIOR: dict[str, dict[str, float]] = {
    "reverts": {
        "lines_added": 0.04,
        "lines_removed": -0.03,
        "files": 0.53,
        "folders": -1.02,
        "areas": -0.23,
        "spread": 0.35,
        "docs_share": -0.23,
        "tests_share": 0.46,
        "config_share": 1.67,
        "code_files": 0.57,
        "code_without_tests": 0.15,
        "touches_ci": 0.88,
        "touches_dependencies": 0.46,
        "touches_migrations": -0.26,
        "new_share": -0.17,
        "deleted_share": 0.20,
        "commits": 0.27,
        "file_quiet_days": -0.17,
        "file_age_days": 0.41,
        "file_changes": -0.14,
        "file_authors": 0.08,
        "file_warmth": 0.23,
        "file_lines": -0.03,
        "file_scars": 0.31,
        "files_reverted_lately": 0.10,
        "folder_scars": 0.73,
        "folder_warmth": -1.05,
        "own_area_changes": -0.62,
        "own_recent_changes": 0.29,
        "pace": -0.02,
        "reverts_lately": 0.01,
    },
    "fixes": {
        "lines_added": 2.83,
        "lines_removed": 0.03,
        "files": 0.47,
        "folders": 0.10,
        "areas": 0.32,
        "spread": -0.34,
        "docs_share": -0.16,
        "tests_share": 0.17,
        "config_share": -0.01,
        "code_files": 0.51,
        "code_without_tests": 0.44,
        "touches_ci": 0.02,
        "touches_dependencies": -0.01,
        "touches_migrations": 0.00,
        "new_share": 0.32,
        "deleted_share": -0.17,
        "commits": 0.00,
        "file_quiet_days": -0.08,
        "file_age_days": -0.04,
        "file_changes": 0.05,
        "file_authors": 0.28,
        "file_warmth": 0.16,
        "file_lines": -0.25,
        "file_scars": 0.23,
        "files_reverted_lately": -0.00,
        "folder_scars": 0.29,
        "folder_warmth": 0.21,
        "own_area_changes": -0.11,
        "own_recent_changes": -0.25,
        "pace": 0.14,
        "reverts_lately": 0.14,
    },
}


def prior_weights(label: str) -> tuple[float, ...]:
    """Return the weights of one head, in the order of FEATURES; a feature that the table does not name weighs nothing."""
    table = PRIOR[label]
    return tuple(table.get(name, 0.0) for name in FEATURES)
