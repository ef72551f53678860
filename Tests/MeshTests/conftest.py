import pathlib
import shutil
import tempfile

import pytest

from mesh import Mesh


@pytest.fixture(scope="session")
def mesh():
    # Not pytest's own folder, which nobody else may enter: as root, Postgres runs as the user postgres.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weft-mesh-"))
    folder.chmod(0o711)
    running = None
    try:
        running = Mesh(folder)
        yield running
    finally:
        if running:
            running.stop()
        shutil.rmtree(folder, ignore_errors=True)
