#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the code-review agent: its parts as modules, and the whole as the program that is started."""
import importlib
import json
import os
import random
import re
import subprocess
import sys
import time
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
AGENT = os.path.join(TOP, "share/workflows/code-review/agent")
sys.dont_write_bytecode = True
sys.path.insert(0, AGENT)
diff, language, lexer, review, finding, rules, piece = map(
    importlib.import_module, "diff language lexer review finding rules piece".split())

# Put together here, so that this file does not look like one that holds them.
AWS = "AK" + "IA" + "QX7TZ2NMLPWK5RVD"
GITHUB = "gh" + "p_" + "q1W2e3R4t5Y6u7I8o9P0a1S2d3F4g5H6j7K8"


def new_file(path, *lines, mode="100644"):
    return "diff --git a/{0} b/{0}\nnew file mode {1}\n--- /dev/null\n+++ b/{0}\n@@ -0,0 +1,{2} @@\n{3}".format(
        path, mode, len(lines), "".join("+%s\n" % x for x in lines))


def changed(path, hunk, header="@@ -1,3 +1,3 @@"):
    return "diff --git a/{0} b/{0}\nindex 1..2 100644\n--- a/{0}\n+++ b/{0}\n{1}\n{2}".format(path, header, hunk)


def ask(text, context=()):
    request = {"repository": "a/b", "pull_request_id": 1, "diff": text}
    if context:
        request["context_files"] = [{"path": p, "content": c} for p, c in context]
    return review.answer(request)


def hits(text, context=(), severity=None):
    """(file, line, rule) of the comments, without the remark that nothing was tested."""
    out = []
    for c in ask(text, context)["comments"]:
        name = re.search(r"\[([\w-]+)\]$", c["comment"])[1]
        if name != "untested" and severity in (None, c["severity"]):
            out.append((c["file"], c["line"], name))
    return sorted(out)


def line_rules(path, line, **more):
    return sorted({h[2] for h in hits(new_file(path, "", "", line), **more)} - {"made-executable"})


class Diffs(unittest.TestCase):
    def paths(self, text):
        return [f.path for f in diff.parse(text)]

    def test_numbers_of_the_new_side(self):
        text = changed("x.c", " a\n-b\n+B\n+C\n d\n", "@@ -10,3 +20,4 @@ int f(void)")
        text += "@@ -40 +51 @@\n-old\n+new\n\\ No newline at end of file\n"
        f, = diff.parse(text)
        self.assertEqual([(x.number, x.text) for x in f.added], [(21, "B"), (22, "C"), (51, "new")])
        self.assertEqual([(x.number, x.text) for x in f.removed], [(11, "b"), (40, "old")])

    def test_content_that_looks_like_headers(self):
        text = changed("x.sql", "--- a/old\n+++ b/new\n diff --git a/q b/q\n", "@@ -1,2 +1,2 @@") + new_file("y", "z")
        first, second = diff.parse(text)
        self.assertEqual([x.text for x in first.added], ["++ b/new"])
        self.assertEqual((first.path, second.path), ("x.sql", "y"))

    def test_no_newline_between_sides(self):
        f, = diff.parse(changed("x", "-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n",
                                "@@ -1 +1 @@"))
        self.assertEqual([(x.number, x.text) for x in f.added], [(1, "b")])

    def test_renames_modes_binaries(self):
        text = ("diff --git a/old name.c b/new name.c\nsimilarity index 100%\nrename from old name.c\nrename to new "
                "name.c\n"
                "diff --git a/run b/run\nold mode 100644\nnew mode 100755\n"
                "diff --git a/i.png b/i.png\nindex 1..2 100644\nBinary files a/i.png and b/i.png differ\n"
                "diff --git a/gone b/gone\ndeleted file mode 100644\nindex 1..0\n--- a/gone\n+++ /dev/null\n@@ -1 "
                "+0,0 @@\n-x\n")
        files = diff.parse(text)
        self.assertEqual([f.path for f in files], ["new name.c", "run", "i.png", "gone"])
        self.assertTrue(files[0].is_renamed and files[2].is_binary and files[3].is_deleted)
        self.assertEqual((files[1].old_mode, files[1].new_mode), ("100644", "100755"))

    def test_quoted_names(self):
        text = 'diff --git "a/\\303\\244 \\"q\\".c" "b/\\303\\244 \\"q\\".c"\n--- "a/\\303\\244 \\"q\\".c"\n+++ "b/\\303\\244 \\"q\\".c"\n@@ -1 +1 @@\n-a\n+b\n'
        self.assertEqual(self.paths(text), ['ä "q".c'])
        self.assertEqual(diff.unquote('"a\\tb\\377"'), "a\tb\ufffd")

    def test_blanks_in_names_without_sides(self):
        self.assertEqual(self.paths("diff --git a/a b b/a b\nold mode 100644\nnew mode 100755\n"), ["a b"])

    def test_other_prefixes_and_none(self):
        self.assertEqual(self.paths("diff --git i/x w/x\n--- i/x\n+++ w/x\n@@ -1 +1 @@\n-a\n+b\n"), ["x"])
        self.assertEqual(self.paths("diff --git a/x a/x\n--- a/x\n+++ a/x\n@@ -1 +1 @@\n-a\n+b\n"), ["a/x"])
        self.assertEqual(self.paths("--- x.orig\t2026-01-01\n+++ x\t2026-01-02\n@@ -1 +1 @@\n-a\n+b\n--- y\n+++ "
                                    "y\n@@ -1 +1 @@\n-a\n+b\n"), ["x", "y"])

    def test_cut_short_and_absurd(self):
        self.assertEqual(len(diff.parse("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n+a\n")[0].added), 1)
        self.assertEqual(diff.parse("@@ -1 +1 @@\n+x\n"), [])
        self.assertEqual(diff.parse(changed("x", "+a\n", "@@ -1 +%s @@" % ("9" * 5000)))[0].hunks, [])

    def test_a_hunk_cut_short_does_not_swallow_the_next_file(self):
        text = changed("x", " a\n", "@@ -1,9 +1,9 @@") + new_file("y", "b")
        self.assertEqual(self.paths(text), ["x", "y"])

    def test_lone_separators_are_not_line_ends(self):
        f, = diff.parse(new_file("x", "a\u2028b\x0bc\x85d", "e"))
        self.assertEqual([x.number for x in f.added], [1, 2])


