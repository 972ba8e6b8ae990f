"""SARIF 2.1.0, as CodeQL, Semgrep, ruff, bandit, trivy and others write it."""

from urllib.parse import unquote, urlsplit

from release_harness.adapters.reports.hardened import as_list, as_object, refuse
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import Plain
from release_harness.steps.evidence.model import Finding, ScanReport

_SAYS_CHARS = 500
_LEVELS = frozenset({"none", "note", "warning", "error"})


def parse_sarif(name: str, document: dict[str, Plain]) -> ScanReport:
    """Read the findings of all runs; suppressed, passing and absent results are left out."""
    runs = as_list(document.get("runs"), name, "runs")
    if not runs:
        raise refuse(name, "runs: it is empty, so nothing was scanned")
    findings: list[Finding] = []
    tools: list[str] = []
    completed = True
    for index, value in enumerate(runs):
        place = f"runs[{index}]"
        run = as_object(value, name, place)
        driver = as_object(
            as_object(run.get("tool"), name, f"{place}.tool").get("driver"), name, f"{place}.tool.driver"
        )
        tools.append(str(driver.get("name", "unknown scanner")))
        completed = completed and _completed(run, name, place)
        levels = _levels(driver, name, place)
        for number, each in enumerate(as_list(run.get("results") or [], name, f"{place}.results")):
            result = as_object(each, name, f"{place}.results[{number}]")
            if _counts(result):
                findings.append(_finding(result, levels, name, f"{place}.results[{number}]"))
        # A run without the key `results` did not look at all (SARIF 3.14.23).
        completed = completed and isinstance(run.get("results"), list)
    return ScanReport(
        tool=", ".join(dict.fromkeys(show_text(each) for each in tools)), findings=tuple(findings), completed=completed
    )


def _completed(run: dict[str, Plain], name: str, place: str) -> bool:
    invocations = as_list(run.get("invocations") or [], name, f"{place}.invocations")
    return all(not isinstance(each, dict) or each.get("executionSuccessful") is not False for each in invocations)


def _levels(driver: dict[str, Plain], name: str, place: str) -> dict[str, str]:
    """Return the level of each rule, for results that do not say their own."""
    levels = {}
    for index, each in enumerate(as_list(driver.get("rules") or [], name, f"{place}.tool.driver.rules")):
        rule = as_object(each, name, f"{place}.tool.driver.rules[{index}]")
        settings = rule.get("defaultConfiguration")
        level = settings.get("level") if isinstance(settings, dict) else None
        levels[str(rule.get("id", ""))] = str(level or "warning")
    return levels


def _counts(result: dict[str, Plain]) -> bool:
    """Tell whether a result is a finding that stands; a suppression that was not accepted does not take it away."""
    suppressions = result.get("suppressions")
    accepted = isinstance(suppressions, list) and any(
        isinstance(each, dict) and each.get("status", "accepted") == "accepted" for each in suppressions
    )
    return (
        not accepted
        and result.get("kind", "fail") in ("fail", "review", "open")
        and result.get("baselineState") != "absent"
    )


def _finding(result: dict[str, Plain], levels: dict[str, str], name: str, place: str) -> Finding:
    reference = result.get("rule")
    nested = reference.get("id", "") if isinstance(reference, dict) else ""
    rule = str(result.get("ruleId") or nested)
    level = str(result.get("level") or levels.get(rule, "warning"))
    if level not in _LEVELS:
        raise refuse(name, f"{place}.level: {show_text(level)!r} is no level of SARIF")
    message = result.get("message")
    text = message.get("text", "") if isinstance(message, dict) else ""
    path, line = _location(result)
    return Finding(
        rule=rule,
        path=path,
        line=line,
        says=str(text)[:_SAYS_CHARS],
        level=level,
        fingerprint=_fingerprint(result) or f"{rule}:{path}:{text}"[:_SAYS_CHARS],
    )


def _location(result: dict[str, Plain]) -> tuple[str, int]:
    locations = result.get("locations")
    first = locations[0] if isinstance(locations, list) and locations else None
    physical = first.get("physicalLocation") if isinstance(first, dict) else None
    if not isinstance(physical, dict):
        return "", 0
    artifact, region = physical.get("artifactLocation"), physical.get("region")
    uri = artifact.get("uri", "") if isinstance(artifact, dict) else ""
    line = region.get("startLine", 0) if isinstance(region, dict) else 0
    return _path_of(str(uri)), line if type(line) is int else 0


def _path_of(uri: str) -> str:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return uri
    return unquote(parts.path) if parts.scheme in ("", "file") else uri


def _fingerprint(result: dict[str, Plain]) -> str:
    for key in ("fingerprints", "partialFingerprints"):
        values = result.get(key)
        if isinstance(values, dict) and values:
            return ";".join(f"{each}={values[each]}" for each in sorted(values))
    return ""
