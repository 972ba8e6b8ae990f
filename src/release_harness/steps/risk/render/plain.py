"""A backtest as plain data."""

import math
from collections.abc import Mapping
from typing import Any

from release_harness.kernel.records import to_plain
from release_harness.steps.risk.model.backtest import AUTO_SHARES, GATES, Backtest
from release_harness.steps.risk.render.text import AT_LEAST, LIMIT


def backtest_plain(backtest: Backtest) -> Mapping[str, Any]:
    """Write a backtest as plain data; figures that do not exist are null."""
    plain = to_plain(backtest)
    assert isinstance(plain, dict)  # noqa: S101 - a record is an object
    plain["curve"] = [
        {"auto_share": auto, "escaped_share": ours, "escaped_share_of_size": size}
        for auto, ours, size in backtest.curve
    ]
    for ranking in [plain["score"], *plain["baselines"]]:
        if ranking is not None:
            ranking["escaped"] = [
                {"auto_share": share, **value} for share, value in zip(AUTO_SHARES, ranking["escaped"], strict=True)
            ]
            ranking["captured"] = [
                {"gate_share": share, "captured_share": value}
                for share, value in zip(GATES, ranking["captured"], strict=True)
            ]
    if plain["calibration"] is not None:
        plain["calibration"]["bins"] = [
            {"mean_chance": mean, "share": share, "landings_count": count}
            for mean, share, count in plain["calibration"]["bins"]
        ]
    sources = plain["sources"]
    sources.pop("fresh_count")
    for name in ("how", "matches", "left_out"):
        sources[name] = dict(sources[name])
    plain["limits"] = [LIMIT, AT_LEAST]
    finite: dict[str, Any] = _finite(plain)
    return finite


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list) else value