class Views(unittest.TestCase):
    def one(self, lang, text, is_whole=True):
        return lexer.views(lang, text.split("\n"), is_whole)

    def code(self, lang, text, is_whole=True):
        return [v.code for v in self.one(lang, text, is_whole)]

    def test_strings_and_comments(self):
        self.assertEqual(self.one("python", 'x = "# no" # yes')[0], ('x = "" ', 'x = "# no" ', "# yes"))
        self.assertEqual(self.one("c", "a('\"'); /* b */ c // d")[0].code, "a('');   c ")
        self.assertEqual(self.code("c", "a /* b\nc\nd */ e"), ["a  ", "", " e"])
        self.assertEqual(self.code("shell", 'echo "$#" ${a#b} # c'), ['echo "$#" ${a#b} '])
        self.assertEqual(self.code("c", "a // b \\\ngets(c)\nd"), ["a ", "", "d"])
        self.assertEqual(self.code("c", " * gets(line) is not used", False), [""])

    def test_each_language(self):
        """(language, source, its code): what each writes as a text, and where that ends."""
        for lang, source, want in (
                ("python", 'a = """b\neval(c)\n""" + d', ['a = "', "", '" + d']),
                ("python", '"""x\neval(c)"""\nd', ["", "", "d"]),
                ("python", 'f"eval({len(H)}) {{b}}" + rb"\\x" + y', ['"{len(H)}" + "" + y']), ("python", "x = r'a\\' "
                                                                                                         "# b'", ["x = \"\""]),
                ("rust", "fn f<'a>(x: &'a str) { b'\"' }", ["fn f<'a>(x: &'a str) { b'' }"]), ("rust", 'r#"x "y" z"# '
                                                                                                       'br##"a"# '
                                                                                                       'b"## "c\nd" e', ['"" "" "', '" e']),
                ("rust", "a /* b /* c */ d */ e", ["a   e"]), ("c", 'u8R"x(a)" b)x" + 1\'000 + c', ['"" + 1\'000 + c']),
                ("c", "L'\"' + c", ["L'' + c"]),
                ("go", "a := `x\n\"y` + '\"' + \"z\\\"\" + b", ["a := `", "` + '' + \"\" + b"]), ("java", 'String s '
                                                                                                          '= """\n a '
                                                                                                          '"b" \\""" '
                                                                                                          'c\n """; x', ['String s = "', "", '"; x']),
                ("js", '`a ${b + `c ${d} e` + "}"} f` + g; x = /a"[/]b/.test(c) / 2 / 3', ['`${b + `${d}` + ""}` + '
                                                                                           'g; x = "".test(c) / 2 / 3']),
                ("js", "if (x) return /'/g; y = (a) / 2 + '//'", ['if (x) return ""; y = (a) / 2 + ""']),
                ("csharp", '@"x ""y"" \\"; $"c {d["e"]} f"; g', ['""; "{d[""]}"; g']),
                ("sql", "a 'x''y' /* c /* d */ e */ f -- g", ["a '' " + "  f "]), ("sql", "f AS $$ b 'c' $$ g $q$ "
                                                                                          "DROP $q$ h", ["f AS   b "
                                                                                                         "''   g '' h"]),
                ("shell", "cat <<'E' | b\nrm $x\nE\nc", ["cat <<'E' | b", "", "", "c"]),
                ("shell", "bash <<E\nrm $x\nE", ["bash <<E", "rm $x", "E"]),
                ("shell", "'rm $x' \"$(rm 'x y' \"$z\")\" \"use $a now\" \"$D/\"", ['"" "$(rm "" "$z")" "$a" "$D/"']),
                ("shell", "n=$((1 << 3)) # c\nd", ["n=$((1 << 3)) ", "d"]),
                ("yaml", "run: |\n  # c\n  rm 'x y'\nnote: >-\n  a: b\n\n  c\nk: \"v # w\" # x",
                 ["run: |", "  ", '  rm ""', "note: >-", "", "", "", 'k: "v # w" ']),
                ("terraform", 'a = "x${f("y")}z" # c\nb = <<-E\n  acl = "p"\nE\nd = 1',
                 ['a = "x${f("y")}z" ', "b = <<-E", "", "", "d = 1"]),
                ("ruby", 'x = "a #{b("c")} d" # e\ny = <<~E\n  eval(x)\nE\nz',
                 ['x = "#{b("")}" ', "y = <<~E", "", "", "z"]),
                 ("lua", "a = [=[x]]\ny]=] --[[ c\nd ]] e -- f", ['a = ""', "  ", " e "]),
                ("docker", "# x\nRUN <<E\nrm x\nE\nCOPY <<F /y\nz\nF\nEND",
                 ["", "RUN <<E", "rm x", "E", "COPY <<F /y", "", "", "END"]),
                 ("php", "a = <<<E\n eval(x)\n E;\nb # c", ["a = <<<E", "", "", "b "])):
            self.assertEqual(self.code(lang, source), want, (lang, source))

    def test_every_character_is_somewhere(self):
        """All views have the lines of the source, and no letter gets lost."""
        for lang in lexer.compiled.__globals__["SYNTAX"]:
            for source in ('a "b\n\'c` /* d -- e # f\n<<E g\n{h ${i} j\nE\n"""k', "x = '${a}' `b ${c", "<!-- a\n=begi"
                                                                                                       "n b\n--[[ "
                                                                                                       "c\nr#\"d"):
                seen = self.one(lang, source)
                self.assertEqual(len(seen), source.count("\n") + 1, (lang, source))
                told = "".join(v.text + v.comment for v in seen)
                self.assertEqual(sorted(re.findall("[a-zA-Z]", told)), sorted(re.findall("[a-zA-Z]", source)),
                                 (lang, source))

    def test_what_a_hunk_begins_in(self):
        self.assertEqual(self.code("c", "gets(a)\nb */ gets(c)", False), ["", " gets(c)"])
        self.assertEqual(self.code("python", "It never calls eval(x) by itself here.\n\"\"\"\neval(y)", False),
                         ["", "", "eval(y)"])
        self.assertEqual(self.code("python", 'def f(x):\n    """Never eval(x).\n    eval(y)', False),
                         ["def f(x):", "    ", ""])
        self.assertEqual(self.code("rust", 'a "b\nunwrap()', False), ['a "b', "unwrap()"])

    def test_languages(self):
        for path, start, want in (("a/b.py", "", "python"), ("Dockerfile", "", "docker"),
                                  ("Dockerfile.dev", "", "docker"),
                                  ("run", "#!/usr/bin/env bash", "shell"), ("run", "#!/usr/bin/python3 -I", "python"),
                                  ("run", "", ""),
                                  (".env.local", "", "config"), ("x.bats", "", "shell"), ("Makefile", "", "make")):
            self.assertEqual(language.of(path, start), want, path)

    def test_which_files_are_tests(self):
        for path in ("tests/x.c", "a/test_x.py", "x_test.go", "x.test.ts", "src/FooTest.java", "a.bats", "spec/x.rb"):
            self.assertTrue(language.is_test(path), path)
        for path in ("src/latest.c", "contest.py", "attest/x.go", "testing.md"):
            self.assertFalse(language.is_test(path), path)


