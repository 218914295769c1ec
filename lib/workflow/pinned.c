/* SPDX-License-Identifier: Apache-2.0 */
/* Which agent it is that a definition names, as ab-jail finds it. */
#include <string.h>

#include "lib/workflow/doctor.h"
#include "lib/workflow/place.h"

/* ab-jail's words but its name, which the caller says. */
static const char *said_of(const struct ab_buf *said)
{
	static const char name[] = "ab-jail: ";

	if (!said->len)
		return "ab-jail ended without a word";
	return said->data + (strncmp(said->data, name, sizeof(name) - 1) ? 0 : sizeof(name) - 1);
}

int ab_workflow_digest(const struct ab_workflow *w, const struct ab_operator *o,
		       char ret[AB_SHA256_TEXT], struct ab_err *err)
{
	ab_auto(ab_command_done) struct ab_command command = { 0 };
	ab_auto(ab_buf_free) struct ab_buf out = { 0 }, said = { 0 };
	int status;

	if (!w->command)
		return ab_err_usage(err, "%s: /spec/agent: missing, so there is no digest",
				    w->shown);
	if (ab_place_guard(w, o, err) < 0 || ab_plan_digest(&command, w, err) < 0)
		return -1;
	status = ab_doctor_ask((const char *const *)command.argv, &out, &said);
	if (status != 0)
		return ab_err_usage(err, "%s: /spec/agent: %s", w->shown, said_of(&said));
	if (out.len != AB_SHA256_TEXT || out.data[AB_SHA256_TEXT - 1] != '\n')
		return ab_err_trouble(err, "ab-jail did not say a digest");
	memcpy(ret, out.data, AB_SHA256_TEXT - 1);
	ret[AB_SHA256_TEXT - 1] = '\0';
	return 0;
}
