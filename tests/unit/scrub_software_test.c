/* SPDX-License-Identifier: Apache-2.0 */
/* lib/scrub/software.c: host names that say which software is meant, and those that lead away. */
#include "tests/unit/tap.h"

#include <ctype.h>

#include "lib/scrub/software.h"

/* The name between the braces of the text, which are left out. */
static bool names_software(const char *marked)
{
	char text[512];
	struct ab_scrub_place place = { .text = (const unsigned char *)text };
	size_t n = 0, host = 0, end = 0;

	for (; *marked; marked++) {
		if (*marked == '{')
			host = n;
		else if (*marked == '}')
			end = n;
		else
			text[n++] = *marked;
	}
	text[n] = '\0';
	place.hi = n;
	return ab_scrub_names_software(&place, host, end, text[end] == '/');
}

#define SUM "h1:CcVxjf3Q8PM0mHUKJCdn+eZZtm5yQwehR5yeSVQQcUk="

static void test_software(struct tap *t)
{
	static const char *const cases[] = {
		"{github.com}/x/y v1.2.3", /* of a go.mod */
		"{github.com}/x/y // indirect",
		"go install {github.com}/x/y@latest",
		"at {golang.org}/x/net/http2.(*Server).Serve(0xc0000)",
		"at {github.com}/x/y.Run(",
		"import \"{github.com}/x/y\"",
		"\tlog \"{github.com}/x/y\"",
		"require {gopkg.in}/yaml.v3 v3.0.1",
		"+\t{k8s.io}/api v0.29.0",
		("{any.host.dev}/x v1.2.3 " SUM),
		("{any.host.dev}/x v1.2.3/go.mod " SUM),
		"FROM {ghcr.io}/x/y:1",
		"image: {eu.gcr.io}/p/q",
		"image: {1234.dkr.ecr.eu-west-1.amazonaws.com}/x",
		"{networking.k8s.io}/v1",
		"apiVersion: {cert-manager.io}/v1beta1",
		"apiVersion: {cert-manager.io}/v1.",
		"\"apiVersion\": \"{argoproj.io}/v1alpha1",
		"    {cert.corp.io}/issuer: x",
		"   \"{cert.corp.io}/issuer\": \"x\"",
		"the code moved to {GitHub.com}.",
		"as {stackoverflow.com} says",
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++)
		tap_ok(t, names_software(cases[i]), "software: %s", cases[i]);
}

static void test_places(struct tap *t)
{
	static const char *const cases[] = {
		"{github.com}/x/y mirror of it",
		"see {github.com}/x/y",
		"get it from {github.com}/x/y today",
		"{evil.com}/x v1.2.3", /* no house of modules */
		"{evil.com}/x v1.2.3 h1:short=",
		("see {evil.com}/x v1.2.3 " SUM), /* opens no line */
		"{notghcr.io}/x/y:1",
		"{evil-gcr.io}/x",
		"{evilk8s.io}/v1",
		"{evil.io}/v1",
		"apiVersion: {evil.io}/login",
		"apiVersion: {evil.io}/vx",
		"{cert.corp.io}/issuer: x", /* of no mapping */
		"    {cert.corp.io}/a/b: x",
		"so   {cert.corp.io}/issuer: x",
		"    {cert.corp.io}/issuer=x",
		"visit {github.com}",
		"download from {sourceforge.net}",
		"{x.github.com} is another",
		"{evil.com} is not known",
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++)
		tap_ok(t, !names_software(cases[i]), "a place to go to: %s", cases[i]);
}

static bool names_schema(const char *text)
{
	struct ab_scrub_place place = { .text = (const unsigned char *)text, .hi = strlen(text) };
	size_t start = (size_t)(strstr(text, "http") - text), end = start;

	while (text[end] && !isspace((unsigned char)text[end]) && !strchr("\"'>", text[end]))
		end++;
	return ab_scrub_names_schema(&place, start, (size_t)(strstr(text, "://") + 3 - text), end);
}

static void test_schemas(struct tap *t)
{
	static const char text[] = "xmlns=\"http:\n//www.w3.org/svg";
	const struct ab_scrub_place split = { .text = (const unsigned char *)text, .hi = sizeof(text) - 1 };
	char longer[256] = "xmlns=\"http://www.w3.org/";

	tap_ok(t, names_schema("<svg xmlns=\"http://www.w3.org/2000/svg\">"), "a namespace");
	tap_ok(t, names_schema("{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\"}"),
	       "a schema");
	tap_ok(t, names_schema("{\"@context\": \"https://schema.org\"}"), "a context");
	tap_ok(t, names_schema("document.createElementNS('http://www.w3.org/1999/xhtml'"),
	       "of an element");
	tap_ok(t, !names_schema("see http://www.w3.org/2000/svg"), "none where none is named");
	tap_ok(t, !names_schema("xmlns\n=\"http://www.w3.org/2000/svg\""), "none of another line");
	tap_ok(t, !names_schema("xmlns=\"http://evil.com/2000/svg\""), "none of a stranger");
	tap_ok(t, !names_schema("xmlns=\"http://www.w3.org.evil.com/svg\""),
	       "none of a stranger's host that begins so");
	tap_ok(t, !names_schema("xmlns=\"http://www.w3.org/svg?d=1\""), "none with a query");
	tap_ok(t, !names_schema("xmlns=\"http://www.w3.org/%41\""), "none with an escape");
	tap_ok(t, !names_schema("xmlns=\"http://www.w3.org@evil.com/\""), "none with a user");
	tap_ok(t, !ab_scrub_names_schema(&split, 7, 15, split.hi), "none whose scheme ends in the line before");
	memset(longer + strlen(longer), 'a', 96);
	tap_ok(t, !names_schema(longer), "none that is long enough to carry data");
}

int main(void)
{
	struct tap t = { 0 };

	test_software(&t);
	test_places(&t);
	test_schemas(&t);
	return tap_done(&t);
}