class Rules(unittest.TestCase):
    BAD = (
        ("x.c", "	gets(line);", "c-gets"), ("x.c", '	sprintf(b, "%s", s);', "c-unbounded-copy"), ("x.c", "	strcpy(a, "
                                                                                                         "b);", "c-unbounded-copy"),
        ("x.c", "	system(command);", "c-shell"), ("x.c", "	printf(name);", "c-format-string"), ("x.c", "	syslog(LOG_E"
                                                                                                       "RR, msg);", "c-format-string"),
        ("x.c", '	scanf("%s", s);', "c-scanf-unbounded"), ("x.c", "	memset(p, sizeof(*p), 0);", "c-memset-swapped"),
        ("x.c", "	strncpy(a, b, strlen(b));", "c-source-bound"), ("x.c", "	p = malloc(sizeof(p));", "c-sizeof-pointer"),
        ("x.c", "	token = rand();", "c-weak-random"), ("x.c", "	mktemp(name);", "c-temporary-name"),
        ("x.py", "eval(text)", "py-dynamic-code"), ("x.py", "x = pickle.loads(data)", "py-unsafe-load"),
        ("x.py", "yaml.load(f)", "py-yaml-load"),
        ("x.py", "run(cmd, shell=True)", "py-shell"), ("x.py", "os.system(cmd)", "py-shell"),
        ("x.py", "def f(a, b=[]):", "py-mutable-default"),
        ("x.py", "    except:", "py-bare-except"), ("x.py", "assert user.is_admin", "py-assert-check"),
        ("x.py", "get(u, verify=False)", "py-tls-off"),
        ("x.py", "h = hashlib.md5(password)", "py-weak-hash"), ("x.py", "token = random.choice(a)", "py-weak-random"),
        ("x.py", "import pdb; pdb.set_trace()", "py-breakpoint"), ("x.py", "if x is 'a':", "py-identity"),
        ("x.py", 'print("DEBUG", x)', "py-debug-print"),
        ("x.py", 'db.execute(f"SELECT a FROM t WHERE b = {c}")', "sql-built"), ("x.py", 'q = "DELETE FROM t WHERE a '
                                                                                        '= \'%s\'" % b', "sql-built"),
        ("x.js", "eval(x)", "js-dynamic-code"), ("x.ts", "e.innerHTML = name;", "js-html"), ("x.ts", "e.innerHTML = "
                                                                                                     "`<b>${name}`;", "js-html"), ("x.js", "document.write(x)", "js-document-write"),
        ("x.js", "exec(`ls ${dir}`)", "js-shell"), ("x.js", "{ rejectUnauthorized: false }", "js-tls-off"),
        ("x.js", "  debugger;", "js-debugger"),
        ("x.js", "console.log(x)", "js-console"), ("x.js", "db.query('SELECT a FROM b WHERE c = ' + d)", "sql-built"),
        ("x.test.js", "it.only('a', f)", "test-only"),
        ("x.go", "&tls.Config{InsecureSkipVerify: true}", "go-tls-off"),
        ("x.go", 'exec.Command("sh", "-c", cmd)', "go-shell"), ("x.go", "md5.Sum(b)", "go-weak-hash"),
        ("x.go", 'q := fmt.Sprintf("SELECT a FROM b WHERE c = %s", d)', "sql-built"), ("X.java", "Runtime.getRuntime("
                                                                                                 ").exec(cmd)", "java-exec"),
        ("X.java", "new ObjectInputStream(in)", "java-deserialize"),
        ("X.java", 'Cipher.getInstance("DES")', "java-weak-crypto"),
        ("X.java", "} catch (Exception e) {}", "empty-catch"),
        ("X.cs", "new BinaryFormatter()", "cs-deserialize"), ("x.php", "unserialize($a);", "php-unserialize"),
        ("x.php", "echo $_GET['a'];", "php-echo-input"),
        ("x.php", 'exec("ls $dir");', "php-shell"), ("x.rb", "binding.pry", "rb-debug"),
        ("x.rb", 'system("ls #{dir}")', "rb-shell"), ("x.rb", "Marshal.load(x)", "rb-unsafe-load"),
        ("x.rs", "unsafe { *p }", "rs-unsafe"), ("x.rs", "dbg!(x);", "rs-unfinished"),
        ("x.sh", "rm -rf $DIR", "sh-remove-unquoted"), ("x.sh", 'rm -rf "$DIR"/*', "sh-remove-variable"),
        ("x.sh", 'rm -rf "${DIR}/"', "sh-remove-variable"),
        ("x.sh", "curl https://a.b/c | sh", "sh-pipe-to-shell"), ("x.sh", "bash <(curl -s https://a.b/c)", "sh-pipe-t"
                                                                                                           "o-shell"), ("x.sh", "wget -qO- x | sudo -E bash -", "sh-pipe-to-shell"),
        ("x.sh", "chmod 777 x", "sh-world-writable"), ("x.sh", "chmod -R a+w x", "sh-world-writable"),
        ("x.sh", 'eval "$cmd"', "sh-eval"), ("x.sh", "curl -sk https://a.b", "sh-tls-off"),
        ("Dockerfile", "USER root", "docker-root"), ("Dockerfile", "FROM debian:latest", "docker-latest"),
        ("Dockerfile", "ADD https://a.b/c /c", "docker-add-remote"),
        (".github/workflows/a.yml", "      - uses: actions/checkout@v4", "ci-unpinned"),
        (".github/workflows/a.yml", "  pull_request_target:", "ci-target"),
        (".github/workflows/a.yml", '  - run: echo "${{ github.event.issue.title }}"', "ci-injection"),
        ("x.yaml", "  privileged: true", "privileged"),
        ("x.yaml", "  hostNetwork: true", "k8s-host"), ("x.tf", '  cidr_blocks = ["0.0.0.0/0"]', "tf-open"),
        ("x.tf", '  acl = "public-read"', "tf-public"),
        ("sshd.conf", "PermitRootLogin yes", "conf-root-login"), ("x.c", "	/* TODO: later */", "todo"),
        ("x.py", "x = 1  # FIXME this", "todo"),
    )
    GOOD = (
        ("x.c", "	fgets(line, sizeof(line), f);"), ("x.c", '	snprintf(b, sizeof(b), "%s", s);'), ("x.c", "	filesystem"
                                                                                                         "(x); w->system(y);"), ("x.c", '	printf("%s", name);'),
        ("x.c", "	/* gets() cannot know the size */"), ("x.c", '	puts("strcpy(a, b)");'), ("x.c", "	i = rand();"),
        ("x.c", '	fprintf(out, "%s", x);'),
        ("x.c", "	memset(p, 0, sizeof(*p));"), ("x.c", "	p = malloc(sizeof(*p));"), ("x.c", "	/* TODO(ann): later */"),
        ("x.c", "	/* TODO: see #12 */"),
        ("x.py", "x = ast.literal_eval(text)"), ("x.py", "re.compile(x); model.eval()"), ("x.py", "yaml.safe_load(f)"),
        ("x.py", "yaml.load(f, Loader=yaml.SafeLoader)"),
        ("x.py", "run(cmd, shell=False)"), ("x.py", "def f(a, b=None, c=()):"), ("x.py", "    except ValueError:"),
        ("x.py", "n = random.choice(colours)"),
        ("x.py", 'db.execute("SELECT a FROM t WHERE b = %s", (c,))'), ("x.py", 'print(f"Select {a} of the list")'),
        ("x.py", "hashlib.md5(x, usedforsecurity=False)"),
        ("x.py", 'print("done")'), ("x.py", "if x is None:"), ("x.py", '"""Never use eval(x)."""'),
        ("x.py", '    """f"SELECT a FROM b WHERE c = {d}" is wrong."""'),
        ("x.py", "if context.verify_mode != ssl.CERT_NONE:"), ("x.py", "if mode == CERT_NONE:"), ("x.py", "password "
                                                                                                          "= os.envir"
                                                                                                          "on['PASSWO"
                                                                                                          "RD']"), ("x.py", 'token_type = "bearer"'),
        ("x.py", 'password = getpass("password: ")'), ("x.py", 'PASSWORD_FIELD = "password"'), ("x.py", 'api_key = '
                                                                                                        '"your-api-key"'), ("x.py", 'secret = "${SECRET}"'),
        ("x.js", "found = /a/.exec(text)"), ("x.js", 'e.innerHTML = "";'), ("x.c", '	system( "ls" );'),
        ("x.js", "e.textContent = name;"), ("x.js", "sql`SELECT a FROM b WHERE c = ${d}`"),
        ("x.js", "const tokenName = 'csrf-token-2a'"),
        ("x.go", 'exec.Command("ls", dir)'), ("x.go", "// InsecureSkipVerify: true is wrong"), ("x.rs", "fn is_unsafe"
                                                                                                        "() {}"),
        ("x.sh", 'rm -rf "$DIR"'), ("x.sh", 'rm -f "$x"/*.o'), ("x.sh", 'rm -rf "${DIR:?}"/*'), ("x.sh", "curl -o x "
                                                                                                         "https://a.b/c"), ("x.sh", "chmod 755 x"), ("x.sh", 'eval "$(ssh-agent)"'),
        ("x.sh", "# curl x | sh"), ("x.sh", "curl --fail https://a.b | sha256sum"), ("Makefile", "	rm -rf $(BUILD)"),
        ("Dockerfile", "FROM debian:12@sha256:00"), ("Dockerfile", "FROM builder:2"),
        (".github/workflows/a.yml", "      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683"),
        (".github/workflows/a.yml", "      - uses: ./local"),
        (".github/workflows/a.yml", "    TITLE: ${{ github.event.issue.title }}"), ("x.yaml", "password: ${PASSWORD}"),
        ("x.yaml", "secretName: shop-tls-2"),
        ("x.md", "Never write eval(x) or gets(y)."), ("x.md", "Title\n+=======".split("\n")[0]),
    )

    def test_bad_lines(self):
        for path, line, rule in self.BAD:
            self.assertIn(rule, line_rules(path, line), (path, line))

    def test_good_lines(self):
        for path, line in self.GOOD:
            self.assertEqual(line_rules(path, line), [], (path, line))

    def test_names_are_unique_and_every_pattern_compiles(self):
        for r in rules.ALL:
            for pattern in (r.pattern, r.unless, r.needs):
                re.compile(pattern or "")
            self.assertTrue(r.hints, r.id)
        for r in rules.ALL + list(rules.CHECKS):
            self.assertTrue(10 < len(r.message) < 250 and 5 < len(r.advice) < 200 and r.message[-1] in ".?"
                            and r.advice[-1] == ".", r.id)
            self.assertTrue(r.languages <= set(language.EXTENSIONS.values()) | set(language.NAMES.values()) | {"*"},
                            r.id)
        said = {(r.id, r.cwe, r.message, r.advice) for r in rules.ALL + list(rules.CHECKS)}
        self.assertEqual(len(said), len(rules.CATALOG))

    def test_milder_in_tests(self):
        self.assertEqual([c["severity"] for c in ask(new_file("tests/x.py", "", "eval(x)"))["comments"]], ["info"])

    def test_safety_comment(self):
        self.assertEqual(hits(new_file("x.rs", "// SAFETY: p is not null", "unsafe { *p }")), [])

    def test_imports(self):
        text = changed("x.py", " \n+y = read(data)\n", "@@ -9,1 +9,2 @@")
        self.assertEqual(hits(text), [])
        lines = ["from pickle import loads as read"] + [""] * 8 + ["y = read(data)"]
        self.assertEqual(hits(text, [("x.py", "\n".join(lines))]), [("x.py", 10, "py-unsafe-load")])
        self.assertEqual(hits(new_file("x.py", "import pickle as p", "p.loads(x)")), [("x.py", 2, "py-unsafe-load")])

    def test_known_file_excuses(self):
        line = "exec(`ls ${dir}`)"
        self.assertEqual(hits(new_file("x.js", line), [("x.js", line + "\n")]), [])
        whole = "import { exec } from 'child_process';\n" + line + "\n"
        self.assertEqual(hits(changed("x.js", " import { exec } from 'child_process';\n+%s\n" % line, "@@ -1 +1,2 @@"),
                              [("x.js", whole)]), [("x.js", 2, "js-shell")])

    def test_comment_that_began_above_the_hunk(self):
        whole = "/*\n" + "text\n" * 8 + "gets(x);\n*/\n"
        text = changed("x.c", " text\n+gets(x);\n", "@@ -9,1 +9,2 @@")
        self.assertEqual(hits(text), [("x.c", 10, "c-gets")])
        self.assertEqual(hits(text, [("x.c", whole)]), [])


