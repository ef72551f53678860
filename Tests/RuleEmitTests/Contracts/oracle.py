"""protovalidate for Python, asked line by line.

    file BASE64         a FileDescriptorProto, after the files that it imports; answers "ok"
    check TYPE BASE64   a message; answers "valid", "violations BASE64" (buf.validate.Violations), "compilation TEXT"
                        (the rules are wrong), or "evaluation TEXT" (a rule has no value for this message)
    contract            answers BASE64, the package's own descriptor of buf/validate/validate.proto
"""

import base64
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
import protovalidate

pool = descriptor_pool.DescriptorPool()
validator = protovalidate.Validator()


def check(name, data):
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName(name))
    message = kind.FromString(base64.b64decode(data))
    try:
        validator.validate(message)
    except protovalidate.ValidationError as error:
        return "violations " + base64.b64encode(error.to_proto().to_binary()).decode()
    except protovalidate.CompilationError as error:
        return "compilation " + str(error).replace("\n", " ")
    except protovalidate.EvaluationError as error:
        return "evaluation " + str(error).replace("\n", " ")
    return "valid"


def answer(line):
    verb, *rest = line.split(" ")
    if verb == "file":
        pool.Add(descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(rest[0])))
        return "ok"
    if verb == "contract":
        from protovalidate._gen.buf.validate import validate_pb

        return base64.b64encode(validate_pb._DESC.proto.to_binary()).decode()
    return check(rest[0], rest[1] if len(rest) > 1 else "")


for line in sys.stdin:
    try:
        print(answer(line.rstrip("\n")), flush=True)
    except Exception as error:  # the peer must hear of it, whatever it is
        print("error", type(error).__name__, str(error).replace("\n", " "), flush=True)
