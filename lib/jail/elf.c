/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/elf.h"

#include <elf.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define MAX_HEADERS 128
#define FEW_HEADERS 16	 /* nearly all files have no more */
#define MAX_DYNAMIC 4096 /* entries */
#define FEW_DYNAMIC 64	 /* nearly all files have no more */

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#endif

struct reading {
	int fd;
	Elf64_Phdr few[FEW_HEADERS], *headers;
	size_t n;
	uint64_t strings; /* file offset of the dynamic string table */
	unsigned char seen[PATH_MAX]; /* len bytes of the file, from the offset `at` on */
	uint64_t at;
	size_t len;
	struct ab_elf *elf;
	struct ab_err *err;
};

static int broken(struct reading *r, const char *what)
{
	return ab_err_no(r->err, "broken ELF file: %s", what);
}

/* Looks at the file from that offset on; what is seen already is not read again, which takes most
 * of the calls out of a closure of fifty libraries. */
static int look_at(struct reading *r, uint64_t offset)
{
	ssize_t n;

	if (offset > INT64_MAX - sizeof(r->seen))
		return 0;
	n = pread(r->fd, r->seen, sizeof(r->seen), (off_t)offset);
	r->at = offset;
	r->len = n < 0 ? 0 : (size_t)n;
	return n < 0 ? ab_err_sys(r->err, "read") : 0;
}

/* How many bytes from that offset on are seen. */
static size_t seen_from(const struct reading *r, uint64_t offset)
{
	return offset >= r->at && offset - r->at < r->len ? r->len - (size_t)(offset - r->at) : 0;
}

/* Reads exactly len bytes at the offset. */
static int read_at(struct reading *r, void *to, size_t len, uint64_t offset, const char *what)
{
	unsigned char *p = to;

	for (size_t n; len > 0; p += n, len -= n, offset += n) {
		n = seen_from(r, offset);
		if (!n && look_at(r, offset) < 0)
			return -1;
		n = seen_from(r, offset);
		if (!n)
			return broken(r, what);
		n = n < len ? n : len;
		memcpy(p, r->seen + (offset - r->at), n);
	}
	return 0;
}

/* A NUL-terminated text at the offset, of at most PATH_MAX bytes: the caller's. */
static char *text_at(struct reading *r, uint64_t offset, const char *what)
{
	size_t n = seen_from(r, offset);
	const char *text = (const char *)r->seen + (n ? offset - r->at : 0);
	char *copy = NULL;

	if (!n || !memchr(text, '\0', n)) {
		if (look_at(r, offset) < 0)
			return NULL;
		n = seen_from(r, offset);
		text = (const char *)r->seen;
	}
	if (!n || !memchr(text, '\0', n)) {
		broken(r, what);
		return NULL;
	}
	copy = strdup(text);
	if (!copy)
		ab_err_memory(r->err);
	return copy;
}

/* Where the loaded address stands in the file. */
static int offset_of(struct reading *r, uint64_t address, uint64_t *ret)
{
	for (size_t i = 0; i < r->n; i++) {
		const Elf64_Phdr *h = &r->headers[i];

		if (h->p_type == PT_LOAD && address >= h->p_vaddr &&
		    address - h->p_vaddr < h->p_filesz) {
			*ret = h->p_offset + (address - h->p_vaddr);
			return 0;
		}
	}
	return broken(r, "an address outside of the file");
}

static int add_needed(struct reading *r, char *name)
{
	struct ab_elf *elf = r->elf;
	char **needed = NULL;

	if (elf->n_needed < AB_ELF_MAX_NEEDED)
		needed = realloc(elf->needed, (elf->n_needed + 1) * sizeof(*needed));
	if (!needed) {
		free(name);
		return elf->n_needed < AB_ELF_MAX_NEEDED ? ab_err_memory(r->err)
							 : broken(r, "too many libraries");
	}
	needed[elf->n_needed++] = name;
	elf->needed = needed;
	return 0;
}

static int take_entry(struct reading *r, const Elf64_Dyn *d)
{
	char *text, **slot;

	if (d->d_tag != DT_NEEDED && d->d_tag != DT_RPATH && d->d_tag != DT_RUNPATH)
		return 0;
	text = text_at(r, r->strings + d->d_un.d_val, "dynamic string");
	if (!text)
		return -1;
	if (d->d_tag == DT_NEEDED)
		return add_needed(r, text);
	slot = d->d_tag == DT_RPATH ? &r->elf->rpath : &r->elf->runpath;
	free(*slot);
	*slot = text;
	return 0;
}

