"""tools_client.py PORT [ROOTS]: health and reflection as grpcio's own clients ask for them."""
import sys

import grpc
from contracts import channel
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

connection = channel(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
health = health_pb2_grpc.HealthStub(connection)
for name in ("", "grpc.testing.TestService"):
    status = health.Check(health_pb2.HealthCheckRequest(service=name), timeout=20).status
    print(f"health '{name}' {health_pb2.HealthCheckResponse.ServingStatus.Name(status)}")
try:
    health.Check(health_pb2.HealthCheckRequest(service="none"), timeout=20)
except grpc.RpcError as error:
    print(f"health 'none' {error.code().name}")
watch = health.Watch(health_pb2.HealthCheckRequest(service="none"), timeout=20)
print(f"watch 'none' {health_pb2.HealthCheckResponse.ServingStatus.Name(next(watch).status)}")
watch.cancel()

database = ProtoReflectionDescriptorDatabase(connection)
print("services", *sorted(database.get_services()))
pool = DescriptorPool(database)
service = pool.FindServiceByName("grpc.testing.TestService")
print("methods", *(method.name for method in service.methods))
request = pool.FindMessageTypeByName("grpc.testing.SimpleRequest")
print("fields", *(f"{field.number}:{field.name}" for field in request.fields))