class Secrets(unittest.TestCase):
    def test_shapes(self):
        for line in ("x = '%s'" % AWS, GITHUB, "xoxb-" + "123456789012-abcdefGHIJK", "sk-ant-" + "a1B2" * 12,
                     "postgres://app:" + "kT9vX2@db/x"):
            self.assertTrue({"secret-token", "secret-in-address"} & set(line_rules("x.txt", line)), line)

    def test_shapes_that_are_none(self):
        for line in ("AKIAIOSFODNN7EXAMPLE", "ghp_" + "x" * 36, "task-" + "a1B2" * 12, "postgres://user:password@db/x",
                     "postgres://app:${PW}@db", "x" + AWS):
            self.assertEqual(line_rules("x.txt", line), [], line)

    def test_assignments(self):
        for path, line in (("x.py", 'password = "hunter2"'), ("x.json", '"password": "c0rrect-horse"'),
                           ("x.env", "DB_PASSWORD=kT9vX2mQ"), ("x.yaml", "api_key: 9f8A7b6C5d4E3f2G1h0I"),
                           ("x.go", 'apiKey := "9f8A7b6C5d4E3f2G1h0I"'), ("X.java", 'String secretKey = '
                                                                                    '"9f8A7b6C5d4E3f2G1h0I";'), ("Dockerfile", "ENV API_TOKEN=9f8A7b6C5d4E3f2G1h0I")):
            self.assertIn("secret-literal", line_rules(path, line), line)

    def test_private_key(self):
        body = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ"
        begin = "-----BEGIN " + "RSA PRIVATE KEY-----"
        self.assertEqual(hits(new_file("k.pem", begin, body)), [("k.pem", 1, "secret-private-key")])
        self.assertEqual(hits(new_file("k.py", 'KEY = "%s\\n%s' % (begin, body))), [("k.py", 1, "secret-private-key")])
        self.assertEqual(hits(new_file("k.py", 'HEADER = "%s"' % begin, "", "def f():")), [])

    def test_secret_files(self):
        self.assertEqual(hits(new_file(".env", "A=1")), [(".env", 1, "secret-file")])
        self.assertEqual(hits(new_file(".env.example", "A=1")), [])


