"""Each rule of tidy.py has one planted violation and one harmless neighbour."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tidy  # noqa: E402
import tidy_rules  # noqa: E402

TIDY_ALLOW = "// tidy:" + "allow "


def found(path, text, siblings=(), places=()):
    """The rule names reported for a file, with the noise of an empty neighbourhood left out."""
    own = path[:-len(".cpp")] + "_test.cpp"
    file = tidy.File(path, text, frozenset([own, *siblings]))
    return [f.split(": ")[1] for f in tidy.check_file(file, places)]


def lines_of(text):
    return tidy.functions(tidy.code_of(text))


BANNED = [
    # rule, path, what is refused, what is not
    ("rand", "src/engine/x.cpp", "int a = std::rand();", "int a = strand(1);"),
    ("rand", "src/engine/x.cpp", "std::mt19937 g;", "// std::mt19937"),
    ("system-call", "src/worker/x.cpp", "::system(text);", "log.system(text);"),
    ("wall-clock", "src/engine/x.cpp", "auto t = std::chrono::system_clock::now();",
     "auto t = clock.wall();"),
    ("wall-clock", "src/engine/x.cpp", "auto t = std::time(nullptr);", "auto t = run_time(0);"),
    ("sleep", "src/engine/x_test.cpp", "std::this_thread::sleep_for(d);", "clock.advance(d);"),
    ("new-delete", "src/engine/x.cpp", "auto* p = new Thing(1);", "int a_new = 1;"),
    ("new-delete", "src/engine/x.cpp", "p.reset(new X(1));", "std::unique_ptr<X> p(new X(1));"),
    ("new-delete", "src/engine/x.cpp", "delete thing;", "X(const X&) = delete;"),
    ("regex", "src/engine/x.cpp", "std::regex r;", "int regex = 1;"),
    ("assert", "src/engine/x.cpp", "assert(a);", "static_assert(a); HERDER_ASSERT(a);"),
    ("print", "src/engine/x.cpp", "std::cout << 1;", "std::snprintf(a, 1, b);"),
    ("unordered", "src/core/jobs/x.cpp", "std::unordered_map<int, int> m;", "std::map<int, int> m;"),
    ("money-float", "src/engine/x.cpp", "double price_limit = 0;", "double share = 0;"),
    ("enum-default", "src/core/jobs/x.cpp", "default: break;", "X() = default;"),
    ("core-impure", "src/core/jobs/x.cpp", "std::mutex m;", "int mutex = 1;"),
    ("thread", "src/engine/x.cpp", "thread_.detach();", "thread_.join();"),
]


class Banned(unittest.TestCase):
    def test_each_is_found_and_its_neighbour_is_not(self):
        for rule, path, bad, good in BANNED:
            with self.subTest(rule=rule, bad=bad):
                self.assertIn(rule, found(path, bad + "\n"))
                self.assertNotIn(rule, found(path, good + "\n"))

    def test_every_banned_rule_has_a_case(self):
        self.assertEqual({r for r, *_ in tidy_rules.BANNED}, {r for r, *_ in BANNED})

    def test_words_in_comments_and_literals_do_not_count(self):
        self.assertEqual([], found("src/engine/x.cpp", '// std::cout\nauto a = "std::cout";\n'))
        self.assertEqual([], found("src/engine/x.cpp", 'auto a = R"x(std::cout << ")x";\n'))

    def test_the_cli_may_print_and_the_clock_adapter_may_ask_for_the_time(self):
        self.assertEqual([], found("src/cli/x.cpp", "std::cout << 1;\n"))
        self.assertEqual([], found("src/adapters/system/system_clock.cpp",
                                   "auto t = std::chrono::system_clock::now();\n"))


class Allow(unittest.TestCase):
    def test_same_line_and_line_above(self):
        self.assertEqual([], found("src/engine/x.cpp", f"delete p;  {TIDY_ALLOW}new-delete C owns it\n"))
        self.assertEqual([], found("src/engine/x.cpp", f"{TIDY_ALLOW}new-delete C owns it\ndelete p;\n"))

    def test_does_not_reach_further(self):
        text = f"{TIDY_ALLOW}new-delete C owns it\n\ndelete p;\n"
        self.assertEqual(["new-delete"], found("src/engine/x.cpp", text))

    def test_needs_a_known_rule_and_a_reason(self):
        self.assertEqual(["allow"], found("src/engine/x.cpp", f"{TIDY_ALLOW}nothing because of that\n"))
        self.assertEqual(["allow", "new-delete"],
                         found("src/engine/x.cpp", f"delete p;  {TIDY_ALLOW}new-delete\n"))


class Includes(unittest.TestCase):
    def test_heavy_only_at_home(self):
        for header in ("boost/beast/http.hpp", "boost/asio.hpp", "openssl/ssl.h"):
            text = f"#include <{header}>\n"
            self.assertEqual(["heavy-include"], found("src/engine/x.cpp", text), header)
            self.assertEqual([], found("src/adapters/http/x.cpp", text), header)
        self.assertEqual(["heavy-include"], found("src/api/x.cpp", "#include <boost/json.hpp>\n"))
        self.assertEqual([], found("src/api/x_json.cpp", "#include <boost/json.hpp>\n"))

    def test_core_is_pure(self):
        self.assertEqual(["core-include"], found("src/core/jobs/x.cpp", '#include "engine/e.h"\n'))
        self.assertEqual(["core-include"], found("src/core/jobs/x.cpp", "#include <unistd.h>\n"))
        self.assertEqual(["core-include"], found("src/core/jobs/x.cpp", "#include <thread>\n"))
        self.assertEqual([], found("src/core/jobs/x.cpp", '#include "base/id.h"\n#include <map>\n'))

    def test_gtest_only_in_tests(self):
        self.assertEqual(["test-include"], found("src/api/x.cpp", "#include <gtest/gtest.h>\n"))
        self.assertEqual([], found("src/api/x_test.cpp", "#include <gtest/gtest.h>\n"))


class Shape(unittest.TestCase):
    def test_long_file(self):
        self.assertIn("file-length", found("src/api/x.cpp", "int a;\n" * 501))
        self.assertEqual([], found("src/api/x.cpp", "int a;\n" * 500))

    def test_long_function(self):
        body = "    a();\n" * 59
        self.assertIn("function-length", found("src/api/x.cpp", "void f() {\n" + body + "}\n"))
        self.assertEqual([], found("src/api/x.cpp", "void f() {\n" + body[9:] + "}\n"))

    def test_missing_test(self):
        file = tidy.File("src/api/x.cpp", "int f() { return 1; }\n")
        self.assertTrue(any("missing-test" in f for f in tidy.check_file(file)))
        for path in ("src/apps/herder/x.cpp", "src/adapters/http/asio_impl.cpp"):
            self.assertEqual([], tidy.check_file(tidy.File(path, "int f() { return 1; }\n")), path)
        table = "const int kTable[] = {1, 2};\n"
        self.assertEqual([], tidy.check_file(tidy.File("src/api/x.cpp", table)))

    def test_header(self):
        self.assertEqual(["pragma-once", "header-comment"], found("src/api/x.h", "int a;\n"))
        self.assertEqual([], found("src/api/x.h", "#pragma once\n// What it is for.\nint a;\n"))

    def test_shared_ptr_needs_a_comment(self):
        member = "std::shared_ptr<int> a_;\n"
        self.assertEqual(["shared-ptr"], found("src/api/x.cpp", member))
        self.assertEqual([], found("src/api/x.cpp", "// Shared with the reader.\n" + member))

    def test_braces_in_a_co_await_expression(self):
        bad = "co_await f(Point{1, 2});\n"
        self.assertEqual(["co-await-braces"], found("src/adapters/http/x.cpp", bad))
        self.assertEqual(["co-await-braces"],
                         found("src/adapters/http/x.cpp", "co_await f([a] { return a; });\n"))
        self.assertEqual([], found("src/adapters/http/x.cpp", "if (co_await f(p)) { g(); }\n"))

    def test_names_blanks_and_open_work(self):
        self.assertEqual(["file-name"], found("src/api/http_utils.cpp", "int a;\n"))
        self.assertEqual(["blanks"], found("src/api/x.cpp", "int a; \n"))
        self.assertEqual(["blanks"], found("src/api/x.cpp", "\tint a;\n"))
        self.assertEqual(["open-work"], found("src/api/x.cpp", "// TO" + "DO later\n"))
        self.assertEqual([], found("scripts/x.sh", "mktemp -d /tmp/x.XX" + "XXXX\n"))

    def test_paths_of_the_machine(self):
        places = tidy_rules.places_of(pathlib.Path("/plot/main"))
        self.assertEqual(["machine-path"], found("README.md", "see /plot/notes\n", (), places))
        self.assertEqual(["machine-path"], found("a.md", "http://deb.debian." + "org/\n", (), places))
        self.assertEqual([], found("README.md", "see docs/plot/notes\n", (), places))
        places = tidy_rules.places_of(pathlib.Path("/home/me/herder"))
        self.assertEqual([], found("README.md", "see /home/you\n", (), places))


class Functions(unittest.TestCase):
    def test_counts_head_and_body(self):
        self.assertEqual([(1, 3)], lines_of("int f(int a) {\n    return a;\n}\n"))

    def test_members_are_found_inside_classes_and_namespaces(self):
        text = "namespace a {\nclass B : public C {\n    int f() const {\n        return 1;\n    }\n};\n}\n"
        self.assertEqual([(3, 3)], lines_of(text))

    def test_initialisers_with_braces_belong_to_the_constructor(self):
        self.assertEqual([(1, 4)], lines_of("A::A(int x)\n    : a_{x},\n      b_{x} {\n}\n"))

    def test_lambdas_and_blocks_are_part_of_their_function(self):
        text = "void f() {\n    auto g = [] {\n        h();\n    };\n    if (a) {\n    }\n}\n"
        self.assertEqual([(1, 7)], lines_of(text))

    def test_tables_are_no_functions(self):
        self.assertEqual([], lines_of("const Row kRows[] = {\n    {f(1), {2}},\n    {f(2), {3}},\n};\n"))

    def test_macros_do_not_confuse_it(self):
        self.assertEqual([(3, 2)], lines_of("#define A(x) \\\n    if (x) {\nint f() {\n}\n"))

    def test_gtest_bodies_count(self):
        self.assertEqual([(1, 2)], lines_of("TEST(A, B) {\n}\n"))


class KnownGaps(unittest.TestCase):
    def test_a_known_gap_is_let_pass_and_a_closed_one_must_leave_the_list(self):
        found = ["src/a.cpp:1: missing-test: no a_test.cpp", "src/b.cpp:9: banned: use c"]
        known = {("src/a.cpp", "missing-test"), ("src/old.cpp", "missing-test")}
        left = tidy.settle(found, known)
        self.assertEqual(left[0], found[1])
        self.assertIn("src/old.cpp no longer breaks missing-test", left[1])
        self.assertEqual(len(left), 2)


if __name__ == "__main__":
    unittest.main()
