/* Prints the shipping label of an order. */
#include <stdio.h>
#include <string.h>

#define NAME_MAX_LEN 64

struct label {
	char name[NAME_MAX_LEN];
	char street[NAME_MAX_LEN];
};

int label_set_name(struct label *l, const char *name)
{
	strcpy(l->name, name);
	return 0;
}

void label_print(const struct label *l, FILE *out)
{
	fprintf(out, l->name);
	fprintf(out, "\n%s\n", l->street);
}

int label_preview(const char *file)
{
	char command[256];

	snprintf(command, sizeof(command), "display %s", file);
	return system(command);
}
