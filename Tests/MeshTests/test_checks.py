"""`weft lint` and `weft breaking` as a team runs them: in a folder with a git repository, by exit code and by text."""
import os
import pathlib
import subprocess

import pytest

from mesh import BIN, TOP

OLD = """syntax = "proto3";
package shop.v1;

message Order {
  int32 count = 1;
  Line line = 2;
}

message Line {
  string id = 1;
}
"""

CONFIG = """version: v2
modules:
  - path: proto
breaking:
  use: [WIRE]
"""


@pytest.fixture
def shop(tmp_path):
    contract = tmp_path / "proto/shop/v1/order.proto"
    contract.parent.mkdir(parents=True)
    contract.write_text(OLD)
    (tmp_path / "buf.yaml").write_text(CONFIG)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "-c", "user.name=w", "-c", "user.email=w@localhost", "commit", "-q", "-m", "one")
    return tmp_path


def git(folder: pathlib.Path, *arguments):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True)


def weft(folder: pathlib.Path, *arguments) -> tuple[int, str]:
    done = subprocess.run(
        [BIN / "weft", *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    return done.returncode, done.stdout


def change(folder: pathlib.Path, before: str, now: str):
    contract = folder / "proto/shop/v1/order.proto"
    contract.write_text(contract.read_text().replace(before, now))


def test_nothing_is_found_in_a_good_contract(shop):
    assert weft(shop, "lint") == (0, "1 contracts checked, nothing found\n")
    assert weft(shop, "breaking", "--against", ".git#branch=main") == (0, "nothing breaks\n")


def test_a_finding_shows_its_line_and_what_to_do(shop):
    change(shop, "int32 count", "int32 orderCount")
    assert weft(shop, "lint") == (100, """\
lint[FIELD_LOWER_SNAKE_CASE]: the field `orderCount` should be lower_snake_case
 --> proto/shop/v1/order.proto:5:9
  |
5 |   int32 orderCount = 1;
  |         ^^^^^^^^^^
  = why: JSON names and the names in every language are derived from this form
  = help: rename it to `order_count`

1 finding in 1 of 1 contracts
""")


def test_a_break_shows_the_bytes_that_are_misread(shop):
    change(shop, "int32 count", "sint32 count")
    code, text = weft(shop, "breaking", "--against", ".git#branch=main")
    assert code == 100
    assert "= witness: shop.v1.Order: 08 01\n      before: {\"count\":1}\n      now:    {\"count\":-1}\n" in text
    code, text = weft(shop, "breaking", "--against", ".git#ref=HEAD", "--error-format", "lines")
    assert (code, text) == (100, (
        "proto/shop/v1/order.proto:5:3: FIELD_WIRE_COMPATIBLE_TYPE: "
        "the type of field 1 `count` of `Order` was `int32` and is `sint32`\n"))


def test_a_new_name_breaks_nothing_on_the_wire(shop):
    change(shop, "Line", "Position")
    code, text = weft(shop, "breaking", "--against", ".git")
    assert code == 0
    assert "was `shop.v1.Line` and is `shop.v1.Position`: renamed, same on the wire" in text
    assert weft(shop, "breaking", "--against", ".git", "--level", "source")[0] == 100
    assert weft(shop, "breaking", "--against", ".git", "--strict-names")[0] == 100


def test_a_validation_rule_that_cannot_be_is_a_finding(shop):
    change(shop, "message Line {", 'import "buf/validate/validate.proto";\n\nmessage Line {')
    change(shop, "string id = 1;", "string id = 1 [(buf.validate.field).int32.gt = 5];")
    code, text = weft(shop, "lint", "proto", "-I", "proto", "-I", str(TOP / "proto"), "--error-format", "lines")
    assert code == 100
    assert "order.proto:12:3: PROTOVALIDATE: the rule `int32` of `shop.v1.Line.id` cannot be" in text


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["breaking"], 2, "say with --against what to compare with"),
        (["breaking", "--against", ".git#tag=v9"], 1, "cannot read v9 of .git"),
        (["breaking", "--against", "old.binpb"], 1, "cannot read old.binpb"),
        (["breaking", "--against", "https://example.com/shop.git"], 2, "is not on this machine"),
        (["breaking", "nowhere", "--against", ".git"], 2, "there is no 'nowhere'"),
        (["lint", "nowhere"], 2, "there is no 'nowhere'"),
        (["lint", "--use", "STANDART"], 2, "did you mean `STANDARD`?"),
        (["lint", "--config", "nowhere.yaml"], 2, "cannot read the configuration nowhere.yaml"),
    ])
def test_a_wrong_request_is_told_what_is_wrong(shop, arguments, code, text):
    assert weft(shop, *arguments)[0] == code
    assert text in weft(shop, *arguments)[1]


def test_a_contract_that_does_not_compile_is_no_finding(shop):
    change(shop, "message Line {", "message Line")
    code, text = weft(shop, "lint")
    assert code == 1
    assert "error[P0101]" in text
