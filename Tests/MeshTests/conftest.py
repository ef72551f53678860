import pytest

from mesh import Mesh


@pytest.fixture(scope="session")
def mesh(tmp_path_factory):
    running = Mesh(tmp_path_factory.mktemp("mesh"))
    yield running
    running.stop()
