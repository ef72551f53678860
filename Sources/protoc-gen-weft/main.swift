import Descriptors
import ProtoWire
import SwiftEmit

import Glibc

// protoc's side of the emitter: a CodeGeneratorRequest comes in on stdin, a CodeGeneratorResponse leaves on stdout.
// What is wrong with the contracts goes into the response; only what is wrong with the plumbing ends this process with 1.
do {
    let request = try CodeGeneratorRequest(decoding: readInput())
    write(Plugin.respond(to: request).encoded(), to: STDOUT_FILENO)
} catch {
    let complaint = "protoc-gen-weft: stdin is not a CodeGeneratorRequest (\(error)); protoc runs this program\n"
    write(Array(complaint.utf8), to: STDERR_FILENO)
    exit(1)
}
