/* SPDX-License-Identifier: Apache-2.0 */
/* DSSE envelopes (secure-systems-lab/dsse, protocol v1): a signature over payload and type. */
#include "lib/audit/record.h"

#include <string.h>

#include "lib/crypto/text.h"

/* The pre-authentication encoding: what is signed. */
static int encode(const struct ab_buf *payload, struct ab_buf *out, struct ab_err *err)
{
	(void)ab_buf_reserve(out, payload->len + 64); /* one piece of memory, not one grown to it */
	ab_buf_addf(out, "DSSEv1 %zu %s %zu ", strlen(AB_PAYLOAD_TYPE), AB_PAYLOAD_TYPE,
		    payload->len);
	ab_buf_add(out, payload->data, payload->len);
	return ab_buf_ok(out, err);
}

static int add_signature(const struct ab_skey *key, const struct ab_buf *message,
			 struct ab_buf *out, struct ab_err *err)
{
	unsigned char signature[AB_ED25519_SIGNATURE];
	char id[AB_NOTE_NAME + 10];

	if (ab_ed25519_sign(key->secret, message->data, message->len, signature, err) < 0)
		return -1;
	ab_vkey_id_text(&key->public_key, id);
	ab_buf_adds(out, "{\"keyid\":");
	ab_json_quote(id, strlen(id), out);
	ab_buf_adds(out, ",\"sig\":\"");
	ab_base64_add(signature, sizeof(signature), out);
	ab_buf_adds(out, "\"}");
	return 0;
}

int ab_dsse_seal(const struct ab_skey *const *keys, size_t n, const struct ab_buf *payload,
		 struct ab_buf *out, struct ab_err *err)
{
	struct ab_buf message = { 0 };
	int status = encode(payload, &message, err);

	/* Canonical as it stands: the keys are in order, base64 needs no escapes. */
	ab_buf_adds(out, "{\"payload\":\"");
	ab_base64_add(payload->data, payload->len, out);
	ab_buf_adds(out, "\",\"payloadType\":\"" AB_PAYLOAD_TYPE "\",\"signatures\":[");
	for (size_t i = 0; status == 0 && i < n; i++) {
		if (i)
			ab_buf_addc(out, ',');
		status = add_signature(keys[i], &message, out, err);
	}
	ab_buf_adds(out, "]}");
	ab_buf_free(&message);
	return status < 0 ? -1 : ab_buf_ok(out, err);
}

/* The text of a member that must be a string. */
static const char *member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static int decode_payload(const char *text, struct ab_buf *payload, struct ab_err *err)
{
	size_t len = strlen(text);
	char *room = ab_buf_reserve(payload, len / 4 * 3 + 1);
	ssize_t n;

	if (!room)
		return ab_err_memory(err);
	n = ab_base64_decode(text, len, (unsigned char *)room);
	if (n <= 0)
		return ab_err_no(err, "/payload: expected base64");
	payload->len += (size_t)n;
	payload->data[payload->len] = '\0';
	return 0;
}

static bool is_good(const json_t *signature, const struct ab_vkey *key, const struct ab_buf *message)
{
	unsigned char bytes[AB_ED25519_SIGNATURE + 2];
	const char *text = member(signature, "sig");

	return strlen(text) == AB_BASE64_TEXT(AB_ED25519_SIGNATURE) - 1 &&
	       ab_base64_decode(text, strlen(text), bytes) == AB_ED25519_SIGNATURE &&
	       ab_ed25519_verify(key->key, message->data, message->len, bytes);
}

/* Whether one of the signatures is of this key, and good; -1: one is, and is not good, or is there
 * twice. Those of keys that are not known say nothing, as in a signed note. */
static int has_signature(const json_t *signatures, const struct ab_vkey *key,
			 const struct ab_buf *message)
{
	char id[AB_NOTE_NAME + 10];
	const json_t *s;
	int found = 0;
	size_t i;

	ab_vkey_id_text(key, id);
	json_array_foreach(signatures, i, s)
	{
		if (strcmp(member(s, "keyid"), id) != 0)
			continue;
		if (found || !is_good(s, key, message))
			return -1;
		found = 1;
	}
	return found;
}

static int check_signature(const json_t *signatures, const struct ab_keyring *keys,
			   const struct ab_buf *payload, struct ab_err *err)
{
	const struct ab_vkey *missing = NULL;
	char id[AB_NOTE_NAME + 10];
	struct ab_buf message = { 0 };
	size_t good = 0;

	if (encode(payload, &message, err) < 0)
		return -1;
	for (size_t i = keys->n; i > 0; i--) {
		int found = has_signature(signatures, &keys->keys[i - 1], &message);

		if (found > 0) {
			good++;
			continue;
		}
		if (!missing || found < 0)
			missing = &keys->keys[i - 1];
		if (found < 0 || keys->all) {
			good = 0;
			break;
		}
	}
	ab_buf_free(&message);
	if (good)
		return 0;
	ab_vkey_id_text(missing, id);
	return ab_err_no(err, "no good signature by %s", id);
}

int ab_dsse_open(const json_t *envelope, const struct ab_keyring *keys, struct ab_buf *payload,
		 struct ab_err *err)
{
	static const struct ab_json_key members[] = {
		{ "payload", JSON_STRING, true },
		{ "payloadType", JSON_STRING, true },
		{ "signatures", JSON_ARRAY, true },
		{ NULL, 0, false },
	};

	if (ab_json_keys(envelope, "", members, err) < 0)
		return -1;
	if (strcmp(member(envelope, "payloadType"), AB_PAYLOAD_TYPE) != 0)
		return ab_err_no(err, "/payloadType: expected %s", AB_PAYLOAD_TYPE);
	ab_buf_clear(payload);
	if (decode_payload(member(envelope, "payload"), payload, err) < 0)
		return -1;
	return check_signature(json_object_get(envelope, "signatures"), keys, payload, err);
}