static int read_dynamic(struct reading *r, const Elf64_Phdr *h)
{
	ab_autofree Elf64_Dyn *many = NULL;
	Elf64_Dyn few[FEW_DYNAMIC], *d = few;
	size_t n = h->p_filesz / sizeof(*d), used = 0;
	uint64_t strings = 0;

	if (n == 0 || n > MAX_DYNAMIC)
		return broken(r, "size of the dynamic section");
	if (n > FEW_DYNAMIC)
		d = many = calloc(n, sizeof(*d));
	if (!d)
		return ab_err_memory(r->err);
	if (read_at(r, d, n * sizeof(*d), h->p_offset, "dynamic section") < 0)
		return -1;
	for (; used < n && d[used].d_tag != DT_NULL; used++)
		if (d[used].d_tag == DT_STRTAB)
			strings = d[used].d_un.d_ptr;
	if (!strings)
		return 0;
	if (offset_of(r, strings, &r->strings) < 0)
		return -1;
	for (size_t i = 0; i < used; i++)
		if (take_entry(r, &d[i]) < 0)
			return -1;
	return 0;
}

/* What the kernel maps so when it executes the file, which no filter sees. */
static bool writes_code(const Elf64_Phdr *h)
{
	const Elf64_Word both = PF_W | PF_X;

	return (h->p_type == PT_LOAD && (h->p_flags & both) == both) ||
	       (h->p_type == PT_GNU_STACK && h->p_flags & PF_X);
}

static int read_headers(struct reading *r, const Elf64_Ehdr *e)
{
	ab_autofree Elf64_Phdr *many = NULL;

	if (e->e_phentsize != sizeof(Elf64_Phdr) || e->e_phnum > MAX_HEADERS)
		return broken(r, "program headers");
	r->n = e->e_phnum;
	r->headers = r->n > FEW_HEADERS ? many = calloc(r->n, sizeof(*many)) : r->few;
	if (!r->headers)
		return ab_err_memory(r->err);
	if (read_at(r, r->headers, r->n * sizeof(Elf64_Phdr), e->e_phoff, "program headers") < 0)
		return -1;
	for (size_t i = 0; i < r->n; i++) {
		const Elf64_Phdr *h = &r->headers[i];

		r->elf->writes_code |= writes_code(h);
		if (h->p_type == PT_INTERP && !r->elf->interp) {
			r->elf->interp = text_at(r, h->p_offset, "interpreter");
			if (!r->elf->interp)
				return -1;
		}
		if (h->p_type == PT_DYNAMIC && read_dynamic(r, h) < 0)
			return -1;
	}
	return 0;
}

int ab_elf_read(int fd, struct ab_elf *ret, struct ab_err *err)
{
	AB_UNINITIALIZED struct reading r;
	Elf64_Ehdr e = { 0 };

	r.fd = fd;
	r.elf = ret;
	r.err = err;
	r.n = 0;
	r.strings = 0;
	*ret = (struct ab_elf){ 0 };
	if (look_at(&r, 0) < 0)
		return -1;
	ret->is_elf = r.len >= SELFMAG && memcmp(r.seen, ELFMAG, SELFMAG) == 0;
	if (!ret->is_elf)
		return 0;
	if (read_at(&r, &e, sizeof(e), 0, "shorter than its header") < 0)
		return -1;
	ret->is_native = e.e_ident[EI_CLASS] == ELFCLASS64 && e.e_machine == MACHINE &&
			 e.e_ident[EI_DATA] == ELFDATA2LSB &&
			 (e.e_type == ET_EXEC || e.e_type == ET_DYN);
	if (ret->is_native && read_headers(&r, &e) < 0) {
		ab_elf_free(ret);
		return -1;
	}
	return 0;
}

void ab_elf_free(struct ab_elf *elf)
{
	for (size_t i = 0; i < elf->n_needed; i++)
		free(elf->needed[i]);
	free(elf->needed);
	free(elf->interp);
	free(elf->rpath);
	free(elf->runpath);
	*elf = (struct ab_elf){ 0 };
}
