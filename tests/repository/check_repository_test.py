#!/usr/bin/env python3
"""The repository check finds each offence it is there for."""

import pathlib
import tempfile
import unittest

import check_repository


class CheckRepository(unittest.TestCase):
    def offences(self, name, text):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / name
            path.parent.mkdir(parents=True)
            path.write_text(text, encoding="utf-8")
            return list(check_repository.offences(pathlib.Path(directory)))

    def test_includes_downwards_pass(self):
        self.assertEqual(
            self.offences(
                "net/files/a.cpp", '#include "core/a.hpp"\n#include <zip.h>\n#include <map>\n'
            ),
            [],
        )

    def test_an_include_upwards_is_found_with_its_line(self):
        found = self.offences("storage/wire/a.cpp", '#include <map>\n#include "actors/host/a.hpp"\n')
        self.assertEqual(
            found, ['storage/wire/a.cpp:2: storage/wire/ may not include "actors/host/a.hpp"']
        )

    def test_neighbouring_rooms_do_not_know_each_other(self):
        self.assertEqual(
            len(self.offences("actors/meter/a.cpp", '#include "actors/market/a.hpp"\n')), 1
        )
        self.assertEqual(
            len(self.offences("net/files/a.cpp", '#include "actors/host/fold.hpp"\n')), 1
        )

    def test_a_room_may_use_all_below_those_it_names(self):
        text = '#include "core/types.hpp"\n#include "storage/wire/schema/entry.capnp.h"\n'
        self.assertEqual(self.offences("actors/verify/a.cpp", text), [])

    def test_a_folder_that_is_no_room_is_found(self):
        self.assertEqual(len(self.offences("actors/attic/a.cpp", "int a();\n")), 1)

    def test_a_header_that_nobody_includes_is_found(self):
        self.assertEqual(
            self.offences("core/a.hpp", "#pragma once\n"), ["core/a.hpp:1: nobody includes it"]
        )

    def test_core_and_config_do_not_know_each_other(self):
        self.assertEqual(len(self.offences("core/a.cpp", '#include "config/settings.hpp"\n')), 1)
        self.assertEqual(len(self.offences("config/a.cpp", '#include "core/types.hpp"\n')), 1)

    def test_a_third_party_header_in_core_is_found(self):
        self.assertEqual(len(self.offences("core/a.cpp", "#include <rocksdb/db.h>\n")), 1)
        self.assertEqual(len(self.offences("core/a.cpp", "#include <xxhash.h>\n")), 1)

    def test_core_may_use_expected_date_and_the_standard_library(self):
        text = "#include <tl/expected.hpp>\n#include <date/tz.h>\n#include <cstdint>\n"
        self.assertEqual(self.offences("core/a.cpp", text), [])

    def test_an_include_by_file_name_alone_is_found(self):
        self.assertEqual(len(self.offences("core/a.cpp", '#include "types.hpp"\n')), 1)

    def test_a_file_over_the_length_is_found(self):
        self.assertEqual(self.offences("app/a.cpp", "\n" * 400), [])
        self.assertEqual(len(self.offences("app/a.cpp", "\n" * 401)), 1)

    def test_a_header_without_guard_is_found(self):
        self.assertEqual(len(self.offences("core/a.hpp", "int a();\n")), 2)

    def test_a_path_that_a_document_names_and_is_not_there_is_found(self):
        text = "See `core/calendar.hpp` and [others](https://example.org/core/x.hpp).\n"
        self.assertEqual(
            self.offences("docs/a.md", text), ["docs/a.md:1: there is no core/calendar.hpp"]
        )

    def test_a_document_that_the_code_cites_and_is_not_there_is_found(self):
        found = self.offences("core/a.cpp", "// arithmetic.md 3\n")
        self.assertEqual(found, ["core/a.cpp:1: cites arithmetic.md, which is not in docs/"])


if __name__ == "__main__":
    unittest.main()
