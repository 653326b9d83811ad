/* LAB07xx: secrets that stand in a spec. A password is a parameter of the deployment, never a value. */
#include "rules/examples.h"
#include "rules/rule.h"

#define SECURE                                                                \
	"https://learn.microsoft.com/azure/azure-resource-manager/templates/" \
	"best-practices#security-recommendations-for-parameters"
#define SAS                                                 \
	"https://learn.microsoft.com/azure/storage/common/" \
	"storage-sas-overview#best-practices-when-using-sas"

/* Offset of a word in a text, ignoring case, or -1. */
static ptrdiff_t find_nocase(struct sv text, struct sv word, size_t from)
{
	for (size_t i = from; i + word.n <= text.n; i++)
		if (sv_eq_nocase(sv_sub(text, i, word.n), word))
			return (ptrdiff_t)i;
	return -1;
}

static bool has(struct sv text, struct sv word) { return find_nocase(text, word, 0) >= 0; }

/* --- private keys --- */

static bool is_private_key(struct sv text) { return has(text, SV("-----BEGIN")) && has(text, SV("PRIVATE KEY")); }

static void check_keys(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			const struct v_text_list *keys = &g->spec->ssh_keys;
			const struct v_file_list *files = &g->spec->provision.files;

			for (uint32_t i = 0; i < keys->n; i++)
				if (is_ok(keys->v[i].m) && is_private_key(keys->v[i].v))
					rule_help(cx,
						  rule_at(cx, keys->v[i].m, g->m, "this is a private key"),
						  "write the public one (the file ending in .pub), and make "
						  "a new pair: this one is no secret any "
						  "more");
			for (uint32_t i = 0; i < files->n; i++)
				if (is_ok(files->v[i].content.m) && is_private_key(files->v[i].content.v))
					rule_help(cx,
						  rule_at(cx, files->v[i].content.m, g->m,
							  "a private key in a file for the guest"),
						  "make the key inside the guest (`ssh-keygen`), and make a "
						  "new pair instead of this one");
		}
}

/* --- passwords in commands and files --- */

static bool is_word_char(char c) { return ch_is_alnum(c) || c == '_' || c == '-'; }

/* A value that is written, not one that is looked up when the command runs. */
static bool is_literal(struct sv text, size_t from)
{
	while (from < text.n && (text.p[from] == ' ' || text.p[from] == '"' || text.p[from] == '\''))
		from++;
	return from < text.n && text.p[from] != '$' && text.p[from] != '%' && text.p[from] != '<' &&
	       text.p[from] != '*' && text.p[from] != '\n' && text.p[from] != '!' && text.p[from] != '{' &&
	       text.p[from] != '-';
}

/* "password=x", "password: x", "--password x". */
static bool assigns_password(struct sv text)
{
	static const struct sv words[] = { SV_INIT("password"), SV_INIT("passwd"), SV_INIT("passphrase"),
					   SV_INIT("pwd") };

	for (size_t k = 0; k < COUNTOF(words); k++) {
		struct sv word = words[k];
		ptrdiff_t at = -1;

		while ((at = find_nocase(text, word, (size_t)(at + 1))) >= 0) {
			size_t end = (size_t)at + word.n;
			bool option = at >= 2 && text.p[at - 1] == '-' && text.p[at - 2] == '-';

			if (at > 0 && !option && is_word_char(text.p[at - 1]) && text.p[at - 1] != '_' &&
			    text.p[at - 1] != '-')
				continue;
			while (end < text.n && (text.p[end] == '"' || text.p[end] == '\''))
				end++;
			if (end < text.n && (text.p[end] == '=' || (text.p[end] == ':' && k != 3)) &&
			    is_literal(text, end + 1))
				return true;
			if (option && end < text.n && text.p[end] == ' ' && is_literal(text, end))
				return true;
		}
	}
	return false;
}

/* "net user NAME SECRET". */
static bool net_user(struct sv text)
{
	ptrdiff_t at = find_nocase(text, SV("net user "), 0);
	struct sv rest;
	ptrdiff_t blank;

	if (at < 0)
		return false;
	rest = sv_trim(sv_sub(text, (size_t)at + 9, text.n));
	blank = sv_find(rest, ' ');
	if (blank < 0)
		return false;
	rest = sv_trim(sv_sub(rest, (size_t)blank, rest.n));
	return rest.n && rest.p[0] != '/' && rest.p[0] != '*' && rest.p[0] != '%' && rest.p[0] != '$';
}

static bool has_password(struct sv text)
{
	static const size_t shortest = sizeof("pwd=x") - 1;
	ptrdiff_t at;

	if (text.n < shortest)
		return false;
	if (has(text, SV("chpasswd")) && (has(text, SV("echo ")) || has(text, SV("printf ")) || has(text, SV("<<<"))))
		return true;
	if (has(text, SV("-AsPlainText")) && has(text, SV("ConvertTo-SecureString")) &&
	    !has(text, SV("ConvertTo-SecureString $")))
		return true;
	at = find_nocase(text, SV("useradd -p "), 0);
	if (at < 0)
		at = find_nocase(text, SV("usermod -p "), 0);
	return at >= 0 || net_user(text) || assigns_password(text);
}