class Texts(unittest.TestCase):
    def test_conflict_markers(self):
        self.assertEqual(hits(new_file("x.md", "<<<<<<< HEAD", "a", "=======", "b", ">>>>>>> x")),
                         [("x.md", 1, "conflict-marker"), ("x.md", 5, "conflict-marker")])
        self.assertEqual(hits(new_file("x.rst", "Title", "=======", "", "<<<<<<<<", ">>> x")), [])

    def test_hidden_characters(self):
        self.assertEqual(line_rules("x.py", "a = 'x\u202e'"), ["bidi-control"])
        self.assertEqual(line_rules("x.md", "a\u2067b"), ["bidi-control"])
        self.assertEqual(line_rules("x.py", "a\u200b = 1"), ["invisible-character"])
        self.assertEqual(line_rules("x.md", "a\u200db"), [])
        self.assertEqual(line_rules("x.py", "p\u0430ssword = 1"), ["mixed-script"])
        self.assertEqual(line_rules("x.py", "привет = 'мир'; größe = 'µs'"), [])
        self.assertEqual(line_rules("x.txt", "a\x1b[2Jb"), ["control-character"])
        self.assertEqual(hits(new_file("x.cs", "\ufeffusing System;")), [])

    def test_line_ends(self):
        self.assertEqual(hits(new_file("x.txt", "a", "b\r", "c")), [("x.txt", 2, "mixed-line-ends")])
        self.assertEqual(hits(new_file("x.txt", "a\r", "b\r")), [])

    def test_long_line(self):
        self.assertEqual(hits(new_file("x.c", "", "int x = " + "1 + " * 200 + "1;")), [("x.c", 2, "long-line")])


