import ProtoWire

extension DescriptorPool {
    /// The value of a custom option of a method: `(weft.options.v1.method)`, `(google.api.http)`.
    ///
    /// Nil if the option is not set, or if no file of the pool declares it.
    public func option(_ name: String, of method: MethodDescriptorProto) -> DynamicValue? {
        option(name, of: "google.protobuf.MethodOptions", in: method.options?.unknownFields)
    }

    public func option(_ name: String, of service: ServiceDescriptorProto) -> DynamicValue? {
        option(name, of: "google.protobuf.ServiceOptions", in: service.options?.unknownFields)
    }

    public func option(_ name: String, of message: DescriptorProto) -> DynamicValue? {
        option(name, of: "google.protobuf.MessageOptions", in: message.options?.unknownFields)
    }

    public func option(_ name: String, of field: FieldDescriptorProto) -> DynamicValue? {
        option(name, of: "google.protobuf.FieldOptions", in: field.options?.unknownFields)
    }

    public func option(_ name: String, of file: FileDescriptorProto) -> DynamicValue? {
        option(name, of: "google.protobuf.FileOptions", in: file.options?.unknownFields)
    }

    /// Custom options are unknown fields of the options message, kept in the order in which they were written.
    private func option(_ name: String, of options: String, in unknown: UnknownFields?) -> DynamicValue? {
        guard let unknown, let field = self.extension(name), let table = message(options) else { return nil }
        return DynamicMessage(table, bytes: unknown.bytes).value(of: field)
    }
}
