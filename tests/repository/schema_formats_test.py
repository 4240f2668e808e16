"""What a schema says is what stored bytes mean: when it changes, its format number does, so that an older program refuses by
name what it cannot read."""
import hashlib
import pathlib
import re
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
KEPT = PROJECT / "tests" / "repository" / "schema_formats.txt"


def said(schema):
    """(its format numbers, a hash of all the rest without comments and spaces)."""
    text = re.sub(r"#.*", "", schema.read_text(encoding="utf-8"))
    numbers = re.findall(r"const (\w*[fF]ormat) :UInt16 = (\d+);", text)
    rest = re.sub(r"const \w*[fF]ormat :UInt16 = \d+;|\s", "", text)
    return " ".join("%s=%s" % number for number in numbers), hashlib.sha256(rest.encode()).hexdigest()[:16]


class SchemaFormats(unittest.TestCase):
    maxDiff = None

    def test_a_schema_that_has_changed_has_another_number(self):
        schemas = sorted((PROJECT / "storage" / "wire" / "schema").glob("*.capnp"))
        now = "".join("%s %s %s\n" % (schema.name, *said(schema)) for schema in schemas)
        self.assertEqual(KEPT.read_text(encoding="utf-8"), now, "raise the format of what has changed (participants' messages are "
                         "records), then write the new line into " + KEPT.name)


if __name__ == "__main__":
    unittest.main()
