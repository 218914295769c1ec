/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host names that say which software is meant and where no one is sent: module paths, container
 * images, API groups, and the names of houses that everybody who writes about software knows.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "lib/scrub/software.h"

#define LINE_MAX_BACK 64 /* bytes before a name that say what line it stands in */

struct name {
	const unsigned char *text; /* of the place */
	size_t lo, hi;
	size_t host, host_end, end; /* the name, and behind its path */
	bool path;
};

static bool is_path_byte(unsigned char c)
{
	return isalnum(c) || (c && strchr("-._~/", c));
}

static bool host_is(const struct name *n, const char *name)
{
	size_t len = strlen(name);

	return n->host_end - n->host == len &&
	       strncasecmp((const char *)n->text + n->host, name, len) == 0;
}

/* Whether the host is one of the names, each of which stands between spaces. */
static bool is_listed(const struct name *n, const char *names)
{
	size_t len = n->host_end - n->host;

	for (const char *at = names + 1; *at; at += strcspn(at, " ") + 1)
		if (strcspn(at, " ") == len &&
		    strncasecmp((const char *)n->text + n->host, at, len) == 0)
			return true;
	return false;
}

/* The host itself, or one below it. */
static bool host_below(const struct name *n, const char *name)
{
	size_t len = strlen(name), have = n->host_end - n->host;

	return have > len && n->text[n->host_end - len - 1] == '.' &&
	       strncasecmp((const char *)n->text + n->host_end - len, name, len) == 0;
}

static bool follows(const struct name *n, size_t at, const char *what)
{
	size_t len = strlen(what);

	return n->hi - at >= len && memcmp(n->text + at, what, len) == 0;
}

/* Whether the text before `at`, in its line, ends with the word. */
static bool stands_behind(const struct name *n, size_t at, const char *word)
{
	size_t len = strlen(word);

	return at >= n->lo + len && strncasecmp((const char *)n->text + at - len, word, len) == 0;
}

/* What stands before the name in its line, quotes left out: where it begins. */
static size_t line_start(const struct name *n)
{
	size_t at = n->host;

	while (at > n->lo && n->host - at < LINE_MAX_BACK && n->text[at - 1] != '\n')
		at--;
	return at;
}

/* Whether a version follows at `at`: v1.2, or the pseudo-version of a commit. */
static bool version_at(const struct name *n, size_t at)
{
	return n->hi - at > 3 && n->text[at] == 'v' && isdigit(n->text[at + 1]) &&
	       (n->text[at + 2] == '.' || isdigit(n->text[at + 2]));
}

/* Whether the name opens its line: nothing but spaces, a quote and words of a go.mod before it. */
static bool opens_line(const struct name *n)
{
	static const char *const words[] = { "require ", "replace ",	"module ",
					     "exclude ", "import ",	"=> ",
					     "go get ",	 "go install ", "go run " };
	size_t start = line_start(n), at = n->host;

	if (at > start && strchr("\"`", n->text[at - 1]))
		at--;
	for (size_t i = 0; i < AB_ARRAY_SIZE(words); i++)
		if (stands_behind(n, at, words[i]))
			return true;
	/* A name for the import may stand before it: `log "github.com/x/y"`. */
	if (at < n->host)
		while (at > start && (isalnum(n->text[at - 1]) || strchr("_. ", n->text[at - 1])))
			at--;
	while (at > start && (n->text[at - 1] == ' ' || n->text[at - 1] == '\t' ||
			      n->text[at - 1] == '+' || n->text[at - 1] == '-'))
		at--;
	return at == start;
}

/* Hosts of modules of Go, which are named by where they live. */
static bool is_module_host(const struct name *n)
{
	static const char hosts[] =
		" github.com gitlab.com bitbucket.org golang.org gopkg.in "
		"google.golang.org go.uber.org k8s.io sigs.k8s.io go.etcd.io "
		"cloud.google.com go.opentelemetry.io honnef.co gonum.org modernc.org "
		"go.mongodb.org dario.cat filippo.io rsc.io codeberg.org git.sr.ht "
		"mvdan.cc gorm.io go.mozilla.org go.step.sm oras.land helm.sh istio.io "
		"knative.dev cel.dev go.starlark.net go4.org contrib.go.opencensus.io ";

	return is_listed(n, hosts);
}