static void check_passwords(struct rule_ctx *cx, const struct lab *lab)
{
	const void *before = NULL;

	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			const struct v_text_list *commands = &g->spec->provision.commands;
			const struct v_file_list *files = &g->spec->provision.files;

			/* an alias or a profile brings one list to many guests */
			for (uint32_t i = 0; commands->v != before && i < commands->n; i++)
				if (is_ok(commands->v[i].m) && has_password(commands->v[i].v))
					rule_help(cx,
						  rule_at(cx, commands->v[i].m, g->m,
							  "a password stands in this command"),
						  "`password: ask` has the script ask for it once, or take "
						  "it as a parameter");
			before = commands->v;
			for (uint32_t i = 0; i < files->n; i++)
				if (is_ok(files->v[i].content.m) && assigns_password(files->v[i].content.v))
					rule_help(cx,
						  rule_at(cx, files->v[i].content.m, g->m,
							  "a password stands in this file"),
						  "let the guest make one at its first start, or have people "
						  "set it");
		}
}

/* --- secrets in URLs --- */

/* What kind of secret a URL carries, or NULL. */
static const char *url_secret(struct sv url)
{
	static const char *const names[] = { "sig",   "sv",           "x-amz-signature", "x-amz-credential",
					     "token", "access_token", "password",        "pwd",
					     "sas",   "apikey",       "api_key" };
	struct sv rest = url;
	ptrdiff_t scheme = sv_search(url, SV("://")), slash, query;

	if (scheme < 0)
		return NULL;
	rest = sv_sub(url, (size_t)scheme + 3, url.n);
	slash = sv_find(rest, '/');
	if (sv_find(sv_sub(rest, 0, slash < 0 ? rest.n : (size_t)slash), '@') >= 0)
		return "a user name or password";
	query = sv_find(rest, '?');
	if (query < 0)
		return NULL;
	rest = sv_sub(rest, (size_t)query + 1, rest.n);
	while (rest.n) {
		ptrdiff_t amp = sv_find(rest, '&');
		struct sv one = sv_sub(rest, 0, amp < 0 ? rest.n : (size_t)amp);
		ptrdiff_t equals = sv_find(one, '=');

		for (size_t i = 0; equals > 0 && i < COUNTOF(names); i++)
			if (sv_eq_nocase(sv_sub(one, 0, (size_t)equals), sv_from(names[i])))
				return "a signature or token";
		rest = sv_sub(rest, one.n + 1, rest.n);
	}
	return NULL;
}

static void check_url(struct rule_ctx *cx, struct v_text url, struct meta owner)
{
	const char *what = is_ok(url.m) ? url_secret(url.v) : NULL;

	if (what)
		rule_help(cx, rule_at(cx, url.m, owner, "this URL carries %s", what),
			  "everybody who reads the spec or the scripts has it: put the file where no secret "
			  "is needed, or on the host");
}

static void check_urls(struct rule_ctx *cx, const struct lab *lab)
{
	const struct spec_lab *s = &lab->spec->lab;

	for (uint32_t i = 0; i < s->images.n; i++)
		check_url(cx, s->images.v[i].source, s->images.v[i].h.m);
	check_url(cx, s->targets.devtest_labs.artifact_repository, s->targets.h.m);
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			check_url(cx, g->spec->image, g->m);
			check_url(cx, g->iso, g->m);
			EACH_DISK(g, k)
				check_url(cx, k->source, g->m);
		}
}

static const struct rule rows[] = {
	{ { "LAB0706", SEV_ERROR, "password-in-spec", "a password in a command or file",
	    "Scripts, templates and deployment histories keep it in plain text, on every student's machine.",
	    SECURE,
	    EX_HOST EX_DEBIAN "    provision:\n      commands: [\"echo 'ann:Spring-2027!' | chpasswd\"]\n",
	    EX_HOST EX_DEBIAN "    user: ann\n    password: ask\n    provision:\n      commands: "
			      "[\"systemctl enable --now ssh\"]\n" },
	  check_passwords },
	{ { "LAB0707", SEV_ERROR, "private-key", "a private key instead of a public one",
	    "Whoever reads the spec can sign in everywhere this key opens.", SECURE,
	    EX_HOST EX_DEBIAN "    ssh_keys: [\"-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaC1rZXk= "
			      "-----END OPENSSH PRIVATE KEY-----\"]\n",
	    EX_HOST EX_DEBIAN
	    "    ssh_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGxhYmMgcHVibGljIGNvcnB1cyB0ZWFjaGVyIGtleS4u "
	    "ann@example.edu]\n" },
	  check_keys },
	{ { "LAB0708", SEV_ERROR, "secret-in-url", "a user name, password, token or signature in a URL",
	    "It lands in scripts and logs on every student's machine, and works for everybody.", SAS,
	    EX_TOP "images:\n  debian-12:\n    source: https://ann:secret@images.example.edu/debian.vhdx\n"
		   "    sha256: 53f7f3ad2e271ede2c0a7465605081f1c37936e587d861afe5621608b226565d\n"
		   "host:\n  size: Medium (nested virtualization)\nguests:\n  server: { os: debian-12 }\n",
	    EX_TOP "images:\n  debian-12:\n    source: https://images.example.edu/debian.vhdx\n"
		   "    sha256: 53f7f3ad2e271ede2c0a7465605081f1c37936e587d861afe5621608b226565d\n"
		   "host:\n  size: Medium (nested virtualization)\nguests:\n  server: { os: debian-12 }\n" },
	  check_urls },
};

const struct rule_table secret_rules = { rows, COUNTOF(rows) };
