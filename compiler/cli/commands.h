/* The commands' functions, and the bits by which options name the commands that take them. */
#ifndef LABC_CLI_COMMANDS_H
#define LABC_CLI_COMMANDS_H

#include "cli/opts.h"

#define LABC_VERSION "0.1.0"
/* Names the tool in SARIF, which wants an absolute URI; packagers set their home page. */
#ifndef LABC_URL
#define LABC_URL "urn:labc"
#endif

enum command_bit {
	CMD_LINT = 1 << 0,
	CMD_BUILD = 1 << 1,
	CMD_EXPLAIN = 1 << 2,
	CMD_LIST = 1 << 3,
	CMD_SCHEMA = 1 << 4,
	CMD_VERSION = 1 << 5,
	CMD_INTERNAL = 1 << 6,
	CMD_DUMP = 1 << 7,
	CMD_RENDER = 1 << 8,
	CMD_TEMPLATES = 1 << 9,
	CMD_WHY = 1 << 10,
	CMD_INIT = 1 << 11,
	CMD_CONFIG = 1 << 12,
	CMD_IMAGES = 1 << 20,
	CMD_MIGRATE = 1 << 21,
	CMD_IMPORT = 1 << 22,
};

enum exit_code cmd_lint(const struct opts *o);
enum exit_code cmd_migrate(const struct opts *o);
enum exit_code cmd_build(const struct opts *o);
enum exit_code cmd_config(const struct opts *o);
enum exit_code cmd_dump(const struct opts *o);
enum exit_code cmd_images(const struct opts *o);
enum exit_code cmd_explain(const struct opts *o);
enum exit_code cmd_import(const struct opts *o);
enum exit_code cmd_init(const struct opts *o);
enum exit_code cmd_why(const struct opts *o);
enum exit_code cmd_list(const struct opts *o);
enum exit_code cmd_render(const struct opts *o);
enum exit_code cmd_templates(const struct opts *o);
/* Prints tokens, tree, contexts and code of a template. */
enum exit_code cmd_template_dump(const char *path);
enum exit_code cmd_schema(const struct opts *o);
enum exit_code cmd_version(const struct opts *o);
enum exit_code cmd_internal(const struct opts *o);

/* Writes a buffer to a file descriptor and empties it; false when the other end is gone. */
bool cli_flush(int fd, struct buf *b);

#endif
