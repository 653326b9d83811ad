/* What the makers of guest operating systems publish: where, in which form, and what it takes to make a disk
 * for Hyper-V of it.
 *
 * One row an operating system, each with the page it was read from and the day; a row whose page could not be
 * read has no source and is called unverified wherever it is shown. Of a spec it knows only the operating
 * systems. */
#ifndef LABC_MODEL_IMAGES_H
#define LABC_MODEL_IMAGES_H

#include "base/buf.h"
#include "model/catalogue.h"

/* The form of the disk or medium, once it is unpacked. */
enum image_form {
	FORM_VHDX,
	FORM_VHD,
	FORM_ISO,
	FORM_QCOW2,
	FORM_RAW,
	FORM_VMDK,
	FORM_VDI,
	FORM_OVA,
	FORM_COUNT
};
/* What it is packed in. */
enum image_pack { PACK_NONE, PACK_ZIP, PACK_7Z, PACK_GZ, PACK_XZ, PACK_BZ2, PACK_TAR_GZ, PACK_COUNT };

struct os_image {
	const char *what; /* "the server cloud image"; NULL: nothing is published, or nothing is known */
	const char *page; /* where a person finds it */
	const char *file; /* its name there; '*' stands for a version */
	enum image_pack pack;
	const char
	    *inside; /* name of the disk in the pack; NULL: the name without the pack's suffix, or none */
	enum image_form form;
	const char *checksums; /* page or file with its checksums; NULL: none is published */
	bool sha512; /* they are SHA-512 sums: the SHA-256 for `sha256:` is one's own, made after the check */
	unsigned generations; /* bits 1 and 2: what that disk or medium starts in */
	const char *editions; /* examples for `edition` of Windows media, '|' between; NULL: it has none */
	const char *login;    /* the user the disk has; NULL: none, or the installation makes it */
	const char *password; /* that user's public password; NULL: none, cloud-init gives one */
	bool cloud_init;      /* cloud-init is inside and reads a seed */
	const char *note;     /* one sentence more, or NULL */
	const char *source;   /* the page all this was read from; NULL: unverified */
	const char *date;     /* the day */
	uint32_t download_mib; /* size of `file`; 0: not known. Rounded down, as all sizes here are */
	uint32_t disk_mib; /* size of the disk or medium that lies on the host in the end: unpacked, not converted;
			    * 0: not known, then at least the download's */
	const char *sizes; /* page the sizes were read from, on DAY; NULL: unverified */
};

/* Bytes of what lies on a host once the image is ready there, in form `as` (FORM_COUNT: as it is published). *least:
 * it may be more, as what is unpacked or converted is. 0: not known, or there is no way from the one form to the
 * other but an installation. */
uint64_t image_bytes(const struct os_image *m, enum image_form as, bool *least);
/* Whether this path or URL ends in the name of the file the maker publishes, any version of it. */
bool image_is_published(const struct os_image *m, struct sv path);

extern const struct os_image os_images[OS_COUNT]; /* by enum guest_os */

/* "qcow2" and "7z"; PACK_NONE gives "". */
const char *image_form_name(enum image_form f);
const char *image_pack_name(enum image_pack p);
/* Forms that Hyper-V and the scripts take as they are: .vhdx, .vhd, .iso. */
bool image_form_is_native(enum image_form f);

/* Whether a file is named by a URL, not by a path. */
bool image_is_url(struct sv file);
/* What a file is by its name: everything behind the last part's first dot that is known, so that
 * "x.vhd.tar.gz" is a packed .vhd and "x.7z" is packed and nothing more is known (form FORM_COUNT). A URL's
 * query does not count. */
struct image_name {
	enum image_form form; /* FORM_COUNT: the name does not say */
	enum image_pack pack;
	struct sv suffix; /* ".vhd.tar.gz", as written; empty: none that is known */
	struct sv stem;	  /* the last part without it */
};
struct image_name image_name(struct sv path);
/* The last part, its suffix included. */
struct sv image_file(struct sv path);
/* Whether the scripts cannot take such a file: its name says that it is foreign, or packed in anything but a .zip. */
bool image_name_is_foreign(const struct image_name *n);

/* Appends what makes a .vhdx of a foreign disk: the unpacking, if any, and the exact line for qemu-img, such
 * as "unpack it with 7-Zip, then `qemu-img convert -O vhdx -o subformat=dynamic x.qcow2 x.vhdx`". `in` and
 * `out` are file names; quotes are added where they have blanks. A native form gives the unpacking alone. */
void image_convert_text(struct buf *out, enum image_pack pack, enum image_form form, struct sv in,
			struct sv disk);
/* Only the line of qemu-img; empty for native forms. */
void image_convert_line(struct buf *out, enum image_form form, struct sv in, struct sv disk);

#endif
