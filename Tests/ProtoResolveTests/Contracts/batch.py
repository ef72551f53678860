"""Runs protoc, in this process, on every .proto file of a folder: NAME.proto gives NAME.binpb, or none if it is refused."""

import os
import sys

from grpc_tools import protoc

folder, roots = sys.argv[1], sys.argv[2:]
for name in sorted(os.listdir(folder)):
    if not name.endswith(".proto"):
        continue
    output = os.path.join(folder, name.removesuffix(".proto") + ".binpb")
    arguments = [f"-I{root}" for root in [folder, *roots]]
    code = protoc.main(["protoc", *arguments, "--include_source_info", f"--descriptor_set_out={output}", name])
    if code != 0 and os.path.exists(output):
        os.remove(output)
