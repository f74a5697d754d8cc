import base64
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path


class PackMixin:
    """Makes audit packs, and checks them as an auditor does."""

    def make(self, user=None, **values):
        """The pack of a period, unpacked."""
        Pack = self.as_user(user or self.controller, self.env["stock.cycle.count.audit.pack"])
        pack = Pack.create(values)
        action = pack.action_make()
        self.assertEqual((action["res_model"], action["res_id"]), (pack._name, pack.id))
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        zipfile.ZipFile(io.BytesIO(base64.b64decode(pack.file))).extractall(folder.name)
        return Path(folder.name), pack

    def check(self, folder):
        """What the program says that comes with the pack, run as an auditor does."""
        done = subprocess.run(
            [sys.executable, "-I", "audit_check.py", "."], cwd=folder, capture_output=True, text=True, check=False)
        self.assertFalse(done.stderr)
        return done.returncode, done.stdout