class Changes(unittest.TestCase):
    def test_modes_and_links(self):
        self.assertEqual(hits("diff --git a/x b/x\nold mode 100644\nnew mode 100755\n"), [("x", 1, "made-executable")])
        self.assertEqual(hits(new_file("a/l", "../../etc/passwd", mode="120000")), [("a/l", 1, "link-out-of-tree")])
        self.assertEqual(hits(new_file("a/l", "../b", mode="120000")), [])
        self.assertEqual(hits(new_file("a/l", "/etc/passwd", mode="120000")), [("a/l", 1, "link-out-of-tree")])

    def test_binaries(self):
        text = "diff --git a/{0} b/{0}\nnew file mode 100644\nindex 0..1\nBinary files /dev/null and b/{0} differ\n"
        self.assertEqual(hits(text.format("x.exe"), severity="warning"), [("x.exe", 1, "binary")])
        self.assertEqual(hits(text.format("x.png"), severity="info"), [("x.png", 1, "binary")])

    def test_tests_lost(self):
        gone = "diff --git a/tests/test_x.py b/tests/test_x.py\ndeleted file mode 100644\n--- a/tests/test_x.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-def test_a(): pass\n"
        self.assertEqual(hits(gone), [("tests/test_x.py", 1, "test-deleted")])
        self.assertEqual(hits(changed("tests/test_x.py", " a\n-def test_a():\n-    b\n", "@@ -1,3 +1,1 @@")),
                         [("tests/test_x.py", 1, "test-removed")])
        self.assertEqual(hits(new_file("tests/test_x.py", "@pytest.mark.skip", "def test_a(): pass")), [("tests/test_"
                                                                                                         "x.py", 1, "test-off")])

    def test_locks(self):
        lock = changed("a/Cargo.lock", "-a\n+b\n", "@@ -1 +1 @@")
        self.assertEqual(hits(lock), [("a/Cargo.lock", 1, "lock-alone")])
        self.assertEqual(hits(lock + changed("a/Cargo.toml", "-a\n+b\n", "@@ -1 +1 @@")), [])

    def test_untested(self):
        code = new_file("src/cart.py", *["x = %d" % i for i in range(40)])
        result = ask(code, [("tests/test_cart.py", "")])
        self.assertEqual(result["review_status"], "needs_discussion")
        self.assertIn("tests/test_cart.py", result["comments"][0]["comment"])
        self.assertEqual(ask(code + new_file("tests/test_cart.py", "def test_x(): pass"))["review_status"], "approved")

    def test_large(self):
        text = new_file("x.md", *["a"] * 3000)
        self.assertEqual(hits(text, severity="warning"), [("x.md", 1, "large-change")])
        self.assertEqual(hits(new_file("package-lock.json", *["a"] * 3000)), [])

    def test_combined(self):
        result = ask("diff --cc x.c\nindex 1,2..3\n--- a/x.c\n+++ b/x.c\n@@@ -1,1 -1,1 +1,2 @@@\n++gets(x);\n")
        self.assertEqual((result["review_status"], len(result["comments"])), ("needs_discussion", 1))
        self.assertIn("first parent", result["comments"][0]["comment"])

    def test_empty_and_not_a_diff(self):
        self.assertEqual(ask("")["review_status"], "approved")
        self.assertEqual(ask("")["comments"], [])
        self.assertEqual(ask("hello\n")["review_status"], "needs_discussion")


