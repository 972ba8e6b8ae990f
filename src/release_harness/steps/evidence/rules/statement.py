"""An evidence record as an in-toto Statement v1, and back.

Subjects follow one rule. Digest sets match when any of their digests does, so a subject that names a commit *and* a tree
would also match a revert that restores the tree. Tests and coverage name the tree and nothing else; facts of a change
name the change digest and nothing else.
"""

import base64
import binascii
import json
from datetime import timedelta

from release_harness.kernel.digests import Sha256, canonical_json
from release_harness.kernel.errors import InputError
from release_harness.kernel.facts import FactValue
from release_harness.kernel.records import Plain, from_plain, to_plain
from release_harness.steps.evidence.model import EvidenceRecord, TestLists

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
EXTENSION = "https://release-harness.dev/evidence/v1"
"""Key of rh's own part of every predicate; a URI, so that no later version of a predicate can mean something else by it."""

TEST_RESULT = "test-result/v0.1"
COVERAGE = "coverage/v1"
SCAN = "scan/v1"
TRACE = "trace/v1"
WALKS = "walks/v1"
PROOF = "proof/v1"
CUSTOM_FACT = "custom-fact/v1"
CLAIM = "claim/v1"

_TYPES = {
    TEST_RESULT: "https://in-toto.io/attestation/test-result/v0.1",
    COVERAGE: "https://in-toto.io/attestation/scai/v0.3",
}
_OWN_TYPES = "https://release-harness.dev/"
_ABOUT_TREE = frozenset({TEST_RESULT, COVERAGE, SCAN, TRACE, WALKS, PROOF})
_NAMES_LIMIT_COUNT = 500


def predicate_type(predicate: str) -> str:
    """Return the type URI of a predicate; what no standard has is named under rh's own."""
    return _TYPES.get(predicate, _OWN_TYPES + predicate)


def write_statement(record: EvidenceRecord) -> bytes:
    """Return the statement of a record as canonical JSON; the record's id is not part of it."""
    statement: Plain = {
        "_type": STATEMENT_TYPE,
        "subject": _subjects(record),
        "predicateType": predicate_type(record.predicate),
        "predicate": {**_standard_part(record), EXTENSION: _own_part(record)},
    }
    return canonical_json(statement)


def read_statement(statement: bytes, envelope_id: Sha256) -> EvidenceRecord:
    """Read a record back; raises InputError when it is no statement of rh or says different things in its two parts."""
    try:
        document = json.loads(statement)
        own = dict(document["predicate"][EXTENSION])
        own["facts"] = {name: _read_value(value) for name, value in own["facts"].items()}
        record = from_plain(EvidenceRecord, {**own, "id": envelope_id})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, InputError) as error:
        raise _malformed(envelope_id, f"it is no evidence of rh ({type(error).__name__}: {error})") from error
    # The part that others' verifiers read must say what rh reads.
    if write_statement(record) != statement:
        raise _malformed(envelope_id, "its standard part and rh's own part do not say the same")
    return record


def envelope_statement(envelope: bytes, name: str = "given") -> bytes:
    """Return the statement inside an envelope without checking a signature; raises InputError when there is none."""
    try:
        document = json.loads(envelope)
        kind, payload = document["payloadType"], base64.b64decode(document["payload"], validate=True)
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError) as error:
        raise _malformed(name, f"it is no DSSE envelope ({type(error).__name__})") from error
    if kind != PAYLOAD_TYPE:
        raise _malformed(name, f"its payload type is {kind!r}")
    return payload


def _subjects(record: EvidenceRecord) -> list[Plain]:
    if record.predicate in _ABOUT_TREE and record.result_tree is not None:
        return [{"name": "result tree", "digest": {"gitTree": record.result_tree}}]
    if record.change is not None:
        return [{"name": "change", "digest": {"sha256": record.change.removeprefix("sha256:")}}]
    return [{"name": "result tree", "digest": {"gitTree": record.result_tree or ""}}]


def _standard_part(record: EvidenceRecord) -> dict[str, Plain]:
    if record.predicate == TEST_RESULT:
        return _test_result(record)
    if record.predicate == COVERAGE:
        return _attribute_report(record)
    return {}


def _test_result(record: EvidenceRecord) -> dict[str, Plain]:
    """Return the fields of test-result/v0.1; a run of which something is not known never reads as PASSED."""
    lists = record.tests or TestLists()
    part: dict[str, Plain] = {
        "result": _result(record),
        "configuration": [
            {"name": "environment", "digest": {"sha256": record.environment_digest.removeprefix("sha256:")}}
        ],
        "failedTests": list(lists.failed[:_NAMES_LIMIT_COUNT]),
        "warnedTests": list(lists.flaky[:_NAMES_LIMIT_COUNT]),
    }
    return part


def _result(record: EvidenceRecord) -> str:
    facts = record.facts
    ran = facts.get("tests.run_count", 0)
    if record.exit_code not in (0, None) or facts.get("tests.failed_count") or facts.get("tests.errors_count"):
        return "FAILED"
    if record.exit_code is None or not isinstance(ran, int) or ran <= 0 or record.unknown:
        return "FAILED" if not ran else "WARNED"
    return "WARNED" if facts.get("tests.flaky_count") or facts.get("tests.not_run_count") else "PASSED"


def _attribute_report(record: EvidenceRecord) -> dict[str, Plain]:
    """Return the fields of SCAI v0.3: one attribute for what is known of the changed lines."""
    known: dict[str, Plain] = {
        name.removeprefix("coverage."): value
        for name, value in sorted(record.facts.items())
        if isinstance(value, int) and name.startswith("coverage.")
    }
    attribute: dict[str, Plain] = {"attribute": "CHANGED_LINES_EXERCISED", "conditions": known}
    if record.details is not None:
        attribute["evidence"] = {"name": "changed lines", "digest": {"sha256": record.details.removeprefix("sha256:")}}
    return {"attributes": [attribute], "producer": {"name": record.producer.id}}


def _own_part(record: EvidenceRecord) -> dict[str, Plain]:
    plain = to_plain(record)
    if not isinstance(plain, dict):
        message = "a record is written as an object"
        raise TypeError(message)
    del plain["id"]
    plain["facts"] = {name: _write_value(value) for name, value in sorted(record.facts.items())}
    return plain


def _write_value(value: FactValue) -> Plain:
    """Signed JSON takes no floats, so a decimal is written as text that gives the same float back."""
    if isinstance(value, float):
        return {"decimal": repr(value)}
    return list(value) if isinstance(value, tuple) else value


def _read_value(value: Plain) -> Plain:
    if isinstance(value, dict):
        return float(str(value["decimal"]))
    return value


def _malformed(subject: str, why: str) -> InputError:
    return InputError(
        code="EVIDENCE_MALFORMED",
        says=f"Evidence {subject} cannot be read: {why}.",
        hint="It is not counted. Run `rh ledger verify` to learn whether the ledger was changed.",
        subject=subject,
    )


def took(record: EvidenceRecord) -> timedelta:
    """Return how long the run took."""
    return record.finished_at - record.started_at
