"""Has Sigstore's own verifier check a bundle that rh exported: `python benchmarks/sigstore_interop.py BUNDLE PUBLIC_KEY_PEM`.

It installs two npm packages into a temporary folder. Without npm it says so loudly and ends with 3: then the
interoperation was not shown.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGES = ("@sigstore/verify@3.1.1", "@sigstore/bundle@4.0.0")

PROGRAM = """
import { readFileSync } from 'node:fs';
import { createPublicKey } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import { Verifier, toSignedEntity } from '@sigstore/verify';
const [bundlePath, keyPath] = process.argv.slice(2);
const key = createPublicKey(readFileSync(keyPath));
const trust = {
  certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [],
  publicKey: () => ({ publicKey: key, validFor: () => true }),
};
const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
for (const line of readFileSync(bundlePath, 'utf8').split('\\n').filter(Boolean)) {
  verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(line))));
  const broken = JSON.parse(line);
  const payload = Buffer.from(broken.dsseEnvelope.payload, 'base64');
  payload[payload.length - 2] ^= 1;
  broken.dsseEnvelope.payload = payload.toString('base64');
  let refused = false;
  try { verifier.verify(toSignedEntity(bundleFromJSON(broken))); } catch { refused = true; }
  if (!refused) { throw new Error('an altered payload was accepted'); }
  console.log('accepted as it is, refused when altered');
}
"""


def main() -> int:
    """Install, verify, and return the exit code."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        print("NOT SHOWN: npm and node are needed for Sigstore's verifier, and are not here.", file=sys.stderr)
        return 3
    bundle, key = (str(Path(each).resolve()) for each in sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="rh-sigstore-") as folder:
        (Path(folder) / "package.json").write_text('{"private": true}')
        (Path(folder) / "verify.mjs").write_text(PROGRAM)
        subprocess.run([npm, "install", "--silent", "--no-audit", "--no-fund", *PACKAGES], cwd=folder, check=True)
        return subprocess.run([node, "verify.mjs", bundle, key], cwd=folder, check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main())