class Whole(unittest.TestCase):
    def test_bounds(self):
        text = new_file("x.c", *["	strcpy(a, b); /* TODO %s */" % ("x" * 3000)] * 300) + "".join(new_file("d%d.c" % i, "	gets(x);") for i in range(200))
        result = ask(text)
        self.assertEqual(len(result["comments"]), 100)
        ranks = [finding.RANK[c["severity"]] for c in result["comments"]]
        self.assertEqual(ranks, sorted(ranks))
        self.assertIn("were left out", result["summary"])
        self.assertTrue(all(len(c["comment"]) <= 2000 for c in result["comments"]) and len(result["summary"]) <= 5000)

    def test_no_comment_holds_what_the_output_policy_blocks(self):
        said = " ".join(r.message + r.advice for r in rules.ALL + list(rules.CHECKS))
        for path in os.listdir(AGENT):
            if path.endswith(".py") and not path.startswith(("rule", "check")):
                with open(os.path.join(AGENT, path), encoding="utf-8") as f:
                    said += " ".join(re.findall(r'"([A-Z][^"]*\.)"', f.read()))
        self.assertIsNone(re.search(r"https?:|(?:eval|exec|system|Function|popen)\s*\(|<script|javascript:|"
                                    r"os\.system|subprocess\.|__import__", said))

    def cost(self, text, times=1):
        best = None
        for _ in range(times):
            start = time.process_time()
            ask(text)
            spent = time.process_time() - start
            best = spent if best is None else min(best, spent)
        return best

    def grows(self, small, large, factor, told):
        """What takes twice the input may take twice the time. A busy machine gets a second look, best of three."""
        for times in (1, 3):
            a, b = self.cost(small, times), self.cost(large, times)
            if b <= factor * a + 0.05:
                return
        self.fail((told, a, b))

    def test_growth_is_linear(self):
        """Hostile lines: the time for twice as much is about twice as long (processor time, best of three)."""
        for path, piece in (("x.c", "memcpy(strncpy(printf("), ("x.py", "eyJaaaaaaaaaaa."), ("x.js", "`${\"'"),
                            ("x.sh", "rm -rf $a curl "), ("x.py", "password=\"a"), ("x.c", "/*\"\\"),
                            ("x.py", "SELECT a "), ("x.yaml", "sk-aaaaaaaaaaaaaaaa token:"), ("x.txt", "a://b:c"),
                            ("x.java", "catch(getInstance(\""), ("x.c", "аa")):
            small, large = (new_file(path, *[(piece * (n // len(piece) + 1))[:n]]) for n in (60000, 120000))
            self.grows(small, large, 4, (path, piece))
            small, large = (new_file(path, *[(piece * 60)[:500]] * n) for n in (100, 200))
            self.grows(small, large, 4, (path, piece))

    def test_growth_over_lines_is_linear(self):
        """What opens and never closes, and what makes a check look around, on every line."""
        for path, line in (("x.rs", "/*"), ("x.py", 'f"{"""'), ("x.js", "`${"), ("x.sh", "a <<E$i"),
                           ("x.sh", "cat <<E 'b \"$("), ("x.rs", 'r#"'), ("x.cc", 'R"x('), ("x.sql", "$a$ BEGIN "
                                                                                                     "UPDATE a SET b"),
                           ("x.sql", "alter table a add column"), ("x.yaml", "- |"), ("x.yaml", "run: |"),
                           ("x.tf", 'a = "${'), ("x.rb", "a <<E"), ("x.c", "free(a);"), ("x.c", "int a = read(b, c, "
                                                                                                "sizeof(c));"), ("x.c", " return a;"),
                           ("x.go", "resp, err := http.Get(a)"), ("x.go", "for _, v := range x {"),
                           ("x.go", "defer a()"), ("x.py", "x = open(a)"), ("x.py", "requests.get("),
                           ("x.py", "for i in x:"), ("x.py", "async def a(): time.sleep(1)"),
                           ("x.java", "x = new FileReader(a);"), ("x.java", "catch (A e) {"), ("x.rs", "let a = "
                                                                                                       "b.lock().unwr"
                                                                                                       "ap();"), ("x.rs", 'Command::new("sh")'), ("x.ts", "for (const k in x) {"), ("Dockerfile", "RUN apt-get install \\"),
                           ("Dockerfile", "FROM a AS b"), ("x.js", "= /["), ("x.lua", "[==["), ("x.cs", '$@"{'),
                           ("x.php", "<<<E"), ("x.swift", '"\\(')):
            self.grows(*(new_file(path, *[line.replace("$i", str(i)) for i in range(n)]) for n in (1000, 2000)), 3.2,
                       (path, line))

    def test_large_changes(self):
        """Five million characters of ordinary code, more than the schema lets in, and nesting without an end."""
        body = ["def f%d(x):" % i if i % 5 == 0 else '    return g("%d", x)  # and so on, as such lines go' % i
                for i in range(100000)]
        self.assertEqual(ask(new_file("x.py", *body))["review_status"], "needs_discussion")
        for path, text in (("x.js", "`${" * 100000), ("x.py", 'f"{' * 100000), ("x.tf", '"${' * 100000),
                           ("x.c", "{" * 300000), ("x.sh", '"$(' * 100000), ("x.yaml", "[" * 300000)):
            ask(new_file(path, text))
            ask(new_file(path, *[text[i:i + 900] for i in range(0, len(text), 900)]))

    def test_random_changes_never_end_in_an_exception(self):
        r = random.Random(11)
        paths = ["x." + e for e in "c py js ts go rs java sh sql yaml tf rb php cs lua swift pl html".split()] + ["Dockerfile", "Makefile", ".github/workflows/a.yml"]
        pieces = ['"', "'", "`", "${", '"""', "/*", "*/", "//", "#", "<<E\n", "E\n", 'r#"', 'R"x(', "$$", "{", "}", "(",
                  ")", "[", "]", "\\", "\n", "\n", "\n", " ", "    ", "if ", "for x in y:", "err := f()", "free(a);",
                  "malloc(b)", "def f(x):",
                  "async ", "catch (e) {", "run: |", "SELECT ", "FROM a", "UPDATE a SET ", ";", "=", "==", "a", "open(",
                  "lambda x: y", "\u00e9", "\t", "defer ", "func f() {", "fn f() {", "unsafe ", ".unwrap()", "import a",
                  "%", "- ", ": "]
        for n in range(700):
            text = "".join(r.choice(pieces) for _ in range(r.randint(1, 60)))
            hunk = "".join(r.choice("++ ") + x + "\n" for x in text.split("\n"))
            counts = sum(x[0] == " " for x in hunk.splitlines()), len(hunk.split("\n")) - 1
            start = r.choice((1, 40))
            ask(changed(paths[n % len(paths)], hunk,
                        "@@ -%d,%d +%d,%d @@ mod tests" % (start, counts[0], start, counts[1])))

    def test_accuracy(self):
        """The labelled set, with the floors that measure.py holds."""
        run = subprocess.run([sys.executable, os.path.join(TOP, "tests/corpus/code-review/measure.py"), "-v"],
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_sample(self):
        """The shipped pull request: each planted fault at its line, and nothing else but what hangs on them."""
        with open(os.path.join(TOP, "share/demo/pr/change.diff"), encoding="utf-8", newline="") as f:
            text = f.read()
        with open(os.path.join(TOP, "share/demo/pr/expected.json"), encoding="utf-8") as f:
            expected = json.load(f)
        result = ask(text)
        want = {(x["file"], x["line"]) for x in expected["faults"]}
        got = {(c["file"], c["line"]) for c in result["comments"]}
        self.assertEqual(want - got, set())
        self.assertEqual(got - want, set())
        self.assertEqual(result["review_status"], expected["review_status"])

    def test_as_a_program(self):
        request = json.dumps({"repository": "a/b", "pull_request_id": 1, "diff": new_file("ü.py", "eval(x)")}).encode()
        run = subprocess.run([os.path.join(AGENT, "review.py")], input=request, capture_output=True, env={}, cwd="/",
                             check=False)
        self.assertEqual((run.returncode, run.stderr), (0, b""))
        self.assertEqual(json.loads(run.stdout)["comments"][0]["file"], "ü.py")
        again = subprocess.run([os.path.join(AGENT, "review.py")], input=request, capture_output=True,
                               env={"LC_ALL": "C"}, cwd="/", check=False)
        self.assertEqual(run.stdout, again.stdout)


if __name__ == "__main__":
    unittest.main()