/* The line of a go.sum: NAME VERSION[/go.mod] h1:HASH. */
static bool is_sum_line(const struct name *n)
{
	size_t at = n->end, hash;

	if (at + 1 >= n->hi || n->text[at] != ' ' || !version_at(n, at + 1) || !opens_line(n))
		return false;
	for (at++; at < n->hi && n->text[at] > ' ';)
		at++;
	if (!follows(n, at, " h1:"))
		return false;
	hash = at += 4;
	while (at < n->hi && (isalnum(n->text[at]) || strchr("+/=", n->text[at])))
		at++;
	return at - hash == 44;
}

/* Behind its path nothing stands that a sentence would go on with: a quote, a version, a comment, the line's end. */
static bool stands_alone(const struct name *n)
{
	size_t at = n->end;

	while (at < n->hi && (n->text[at] == ' ' || n->text[at] == '\t'))
		at++;
	return at == n->hi || strchr("\r\n\"`'),;:\\", n->text[at]) || follows(n, at, "=>") || follows(n, at, "//") ||
	       follows(n, at, "latest") || follows(n, at, "(") || version_at(n, at);
}

/* github.com/x/y as a program names it: a version, a function, an import, a line of a go.mod. */
static bool is_module(const struct name *n)
{
	if (!n->path || !is_module_host(n))
		return false;
	if (n->end + 1 < n->hi && n->text[n->end] == '@' && isalnum(n->text[n->end + 1]))
		return true; /* x/y@v1, x/y@latest */
	if (n->end + 1 < n->hi && n->text[n->end] == ' ' && version_at(n, n->end + 1))
		return true;
	if (follows(n, n->end, "(") || follows(n, n->end, ".("))
		return true; /* a frame of a stack */
	if (n->host > n->lo && n->text[n->host - 1] == '=' && follows(n, n->end, "="))
		return true;
	return stands_alone(n) && opens_line(n);
}

/* Registries of container images. */
static bool is_registry(const struct name *n)
{
	static const char hosts[] =
		" docker.io ghcr.io gcr.io quay.io registry.k8s.io k8s.gcr.io "
		"mcr.microsoft.com public.ecr.aws nvcr.io lscr.io docker.elastic.co "
		"registry.gitlab.com cgr.dev index.docker.io "
		"registry.access.redhat.com docker.pkg.github.com registry.redhat.io "
		"container-registry.oracle.com ";

	return is_listed(n, hosts) || host_below(n, "gcr.io") || host_below(n, "pkg.dev") ||
	       host_below(n, "azurecr.io") ||
	       (host_below(n, "amazonaws.com") &&
		memmem(n->text + n->host, n->host_end - n->host, ".dkr.ecr.", 9) != NULL);
}

/* group/v1, group/v1beta2 */
static bool is_api_version(const struct name *n)
{
	size_t at = n->host_end + 1;

	if (!n->path || n->text[at++] != 'v')
		return false;
	while (at < n->end && (isdigit(n->text[at]) || islower(n->text[at])))
		at++;
	return at == n->end && isdigit(n->text[n->host_end + 2]);
}

/* Groups and labels of Kubernetes: names made of a host that nothing is fetched from. */
static bool is_group(const struct name *n)
{
	if (host_is(n, "k8s.io") || host_is(n, "kubernetes.io") || host_below(n, "k8s.io") ||
	    host_below(n, "kubernetes.io") || host_below(n, "x-k8s.io"))
		return n->path;
	return is_api_version(n) && (stands_behind(n, n->host, "apiVersion: ") ||
				     stands_behind(n, n->host, "apiVersion\": \"") ||
				     stands_behind(n, n->host, "apiVersion\":\""));
}

/* A key of a mapping that is made of a host and one word: `    cert.example.io/issuer: x`. */
static bool is_key(const struct name *n)
{
	size_t start = line_start(n), at = n->host;
	bool quoted = at > start && n->text[at - 1] == '"';

	if (!n->path || memchr(n->text + n->host_end + 1, '/', n->end - n->host_end - 1))
		return false;
	if (quoted ? !follows(n, n->end, "\":") : !follows(n, n->end, ": "))
		return false;
	at -= quoted;
	while (at > start && n->text[at - 1] == ' ')
		at--;
	return at == start && n->host - at >= (quoted ? 3 : 2);
}

