#!/usr/bin/env python3
"""Weft's codecs against Python's protobuf, on random messages of random contracts, both ways, from a seed.

    differential.py [--seed N] [--schemas N] [--messages N] [--home DIR]

Contracts are compiled by protoc for Python and by `weft generate` for Swift; the Swift is built into a peer that answers on
its standard input. A difference prints the seed, the type and the bytes, and the run ends with 1. WEFT names a weft that is
built already.
"""
import argparse, base64, os, pathlib, random, shutil, subprocess, sys
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, text_format, unknown_fields
from google.protobuf.message import DecodeError
from schemas import Schema
import values

TOP = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--schemas", type=int, default=12)
    parser.add_argument("--messages", type=int, default=60)
    parser.add_argument("--home", type=pathlib.Path, default=TOP / ".differential")
    return parser.parse_args()


def run(*words, **more):
    done = subprocess.run([str(w) for w in words], cwd=TOP, capture_output=True, text=True, **more)
    if done.returncode:
        sys.exit(f"differential: {words[0]} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def python_types(folder, files):
    import protoc
    program = pathlib.Path(protoc.__file__).parent / "_bin" / "protoc"
    run(program, f"-I{folder}", f"--descriptor_set_out={folder}/all.desc", *files)
    made = descriptor_pb2.FileDescriptorSet.FromString((folder / "all.desc").read_bytes())
    return pool_of(made)


def pool_of(made):
    pool = descriptor_pool.DescriptorPool()
    for file in made.file:
        pool.Add(file)
    return pool


def without_extensions(folder):
    """We read extensions when they are asked for, so decoding does not look into them: damage is judged without them."""
    made = descriptor_pb2.FileDescriptorSet.FromString((folder / "all.desc").read_bytes())
    for file in made.file:
        del file.extension[:]
    return pool_of(made)


def keeps_map_entry(message):
    """Whether Python kept a map entry among the unknown fields, as upb does if the entry has fields that are unknown.

    We drop those fields and keep the entry, as C++, Java and Go do."""
    kept = {field.field_number for field in unknown_fields.UnknownFieldSet(message)}
    for field in message.DESCRIPTOR.fields:
        if field.message_type and field.message_type.GetOptions().map_entry and field.number in kept:
            value = field.message_type.fields_by_name["value"]
            if not (value.enum_type and value.enum_type.is_closed):
                return True
    for field, value in message.ListFields():
        if field.cpp_type != field.CPPTYPE_MESSAGE:
            continue
        if field.is_repeated and field.message_type.GetOptions().map_entry:
            inner = value.values() if field.message_type.fields_by_name["value"].message_type else []
        else:
            inner = value if field.is_repeated else [value]
        if any(keeps_map_entry(part) for part in inner):
            return True
    return False


def build(home, schemas):
    folder = home / "proto"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for schema in schemas:
        (folder / f"s{schema.seed}.proto").write_text(schema.text)
    files = [f"s{s.seed}.proto" for s in schemas]
    pool = python_types(folder, files)
    weft = os.environ.get("WEFT")
    if not weft:
        run("swift", "build", "--product", "weft")
        weft = run("swift", "build", "--show-bin-path").strip() + "/weft"
    code = home / "Peer"
    shutil.rmtree(code, ignore_errors=True)
    run(weft, "generate", "-I", folder, "--out", code, *files)
    shutil.copy(HERE / "Peer.swift", code / "Peer.swift")
    rows = "\n".join(f'    "{name}": RndS{s.seed}.{name.rsplit(".", 1)[1]}.self,' for s in schemas for name in s.messages)
    (code / "Registry.swift").write_text(f"import ProtoWire\n\nlet registry: [String: any Message.Type] = [\n{rows}\n]\n")
    environment = dict(os.environ, WEFT_DIFFERENTIAL="1")
    run("swift", "build", "--product", "differential-peer", env=environment)
    return pool, run("swift", "build", "--show-bin-path", env=environment).strip() + "/differential-peer"


class Peer:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, name, source, target, data):
        """The answer as bytes, or a `str` that says why there is none."""
        self.process.stdin.write(f"{name} {source} {target} {base64.b64encode(data).decode()}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"differential: the peer ended at {name} {source}{target} {data.hex()}")
        return line[1:].rstrip("\n") if line.startswith("!") else base64.b64decode(line)


class Check:
    def __init__(self, peer):
        self.peer, self.done, self.faults = peer, 0, 0

    def fault(self, where, what):
        self.faults += 1
        print(f"differential: {where}: {what}", file=sys.stderr)
        if self.faults >= 20:
            sys.exit("differential: too many differences")

    def same(self, where, kind, bytes_, expected, type_, parse):
        """What came back must be the message that was sent, as Python reads it."""
        self.done += 1
        if isinstance(bytes_, str):
            return self.fault(where, f"{kind} refused: {bytes_}: {expected.SerializeToString().hex()}")
        try:
            got = parse(type_, bytes_)
        except Exception as problem:
            return self.fault(where, f"{kind}: Python refuses it: {problem}: {bytes_[:300]!r}")
        canonical = lambda m: m.SerializeToString(deterministic=True)
        # Python keeps the tags of unknown fields byte for byte, we write them in their shortest form: as text they are one.
        shown = lambda m: text_format.MessageToString(m, print_unknown_fields=True, use_short_repeated_primitives=True)
        if canonical(got) != canonical(expected) and shown(got) != shown(expected):
            self.fault(where, f"{kind}: {canonical(expected).hex()} became {canonical(got).hex()} by {bytes_[:300]!r}")

    def message(self, where, name, type_, message):
        data = message.SerializeToString(deterministic=True)
        pool = message.DESCRIPTOR.file.pool
        binary = lambda t, b: t.FromString(b)
        json = lambda t, b: json_format.Parse(b.decode(), t(), descriptor_pool=pool, max_recursion_depth=200)
        text = lambda t, b: text_format.Parse(b.decode(), t(), descriptor_pool=pool)
        ask = lambda source, target, given: self.peer.ask(name, source, target, given)
        theirs = {"j": json_format.MessageToJson(message, descriptor_pool=pool).encode(),
                  "t": text_format.MessageToString(message, descriptor_pool=pool).encode()}
        for way, case in (("typed", str.lower), ("by table", str.upper)):
            answer = lambda source, target, given: ask(case(source), case(target), given)
            self.same(where, f"binary, {way}", answer("b", "b", data), message, type_, binary)
            self.same(where, f"to JSON, {way}", answer("b", "j", data), message, type_, json)
            self.same(where, f"from JSON, {way}", answer("j", "b", theirs["j"]), message, type_, binary)
            self.same(where, f"to text, {way}", answer("b", "t", data), message, type_, text)
            self.same(where, f"from text, {way}", answer("t", "b", theirs["t"]), message, type_, binary)
        self.same(where, "deterministic binary", ask("b", "d", data), message, type_, binary)

    def damage(self, where, name, type_, data):
        try:
            message = type_.FromString(data)
            if not message.IsInitialized():
                message = None
        except DecodeError:
            message = None
        answer = self.peer.ask(name, "b", "b", data)
        if message is None and not isinstance(answer, str):
            self.done += 1
            self.fault(where, f"Python refuses these bytes and we do not: {data.hex()}")
        elif message is not None:
            # Swift's strings are Unicode, so we refuse what proto2 leaves unchecked, and Python cannot even list it.
            if isinstance(answer, str) and "UTF-8" in answer:
                return
            if not keeps_map_entry(message):
                self.same(where, "damaged", answer, message, type_, lambda t, b: t.FromString(b))


def main():
    options = arguments()
    schemas = [Schema(options.seed * 1000 + i) for i in range(options.schemas)]
    pool, program = build(options.home, schemas)
    bare = without_extensions(options.home / "proto")
    check = Check(Peer(program))
    for schema in schemas:
        for name in schema.messages:
            type_ = message_factory.GetMessageClass(pool.FindMessageTypeByName(name))
            bare_type = message_factory.GetMessageClass(bare.FindMessageTypeByName(name))
            for index in range(options.messages):
                r = random.Random(f"{name} {index}")
                message = values.fill(r, type_())
                where = f"{name} #{index}"
                check.message(where, name, type_, message)
                for _ in range(3):
                    check.damage(where, name, bare_type, values.damaged(r, message.SerializeToString(deterministic=True)))
    types = sum(len(s.messages) for s in schemas)
    print(f"differential: seed {options.seed}: {len(schemas)} contracts, {types} types, {check.done} comparisons, {check.faults} differences")
    sys.exit(1 if check.faults else 0)


if __name__ == "__main__":
    main()
