/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/hooks.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "lib/base/auto.h"

#define LONGEST 28 /* of a name, with its NUL */

/* No pointers: a program that is linked to run anywhere writes each of them when it starts. */

/* Everything beneath a directory of this name. */
static const char directories[][LONGEST] = {
	".buildkite",	 ".cargo",  ".circleci",   ".claude", ".codex", ".config",   ".cursor",
	".devcontainer", ".direnv", ".forgejo",	   ".gemini", ".git",	".gitea",    ".githooks",
	".github",	 ".gitlab", ".husky",	   ".idea",   ".mvn",	".nvim",     ".ssh",
	".vim",		 ".vscode", ".woodpecker", ".yarn",   ".zed",	"git-hooks", "githooks",
};

/* Files of this name, anywhere. */
static const char files[][LONGEST] = {
	/* continuous integration */
	".appveyor.yml",
	".cirrus.yml",
	".drone.yml",
	".gitlab-ci.yml",
	".travis.yml",
	".woodpecker.yml",
	"appveyor.yml",
	"azure-pipelines.yml",
	"bitbucket-pipelines.yml",
	"cloudbuild.yaml",
	"jenkinsfile",
	/* git and its hooks; HEAD makes a repository of the directory that it stands in */
	".gitattributes",
	".gitconfig",
	".gitmodules",
	".lefthook.yml",
	".overcommit.yml",
	".pre-commit-config.yaml",
	".pre-commit-config.yml",
	".pre-commit-hooks.yaml",
	"lefthook.yml",
	"head",
	/* builds and package managers */
	".bazelrc",
	".npmrc",
	".pnpmfile.cjs",
	".yarnrc",
	".yarnrc.yml",
	"autogen.sh",
	"binding.gyp",
	"bootstrap",
	"build",
	"build.bazel",
	"build.rs",
	"build.xml",
	"cmakelists.txt",
	"compose.yaml",
	"compose.yml",
	"cargo.toml",
	"composer.json",
	"configure",
	"configure.ac",
	"containerfile",
	"docker-compose.yaml",
	"docker-compose.yml",
	"dockerfile",
	"earthfile",
	"gemfile",
	"gnumakefile",
	"gradle-wrapper.properties",
	"gradle.properties",
	"gradlew",
	"gradlew.bat",
	"gruntfile.js",
	"gulpfile.js",
	"justfile",
	"magefile.go",
	"makefile",
	"makefile.am",
	"makefile.in",
	"meson.build",
	"module.bazel",
	"mvnw",
	"mvnw.cmd",
	"noxfile.py",
	"package.json",
	"pom.xml",
	"procfile",
	"pyproject.toml",
	"rakefile",
	"setup.cfg",
	"setup.py",
	"snakefile",
	"taskfile.yaml",
	"taskfile.yml",
	"tiltfile",
	"tox.ini",
	"vagrantfile",
	"workspace",
	"workspace.bazel",
	"wscript",
	/* what Python, test runners and linters import unasked */
	".eslintrc.cjs",
	".eslintrc.js",
	".prettierrc.js",
	".pylintrc",
	".rspec",
	"conftest.py",
	"pylintrc",
	"pytest.ini",
	"pyvenv.cfg",
	"sitecustomize.py",
	"usercustomize.py",
	/* shells, editors, debuggers, tools that read where they stand */
	".bash_login",
	".bash_logout",
	".bash_profile",
	".bashrc",
	".cshrc",
	".dir-locals.el",
	".editrc",
	".emacs",
	".env",
	".envrc",
	".exrc",
	".gdbinit",
	".inputrc",
	".kshrc",
	".lldbinit",
	".login",
	".lvimrc",
	".mise.toml",
	".netrc",
	".nvimrc",
	".profile",
	".rhosts",
	".shrc",
	".tcshrc",
	".tmux.conf",
	".tool-versions",
	".vimrc",
	".xinitrc",
	".xprofile",
	".xsession",
	".zlogin",
	".zlogout",
	".zprofile",
	".zshenv",
	".zshrc",
	"authorized_keys",
	"config.fish",
	"crontab",
	"mise.toml",
	/* what other agents obey */
	".aider.conf.yml",
	".cursorrules",
	".mcp.json",
	".windsurfrules",
	"agents.md",
	"claude.md",
	"gemini.md",
};

static const char endings[][LONGEST] = {
	".bashrc",     ".bzl",	      ".code-workspace", ".config.cjs", ".config.js",
	".config.mjs", ".config.mts", ".config.ts",	 ".csproj",	".desktop",
	".gemspec",    ".gradle",     ".gradle.kts",	 ".mk",		".nix",
	".props",      ".pth",	      ".service",	 ".targets",	".sublime-project",
	".timer",      ".vcxproj",    ".workspace",
};

/* In an image's layer, what deletes another file. */
static const char whiteout[] = ".wh.";

static bool is_word(const char *name, size_t len, const char (*words)[LONGEST], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(words[i]) == len && strncasecmp(words[i], name, len) == 0)
			return true;
	return false;
}

bool ab_is_hook(const char *path, bool directory)
{
	const char *name = path;
	size_t len;

	if (strncmp(path, whiteout, strlen(whiteout)) == 0 || strstr(path, "/.wh."))
		return true;
	if (directory)
		return false;

	for (;;) {
		len = strcspn(name, "/");
		/* One that is itself a file or link of such a name stands for the directory. */
		if (is_word(name, len, directories, AB_ARRAY_SIZE(directories)))
			return true;
		if (!name[len])
			break;
		name += len + 1;
	}
	for (size_t i = 0; i < AB_ARRAY_SIZE(endings); i++) {
		size_t end = strlen(endings[i]);

		if (len > end && strcasecmp(name + len - end, endings[i]) == 0)
			return true;
	}
	return is_word(name, len, files, AB_ARRAY_SIZE(files));
}
