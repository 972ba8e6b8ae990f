"""Words that everybody uses: verdicts, digests, errors, identities, time, records and operations. No I/O."""
