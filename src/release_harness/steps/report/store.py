"""What the ledger holds of landings, for a look back."""

import json
from collections.abc import Mapping

from sqlalchemy import Connection, select

from release_harness.kernel.digests import CommitId
from release_harness.kernel.records import from_plain
from release_harness.steps.merge.model import LandingProof
from release_harness.steps.merge.store import LANDINGS


def read_proofs(connection: Connection) -> Mapping[CommitId, LandingProof]:
    """Return the proof of every landing by the commit that it made, the latest one where there are several."""
    rows = connection.execute(select(LANDINGS.c.commit_id, LANDINGS.c.proof).order_by(LANDINGS.c.seq))
    return {CommitId(row.commit_id): from_plain(LandingProof, json.loads(row.proof)) for row in rows}
