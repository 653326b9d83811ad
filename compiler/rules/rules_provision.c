/* LAB04xx: what a guest finds on its disk at its first boot. */
#include <string.h>

#include "rules/examples.h"
#include "rules/rule.h"

/* Why no file of a Windows guest can be called so, or NULL. The script puts it on the guest's system disk, which
 * is C: there. */
static const char *windows_reason(struct sv path)
{
	bool drive = path.n > 1 && path.p[1] == ':';

	if (drive && path.p[0] != 'C' && path.p[0] != 'c')
		return "is not on the drive C:, and at the first boot there is no other";
	if (!drive || path.n < 4 || path.p[2] != '\\')
		return "is no path from the drive on, such as C:\\Users\\Public\\Desktop\\welcome.txt";
	if (path.p[path.n - 1] == '\\')
		return "is a folder, not a file";
	for (size_t i = 3; i < path.n; i++)
		if (strchr("<>:\"/|?*", path.p[i]) || (unsigned char)path.p[i] < ' ')
			return "holds a character that no name in Windows has: one of < > : \" / | ? *";
	return NULL;
}

static const char *unix_reason(struct sv path)
{
	if (!path.n || path.p[0] != '/')
		return "is no path from the root on, such as /etc/motd";
	return path.p[path.n - 1] == '/' ? "is a folder, not a file" : NULL;
}

static void check_paths(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			const struct v_file_list *files = &g->spec->provision.files;

			if (!is_ok(g->configure.m) || g->configure.v == CONFIGURE_MANUAL)
				continue;
			for (uint32_t i = 0; i < files->n; i++) {
				struct v_text path = files->v[i].path;
				bool windows = g->configure.v == CONFIGURE_UNATTEND;
				const char *why = windows ? windows_reason(path.v) : unix_reason(path.v);
				struct diag *d;

				if (!is_ok(path.m) || !why)
					continue;
				d = rule_at(cx, path.m, g->m, "'" SV_FMT "' %s", SV_ARG(path.v), why);
				rule_label(cx, d, g->spec->os.m, "a %s path is expected",
					   windows ? "Windows" : "Linux");
			}
		}
}

static const struct rule rows[] = {
	{ { "LAB0445", SEV_ERROR, "provision-path", "a file that its guest cannot have at that path",
	    "The guest starts without the file, or the script stops at it.",
	    "https://learn.microsoft.com/windows/win32/fileio/naming-a-file",
	    EX_HOST EX_SERVER "    provision:\n      files: [{ path: 'Windows\\motd.txt', content: Welcome }]\n",
	    EX_HOST EX_SERVER "    provision:\n      files: [{ path: 'C:\\Windows\\motd.txt', content: Welcome }]\n" },
	  check_paths },
};

const struct rule_table provision_rules = { rows, COUNTOF(rows) };