/* Houses of software and well-known firms, as prose names them. */
static bool is_known(const struct name *n)
{
	static const char names[] =
		" github.com gitlab.com bitbucket.org sourceforge.net npmjs.com "
		"npmjs.org pypi.org crates.io rubygems.org docker.com docker.io "
		"ghcr.io quay.io gcr.io golang.org python.org nodejs.org kubernetes.io "
		"debian.org ubuntu.com kernel.org gnu.org apache.org mozilla.org "
		"w3.org ietf.org iana.org unicode.org openssl.org openssh.com "
		"freedesktop.org freebsd.org openbsd.org netbsd.org archlinux.org "
		"fedoraproject.org redhat.com opensuse.org postgresql.org mysql.com "
		"sqlite.org mongodb.com redis.io nginx.org nginx.com jquery.com "
		"json.org schema.org json-schema.org yaml.org maven.org gradle.org "
		"jetbrains.com eclipse.org atlassian.com stackoverflow.com "
		"wikipedia.org archive.org letsencrypt.org cloudflare.com amazon.com "
		"google.com microsoft.com apple.com oracle.com ibm.com intel.com "
		"nvidia.com booking.com paypal.com ebay.com netflix.com salesforce.com "
		"monday.com hotels.com facebook.com linkedin.com youtube.com "
		"reddit.com twitter.com outlook.com office.com live.com dell.com "
		"adobe.com openai.com anthropic.com huggingface.co gravatar.com "
		"codecov.io metacpan.org cpan.org packagist.org nuget.org hex.pm "
		"semver.org keepachangelog.com conventionalcommits.org "
		"editorconfig.org contributor-covenant.org opencontainers.org cncf.io "
		"linuxfoundation.org java.net oasis-open.org iso.org ieee.org acm.org "
		"change.org make.com box.com cars.com match.com socket.io ";

	return is_listed(n, names);
}

/* Whether somebody or something is sent to the name that follows. */
static bool is_sent(const struct name *n)
{
	static const char *const words[] = {
		"visit ",      "go to ",   "goto ",	"open ",	  "browse ",
		"browse to ",  "curl ",	   "wget ",	"ping ",	  "dig ",
		"nslookup ",   "resolve ", "fetch ",	"host: ",	  "connect to ",
		"http ",       "head to ", "click ",	"download from ", "log in at ",
		"sign in at ", "post to ", "upload to "
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(words); i++)
		if (stands_behind(n, n->host, words[i]))
			return true;
	return false;
}

bool ab_scrub_names_software(const struct ab_scrub_place *p, size_t host, size_t host_end,
			     bool path)
{
	struct name n = { p->text, p->lo, p->hi, host, host_end, host_end, path };

	while (path && n.end < n.hi && n.end - host < 512 && is_path_byte(n.text[n.end]))
		n.end++;
	while (n.end > host_end && n.text[n.end - 1] == '.')
		n.end--; /* of the sentence */
	if (!path)
		return is_known(&n) && !is_sent(&n);
	if (is_registry(&n) && stands_behind(&n, host, " push "))
		return false; /* of an image that goes out */
	return is_registry(&n) || is_group(&n) || is_key(&n) || is_sum_line(&n) || is_module(&n);
}

bool ab_scrub_names_schema(const struct ab_scrub_place *p, size_t start, size_t host, size_t end)
{
	static const char *const before[] = { "xmlns",	"$schema\"",  "$id\"",
					      "$ref\"", "Namespace=", "schemaLocation=",
					      "DTD ",	"@context\"", "@vocab\"",
					      "ns=",	"SYSTEM \"",  "createElementNS(" };
	static const char hosts[] =
		" www.w3.org json-schema.org schemas.xmlsoap.org schemas.microsoft.com "
		"schemas.android.com java.sun.com xmlns.jcp.org xmlns.oracle.com "
		"jakarta.ee maven.apache.org schemas.openxmlformats.org purl.org "
		"schema.org json.schemastore.org www.springframework.org spdx.org "
		"ns.adobe.com www.inkscape.org sodipodi.sourceforge.net ";
	struct name n = { p->text, p->lo, p->hi, host, host, end, true };
	size_t from = line_start(&n);
	bool stands = false;

	if (from > start)
		return false; /* a line ends between the scheme and the host */
	while (n.host_end < end &&
	       (isalnum(n.text[n.host_end]) || strchr(".-", n.text[n.host_end])))
		n.host_end++;
	for (size_t i = n.host_end; i < end; i++)
		if (n.text[i] == '?' || n.text[i] == '%' || n.text[i] == '@')
			return false;
	for (size_t i = 0; i < AB_ARRAY_SIZE(before) && !stands; i++)
		stands = memmem(n.text + from, start - from, before[i], strlen(before[i])) != NULL;
	return stands && is_listed(&n, hosts) && end - n.host_end < 96;
}
