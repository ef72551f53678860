import ProtoSyntax

/// What happens to a file, top to bottom: this page is the compiler's table of contents. Each pass has a file of its name.
///
/// `program` holds every file that this one imports, finished. No pass throws and none stops: each goes as far as what the
/// earlier ones left allows, so that one run reports many faults.
func compile(_ file: LoadedFile, into program: inout Program, _ report: inout Report) {
    var draft = declare(file, in: &program, &report)  // every message, enum and service, by full name
    importNames(into: &draft, of: program, &report)  // which other files it sees
    resolveTypes(&draft, in: program, &report)  // needs every name
    readDefaults(&draft, in: program, &report)  // needs the types that the defaults must fit
    number(&draft, in: &program, &report)  // fields, ranges, reserved; needs to know what is extended
    let index = program.add(draft)  // from here on the file is among those that it asks: it may use its own options
    interpretOptions(.standard, of: index, in: &program, &report)  // needs resolved types
    resolveFeatures(of: index, in: &program)  // needs the standard options: features are among them
    interpretOptions(.custom, of: index, in: &program, &report)  // needs features: is a repeated value packed?
    validate(index, of: program, &report)  // reads only
}
