"""protobuf as others implement it, for round trips: reads commands from stdin, answers on stdout, a line each.

    file BASE64             adds a FileDescriptorProto to the pool
    again NAME BASE64       parses a message of this type and serializes it: answers BASE64
    json NAME BASE64        parses a message and answers its canonical JSON
    missing NAME BASE64     parses a message and answers the paths of the required fields that it lacks
    make NAME JSON          answers the BASE64 of the message that the JSON describes
"""
import base64
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

pool = descriptor_pool.DescriptorPool()


def add(text):
    pool.Add(descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(text)))
    return "ok"


def message(name):
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))()


def parsed(name, text):
    value = message(name)
    value.ParseFromString(base64.b64decode(text))
    return value


def serialized(value):
    return base64.b64encode(value.SerializeToString(deterministic=True)).decode()


def answer(command, *arguments):
    if command == "file":
        return add(arguments[0])
    if command == "again":
        return serialized(parsed(*arguments))
    if command == "json":
        return json_format.MessageToJson(parsed(*arguments), indent=None)
    if command == "missing":
        value = message(arguments[0])
        value.MergeFromString(base64.b64decode(arguments[1]))
        return " ".join(value.FindInitializationErrors())
    value = message(arguments[0])
    json_format.Parse(arguments[1], value)
    return serialized(value)


for line in sys.stdin:
    try:
        print(answer(*line.rstrip("\n").split(" ", 2)), flush=True)
    except Exception as error:
        print(f"error {type(error).__name__} {error}".replace("\n", " "), flush=True)
