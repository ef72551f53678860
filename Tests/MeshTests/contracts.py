"""What the mesh's own contracts are in Python, made from `proto/` by protoc when the tests run."""
import importlib
import pathlib
import sys
import tempfile

import grpc_tools
from grpc_tools import protoc

from mesh import TOP

_kept = tempfile.TemporaryDirectory(prefix="weft-contracts-")  # removed when the process ends
_folder = pathlib.Path(_kept.name)
_files = [
    "weft/admin/v1/admin.proto", "weft/control/v1/control.proto", "weft/options/v1/options.proto",
    "weft/policy/v1/policy.proto", "weft/why/v1/why.proto", "google/api/annotations.proto", "google/api/http.proto",
    "learn/course/v1/course.proto"]
_result = protoc.main([
    "protoc", f"-I{TOP / 'proto'}", f"-I{pathlib.Path(grpc_tools.__file__).parent / '_proto'}",
    f"--python_out={_folder}", f"--grpc_python_out={_folder}", *_files])
assert _result == 0, "protoc does not take the mesh's contracts"
sys.path.insert(0, str(_folder))
control = importlib.import_module("weft.control.v1.control_pb2")
control_rpc = importlib.import_module("weft.control.v1.control_pb2_grpc")
course = importlib.import_module("learn.course.v1.course_pb2")
_why = importlib.import_module("weft.why.v1.why_pb2")


def why(error):
    """The reason that a member gave for a failed call: the content of `weft-why-bin`."""
    trailers = dict(error.trailing_metadata())
    assert "weft-why-bin" in trailers, f"{error.code()} {error.details()}: no reason was given"
    return _why.Why.FromString(trailers["weft-why-bin"])
