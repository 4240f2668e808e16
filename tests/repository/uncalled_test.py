#!/usr/bin/env python3
"""The check for functions that nobody calls finds them, by a real link."""

import pathlib
import subprocess
import tempfile
import unittest

import uncalled

SOURCE = """
#include <string>
#include <vector>
namespace hhgrid::core {
namespace {
int helper() { return 1; }
template <class T> T twice(T value) { return value + value; }
}
int used(int value) { return twice(value); }
int only_tests() { return helper() + [] { return twice(2L); }(); }
struct Day { int end() const; std::string text(std::vector<int> values) const; };
int Day::end() const { return 1; }
std::string Day::text(std::vector<int>) const { return {}; }
}
int main(int count, char**) { return hhgrid::core::used(count) + hhgrid::core::Day{}.end(); }
"""


class Uncalled(unittest.TestCase):
    def names(self, source):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "a.cpp").write_text(source, encoding="utf-8")
            flags = ["-O0", "-ffunction-sections", "-fno-inline"]
            subprocess.run(["c++", "-std=c++20", *flags, "-c", "a.cpp"], check=True, cwd=folder)
            return uncalled.names_of(uncalled.dropped_symbols(": && c++ a.o -o a && :", folder))

    def test_what_the_program_does_not_reach_is_found_and_nothing_else(self):
        self.assertEqual(
            self.names(SOURCE),
            {
                "hhgrid::core::only_tests",
                "hhgrid::core::helper",
                "hhgrid::core::Day::text",
                "hhgrid::core::twice<long>",
            },
        )

    def test_a_function_of_the_library_is_not_the_projects(self):
        name = "std::map<int, hhgrid::core::Day>::insert(std::pair<int, hhgrid::core::Day> const&)"
        self.assertIsNone(uncalled.name_of(name))
        name = "std::optional<hhgrid::core::Day> hhgrid::core::find<hhgrid::core::Day>(int)"
        self.assertEqual(uncalled.name_of(name), "hhgrid::core::find<hhgrid::core::Day>")

    def test_a_name_is_listed_with_its_reason_and_only_while_it_is_needed(self):
        listed = uncalled.listed_names("# why\nhhgrid::a: the rule\nhhgrid::b:\nhhgrid::c: was\n")
        found = list(uncalled.offences({"hhgrid::a", "hhgrid::b", "hhgrid::d"}, listed))
        self.assertEqual(len(found), 3)
        self.assertTrue(found[0].startswith("hhgrid::d: only tests"))
        self.assertIn("hhgrid::b has no reason", "".join(found))
        self.assertIn("hhgrid::c is called", "".join(found))


if __name__ == "__main__":
    unittest.main()
