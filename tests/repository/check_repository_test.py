#!/usr/bin/env python3
"""The repository check finds each offence it is there for."""

import pathlib
import tempfile
import unittest

import check_repository


class CheckRepository(unittest.TestCase):
    def project_offences(self, files):
        """Of a project of these files: name -> text."""
        with tempfile.TemporaryDirectory() as directory:
            for name, text in files.items():
                path = pathlib.Path(directory) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return list(check_repository.offences(pathlib.Path(directory)))

    def offences(self, name, text):
        """Of one file; a source has its header."""
        files = {name: text}
        if name.endswith(".cpp"):
            header = name[: -len(".cpp")] + ".hpp"
            files = {name: f'{text}#include "{header}"\n', header: "#pragma once\n"}
        return self.project_offences(files)

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
        self.assertEqual(len(self.project_offences({"actors/attic/a.cpp": "int a();\n"})), 1)

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
        self.assertEqual(self.project_offences({"app/main.cpp": "\n" * 400}), [])
        self.assertEqual(len(self.project_offences({"app/main.cpp": "\n" * 401})), 1)

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

    def test_a_source_without_a_header_of_its_name_is_found(self):
        files = {
            "net/files/a_more.cpp": '#include "net/files/a.hpp"\n',
            "net/files/a.hpp": "#pragma once\n",
        }
        self.assertEqual(
            self.project_offences(files),
            ["net/files/a_more.cpp:1: there is no a_more.hpp to declare what it defines"],
        )

    def test_a_header_in_another_folder_is_none_of_a_source(self):
        files = {"core/standing/a.cpp": '#include "core/a.hpp"\n', "core/a.hpp": "#pragma once\n"}
        self.assertEqual(len(self.project_offences(files)), 1)

    def test_a_subcommand_and_what_nobody_calls_need_no_header(self):
        files = {
            "app/main.cpp": '#include "app/commands.hpp"\n',
            "app/allocator.cpp": "",
            "app/run.cpp": "",
            "app/commands.hpp": "#pragma once\nvoid add_run(CommandLine& line);\n",
        }
        self.assertEqual(self.project_offences(files), [])
        files["app/run_change.cpp"] = ""
        self.assertEqual(
            self.project_offences(files),
            ["app/run_change.cpp:1: there is no run_change.hpp to declare what it defines"],
        )

    def test_a_declaration_of_a_subcommand_serves_only_its_folder(self):
        files = {
            "app/main.cpp": '#include "app/commands.hpp"\n',
            "bench/run.cpp": "",
            "app/commands.hpp": "#pragma once\nvoid add_run(CommandLine& line);\n",
        }
        self.assertEqual(len(self.project_offences(files)), 1)

    def test_a_test_is_named_after_a_file_of_the_room_and_an_aspect(self):
        files = {
            "core/load_shape/shape.hpp": "#pragma once\n",
            "tests/core/load_shape/shape_test.cpp": '#include "core/load_shape/shape.hpp"\n',
            "tests/core/load_shape/shape_totals_test.cpp": "",
            "tests/core/load_shape/shape_totals_slow_test.cpp": "",
        }
        self.assertEqual(self.project_offences(files), [])
        for name in ("totals_test", "shapes_test", "a_shape_test"):
            with self.subTest(name):
                path = f"tests/core/load_shape/{name}.cpp"
                self.assertEqual(
                    self.project_offences({**files, path: ""}),
                    [f"{path}:1: its name begins with no header or source of core/load_shape/"],
                )

    def test_a_test_in_the_mirror_of_another_room_is_found(self):
        files = {
            "core/load_shape/shape.hpp": "#pragma once\n",
            "tests/core/shape_test.cpp": '#include "core/load_shape/shape.hpp"\n',
        }
        self.assertEqual(len(self.project_offences(files)), 1)

    def test_a_helper_of_tests_may_have_a_test_but_a_test_is_no_helper(self):
        files = {
            "tests/core/world.hpp": "#pragma once\n",
            "tests/core/world_test.cpp": '#include "tests/core/world.hpp"\n',
        }
        self.assertEqual(self.project_offences(files), [])
        del files["tests/core/world.hpp"]
        self.assertEqual(len(self.project_offences(files)), 1)

    def test_what_a_room_ships_may_have_a_test(self):
        files = {"config/standing/bank_holidays.csv": "", "tests/config/standing_test.cpp": ""}
        self.assertEqual(self.project_offences(files), [])

    def test_tests_of_a_room_below_are_not_those_of_the_folder(self):
        files = {
            "core/standing/terms.hpp": "#pragma once\n",
            "tests/core/standing_test.cpp": '#include "core/standing/terms.hpp"\n',
        }
        self.assertEqual(len(self.project_offences(files)), 1)

    def test_tests_of_the_whole_program_have_names_of_their_own(self):
        self.assertEqual(self.project_offences({"tests/grid/crash_test.cpp": ""}), [])


if __name__ == "__main__":
    unittest.main()
